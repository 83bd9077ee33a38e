#pragma once

#include "dsp/block.h"
#include "dsp/rt.h"
#include "dsp/voice_bank.h"
#include "engine/model/params.h"
#include "engine/rt/controls.h"
#include "engine/rt/duck.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace chronus::rt {

/// What a duck pushes down, in the order of kDuckTargets.
enum class DuckTarget : std::uint8_t { others, dry, reverb, delay, master, voice };

/// The ducks of the mixer: which notes strike them, and what their gains are put on.
///
/// A duck begins on its note's own frame. One that is wired anew while it is down comes up first,
/// so that nothing steps.
/// Thread: audio.
class Ducking {
public:
    explicit Ducking(SampleRate fs) CHRONUS_RT;

    /// Takes over what moved in the ducks' parameters. Call at the start of a tick.
    void update(const Controls &controls) CHRONUS_RT;
    /// A voice, from 0, is struck on the next frame.
    void strike(std::uint8_t voice) CHRONUS_RT;
    /// The gains of frames [begin, end) of the tick, which are taken in order.
    void advance(std::uint32_t begin, std::uint32_t end) CHRONUS_RT;

    /// The tick is done.
    void end_tick() CHRONUS_RT { active_ = 0; }

    /// Some duck was down in this tick.
    bool active() const CHRONUS_RT { return active_ != 0; }
    /// One on this target was.
    bool active(DuckTarget target) const CHRONUS_RT;
    /// The gains of frames [begin, end) on the voices of bank `b`.
    void apply(dsp::VoiceBank &bank, std::size_t b, std::uint32_t begin,
               std::uint32_t end) const CHRONUS_RT;
    /// The whole tick's gains on a bus.
    void apply(DuckTarget target, const StereoBlock &bus) const CHRONUS_RT;

    bool heal() CHRONUS_RT;

private:
    struct Wires {
        std::uint8_t source = 0; // from 1; 0 none
        DuckTarget target = DuckTarget::others;
        std::uint8_t voice = 1; // from 1
        friend constexpr bool operator==(const Wires &, const Wires &) = default;
    };
    /// Whether the duck acts on the voice, counted from 0.
    bool acts_on(const Wires &wires, std::size_t voice) const CHRONUS_RT;
    void rewire(std::size_t n) CHRONUS_RT;

    std::array<Duck, kDucks> ducks_;
    std::array<Wires, kDucks> wires_{}, wanted_{};
    std::array<std::array<float, kTick>, kDucks> gains_{};
    unsigned active_ = 0; // ducks that are down in this tick, as bits
};

} // namespace chronus::rt
