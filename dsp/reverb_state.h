#pragma once

#include "dsp/block.h"
#include "dsp/reverb_plan.h"
#include "dsp/ring.h"
#include "dsp/rt.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace chronus::dsp {

/// What `Reverb` keeps from one block to the next, as plain numbers that its kernel works on.
struct ReverbState {
    /// Everything the controls decide, for eight tank lines (two of each kind) or channels a row.
    /// A shelf is y = now x + s, then s = past x + keep s.
    enum Coefficient : std::size_t {
        kLowNow,
        kLowPast = kLowNow + 2,
        kLowKeep = kLowPast + 2,
        kHighNow = kLowKeep + 2,
        kHighPast = kHighNow + 2,
        kHighKeep = kHighPast + 2,
        kDiffuse = kHighKeep + 2,
        kLevels = kDiffuse + plan::kSteps, // 0: early level, 1: late level, 2: into the tank
        kCoefficients
    };
    using Eight = std::array<float, 8>;
    using Coefficients = std::array<Eight, kCoefficients>;

    /// A tank line whose length swings around the plan's by a sine.
    struct Swing {
        float from = 0.0f, to = 0.0f; // extra delay at both ends of this tick, in frames
    };
    struct Place {
        std::size_t pre_delay = 0;
        plan::Lengths lengths;
    };

    std::array<Ring, 2> inputs; // pre-delay and first step in one
    std::array<std::array<Ring, plan::kChannels>, plan::kSteps - 1> diffusers;
    std::array<Ring, plan::kTanks> tanks;
    Place from, to; // where all heads are, and where they fade to
    std::array<float, kTick> weights{};
    bool fades = false;

    alignas(32) Coefficients now{}, slope{}; // in this tick: now + slope * frame
    bool moves = false;                      // some slope is not 0, or the tank is not fed as usual
    std::array<Swing, plan::kMoving> swings{};
    alignas(32) std::array<float, plan::kTanks> low{}, high{}; // of the shelves
    std::size_t frame = 0;                                     // within the tick
    std::int32_t loudest = 0; // in this tick, the bits of a magnitude
};

/// One block within a tick: takes `in` in and adds what comes back to `out`.
void run_reverb(ReverbState &state, StereoBlock in, StereoBlock out) CHRONUS_RT;

} // namespace chronus::dsp
