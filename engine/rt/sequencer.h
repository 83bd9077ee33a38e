#pragma once

#include "dsp/block.h"
#include "dsp/rt.h"
#include "engine/model/messages.h"
#include "engine/model/scene.h"
#include "engine/model/time.h"
#include "engine/rt/events.h"
#include "engine/rt/track_clock.h"

#include <array>
#include <cstdint>

namespace chronus::rt {

/// What the sequencer takes its tempo from.
struct Tempo {
    float bpm = 120, swing = 0;
};

/// The scene that takes over at the coming bar line; null when there is none.
struct Coming {
    const Scene *scene = nullptr;
    Entry entry = Entry::from_start;
};

/// The tempo a scene asks for.
Tempo tempo_of(const Scene &scene) CHRONUS_RT;

/// Scene and time -> events. It counts phases (engine/model/time.h), so steps fall where exact
/// arithmetic puts them, rounded up to the next frame, for ever. Every track has its own steps
/// (engine/rt/track_clock.h); a hit takes its note whether or not chance lets it sound, so that the
/// notes of a melody keep their places.
///
/// Thread: audio.
class Sequencer {
public:
    explicit Sequencer(std::uint32_t sample_rate, std::uint16_t voices = kMaxVoices) CHRONUS_RT
        : per_step_(phases_per_step(sample_rate)),
          voices_(voices) {}

    /// Step 0, or a later one as if all before it had been played, falls on the next frame. Nothing
    /// when running.
    void start(std::uint64_t step = 0) CHRONUS_RT;
    /// Stands still; notes that sound are the caller's to release.
    void stop() CHRONUS_RT;
    bool running() const CHRONUS_RT { return running_; }

    /// Emits the events of the next `frames` frames. When a scene is `next` it takes over at the
    /// first bar line among them: a switch_scene event, then its own step 0, unless it goes on.
    /// What stands behind that line but was to come early is then left out. A scene that stands
    /// where the last one did is the same, unless started or restarted since.
    ///
    /// Shapes: 0 < frames <= kTick.
    void advance(const Scene &scene, Tempo tempo, Coming next, std::uint32_t frames,
                 EventList &out) CHRONUS_RT;

    /// Frames until the line of a step; 0 when it has passed, or nothing runs.
    Frame frames_to_line(std::uint64_t step, Tempo tempo) const CHRONUS_RT;

    /// Starts the pattern over at step 0 without moving the bar line; for a switch that does not
    /// wait for one.
    void restart_pattern() CHRONUS_RT;

    /// A voice was struck or released by hand: its gate is forgotten, and no chord takes it while
    /// it is held.
    void by_hand(std::uint8_t voice, bool held) CHRONUS_RT {
        gates_[voice].open = false;
        gates_[voice].held = held;
    }

    /// All gates are forgotten: every voice was let go.
    void forget_gates() CHRONUS_RT { gates_ = {}; }

    /// Whether hits for fills only are played.
    void set_fill(bool on) CHRONUS_RT { fill_ = on; }

    /// The step that sounds, counted from the start; the next one is not yet reached.
    std::uint64_t step() const CHRONUS_RT { return next_step_ == 0 ? 0 : next_step_ - 1; }
    /// The same with fraction, before swing.
    double steps() const CHRONUS_RT {
        return static_cast<double>(position_) / static_cast<double>(per_step_);
    }
    /// Where it stands at the start of `frame`, the next one.
    Position position(Frame frame, Tempo tempo) const CHRONUS_RT;

private:
    struct Gate {
        Phase end = 0; // of the last note too
        bool open = false, held = false;
    };
    /// How far a track has been played.
    struct Cursor {
        std::uint32_t uid = 0, notes_uid = 0;
        StepLength div = {};
        std::uint16_t next_note = 0; // index of the note the next hit plays
        std::uint16_t note = 0;      // of the one that a ratchet repeats
        std::uint8_t strike = 0;     // the next of the step
        bool sounds = false;         // the strikes of the step are heard
        bool placed = false;         // `step` is right
        std::uint64_t step = 0;      // the next, counted from the pattern's start
        Phase due = 0;               // when that strike falls
    };
    struct Followed {                 // what the cursors stand right for
        const Scene *scene = nullptr; // null: nothing
        float swing = 0;
        std::uint64_t origin = 0;
        friend bool operator==(const Followed &, const Followed &) = default;
    };
    struct Window; // what is left of the tick, and what plays in it
    struct Moment; // what comes next

    TrackClock clock_of(const Track &track, const Window &window) const CHRONUS_RT;

    Moment next_moment(const Window &window) const CHRONUS_RT;
    bool waits_for_next(const Window &window, std::size_t index) const CHRONUS_RT;
    void pass_line(Window &window, std::uint32_t frame, EventList &out) CHRONUS_RT;
    void switch_at(Window &window, std::uint32_t frame, EventList &out) CHRONUS_RT;
    void open_gate(std::uint8_t voice, Phase end) CHRONUS_RT;
    void close_gates(Phase until, const Window &window, EventList &out) CHRONUS_RT;

    void play(const Window &window, std::uint8_t index, std::uint32_t frame,
              EventList &out) CHRONUS_RT;
    void begin_step(const Window &window, std::uint8_t index) CHRONUS_RT;
    void sound(const Window &window, Event event, EventList &out) CHRONUS_RT;
    void sound_chord(const Window &window, Event event, EventList &out) CHRONUS_RT;
    std::uint8_t free_voice(const Scene &scene) const CHRONUS_RT;
    Phase gate_end(const Window &window, std::uint8_t index, bool leads) const CHRONUS_RT;

    void follow_tracks(const Window &window) CHRONUS_RT;
    void place(const Window &window, std::size_t index) CHRONUS_RT;
    void set_due(const Window &window, std::size_t index) CHRONUS_RT;

    Phase per_step_;
    std::uint16_t voices_;
    Phase position_ = 0;          // of the next frame
    std::uint64_t next_step_ = 0; // the next to be passed
    std::uint64_t origin_ = 0;    // the step that is step 0 of the patterns
    bool running_ = false, fill_ = false;
    bool skips_notes_ = false; // of the steps before the one it started at
    Followed followed_{};
    std::array<Gate, kMaxVoices> gates_{};
    Phase gates_end_ = 0; // no open gate ends before
    std::array<Cursor, kMaxTracks> cursors_{};
};

} // namespace chronus::rt
