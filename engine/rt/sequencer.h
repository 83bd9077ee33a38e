#pragma once

#include "dsp/block.h"
#include "dsp/rt.h"
#include "engine/model/scene.h"
#include "engine/model/time.h"

#include <array>
#include <cstdint>
#include <span>

namespace chronus::rt {

/// Something that strikes on one frame of a tick.
struct Event {
    enum class Kind : std::uint8_t { note_off, switch_scene, note_on };
    std::uint32_t frame = 0; ///< within the tick
    Kind kind = Kind::note_off;
    std::uint8_t voice = 0; ///< from 0
    std::uint8_t track = 0; ///< note_on: index in the scene that plays
    Hit hit = Hit::rest;    ///< note_on
    bool slide = false;     ///< note_on
    float hz = 0;           ///< note_on
};

/// The events of one tick, ascending by frame.
class EventList {
public:
    void push(const Event &event) CHRONUS_RT {
        if (count_ < events_.size()) events_[count_++] = event;
    }
    void clear() CHRONUS_RT { count_ = 0; }
    std::span<const Event> view() const CHRONUS_RT { return {events_.data(), count_}; }

private:
    // A tick is shorter than a step at every tempo, so at most one hit a track and one end a voice
    // fall in it, twice over when a switch does too.
    std::array<Event, 2 * (kMaxTracks + kMaxVoices) + 2> events_{};
    std::size_t count_ = 0;
};

/// What the sequencer takes its tempo from.
struct Tempo {
    float bpm = 120, swing = 0;
};

/// Scene and time -> events. It counts phases (engine/model/time.h), so steps fall where exact
/// arithmetic puts them, rounded up to the next frame, for ever.
///
/// Thread: audio.
class Sequencer {
public:
    explicit Sequencer(std::uint32_t sample_rate) CHRONUS_RT
        : per_step_(phases_per_step(sample_rate)) {}

    /// Step 0 falls on the next frame. Nothing when running.
    void start() CHRONUS_RT;
    /// Stands still; notes that sound are the caller's to release.
    void stop() CHRONUS_RT;
    bool running() const CHRONUS_RT { return running_; }

    /// Emits the events of the next `frames` frames. When `next` is not null it takes over at the
    /// first bar line among them: a switch_scene event, then its own step 0.
    ///
    /// Shapes: frames <= kTick.
    void advance(const Scene &scene, Tempo tempo, const Scene *next, std::uint32_t frames,
                 EventList &out) CHRONUS_RT;

    /// Starts the pattern over at step 0 without moving the bar line; for a switch that does not
    /// wait for one.
    void restart_pattern() CHRONUS_RT;

    /// Forgets the gate of a voice: it was struck or released by hand.
    void forget_gate(std::uint8_t voice) CHRONUS_RT { gates_[voice].open = false; }

    /// The step that sounds, counted from the start; the next one is not yet reached.
    std::uint64_t step() const CHRONUS_RT { return next_step_ == 0 ? 0 : next_step_ - 1; }
    /// The same with fraction, before swing.
    double steps() const CHRONUS_RT {
        return static_cast<double>(position_) / static_cast<double>(per_step_);
    }

private:
    struct Gate {
        Phase end = 0;
        bool open = false;
    };
    struct NoteCounter {
        std::uint32_t uid = 0;
        std::uint16_t next = 0;
    };
    struct Window; // what is left of the tick

    Phase part_of_step(double fraction) const CHRONUS_RT;
    Phase onset(std::uint64_t step, float swing) const CHRONUS_RT;
    void close_gates(Phase until, const Window &window, EventList &out) CHRONUS_RT;
    void play_step(const Scene &scene, float swing, std::uint32_t frame, EventList &out) CHRONUS_RT;
    void play_track(const Scene &scene, std::uint8_t index, float swing, std::uint32_t frame,
                    EventList &out) CHRONUS_RT;
    Phase gate_end(const Track &track, float swing) const CHRONUS_RT;
    float next_note(const Track &track, std::uint8_t index) CHRONUS_RT;
    void follow_tracks(const Scene &scene) CHRONUS_RT;

    Phase per_step_;
    Phase position_ = 0;          // of the next frame
    std::uint64_t next_step_ = 0; // the next to be played
    std::uint64_t origin_ = 0;    // the step that is step 0 of the patterns
    bool running_ = false;
    std::array<Gate, kMaxVoices> gates_{};
    std::array<NoteCounter, kMaxTracks> counters_{};
};

/// The tempo a scene asks for.
Tempo tempo_of(const Scene &scene) CHRONUS_RT;

} // namespace chronus::rt
