#pragma once

#include "dsp/rt.h"
#include "engine/model/scene.h"
#include "engine/model/time.h"

#include <cstdint>

namespace chronus::rt {

/// When the steps of a track fall, in phases since the start. Everything is reckoned from whole
/// numbers of steps, so nothing drifts whatever a step's length.
///
/// Swing moves odd sixteenths, and only tracks whose step is one. A step's shift is a part of the
/// way to the neighbour it moves towards, as swing leaves it: less than half, so steps keep their
/// order. The first step of all cannot be early.
class TrackClock {
public:
    TrackClock(const Track &track, Phase sixteenth, Phase swing, std::uint64_t origin) CHRONUS_RT
        : track_(track),
          sixteenth_(sixteenth),
          swing_(swing),
          origin_(origin) {}

    const Step &step(std::uint64_t n) const CHRONUS_RT { return track_.steps[n % track_.length]; }
    /// Phases of a step before swing.
    Phase length() const CHRONUS_RT { return sixteenth_ * track_.div.num / track_.div.den; }

    /// Where step `n` stands in the grid, without its shift.
    Phase grid(std::uint64_t n) const CHRONUS_RT {
        const auto [num, den] = track_.div;
        const std::uint64_t odd = (origin_ + n) % 2;
        const Phase start = origin_ * sixteenth_;
        if (den == 1) return start + n * num * sixteenth_ + (num == 1 && odd != 0 ? swing_ : 0);
        return start + n / den * num * sixteenth_ + n % den * num * sixteenth_ / den;
    }

    Phase onset(std::uint64_t n) const CHRONUS_RT {
        const int shift = step(n).shift;
        const Phase at = grid(n);
        if (shift > 0) return at + part(grid(n + 1) - at, shift);
        if (shift < 0 && n > 0) return at - part(at - grid(n - 1), -shift);
        return at;
    }

    /// When strike `k` of step `n` falls: a ratchet shares out evenly what there is up to the next
    /// step's onset.
    Phase strike(std::uint64_t n, unsigned k) const CHRONUS_RT {
        const Phase first = onset(n);
        return k == 0 ? first : first + (onset(n + 1) - first) * k / step(n).ratchet;
    }

    /// The first step that falls after `position`.
    std::uint64_t first_after(Phase position) const CHRONUS_RT {
        const Phase start = origin_ * sixteenth_;
        const std::uint64_t about = position < start ? 0 : (position - start) / length();
        std::uint64_t n = about > 0 ? about - 1 : 0;
        while (onset(n) <= position) ++n;
        return n;
    }

    /// The first strike of a step's ratchet that falls after `position`; 0 when none does.
    std::uint8_t strike_after(std::uint64_t n, Phase position) const CHRONUS_RT {
        for (std::uint8_t k = 0; k < step(n).ratchet; ++k)
            if (strike(n, k) > position) return k;
        return 0;
    }

private:
    static Phase part(Phase whole, int shift) CHRONUS_RT {
        return whole * static_cast<Phase>(shift) / kShiftParts;
    }

    const Track &track_;
    Phase sixteenth_, swing_;
    std::uint64_t origin_;
};

} // namespace chronus::rt
