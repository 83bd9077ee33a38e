#include "engine/rt/chance.h"
#include "engine/rt/note_list.h"
#include "engine/rt/sequencer.h"
#include "engine/rt/sequencer_window.h"

#include <algorithm>

/// The sequencer's part that plays: what a step does once its moment has come.
namespace chronus::rt {

namespace {

bool audible(const Scene &scene, const Track &track) CHRONUS_RT {
    const bool solo = std::ranges::any_of(scene.playing(), &Track::solo);
    return !track.mute && (!solo || track.solo);
}

} // namespace

/// One strike of a step; the last moves on to the next step.
void Sequencer::play(const Window &window, std::uint8_t index, std::uint32_t frame,
                     EventList &out) CHRONUS_RT {
    const Track &track = window.scene->tracks[index];
    Cursor &cursor = cursors_[index];
    const Step step = track.steps[cursor.step % track.length];
    if (strikes(step.hit)) {
        if (cursor.strike == 0) begin_step(window, index);
        if (cursor.sounds && cursor.strike < step.ratchet && audible(*window.scene, track))
            sound(window,
                  {.frame = frame,
                   .kind = Event::Kind::note_on,
                   .voice = static_cast<std::uint8_t>(track.voice - 1),
                   .track = index,
                   .hit = step.hit,
                   .slide = step.slide && cursor.strike == 0,
                   .locks = step.locks},
                  out);
    }
    if (++cursor.strike >= step.ratchet) {
        cursor.strike = 0;
        ++cursor.step;
    }
    set_due(window, index);
}

/// Takes the note of a hit and draws whether it is heard.
void Sequencer::begin_step(const Window &window, std::uint8_t index) CHRONUS_RT {
    const Track &track = window.scene->tracks[index];
    Cursor &cursor = cursors_[index];
    cursor.sounds = plays(track, cursor.step, window.scene->seed, fill_);
    if (track.note_count == 0) return;
    cursor.note = chord_at(track, cursor.next_note);
    cursor.next_note = chord_after(track, cursor.note);
    if (rests(track, cursor.note)) cursor.sounds = false;
}

void Sequencer::sound(const Window &window, Event event, EventList &out) CHRONUS_RT {
    const Track &track = window.scene->tracks[event.track];
    const Cursor &cursor = cursors_[event.track];
    event.hz =
        track.note_count > 0 ? track.note_list[chord_at(track, cursor.note)].hz : track.base_freq;
    if (!out.push(event)) return;
    open_gate(event.voice, gate_end(window, event.track, true));
    if (track.note_count > 0) sound_chord(window, event, out);
}

/// The notes of a chord behind its first, on free voices while there are any.
void Sequencer::sound_chord(const Window &window, Event event, EventList &out) CHRONUS_RT {
    const Track &track = window.scene->tracks[event.track];
    event.slide = false;
    auto note = static_cast<std::size_t>(chord_at(track, cursors_[event.track].note));
    while (++note < track.note_count && track.note_list[note].with_last) {
        event.voice = free_voice(*window.scene);
        event.hz = track.note_list[note].hz;
        if (event.voice >= voices_ || !out.push(event)) return;
        open_gate(event.voice, gate_end(window, event.track, false));
    }
}

/// Of the voices that no track, no hand and not the acid uses, the one that ended its last note
/// first; `voices_` when there is none.
std::uint8_t Sequencer::free_voice(const Scene &scene) const CHRONUS_RT {
    std::array<bool, kMaxVoices + 1> used{};
    for (const Track &track : scene.playing()) used[track.voice] = true;
    used[static_cast<std::size_t>(scene.params.get(param("acid1/source")))] = true;
    auto best = static_cast<std::uint8_t>(voices_);
    for (std::uint8_t v = 0; v < voices_; ++v) {
        if (used[v + 1u] || gates_[v].open || gates_[v].held) continue;
        if (best == voices_ || gates_[v].end < gates_[best].end) best = v;
    }
    return best;
}

/// A note lasts its gate, through the ties after it, and into a slide that follows; a ratchet's
/// strikes have the gate's share of what each has.
Phase Sequencer::gate_end(const Window &window, std::uint8_t index, bool leads) const CHRONUS_RT {
    const Track &track = window.scene->tracks[index];
    const TrackClock clock = clock_of(track, window);
    const Cursor &cursor = cursors_[index];
    const std::uint64_t n = cursor.step;
    const Phase gate = part_of(clock.length(), static_cast<double>(track.gate));
    const Phase alone = clock.strike(n, cursor.strike) + gate / clock.step(n).ratchet;
    if (cursor.strike + 1 < clock.step(n).ratchet) return alone;
    std::uint64_t held = 0;
    while (held < track.length && clock.step(n + held + 1).hit == Hit::tie) ++held;
    const std::uint64_t after = n + held + 1;
    const bool slides = clock.step(after).slide && !rests(track, cursor.next_note) &&
                        plays(track, after, window.scene->seed, fill_);
    if (leads && slides) return clock.onset(after) + clock.length();
    return held > 0 ? clock.onset(n + held) + gate : alone;
}

} // namespace chronus::rt
