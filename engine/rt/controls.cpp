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

/// No parameter is as large on its way.
constexpr float kLost = 1e6f;

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
        if (!(std::abs(s.first) + std::abs(s.second) < kLost)) s.first = s.second = s.target;
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

void Controls::strike(std::uint8_t voice) CHRONUS_RT {
    for (std::size_t n = 0; n < kEnvelopes; ++n)
        if (static_cast<int>(of_envelope(param("env1/source"), n)) == voice + 1)
            envelopes_[n].struck = true;
}

/// How high the envelope stands now: up in a straight line, down as one-poles fall. A note on the
/// way goes on from there.
float Controls::run_envelope(std::size_t n) CHRONUS_RT {
    constexpr float kLnHundred = 4.60517019f, kNothing = 1e-4f;
    Envelope &e = envelopes_[n];
    if (e.struck) e.rising = true, e.struck = false;
    const float tick_s = static_cast<float>(kTick) / fs_.hz;
    if (e.rising) {
        e.level += tick_s / of_envelope(param("env1/attack"), n);
        if (e.level >= 0.0f && e.level < 1.0f - kNothing) return e.level;
        e.rising = false;
        return e.level = 1.0f;
    }
    e.level *= dsp::exp2(-1.44269504f * kLnHundred * tick_s / of_envelope(param("env1/decay"), n));
    if (!(e.level >= kNothing && e.level <= 1.0f)) e.level = 0; // nor is what is no number
    return e.level;
}

void Controls::let_go(std::uint16_t &moved, Pushed &pushed) CHRONUS_RT {
    if (moved == kParamCount) return;
    push_[moved] = 0;
    pushed.add(moved);
    moved = kParamCount;
}

/// By a share of the target's whole range.
void Controls::push(float target, float share, std::uint16_t &moved, Pushed &pushed) CHRONUS_RT {
    if (target < 0 || target >= kParamCount) return;
    const auto index = static_cast<std::uint16_t>(target);
    const ParamSpec &spec = spec_of({index});
    if (spec.kind != Kind::amount) return;
    push_[index] += share * reach(spec);
    moved = index;
    pushed.add(index);
}

void Controls::modulate(MusicalTime time) CHRONUS_RT {
    Pushed pushed;
    for (Lfo &lfo : lfos_) let_go(lfo.moved, pushed);
    for (Envelope &envelope : envelopes_) let_go(envelope.moved, pushed);
    for (std::size_t n = 0; n < kLfos; ++n) {
        const float phase = turn_lfo(n, time); // free ones keep turning at depth 0
        const float depth = of_lfo(param("lfo1/depth"), n);
        if (depth <= 0) continue;
        const auto shape =
            static_cast<dsp::LfoShape>(static_cast<int>(of_lfo(param("lfo1/shape"), n)));
        const float wave =
            dsp::lfo_value(shape, phase, lfos_[n].cycle, static_cast<std::uint32_t>(n));
        push(of_lfo(param("lfo1/target"), n), 0.5f * depth * wave, lfos_[n].moved, pushed);
    }
    for (std::size_t n = 0; n < kEnvelopes; ++n) {
        Envelope &e = envelopes_[n];
        if (e.level <= 0 && !e.struck) continue;
        const float share = of_envelope(param("env1/amount"), n) * run_envelope(n);
        if (share != 0) push(of_envelope(param("env1/target"), n), share, e.moved, pushed);
    }
    for (std::size_t i = 0; i < pushed.count; ++i) settle(pushed.index[i]);
}

void Controls::tick(MusicalTime time) CHRONUS_RT {
    smooth();
    modulate(time);
}

} // namespace chronus::rt
