#include "engine/rt/sequencer.h"

#include "engine/rt/note_list.h"
#include "engine/rt/sequencer_window.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace chronus::rt {

namespace {
constexpr Phase kNever = std::numeric_limits<Phase>::max();

/// The last position a frame of the window falls on is `frames - 1` steps on, so a moment belongs
/// to the window when its frame, rounded up, is below the end.
bool within(Phase at, Phase position, std::uint32_t frames, Phase per_frame) CHRONUS_RT {
    return at <= position + (frames - 1) * per_frame;
}
} // namespace

/// A strike of a track, or the line of the next step.
struct Sequencer::Moment {
    Phase at;
    bool is_line;
    std::uint8_t track;
};

Tempo tempo_of(const Scene &scene) CHRONUS_RT {
    return {scene.params.get(param("seq/bpm")), scene.params.get(param("seq/swing"))};
}

void Sequencer::start(std::uint64_t step) CHRONUS_RT {
    if (running_) return;
    running_ = true;
    position_ = step * per_step_;
    next_step_ = step;
    origin_ = 0;
    skips_notes_ = step > 0;
    followed_ = {};
    for (Cursor &cursor : cursors_) cursor.placed = false;
}

void Sequencer::stop() CHRONUS_RT {
    running_ = false;
    gates_ = {};
}

void Sequencer::restart_pattern() CHRONUS_RT {
    origin_ = next_step_;
    followed_ = {};
    for (Cursor &cursor : cursors_) cursor.placed = false;
}

Frame Sequencer::frames_to_line(std::uint64_t step, Tempo tempo) const CHRONUS_RT {
    if (!running_ || step < next_step_) return 0;
    const Phase line = line_of(step, per_step_, tempo.swing);
    return line > position_ ? frames_until(line - position_, phases_per_frame(tempo.bpm)) : 0;
}

Position Sequencer::position(Frame frame, Tempo tempo) const CHRONUS_RT {
    return {frame, position_, running_ ? phases_per_frame(tempo.bpm) : 0, per_step_, origin_};
}

TrackClock Sequencer::clock_of(const Track &track, const Window &window) const CHRONUS_RT {
    return {track, per_step_, swing_delay(per_step_, window.tempo.swing), origin_};
}

void Sequencer::advance(const Scene &scene, Tempo tempo, Coming next, std::uint32_t frames,
                        EventList &out) CHRONUS_RT {
    if (!running_) return;
    Window window{0, frames, &scene, next, tempo, phases_per_frame(tempo.bpm)};
    follow_tracks(window);
    while (window.frames > 0) {
        const Moment moment = next_moment(window);
        if (!within(moment.at, position_, window.frames, window.per_frame)) break;
        const std::uint32_t frame = window.frame_of(moment.at, position_);
        close_gates(moment.at, window, out);
        if (moment.is_line)
            pass_line(window, frame, out);
        else
            play(window, moment.track, frame, out);
    }
    if (window.frames > 0) {
        close_gates(position_ + (window.frames - 1) * window.per_frame, window, out);
        position_ = window.end(position_);
    }
}

/// The first of what is to come; of equals the line, then the first track.
Sequencer::Moment Sequencer::next_moment(const Window &window) const CHRONUS_RT {
    Moment first{line_of(next_step_, per_step_, window.tempo.swing), true, 0};
    for (std::size_t i = 0; i < window.scene->track_count; ++i)
        if (cursors_[i].due < first.at && !waits_for_next(window, i))
            first = {cursors_[i].due, false, static_cast<std::uint8_t>(i)};
    return first;
}

/// Whether a track's next step stands behind the line at which another scene takes over.
bool Sequencer::waits_for_next(const Window &window, std::size_t index) const CHRONUS_RT {
    if (window.next.scene == nullptr || window.next.entry == Entry::goes_on) return false;
    const std::uint64_t bar = (next_step_ + kStepsPerBar - 1) / kStepsPerBar;
    const TrackClock clock = clock_of(window.scene->tracks[index], window);
    return clock.grid(cursors_[index].step) >= bar * kStepsPerBar * per_step_;
}

void Sequencer::pass_line(Window &window, std::uint32_t frame, EventList &out) CHRONUS_RT {
    if (window.next.scene != nullptr && next_step_ % kStepsPerBar == 0)
        switch_at(window, frame, out);
    ++next_step_;
}

/// The new scene brings its own tempo: what is left of the tick counts by it.
void Sequencer::switch_at(Window &window, std::uint32_t frame, EventList &out) CHRONUS_RT {
    const std::uint32_t passed = frame - window.begin;
    position_ += passed * window.per_frame;
    const Coming next = window.next;
    const Tempo tempo = tempo_of(*next.scene);
    window = {frame, window.frames - passed, next.scene, {}, tempo, phases_per_frame(tempo.bpm)};
    if (next.entry == Entry::from_start) {
        origin_ = next_step_;
        gates_ = {};
    }
    follow_tracks(window);
    if (next.entry == Entry::from_start)
        for (std::size_t i = 0; i < window.scene->track_count; ++i) {
            cursors_[i].step = cursors_[i].strike = 0;
            set_due(window, i);
        }
    out.push({.frame = frame, .kind = Event::Kind::switch_scene});
}

void Sequencer::open_gate(std::uint8_t voice, Phase end) CHRONUS_RT {
    gates_[voice] = {end, true};
    gates_end_ = std::min(gates_end_, end);
}

void Sequencer::close_gates(Phase until, const Window &window, EventList &out) CHRONUS_RT {
    // Gates end in order of time, so that events ascend by frame.
    while (gates_end_ <= until) {
        gates_end_ = kNever;
        for (const Gate &gate : gates_)
            if (gate.open) gates_end_ = std::min(gates_end_, gate.end);
        if (gates_end_ > until) return;
        const auto first = std::ranges::find_if(
            gates_, [&](const Gate &gate) { return gate.open && gate.end == gates_end_; });
        first->open = false;
        out.push({.frame = window.frame_of(gates_end_, position_),
                  .kind = Event::Kind::note_off,
                  .voice = static_cast<std::uint8_t>(first - gates_.begin())});
    }
}

/// Cursors go with their tracks, wherever an edit moved them; a new track joins where it would be.
void Sequencer::follow_tracks(const Window &window) CHRONUS_RT {
    const Scene &scene = *window.scene;
    const Followed now{&scene, window.tempo.swing, origin_};
    if (std::exchange(followed_, now) == now) return;
    bool same = true;
    for (std::size_t i = 0; i < scene.track_count && same; ++i)
        same = cursors_[i].uid == scene.tracks[i].uid;
    const auto before = cursors_;
    for (std::size_t i = 0; i < scene.track_count; ++i) {
        const Track &track = scene.tracks[i];
        if (!same) {
            const auto known = std::ranges::find(before, track.uid, &Cursor::uid);
            cursors_[i] = known != before.end() ? *known : Cursor{};
        }
        Cursor &cursor = cursors_[i];
        if (cursor.uid != track.uid || cursor.notes_uid != track.notes_uid)
            cursor.next_note = chord_further(track, 0, track.note_start);
        cursor.notes_uid = track.notes_uid;
        if (cursor.uid != track.uid || cursor.div != track.div || !cursor.placed) place(window, i);
        set_due(window, i);
    }
    if (!same)
        for (std::size_t i = scene.track_count; i < kMaxTracks; ++i) cursors_[i] = {};
    skips_notes_ = false;
}

void Sequencer::place(const Window &window, std::size_t index) CHRONUS_RT {
    const Track &track = window.scene->tracks[index];
    Cursor &cursor = cursors_[index];
    cursor.uid = track.uid;
    cursor.div = track.div;
    cursor.placed = true;
    cursor.step = cursor.strike = 0;
    if (track.length == 0) return;
    const TrackClock clock = clock_of(track, window);
    const Phase passed = position_ - window.per_frame;
    if (position_ >= window.per_frame) cursor.step = clock.first_after(passed);
    if (!skips_notes_) return;
    const bool begun = cursor.step > 0 && clock.strike_after(cursor.step - 1, passed) > 0;
    if (begun) --cursor.step;
    cursor.next_note = chord_further(track, chord_further(track, 0, track.note_start),
                                     hits_before(track, cursor.step));
    if (!begun) return;
    begin_step(window, static_cast<std::uint8_t>(index));
    cursor.strike = clock.strike_after(cursor.step, passed);
}

void Sequencer::set_due(const Window &window, std::size_t index) CHRONUS_RT {
    const Track &track = window.scene->tracks[index];
    Cursor &cursor = cursors_[index];
    if (track.length == 0) {
        cursor.due = kNever;
        return;
    }
    const TrackClock clock = clock_of(track, window);
    cursor.strike = std::min(cursor.strike, clock.step(cursor.step).ratchet);
    cursor.due = clock.strike(cursor.step, cursor.strike);
}

} // namespace chronus::rt
