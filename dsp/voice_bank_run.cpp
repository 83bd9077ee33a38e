#include "dsp/voice_bank.h"

#include "dsp/drive.h"
#include "dsp/math.h"

#include <algorithm>
#include <span>

/// The sample loops of the bank: voice_bank.cpp decides, this file computes.
namespace chronus::dsp {

namespace {

constexpr float kTopTurns = 0.45f, kTopCutoff = 0.49f; // of the sample rate

CHRONUS_INLINE F4 folded(F8 x) noexcept {
    const Halves h = halves(x);
    return h.low + h.high;
}

/// Adds the sum over the lanes of each row: what `sum` gives, four rows at a time.
void add_sums(const F8 *rows, std::span<float> out) noexcept {
    std::size_t i = 0;
    for (; i + 4 <= out.size(); i += 4) {
        const F4 a = folded(rows[i]), b = folded(rows[i + 1]);
        const F4 c = folded(rows[i + 2]), d = folded(rows[i + 3]);
        const F4 ab =
            __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
        const F4 cd =
            __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
        const F4 sums = __builtin_shufflevector(ab, cd, 0, 1, 4, 5) +
                        __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
        for (std::size_t k = 0; k < 4; ++k) out[i + k] += sums[k];
    }
    for (; i < out.size(); ++i) out[i] += sum(rows[i]);
}

void add_sums(const F8 *left, const F8 *right, StereoBlock out) noexcept {
    add_sums(left, out.left);
    add_sums(right, out.right);
}

} // namespace

void VoiceBank::generate(std::uint32_t frames) CHRONUS_RT {
    fresh_ = onset_ = 0;
    envelope_state_.generate(envelope_, frames);
    for (std::uint32_t begin = 0; begin < frames;) {
        const std::uint32_t run = tone_.stretch(frames - begin);
        F8 *const source = source_ + begin, *const filtered = filtered_ + begin;
        lay_phases(run);
        make_source(source, run);
        saturate_run(source, filtered, run);
        if (tone_.moving())
            filter_run<true, true>(filtered, run);
        else if (cutoff_.moving())
            filter_run<false, true>(filtered, run);
        else
            filter_run<false, false>(filtered, run);
        tone_.advance(run);
        begin += run;
    }
}

void VoiceBank::lay_phases(std::uint32_t frames) CHRONUS_RT {
    const auto turns = [this] {
        const F8 hz = exp2(pitch_.value() + pitch_envelope_.value());
        return clamp(hz * (1.0f / fs_.hz), 0.0f, kTopTurns);
    };
    F8 now = turns(), fastest = now;
    const bool moving = pitch_.moving() || pitch_envelope_.moving();
    for (std::uint32_t i = 0; i < frames; ++i) {
        lay_phase(phases_, i, clock_.next(now), now);
        if (!moving) continue;
        pitch_.step();
        pitch_envelope_.step();
        now = turns();
        fastest = max(fastest, now);
    }
    if (moving) {
        pitch_.settle();
        pitch_envelope_.settle();
    }
    phases_.bright = false;
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        phases_.bright |= fastest[lane] > PhaseRun::kPureFrom;
}

void VoiceBank::make_source(F8 *out, std::uint32_t frames) CHRONUS_RT {
    std::fill_n(out, frames, F8{});
    const WaveRun run{phases_, out, frames};
    const unsigned alive = tone_.alive();
    const auto with = [&](Wave wave, auto add) {
        const auto i = static_cast<std::size_t>(wave);
        if ((alive & 1u << i) == 0) return;
        Line<true> weight = tone_.line<true>(i);
        add(weight);
        tone_.keep(i, weight);
    };
    with(Wave::sine, [&](auto &weight) { add_sine(run, weight); });
    with(Wave::saw, [&](auto &weight) { add_saw(run, weight); });
    with(Wave::triangle, [&](auto &weight) { add_triangle(run, weight); });
    Line<true> pulse_width = tone_.line<true>(width);
    Line<true> unheard = pulse_width; // moves on with or without a pulse to hear it
    for (std::uint32_t i = 0; i < frames; ++i) unheard.next();
    with(Wave::square, [&](auto &weight) { add_pulse(run, weight, pulse_width); });
    tone_.keep(width, unheard);
    add_noises(out, frames);
}

void VoiceBank::add_noises(F8 *out, std::uint32_t frames) CHRONUS_RT {
    constexpr auto bit = [](auto i) { return 1u << static_cast<unsigned>(i); };
    constexpr unsigned kNoisy =
        bit(Wave::white) | bit(Wave::pink) | bit(Wave::brown) | bit(Tone::noise);
    const unsigned alive = tone_.alive();
    if ((alive & kNoisy) == 0) return;
    const I8 running = tone_.lanes_with(kNoisy);
    F8 hiss[kTick];
    for (std::uint32_t i = 0; i < frames; ++i) hiss[i] = white_.next(running);
    const auto add = [&](Wave wave, auto shaped) {
        if ((alive & bit(wave)) == 0) return;
        Line<true> weight = tone_.line<true>(static_cast<std::size_t>(wave));
        for (std::uint32_t i = 0; i < frames; ++i)
            out[i] = out[i] + weight.next() * shaped(hiss[i]);
        tone_.keep(static_cast<std::size_t>(wave), weight);
    };
    add(Wave::white, [](F8 x) { return x; });
    add(Wave::pink, [this](F8 x) { return pink_.next(x); });
    add(Wave::brown, [this](F8 x) { return brown_.next(x); });
    Line<true> share = tone_.line<true>(noise);
    for (std::uint32_t i = 0; i < frames; ++i) out[i] = out[i] + share.next() * (hiss[i] - out[i]);
    tone_.keep(noise, share);
}

void VoiceBank::saturate_run(const F8 *in, F8 *out, std::uint32_t frames) CHRONUS_RT {
    if ((tone_.alive() & 1u << drive_amount) == 0) {
        std::copy_n(in, frames, out);
        return;
    }
    auto gain = tone_.line<true>(drive_gain), makeup = tone_.line<true>(drive_makeup);
    auto amount = tone_.line<true>(drive_amount);
    for (std::uint32_t i = 0; i < frames; ++i)
        out[i] = saturate(in[i], gain.next(), makeup.next(), amount.next());
    tone_.keep(drive_gain, gain);
    tone_.keep(drive_makeup, makeup);
    tone_.keep(drive_amount, amount);
}

template <bool kMoving, bool kSweeping>
void VoiceBank::filter_run(F8 *io, std::uint32_t frames) CHRONUS_RT {
    auto k = tone_.line<kMoving>(damping), in = tone_.line<kMoving>(mix_in);
    auto band = tone_.line<kMoving>(mix_band), damped = tone_.line<kMoving>(mix_damped);
    auto low = tone_.line<kMoving>(mix_low);
    const auto solve = [&] {
        const F8 turns = min(exp2(cutoff_.value()) * (1.0f / fs_.hz), splat(kTopCutoff));
        return Svf::solve(turns, k.next());
    };
    Svf svf = svf_;
    Svf::Coeffs c{};
    if constexpr (!kSweeping) c = solve();
    for (std::uint32_t i = 0; i < frames; ++i) {
        if constexpr (kSweeping) {
            c = solve();
            cutoff_.step();
        }
        const Svf::Out out = svf.next(io[i], c);
        io[i] = in.next() * io[i] + (band.next() + damped.next() * k.value) * out.band +
                low.next() * out.low;
    }
    svf_ = svf;
    if constexpr (kSweeping) cutoff_.settle();
    tone_.keep(damping, k);
    tone_.keep(mix_in, in);
    tone_.keep(mix_band, band);
    tone_.keep(mix_damped, damped);
    tone_.keep(mix_low, low);
}

void VoiceBank::mix(Buses &buses, std::uint32_t frames) CHRONUS_RT {
    peak_ = F8{};
    for (std::uint32_t begin = 0; begin < frames;) {
        const std::uint32_t run = gains_.stretch(frames - begin);
        gains_.moving() ? mix_run<true>(buses, begin, run) : mix_run<false>(buses, begin, run);
        gains_.advance(run);
        begin += run;
    }
}

template <bool kMoving>
void VoiceBank::mix_run(Buses &buses, std::uint32_t begin, std::uint32_t frames) CHRONUS_RT {
    auto volume = gains_.line<kMoving>(level);
    auto to_left = gains_.line<kMoving>(left), to_right = gains_.line<kMoving>(right);
    F8 l[kTick], r[kTick];
    for (std::uint32_t i = 0; i < frames; ++i) {
        const F8 x = filtered_[begin + i] * envelope_[begin + i] * volume.next();
        peak_ = max(peak_, abs(x));
        l[i] = x * to_left.next();
        r[i] = x * to_right.next();
    }
    gains_.keep(level, volume);
    gains_.keep(left, to_left);
    gains_.keep(right, to_right);
    add_sums(l, r, buses.dry.sub(begin, frames));
    const auto send = [&](Gain which, StereoBlock bus) {
        if ((gains_.alive() & 1u << which) == 0) return;
        auto share = gains_.line<kMoving>(which);
        F8 sl[kTick], sr[kTick];
        for (std::uint32_t i = 0; i < frames; ++i) {
            const F8 now = share.next();
            sl[i] = l[i] * now;
            sr[i] = r[i] * now;
        }
        gains_.keep(which, share);
        add_sums(sl, sr, bus.sub(begin, frames));
    };
    send(reverb, buses.reverb);
    send(delay, buses.delay);
}

} // namespace chronus::dsp
