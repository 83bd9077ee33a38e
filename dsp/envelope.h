#pragma once

#include "dsp/math.h"
#include "dsp/ramp.h"
#include "dsp/rt.h"
#include "dsp/units.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace chronus::dsp {

/// Attack, decay, sustain, release as a player sets them.
///
/// Units: attack is the time from 0 to the peak, decay and release the time until 1 % of the way is
///        left, sustain a share of the peak.
struct Adsr {
    Seconds attack, decay;
    float sustain = 1.0f;
    Seconds release;
};

/// Eight exponential envelopes. Every segment sets out from the level the last one left, so no
/// event makes a step; the attack aims past its peak and stops there.
///
/// Units:  amplitude; the value of a frame is that at its end, so a strike sounds on its own frame.
/// Thread: audio.
class Envelope {
public:
    explicit Envelope(SampleRate fs) CHRONUS_RT : fs_(fs) {}

    /// New times and sustain, also for the segment under way.
    void shape(std::size_t lane, const Adsr &adsr) CHRONUS_RT {
        attack_rate_[lane] = one_pole_rate(adsr.attack.frames(fs_) * (1.0f / kLnAttack));
        decay_rate_[lane] = one_pole_rate(adsr.decay.frames(fs_) * (1.0f / kLnHundred));
        release_rate_[lane] = one_pole_rate(adsr.release.frames(fs_) * (1.0f / kLnHundred));
        sustain_[lane] = adsr.sustain;
        if (phase_[lane] == Phase::held) decays_to_[lane] = sustained(lane);
        if (attacking_[lane] != 0) rate_[lane] = attack_rate_[lane];
        if (attacking_[lane] == 0 && phase_[lane] == Phase::held) decay(lane);
        if (phase_[lane] == Phase::released) rate_[lane] = release_rate_[lane];
    }
    /// Rises to `peak`; falls, if it stands above that already.
    void strike(std::size_t lane, float peak) CHRONUS_RT {
        phase_[lane] = Phase::held;
        peak_[lane] = peak;
        decays_to_[lane] = sustained(lane);
        if (value_[lane] >= peak) return decay(lane);
        attacking_[lane] = -1;
        head_for(lane, kOvershoot * peak, attack_rate_[lane]);
    }
    void release(std::size_t lane) CHRONUS_RT {
        if (phase_[lane] != Phase::held) return;
        phase_[lane] = Phase::released;
        attacking_[lane] = 0;
        head_for(lane, -kUndershoot * value_[lane], release_rate_[lane]);
    }
    /// To zero within `fade`, straight but for 2 %.
    void hush(std::size_t lane, Seconds fade) CHRONUS_RT {
        phase_[lane] = Phase::hushed;
        attacking_[lane] = 0;
        constexpr float kBeyond = 15.0f, kLn = 0.0645385211f; // ln(16 / 15)
        head_for(lane, -kBeyond * value_[lane], one_pole_rate(fade.frames(fs_) / kLn));
    }
    void reset(std::size_t lane) CHRONUS_RT {
        phase_[lane] = Phase::hushed;
        attacking_[lane] = 0;
        for (F8 *x : {&value_, &aim_, &distance_, &rate_, &peak_, &decays_to_}) (*x)[lane] = 0.0f;
    }

    bool held(std::size_t lane) const CHRONUS_RT { return phase_[lane] == Phase::held; }
    /// At zero, and nothing under way will lift it.
    bool resting(std::size_t lane) const CHRONUS_RT {
        return value_[lane] == 0.0f && aim_[lane] <= 0.0f;
    }

    I8 resting() const CHRONUS_RT { return (value_ <= 0.0f) & (aim_ <= 0.0f); }

    /// The next values of `out[0, frames)`.
    void generate(F8 *out, std::uint32_t frames) CHRONUS_RT {
        any(attacking_) ? run<true>(out, frames) : run<false>(out, frames);
    }
    /// The same, but only lanes in `running` move on, so that no lane hears of its neighbours.
    void generate(F8 *out, std::uint32_t frames, I8 running) CHRONUS_RT {
        const Envelope before = *this;
        generate(out, frames);
        attacking_ = (attacking_ & running) | (before.attacking_ & ~running);
        value_ = select(running, value_, before.value_);
        aim_ = select(running, aim_, before.aim_);
        distance_ = select(running, distance_, before.distance_);
        rate_ = select(running, rate_, before.rate_);
    }
    template <class Self, class F>
    static void each(Self &self, F f) CHRONUS_RT {
        for (auto *x :
             {&self.value_, &self.aim_, &self.distance_, &self.rate_, &self.peak_, &self.sustain_,
              &self.decays_to_, &self.attack_rate_, &self.decay_rate_, &self.release_rate_})
            f(*x);
    }

private:
    enum class Phase : std::uint8_t { hushed, held, released };
    static constexpr float kOvershoot = 1.3f, kLnAttack = 1.46633707f; // ln(1.3 / 0.3)
    static constexpr float kLnHundred = 4.60517019f;
    /// Falls aim this much of their start below zero, to arrive there and not only come near.
    static constexpr float kUndershoot = 1e-4f;

    struct Course {
        F8 value, aim, distance, rate; // value = aim + distance, at least 0
    };

    float sustained(std::size_t lane) const CHRONUS_RT {
        return peak_[lane] * (sustain_[lane] > 0.0f ? sustain_[lane] : -kUndershoot);
    }
    void decay(std::size_t lane) CHRONUS_RT {
        attacking_[lane] = 0;
        head_for(lane, decays_to_[lane], decay_rate_[lane]);
    }
    void head_for(std::size_t lane, float aim, float rate) CHRONUS_RT {
        aim_[lane] = aim;
        distance_[lane] = value_[lane] - aim;
        rate_[lane] = rate;
    }

    template <bool kRising>
    void run(F8 *out, std::uint32_t frames) CHRONUS_RT {
        Course c{value_, aim_, distance_, rate_};
#pragma GCC unroll 4
        for (std::uint32_t i = 0; i < frames; ++i) {
            c.distance = c.distance - c.distance * c.rate;
            c.value = max(c.aim + c.distance, F8{});
            if constexpr (kRising) crest(c);
            out[i] = c.value;
        }
        value_ = c.value, aim_ = c.aim, distance_ = c.distance, rate_ = c.rate;
    }
    /// Lanes that come to their peak stop there and decay from the next frame on.
    CHRONUS_INLINE void crest(Course &c) CHRONUS_RT {
        const I8 there = attacking_ & (c.value >= peak_);
        attacking_ = attacking_ & ~there;
        c.value = select(there, peak_, c.value);
        c.aim = select(there, decays_to_, c.aim);
        c.distance = select(there, peak_ - decays_to_, c.distance);
        c.rate = select(there, decay_rate_, c.rate);
    }

    SampleRate fs_;
    std::array<Phase, kLanes> phase_{};
    I8 attacking_ = {};
    F8 value_ = {}, aim_ = {}, distance_ = {}, rate_ = {};
    F8 peak_ = {}, sustain_ = {}, decays_to_ = {};
    F8 attack_rate_ = {}, decay_rate_ = {}, release_rate_ = {};
};

} // namespace chronus::dsp
