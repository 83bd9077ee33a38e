#include "dsp/voice_bank.h"

#include "dsp/drive.h"
#include "dsp/math.h"

#include <algorithm>
#include <span>
#include <utility>

/// The sample loops of the bank: voice_bank.cpp decides, this file computes.
namespace chronus::dsp {

namespace {

constexpr float kTopTurns = 0.45f, kTopCutoff = 0.49f; // of the sample rate

CHRONUS_INLINE F4 folded(F8 x) noexcept {
    const Halves h = halves(x);
    return h.low + h.high;
}

#if defined(CHRONUS_WHOLE_LANES)
/// Of eight rows at once, added in the same order.
CHRONUS_INLINE F8::Part sums_of_eight(const F8 *rows) noexcept {
    const auto fold = [rows](std::size_t i) CHRONUS_PART { // row i below, row i + 4 above
        const F8::Part a = rows[i].all, b = rows[i + 4].all;
        return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11) +
               __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
    };
    const auto pair = [](F8::Part p, F8::Part q) CHRONUS_PART {
        return __builtin_shufflevector(p, q, 0, 1, 8, 9, 4, 5, 12, 13) +
               __builtin_shufflevector(p, q, 2, 3, 10, 11, 6, 7, 14, 15);
    };
    const F8::Part pq = pair(fold(0), fold(1)), rs = pair(fold(2), fold(3));
    return __builtin_shufflevector(pq, rs, 0, 2, 8, 10, 4, 6, 12, 14) +
           __builtin_shufflevector(pq, rs, 1, 3, 9, 11, 5, 7, 13, 15);
}
#endif

/// The sum over the lanes of each row: what `sum` gives, four rows at a time.
void sums(const F8 *rows, std::span<float> out) noexcept {
    std::size_t i = 0;
#if defined(CHRONUS_WHOLE_LANES)
    for (; i + kLanes <= out.size(); i += kLanes) {
        const F8::Part eight = sums_of_eight(rows + i);
        __builtin_memcpy(out.data() + i, &eight, sizeof eight);
    }
#endif
    for (; i + 4 <= out.size(); i += 4) {
        const F4 a = folded(rows[i]), b = folded(rows[i + 1]);
        const F4 c = folded(rows[i + 2]), d = folded(rows[i + 3]);
        const F4 ab =
            __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
        const F4 cd =
            __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
        const F4 sums = __builtin_shufflevector(ab, cd, 0, 1, 4, 5) +
                        __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
        __builtin_memcpy(out.data() + i, &sums, sizeof sums);
    }
    for (; i < out.size(); ++i) out[i] = sum(rows[i]);
}

} // namespace

void add_up(const LaneBus &bus, StereoBlock out) CHRONUS_RT {
    sums(bus.left, out.left);
    sums(bus.right, out.right);
}

void VoiceBank::generate(std::uint32_t frames) CHRONUS_RT {
    fresh_ = onset_ = 0;
    envelope_state_.generate(envelope_, frames);
    for (std::uint32_t begin = 0; begin < frames;) {
        const std::uint32_t run = tone_.stretch(frames - begin);
        F8 *const source = source_ + begin, *const filtered = filtered_ + begin;
        lay_phases(run);
        make_source(source, run);
        if ((tone_.alive() & 1u << drive_amount) != 0) {
            saturate_run(source, filtered, run);
            filter(filtered, filtered, run);
        } else {
            filter(source, filtered, run);
        }
        tone_.advance(run);
        begin += run;
    }
}

void VoiceBank::lay_phases(std::uint32_t frames) CHRONUS_RT {
    const auto turns = [this] {
        const F8 hz = exp2(pitch_.value() + pitch_envelope_.value());
        return clamp(hz * (1.0f / fs_.hz), 0.0f, kTopTurns);
    };
    const bool moving = pitch_.moving() || pitch_envelope_.moving();
    F8 now = turns(), fastest = now;
    if (!moving) {
        phases_.bright = any(now > splat(PhaseRun::kPureFrom));
        phases_.steady = !tone_.moving() && !phases_.bright;
        clock_.lay(phases_.phase, frames, PhaseClock::step_of(now));
        for (std::uint32_t i = 0; i < (phases_.steady ? 1 : frames); ++i)
            lay_edges(phases_, i, now);
        return;
    }
    for (std::uint32_t i = 0; i < frames; ++i) {
        phases_.phase[i] = clock_.next(PhaseClock::step_of(now));
        lay_edges(phases_, i, now);
        pitch_.step();
        pitch_envelope_.step();
        now = turns();
        fastest = max(fastest, now);
    }
    pitch_.settle();
    pitch_envelope_.settle();
    phases_.bright = any(fastest > splat(PhaseRun::kPureFrom));
    phases_.steady = false;
}

void VoiceBank::make_source(F8 *out, std::uint32_t frames) CHRONUS_RT {
    WaveRun run{phases_, out, frames, true};
    const unsigned alive = tone_.alive();
    const auto with = [&](Wave wave, auto add) {
        const auto i = static_cast<std::size_t>(wave);
        if ((alive & 1u << i) == 0) return;
        Line<true> weight = tone_.line<true>(i);
        add(weight);
        tone_.keep(i, weight);
        run.first = false;
    };
    with(Wave::sine, [&](auto &weight) { add_sine(run, weight); });
    with(Wave::saw, [&](auto &weight) { add_saw(run, weight); });
    with(Wave::triangle, [&](auto &weight) { add_triangle(run, weight); });
    Line<true> pulse_width = tone_.line<true>(width);
    with(Wave::square, [&](auto &weight) { add_pulse(run, weight, pulse_width); });
    if (tone_.moving()) { // it goes on with or without a pulse to hear it
        pulse_width = tone_.line<true>(width);
        for (std::uint32_t i = 0; i < frames; ++i) pulse_width.next();
        tone_.keep(width, pulse_width);
    }
    if (run.first) std::fill_n(out, frames, F8{});
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
    auto gain = tone_.line<true>(drive_gain), makeup = tone_.line<true>(drive_makeup);
    auto amount = tone_.line<true>(drive_amount);
    for (std::uint32_t i = 0; i < frames; ++i)
        out[i] = saturate(in[i], gain.next(), makeup.next(), amount.next());
    tone_.keep(drive_gain, gain);
    tone_.keep(drive_makeup, makeup);
    tone_.keep(drive_amount, amount);
}

/// Whether the filters of all lanes are low-passes, and stay so.
bool VoiceBank::all_low() const CHRONUS_RT {
    constexpr unsigned kOthers = 1u << mix_in | 1u << mix_band | 1u << mix_damped;
    return (tone_.alive() & kOthers) == 0;
}

void VoiceBank::filter(const F8 *in, F8 *out, std::uint32_t frames) CHRONUS_RT {
    const bool sweeping = cutoff_.moving();
    if (tone_.moving()) return filter_run<true, true, false>(in, out, frames);
    if (all_low())
        return sweeping ? filter_run<false, true, true>(in, out, frames)
                        : filter_run<false, false, true>(in, out, frames);
    return sweeping ? filter_run<false, true, false>(in, out, frames)
                    : filter_run<false, false, false>(in, out, frames);
}

template <bool kMoving, bool kSweeping, bool kLow>
void VoiceBank::filter_run(const F8 *in, F8 *out, std::uint32_t frames) CHRONUS_RT {
    auto k = tone_.line<kMoving>(damping), dry = tone_.line<kMoving>(mix_in);
    auto band = tone_.line<kMoving>(mix_band), damped = tone_.line<kMoving>(mix_damped);
    auto low = tone_.line<kMoving>(mix_low);
    Approach way = cutoff_;
    F8 kept = 1.0f - way.rate; // few digits, but of a quick way
    Svf svf = svf_;
    Svf::Coeffs c{};
    if constexpr (!kSweeping) c = Svf::solve_15(exp2_tuned(way.value()), k.value);
#pragma GCC unroll 4
    for (std::uint32_t i = 0; i < frames; ++i) {
        F8 x = in[i], y_band, y_low, damp = k.next();
        each_part(
            [](auto &s1, auto &s2, auto part_x, auto &part_band, auto &part_low, auto &distance,
               auto target, auto part_kept, auto part_damp, auto g, auto gk, auto share)
                CHRONUS_PART {
                    Svf::Solved<F8::Part> now{g, gk, share};
                    if constexpr (kSweeping) {
                        now = Svf::solve_15(exp2_tuned(target + distance), part_damp);
                        distance = Approach::arrived(distance * part_kept);
                    }
                    part_band = Svf::next(s1, s2, part_x, now, part_low);
                },
            svf.s1, svf.s2, x, y_band, y_low, way.distance, way.target, kept, damp, c.g, c.gk,
            c.share);
        if constexpr (kLow)
            out[i] = y_low;
        else
            out[i] =
                dry.next() * x + (band.next() + damped.next() * damp) * y_band + low.next() * y_low;
    }
    svf_ = svf;
    if constexpr (kSweeping) {
        way.settle();
        cutoff_ = way;
    }
    tone_.keep(damping, k);
    tone_.keep(mix_in, dry);
    tone_.keep(mix_band, band);
    tone_.keep(mix_damped, damped);
    tone_.keep(mix_low, low);
}

void VoiceBank::listen(F8 *out, std::uint32_t frames) const CHRONUS_RT {
    Ramps<kGains> gains = gains_;
    for (std::uint32_t done = 0; done < frames;) {
        const std::uint32_t run = gains.stretch(frames - done);
        auto volume = gains.line<true>(level);
        for (std::uint32_t i = done; i < done + run; ++i)
            out[i] = filtered_[i] * envelope_[i] * volume.next();
        gains.keep(level, volume);
        gains.advance(run);
        done += run;
    }
}

void VoiceBank::mix(Buses &buses, std::uint32_t begin, std::uint32_t frames) CHRONUS_RT {
    peak_ = F8{};
    for (std::uint32_t done = 0; done < frames;) {
        const std::uint32_t run = gains_.stretch(frames - done);
        const Stretch part{begin + done, done, run};
        gains_.moving() ? mix_run<true>(buses, part) : mix_run<false>(buses, part);
        gains_.advance(run);
        done += run;
    }
}

template <bool kMoving>
void VoiceBank::mix_run(Buses &buses, Stretch part) CHRONUS_RT {
    auto volume = gains_.line<kMoving>(level);
    auto to_left = gains_.line<kMoving>(left), to_right = gains_.line<kMoving>(right);
    auto to_reverb = gains_.line<kMoving>(reverb), to_delay = gains_.line<kMoving>(delay);
    const F8 *const filtered = filtered_ + part.from, *const envelope = envelope_ + part.from;
    const auto run = [&]<bool kSends>() CHRONUS_PART {
        const auto at = [&](F8 *rows) { return rows + part.bus; };
        F8 *const dry_left = at(buses.dry.left), *const dry_right = at(buses.dry.right);
        F8 *const reverb_left = at(buses.reverb.left), *const reverb_right = at(buses.reverb.right);
        F8 *const delay_left = at(buses.delay.left), *const delay_right = at(buses.delay.right);
        F8 peak = peak_;
        F8 loud = volume.value, gain_left = loud * to_left.value,
           gain_right = loud * to_right.value;
#pragma GCC unroll 4
        for (std::uint32_t i = 0; i < part.frames; ++i) {
            if constexpr (kMoving) {
                loud = volume.next();
                gain_left = loud * to_left.next(), gain_right = loud * to_right.next();
            }
            const F8 x = filtered[i] * envelope[i];
            peak = max(peak, abs(kMoving ? x * loud : x));
            const F8 l = x * gain_left, r = x * gain_right;
            dry_left[i] += l;
            dry_right[i] += r;
            if constexpr (!kSends) continue;
            const F8 wet = to_reverb.next(), echo = to_delay.next();
            reverb_left[i] += l * wet;
            reverb_right[i] += r * wet;
            delay_left[i] += l * echo;
            delay_right[i] += r * echo;
        }
        peak_ = peak;
    };
    const F8 before = std::exchange(peak_, F8{});
    const bool sends = (gains_.alive() & (1u << reverb | 1u << delay)) != 0;
    sends ? run.template operator()<true>() : run.template operator()<false>();
    peak_ = max(before, kMoving ? peak_ : peak_ * abs(volume.value));
    gains_.keep(level, volume);
    gains_.keep(left, to_left);
    gains_.keep(right, to_right);
    gains_.keep(reverb, to_reverb);
    gains_.keep(delay, to_delay);
}

} // namespace chronus::dsp
