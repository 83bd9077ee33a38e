#include "engine/rt/controls.h"

#include "dsp/block.h"
#include "dsp/lfo.h"
#include "dsp/math.h"

#include <cmath>

namespace chronus::rt {

namespace {

float to_curve(const ParamSpec &spec, float value) CHRONUS_RT {
    return spec.curve == Curve::exponential ? dsp::log2(value) : value;
}

float from_curve(const ParamSpec &spec, float position) CHRONUS_RT {
    const float value = spec.curve == Curve::exponential ? dsp::exp2(position) : position;
    return std::clamp(value, spec.min, spec.max);
}

/// The whole range of a parameter in its own curve: what depth 1 sweeps.
float reach(const ParamSpec &spec) CHRONUS_RT {
    return to_curve(spec, spec.max) - to_curve(spec, spec.min);
}

/// Steps in a cycle of each synced length, in the order of kLfoSyncs.
constexpr std::array<double, 8> kSyncSteps{0, 64, 32, 16, 8, 4, 2, 1};

/// The module a parameter belongs to, counted through.
constexpr auto kModuleOf = [] {
    std::array<std::uint16_t, kParamCount> of{};
    for (std::uint16_t i = 0; i < kParamCount; ++i)
        of[i] = module_index({place_of({i}).module, place_of({i}).instance});
    return of;
}();

} // namespace

Controls::Controls(SampleRate fs, const ParamValues &start) CHRONUS_RT : fs_(fs) {
    for (std::uint16_t i = 0; i < kParamCount; ++i) jump({i}, start.get({i}));
}

void Controls::touch(std::uint16_t index) CHRONUS_RT {
    touched_[kModuleOf[index]] = any_touched_ = true;
}

void Controls::jump(ParamId id, float value) CHRONUS_RT {
    Smoother &s = smoothers_[id.index];
    s.first = s.second = s.target = to_curve(spec_of(id), value);
    plain_[id.index] = value;
    now_[id.index] = value;
    touch(id.index);
}

void Controls::glide(ParamId id, float value) CHRONUS_RT {
    if (spec_of(id).glide_s <= 0) return jump(id, value);
    Smoother &s = smoothers_[id.index];
    s.target = to_curve(spec_of(id), value);
    if (s.moving) return;
    s.moving = true;
    moving_[moving_count_++] = id.index;
}

void Controls::smooth() CHRONUS_RT {
    std::uint16_t kept = 0;
    for (std::uint16_t m = 0; m < moving_count_; ++m) {
        const std::uint16_t i = moving_[m];
        const ParamSpec &spec = spec_of({i});
        Smoother &s = smoothers_[i];
        const float c = 1.0f - dsp::decay_over(kTick, 0.5f * spec.glide_s * fs_.hz);
        s.first += c * (s.target - s.first);
        s.second += c * (s.first - s.second);
        const float near = 1e-6f * reach(spec);
        s.moving = std::abs(s.target - s.second) > near || std::abs(s.target - s.first) > near;
        if (s.moving)
            moving_[kept++] = i;
        else
            s.first = s.second = s.target;
        settle(i);
    }
    moving_count_ = kept;
}

void Controls::settle(std::uint16_t i) CHRONUS_RT {
    const ParamSpec &spec = spec_of({i});
    plain_[i] = from_curve(spec, smoothers_[i].second);
    now_[i] = push_[i] == 0 ? plain_[i] : from_curve(spec, smoothers_[i].second + push_[i]);
    touch(i);
}

/// Where in its cycle the LFO stands now.
float Controls::turn_lfo(std::size_t n, MusicalTime time) CHRONUS_RT {
    Lfo &lfo = lfos_[n];
    if (const auto sync = static_cast<std::size_t>(of_lfo(param("lfo1/sync"), n)); sync > 0) {
        const double cycles = time.steps / kSyncSteps[sync];
        const auto whole = static_cast<std::uint64_t>(cycles);
        lfo.cycle = static_cast<std::uint32_t>(whole);
        return static_cast<float>(cycles - static_cast<double>(whole));
    }
    const float turn = of_lfo(param("lfo1/rate"), n) * static_cast<float>(kTick) / fs_.hz;
    const std::uint32_t before = lfo.phase;
    lfo.phase += static_cast<std::uint32_t>(turn * 4294967296.0f);
    if (lfo.phase < before) ++lfo.cycle;
    return static_cast<float>(lfo.phase >> 8) * 0x1p-24f;
}

void Controls::modulate(MusicalTime time) CHRONUS_RT {
    std::array<std::uint16_t, 2 * kLfos> pushed{};
    std::size_t count = 0;
    for (Lfo &lfo : lfos_) {
        if (lfo.moved == kParamCount) continue;
        push_[lfo.moved] = 0;
        pushed[count++] = lfo.moved;
        lfo.moved = kParamCount;
    }
    for (std::size_t n = 0; n < kLfos; ++n) {
        const float phase = turn_lfo(n, time); // free ones keep turning at depth 0
        const float depth = of_lfo(param("lfo1/depth"), n);
        const float target = of_lfo(param("lfo1/target"), n);
        if (depth <= 0 || target < 0 || target >= kParamCount) continue;
        const auto index = static_cast<std::uint16_t>(target);
        const ParamSpec &spec = spec_of({index});
        if (spec.kind != Kind::amount) continue;
        const auto shape =
            static_cast<dsp::LfoShape>(static_cast<int>(of_lfo(param("lfo1/shape"), n)));
        const float wave =
            depth * dsp::lfo_value(shape, phase, lfos_[n].cycle, static_cast<std::uint32_t>(n));
        push_[index] += 0.5f * wave * reach(spec);
        lfos_[n].moved = index;
        pushed[count++] = index;
    }
    for (std::size_t i = 0; i < count; ++i) settle(pushed[i]);
}

void Controls::tick(MusicalTime time) CHRONUS_RT {
    smooth();
    modulate(time);
}

} // namespace chronus::rt
