#pragma once

#include "dsp/block.h"
#include "dsp/rt.h"
#include "engine/rt/audio_hash.h"
#include "engine/rt/controls.h"
#include "engine/rt/engine.h"
#include "engine/rt/mixer.h"
#include "engine/rt/sequencer.h"

#include <array>
#include <cstdint>
#include <span>

namespace chronus::rt {

/// What is behind the engine's door: the sequencer, its controls and the mixer, in one kind of
/// arithmetic.
class Instrument {
public:
    Instrument(EngineConfig config, EngineMail mail, Edit first, std::span<float> memory) noexcept;

    static std::size_t memory_needed(SampleRate fs) noexcept { return Mixer::memory_needed(fs); }

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
        Entry entry = Entry::from_start;
    };

    void render_tick() CHRONUS_RT;
    void open_mail() CHRONUS_RT;
    void obey_alarm() CHRONUS_RT;
    bool act_on_due() CHRONUS_RT;
    Frame wait_for(When when) const CHRONUS_RT;
    std::uint32_t frames_to_play() const CHRONUS_RT;
    void play(std::uint32_t frames) CHRONUS_RT;
    void strike(const Event &event, Frame frame) CHRONUS_RT;

    void act(const Message &message) CHRONUS_RT;
    void on(const SetParam &set) CHRONUS_RT;
    void on(const SetGate &gate) CHRONUS_RT;
    void on(Transport transport) CHRONUS_RT;
    void on(const SetFill &fill) CHRONUS_RT;
    void on(const Edit &edit) CHRONUS_RT;
    void on(const Switch &change) CHRONUS_RT;
    void on(const SetTape &set) CHRONUS_RT;
    void on(const Mark &mark) CHRONUS_RT;

    void switch_now(Frame frame) CHRONUS_RT;
    void start_afresh(const ParamValues &params) CHRONUS_RT;
    void go_on_with(const ParamValues &params) CHRONUS_RT;
    void take_scene(const Scene *scene, std::uint64_t epoch, Frame frame, bool switched) CHRONUS_RT;
    void write_tape() CHRONUS_RT;
    void report_late(Frame tick) CHRONUS_RT;
    void hash_tick() CHRONUS_RT;
    void heal(Frame frame) CHRONUS_RT;
    void report(const Report &report) CHRONUS_RT;
    void publish() CHRONUS_RT;
    Tempo tempo() const CHRONUS_RT {
        return {controls_.now(param("seq/bpm")), controls_.now(param("seq/swing"))};
    }
    StereoBlock tick() CHRONUS_RT { return {tick_[0], tick_[1]}; }
    /// Of the tick, already played.
    std::uint32_t played() const CHRONUS_RT {
        return kTick - static_cast<std::uint32_t>(next_tick_ - at_);
    }

    Lane lane_;
    Mailbox<Report>::Outbox outbox_;
    Tape &tape_;
    Telemetry &telemetry_;
    const Alarm *alarm_;
    std::uint64_t alarm_call_;
    std::uint16_t voices_;
    ParamValues wanted_; // what the controls go to
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
    std::uint32_t taped_ = 0; // frames of the tick for the tape, as bits
    AudioHash hash_;
    std::uint32_t hashed_ = 0, second_;        // ticks
    std::uint64_t come_before_ = 0, come_ = 0; // messages, with the tick before and with this one
    bool late_ = false;                        // one of them
    bool alarmed_ = false;                     // in this tick
    Frame next_tick_ = 0;                      // its first frame
    Frame at_ = 0;                             // the frame that is played next; messages act on it
    std::uint32_t cursor_ = kTick;             // frames of the last one already handed out
    std::array<std::array<float, kTick>, 2> tick_{};
};

/// This one, as the engine takes it.
extern const InstrumentKind kInstrument;

} // namespace chronus::rt
