#include "engine/rt/sequencer.h"

#include <algorithm>

namespace chronus::rt {

struct Sequencer::Window {
    std::uint32_t begin, frames; // within the tick
    Phase per_frame;

    Phase end(Phase position) const CHRONUS_RT { return position + frames * per_frame; }
    /// The frame of the tick on which a position is reached.
    std::uint32_t frame_of(Phase at, Phase position) const CHRONUS_RT {
        const Phase ahead = at > position ? at - position : 0;
        return begin + static_cast<std::uint32_t>(frames_until(ahead, per_frame));
    }
};

namespace {
/// The last position a frame of the window falls on is `frames - 1` steps on, so a moment belongs
/// to the window when its frame, rounded up, is below the end.
bool within(Phase at, Phase position, std::uint32_t frames, Phase per_frame) CHRONUS_RT {
    return at <= position + (frames - 1) * per_frame;
}
} // namespace

Tempo tempo_of(const Scene &scene) CHRONUS_RT {
    return {scene.params.get(param("seq/bpm")), scene.params.get(param("seq/swing"))};
}

void Sequencer::start() CHRONUS_RT {
    if (running_) return;
    running_ = true;
    position_ = 0;
    next_step_ = origin_ = 0;
}

void Sequencer::stop() CHRONUS_RT {
    running_ = false;
    gates_ = {};
}

void Sequencer::restart_pattern() CHRONUS_RT { origin_ = next_step_; }

/// A fraction of a step, taken in millionths: 0.6 is 0.6 and not its nearest float.
Phase Sequencer::part_of_step(double fraction) const CHRONUS_RT {
    return static_cast<Phase>(fraction * 1e6 + 0.5) * per_step_ / 1000000;
}

Phase Sequencer::onset(std::uint64_t step, float swing) const CHRONUS_RT {
    const Phase straight = step * per_step_;
    return step % 2 == 0 ? straight : straight + part_of_step(0.5 * static_cast<double>(swing));
}

void Sequencer::advance(const Scene &scene, Tempo tempo, const Scene *next, std::uint32_t frames,
                        EventList &out) CHRONUS_RT {
    if (!running_) return;
    const Scene *playing = &scene;
    follow_tracks(scene);
    Window window{0, frames, phases_per_frame(tempo.bpm)};
    while (window.frames > 0) {
        const Phase at = onset(next_step_, tempo.swing);
        if (!within(at, position_, window.frames, window.per_frame)) break;
        const std::uint32_t frame = window.frame_of(at, position_);
        close_gates(at, window, out);
        if (next != nullptr && next_step_ % kStepsPerBar == 0) {
            // The new scene brings its own tempo: what is left of the tick counts by it.
            const std::uint32_t passed = frame - window.begin;
            position_ += passed * window.per_frame;
            tempo = tempo_of(*next);
            window = {frame, window.frames - passed, phases_per_frame(tempo.bpm)};
            origin_ = next_step_;
            gates_ = {};
            playing = next;
            next = nullptr;
            follow_tracks(*playing);
            out.push({.frame = frame, .kind = Event::Kind::switch_scene});
        }
        play_step(*playing, tempo.swing, frame, out);
        ++next_step_;
    }
    if (window.frames > 0) {
        close_gates(position_ + (window.frames - 1) * window.per_frame, window, out);
        position_ = window.end(position_);
    }
}

void Sequencer::close_gates(Phase until, const Window &window, EventList &out) CHRONUS_RT {
    // Gates end in order of time, so that events ascend by frame.
    for (;;) {
        std::size_t first = kMaxVoices;
        for (std::size_t v = 0; v < kMaxVoices; ++v)
            if (gates_[v].open && gates_[v].end <= until &&
                (first == kMaxVoices || gates_[v].end < gates_[first].end))
                first = v;
        if (first == kMaxVoices) return;
        gates_[first].open = false;
        out.push({.frame = window.frame_of(gates_[first].end, position_),
                  .kind = Event::Kind::note_off,
                  .voice = static_cast<std::uint8_t>(first)});
    }
}

void Sequencer::play_step(const Scene &scene, float swing, std::uint32_t frame,
                          EventList &out) CHRONUS_RT {
    const bool solo = std::ranges::any_of(scene.playing(), &Track::solo);
    for (std::uint8_t i = 0; i < scene.track_count; ++i) {
        const Track &track = scene.tracks[i];
        if (track.mute || (solo && !track.solo) || track.length == 0) continue;
        play_track(scene, i, swing, frame, out);
    }
}

void Sequencer::play_track(const Scene &scene, std::uint8_t index, float swing, std::uint32_t frame,
                           EventList &out) CHRONUS_RT {
    const Track &track = scene.tracks[index];
    const Step step = track.steps[(next_step_ - origin_) % track.length];
    if (!strikes(step.hit)) return;
    const auto voice = static_cast<std::uint8_t>(track.voice - 1);
    const float hz = next_note(track, index);
    gates_[voice] = {gate_end(track, swing), true};
    out.push({.frame = frame,
              .kind = Event::Kind::note_on,
              .voice = voice,
              .track = index,
              .hit = step.hit,
              .slide = step.slide,
              .hz = hz});
}

/// A note lasts its gate, through the ties after it, and into a slide that follows.
Phase Sequencer::gate_end(const Track &track, float swing) const CHRONUS_RT {
    const std::uint64_t local = next_step_ - origin_;
    std::uint64_t held = 0;
    while (held < track.length && track.steps[(local + held + 1) % track.length].hit == Hit::tie)
        ++held;
    const Step after = track.steps[(local + held + 1) % track.length];
    const Phase last = onset(next_step_ + held, swing);
    if (strikes(after.hit) && after.slide) return onset(next_step_ + held + 1, swing) + per_step_;
    return last + part_of_step(static_cast<double>(track.gate));
}

float Sequencer::next_note(const Track &track, std::uint8_t index) CHRONUS_RT {
    if (track.note_count == 0) return track.base_freq;
    NoteCounter &counter = counters_[index];
    const std::uint16_t at = counter.next % track.note_count;
    counter.next = static_cast<std::uint16_t>((at + 1) % track.note_count);
    return track.notes_hz[at];
}

/// Note counters go with their tracks, wherever an edit moved them; a new track starts its own.
void Sequencer::follow_tracks(const Scene &scene) CHRONUS_RT {
    bool same = true;
    for (std::size_t i = 0; i < scene.track_count && same; ++i)
        same = counters_[i].uid == scene.tracks[i].uid;
    if (same) return;
    const auto before = counters_;
    for (std::size_t i = 0; i < scene.track_count; ++i) {
        const Track &track = scene.tracks[i];
        const auto known = std::ranges::find(before, track.uid, &NoteCounter::uid);
        counters_[i] = known != before.end() ? *known : NoteCounter{track.uid, track.note_start};
    }
    for (std::size_t i = scene.track_count; i < kMaxTracks; ++i) counters_[i] = {};
}

} // namespace chronus::rt
