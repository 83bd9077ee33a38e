#pragma once

#include "dsp/rt.h"
#include "dsp/units.h"
#include "engine/model/param_values.h"
#include "engine/model/time.h"

#include <array>
#include <cstdint>

namespace chronus::rt {

/// Modules there are, each voice by itself.
inline constexpr std::size_t kModuleCount = [] {
    std::size_t count = 0;
    for (const ModuleSpec &module : kModules) count += module.count;
    return count;
}();

/// Where music is, for LFOs that follow it.
struct MusicalTime {
    double steps = 0; ///< since the start, with fraction
};

/// Every parameter as it is heard now: what was asked for, smoothed, plus what the LFOs add.
///
/// Two one-poles in the parameter's own curve, stepped once a tick: a change every 10 ms leaves no
/// spur above -90 dBc.
/// Thread: audio.
/// Source: dsp.md section 10 (zipper-measured.csv).
class Controls {
public:
    explicit Controls(SampleRate fs, const ParamValues &start) CHRONUS_RT;

    /// Moves to a value over the parameter's glide.
    void glide(ParamId id, float value) CHRONUS_RT;
    /// Is there at once: for what is silent anyway, or changes with the whole scene.
    void jump(ParamId id, float value) CHRONUS_RT;

    /// A voice, from 0, is struck: its envelopes begin with the next tick.
    void strike(std::uint8_t voice) CHRONUS_RT;

    /// One tick of 32 frames. `now()` and `touched()` change only here and in `jump`.
    void tick(MusicalTime time) CHRONUS_RT;

    float now(ParamId id) const CHRONUS_RT { return now_[id.index]; }
    /// The smoothed value without modulation.
    float plain(ParamId id) const CHRONUS_RT { return plain_[id.index]; }

    /// Whether anything of the module moved since the last `clear_touched()`.
    bool touched(std::uint16_t module_index) const CHRONUS_RT { return touched_[module_index]; }
    bool any_touched() const CHRONUS_RT { return any_touched_; }
    void clear_touched() CHRONUS_RT {
        touched_ = {};
        any_touched_ = false;
    }

private:
    friend struct ControlsDoor; // tests plant faults through it
    struct Smoother {
        float first = 0, second = 0, target = 0; // in the parameter's curve
        bool moving = false;
    };
    struct Lfo {
        std::uint32_t phase = 0, cycle = 0;
        std::uint16_t moved = kParamCount; // the parameter it pushed in the last tick
    };

    struct Envelope {
        float level = 0; // 1 at its top
        bool rising = false, struck = false;
        std::uint16_t moved = kParamCount; // as an LFO's
    };
    /// Parameters pushed in this tick or the last.
    struct Pushed {
        std::array<std::uint16_t, 2 * (kLfos + kEnvelopes)> index{};
        std::size_t count = 0;
        void add(std::uint16_t i) CHRONUS_RT { index[count++] = i; }
    };

    void settle(std::uint16_t index) CHRONUS_RT;
    void smooth() CHRONUS_RT;
    void modulate(MusicalTime time) CHRONUS_RT;
    float turn_lfo(std::size_t n, MusicalTime time) CHRONUS_RT;
    float run_envelope(std::size_t n) CHRONUS_RT;
    void let_go(std::uint16_t &moved, Pushed &pushed) CHRONUS_RT;
    void push(float target, float share, std::uint16_t &moved, Pushed &pushed) CHRONUS_RT;
    float of_envelope(ParamId of_env1, std::size_t n) const CHRONUS_RT {
        return now_[of_env1.index + n * rows::kEnvelope.size()];
    }
    /// The value LFO `n` has for what is `of_lfo1` in LFO 1.
    float of_lfo(ParamId of_lfo1, std::size_t n) const CHRONUS_RT {
        return now_[of_lfo1.index + n * rows::kLfo.size()];
    }
    void touch(std::uint16_t index) CHRONUS_RT;

    SampleRate fs_;
    std::array<float, kParamCount> plain_{}, now_{};
    std::array<Smoother, kParamCount> smoothers_{};
    std::array<std::uint16_t, kParamCount> moving_{};
    std::uint16_t moving_count_ = 0;
    std::array<float, kParamCount> push_{}; // LFO offsets, in the parameter's curve
    std::array<Lfo, kLfos> lfos_{};
    std::array<Envelope, kEnvelopes> envelopes_{};
    std::array<bool, kModuleCount> touched_{};
    bool any_touched_ = false;
};

/// Modules counted through: voice1 is 0, voice64 is 63, acid1 is 64 and so on.
constexpr std::uint16_t module_index(ModuleRef ref) noexcept {
    std::uint16_t first = 0;
    for (std::uint16_t m = 0; m < ref.module; ++m)
        first = static_cast<std::uint16_t>(first + kModules[m].count);
    return static_cast<std::uint16_t>(first + ref.instance);
}
consteval std::uint16_t module_index(std::string_view name) {
    return module_index(find_module(name).value());
}

} // namespace chronus::rt
