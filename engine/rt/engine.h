#pragma once

#include "dsp/block.h"
#include "dsp/rt.h"
#include "dsp/units.h"
#include "engine/model/mailbox.h"
#include "engine/model/messages.h"
#include "engine/model/tape.h"
#include "engine/model/telemetry.h"
#include "engine/rt/controls.h"
#include "engine/rt/mixer.h"
#include "engine/rt/sequencer.h"

#include <array>
#include <cstdint>
#include <span>

namespace chronus::rt {

struct EngineConfig {
    SampleRate fs{};
    std::uint16_t voices = 8; ///< 1..64
    std::uint32_t seed = 1;
};

/// The engine's ends of the mail, and where it shows itself. All outlive it.
struct EngineMail {
    Mailbox<Message>::Inbox inbox;
    Mailbox<Report>::Outbox outbox;
    Tape &tape;
    Telemetry &telemetry;
};

/// The instrument. It has no input but its config, its mail and the calls of `render`.
class Engine {
public:
    /// Shapes: `memory` holds at least `memory_needed(fs)` zeroed floats and outlives the engine.
    Engine(EngineConfig config, EngineMail mail, Edit first, std::span<float> memory) noexcept;

    static std::size_t memory_needed(SampleRate fs) noexcept { return Mixer::memory_needed(fs); }

    /// Renders `out` and moves `now()` on by its length.
    ///
    /// Shapes: two channels of one length n >= 0, overwritten. How a run is cut into blocks changes
    ///         no sample: messages act on frames that are multiples of 32, events on their own.
    /// Units:  samples within the ceiling, at most [-1, 1].
    /// Thread: audio. Never allocates, locks, throws or enters the OS.
    /// Errors: none.
    void render(StereoBlock out) CHRONUS_RT;

    /// Frames rendered since the engine was made.
    Frame now() const CHRONUS_RT { return next_tick_ - kTick + cursor_; }
    /// Frames by which the distortion and the limiter delay everything.
    std::size_t latency() const CHRONUS_RT { return mixer_.latency(); }

private:
    struct Waiting {
        const Scene *scene = nullptr;
        std::uint64_t epoch = 0;
        std::uint32_t lineage = 0;
    };

    void render_tick() CHRONUS_RT;
    void strike(const Event &event, Frame frame) CHRONUS_RT;

    void act(const Message &message) CHRONUS_RT;
    void on(const SetParam &set) CHRONUS_RT;
    void on(const SetGate &gate) CHRONUS_RT;
    void on(Transport transport) CHRONUS_RT;
    void on(const SetFill &fill) CHRONUS_RT;
    void on(const Edit &edit) CHRONUS_RT;
    void on(const Switch &change) CHRONUS_RT;
    void on(const SetTape &set) CHRONUS_RT;

    void switch_now(Frame frame) CHRONUS_RT;
    void play(const Scene *scene, std::uint64_t epoch, Frame frame, bool switched) CHRONUS_RT;
    void heal(Frame frame) CHRONUS_RT;
    void report(const Report &report) CHRONUS_RT;
    void publish() CHRONUS_RT;

    EngineMail mail_;
    std::uint16_t voices_;
    Controls controls_;
    Sequencer sequencer_;
    Mixer mixer_;
    EventList events_;
    const Scene *scene_;
    std::uint64_t epoch_;
    Waiting waiting_{};
    std::uint32_t lineage_ = 0;
    std::uint32_t message_lineage_ = 0; // of the message that acts
    std::uint64_t outdated_ = 0, unreported_ = 0, heals_ = 0;
    bool taping_ = false;
    Frame next_tick_ = 0;          // its first frame
    std::uint32_t cursor_ = kTick; // frames of the last one already handed out
    std::array<std::array<float, kTick>, 2> tick_{};
};

} // namespace chronus::rt
