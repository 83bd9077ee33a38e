#pragma once

#include "dsp/rt.h"
#include "engine/model/params.h"

#include <array>
#include <cstdint>

namespace chronus::rt {

/// How far each voice is let through. One that sounds fades within 5 ms, in ticks; one that is
/// struck from rest is let through or not from its first frame on.
///
/// Thread: audio.
class Mutes {
public:
    Mutes() CHRONUS_RT { gains_.fill(1.0f); }

    /// A sounding voice, from 0, goes there.
    void aim(std::uint8_t voice, bool open) CHRONUS_RT {
        const std::uint64_t bit = std::uint64_t{1} << voice;
        open_ = open ? open_ | bit : open_ & ~bit;
        if (gains_[voice] != target(voice)) fading_ |= bit;
    }
    /// A silent one is there.
    void snap(std::uint8_t voice, bool open) CHRONUS_RT {
        aim(voice, open);
        gains_[voice] = target(voice);
    }
    /// One tick on; the voices whose gain moved, as bits.
    std::uint64_t step() CHRONUS_RT {
        const std::uint64_t moved = fading_;
        for (std::uint8_t v = 0; fading_ >> v != 0; ++v) {
            const std::uint64_t bit = std::uint64_t{1} << v;
            if ((moved & bit) == 0) continue;
            gains_[v] += target(v) > gains_[v] ? kStep : target(v) < gains_[v] ? -kStep : 0.0f;
            if (gains_[v] == target(v)) fading_ &= ~bit;
            if (v == kMaxVoices - 1) break;
        }
        return moved;
    }
    /// True when the gain was none, and was reset.
    bool heal(std::uint8_t voice) CHRONUS_RT {
        if (gains_[voice] >= 0.0f && gains_[voice] <= 1.0f) return false;
        gains_[voice] = target(voice);
        return true;
    }
    float gain(std::uint8_t voice) const CHRONUS_RT { return gains_[voice]; }

private:
    friend struct MixerDoor;               // tests plant faults through it
    static constexpr float kStep = 0.125f; // 8 ticks, which is 5.3 ms, and floats hold it exactly

    float target(std::uint8_t voice) const CHRONUS_RT {
        return (open_ >> voice & 1) != 0 ? 1.0f : 0.0f;
    }

    std::array<float, kMaxVoices> gains_;
    std::uint64_t open_ = ~std::uint64_t{0}, fading_ = 0;
};

} // namespace chronus::rt
