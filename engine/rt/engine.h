#pragma once

#include "dsp/block.h"
#include "dsp/rt.h"
#include "dsp/units.h"
#include "engine/model/alarm.h"
#include "engine/model/mailbox.h"
#include "engine/model/messages.h"
#include "engine/model/tape.h"
#include "engine/model/telemetry.h"
#include "engine/model/time.h"
#include "engine/rt/lane.h"

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <utility>

namespace chronus::rt {

/// The instructions that the arithmetic is done with. Both make the same bits.
enum class Kernels : std::uint8_t {
    plain, ///< what every machine has that we build for
    avx2,  ///< eight floats at once, where the build knows them; else the same as plain
};

struct EngineConfig {
    SampleRate fs{};
    std::uint16_t voices = 8; ///< 1..64
    std::uint32_t seed = 1;
    Kernels kernels = Kernels::plain; ///< the machine must have them
};

/// The engine's ends of the mail, and where it shows itself. All outlive it.
struct EngineMail {
    MessageMail::Inbox inbox;
    Mailbox<Report>::Outbox outbox;
    Tape &tape;
    Telemetry &telemetry;
    const Alarm *alarm = nullptr; ///< null: never raised
};

/// How to make, play and end an instrument (engine/rt/instrument.h) that one knows by its address
/// alone: it is compiled once for each of `Kernels`.
struct InstrumentKind {
    std::size_t bytes;
    std::size_t (*memory_needed)(SampleRate fs);
    void (*make)(void *place, const EngineConfig &config, EngineMail mail, const Edit &first,
                 std::span<float> memory);
    void (*end)(void *instrument);
    void (*render)(void *instrument, StereoBlock out) CHRONUS_RT;
    Frame (*now)(const void *instrument) CHRONUS_RT;
    std::size_t (*latency)(const void *instrument) CHRONUS_RT;
};

/// The instrument. It has no input but its config, its mail and the calls of `render`.
class Engine {
public:
    /// Shapes: `memory` holds at least `memory_needed(fs)` zeroed floats and outlives the engine.
    Engine(const EngineConfig &config, EngineMail mail, const Edit &first,
           std::span<float> memory) noexcept;
    ~Engine() { kind_.end(instrument_); }
    Engine(const Engine &) = delete;
    Engine &operator=(const Engine &) = delete;

    static std::size_t memory_needed(SampleRate fs) noexcept;

    /// Renders `out` and moves `now()` on by its length.
    ///
    /// Shapes: two channels of one length n >= 0, overwritten. How a run is cut into blocks changes
    ///         no sample, nor does the moment at which a message came, if before its tick.
    /// Units:  samples within the ceiling, at most [-1, 1].
    /// Thread: audio. Never allocates, locks, throws or enters the OS.
    /// Errors: none.
    void render(StereoBlock out) CHRONUS_RT { kind_.render(instrument_, out); }

    /// Frames rendered since the engine was made.
    Frame now() const CHRONUS_RT { return kind_.now(instrument_); }
    /// Frames by which the distortion and the limiter delay everything.
    std::size_t latency() const CHRONUS_RT { return kind_.latency(instrument_); }

private:
    const InstrumentKind &kind_;
    void *instrument_;
};

template <class Instrument>
constexpr InstrumentKind instrument_kind() {
    return {
        .bytes = sizeof(Instrument),
        .memory_needed = [](SampleRate fs) { return Instrument::memory_needed(fs); },
        .make =
            [](void *place, const EngineConfig &config, EngineMail mail, const Edit &first,
               std::span<float> memory) {
                ::new (place) Instrument(config, std::move(mail), first, memory);
            },
        .end = [](void *it) { static_cast<Instrument *>(it)->~Instrument(); },
        .render = [](void *it, StereoBlock out)
                      CHRONUS_RT { static_cast<Instrument *>(it)->render(out); },
        .now = [](const void *it) CHRONUS_RT { return static_cast<const Instrument *>(it)->now(); },
        .latency = [](const void *it)
                       CHRONUS_RT { return static_cast<const Instrument *>(it)->latency(); },
    };
}

} // namespace chronus::rt
