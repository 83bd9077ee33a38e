#include "dsp/voice_bank.h"

#include "dsp/math.h"

#include <algorithm>
#include <span>
#include <utility>

/// The sample loops of the bank from the filter on: voice_bank.cpp decides, this file computes.
namespace chronus::dsp {

namespace {

constexpr float kTrackedOctave = 8.78135971f; // log2 of 440 Hz
constexpr float kLowestCutoff = 20.0f,
                kHighestCutoff = 192000.0f; // Hz; what the sample rate allows

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

/// Those whose source is nobody's business are left out of all that is common to some.
void VoiceBank::wake(unsigned listened) CHRONUS_RT {
    awake_ = ~envelope_state_.resting();
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        if (listened & lane_bit(lane)) awake_[lane] = -1;
}

void VoiceBank::generate(std::uint32_t frames, unsigned listened) CHRONUS_RT {
    fresh_ = onset_ = 0;
    wake(listened);
    envelope_state_.generate(envelope_, frames);
    bursts_.apply(envelope_, frames);
    for (std::uint32_t begin = 0; begin < frames;) {
        const std::uint32_t run = tone_.stretch(frames - begin);
        PhaseRun phases;
        F8 shift[kTick];
        F8 *const source = source_ + begin, *const filtered = filtered_ + begin;
        lay_phases(phases, run);
        make_source({phases, source, run, true});
        const bool shifted = lay_shift(phases, shift, run);
        const bool driven = (tone_.alive(awake_) & 1u << drive_on) != 0;
        if (driven) drive_run({source, filtered, nullptr, run});
        filter({driven ? filtered : source, filtered, shifted ? shift : nullptr, run});
        tone_.advance(run);
        begin += run;
    }
}

void VoiceBank::drive_run(Through run) CHRONUS_RT {
    VoiceDrive::Lines lines{tone_.line<true>(drive_gain), tone_.line<true>(drive_makeup),
                            tone_.line<true>(drive_on)};
    drive_.process(run.in, run.out, run.frames, lines);
    tone_.keep(drive_gain, lines.gain);
    tone_.keep(drive_makeup, lines.makeup);
    tone_.keep(drive_on, lines.on);
}

/// What tracking and envelopes move the cutoffs by, where there is any.
bool VoiceBank::lay_shift(const PhaseRun &phases, F8 *shift, std::uint32_t frames) CHRONUS_RT {
    const unsigned alive = tone_.alive();
    const bool tracked = (alive & 1u << filter_track) != 0;
    const bool swept = (alive & 1u << filter_env) != 0;
    if (!tracked && !swept) return false;
    Line<true> track = tone_.line<true>(filter_track), reach = tone_.line<true>(filter_env);
    for (std::uint32_t i = 0; i < frames; ++i)
        shift[i] = tracked ? track.next() * (phases.octave[i] - kTrackedOctave) : F8{};
    tone_.keep(filter_track, track);
    if (!swept) return true;
    F8 contour[kTick];
    filter_envelope_.generate(contour, frames, tone_.lanes_with(1u << filter_env));
    for (std::uint32_t i = 0; i < frames; ++i) shift[i] += reach.next() * contour[i];
    tone_.keep(filter_env, reach);
    return true;
}

/// Whether the filters of all lanes awake are low-passes, and stay so.
bool VoiceBank::all_low() const CHRONUS_RT {
    constexpr unsigned kOthers = 1u << mix_in | 1u << mix_band | 1u << mix_damped;
    return (tone_.alive(awake_) & kOthers) == 0;
}

void VoiceBank::filter(Through run) CHRONUS_RT {
    using enum Cutoff;
    if (tone_.moving()) {
        return run.shift ? filter_run<true, shifted, false>(run)
                         : filter_run<true, sweeping, false>(run);
    }
    const auto low_or_not = [&]<Cutoff kCutoff>() {
        all_low() ? filter_run<false, kCutoff, true>(run) : filter_run<false, kCutoff, false>(run);
    };
    if (run.shift) return low_or_not.operator()<shifted>();
    if (cutoff_.moving()) return low_or_not.operator()<sweeping>();
    low_or_not.operator()<still>();
}

template <bool kMoving, VoiceBank::Cutoff kCutoff, bool kLow>
void VoiceBank::filter_run(Through run) CHRONUS_RT {
    constexpr bool kStill = kCutoff == Cutoff::still;
    auto k = tone_.line<kMoving>(damping), dry = tone_.line<kMoving>(mix_in);
    auto band = tone_.line<kMoving>(mix_band), damped = tone_.line<kMoving>(mix_damped);
    auto low = tone_.line<kMoving>(mix_low);
    Approach way = cutoff_;
    const F8 kept = 1.0f - way.rate; // few digits, but of a quick way
    constexpr bool kShifted = kCutoff == Cutoff::shifted;
    const float lowest = kShifted ? octave_of(kLowestCutoff) : 0.0f;
    const float highest = kShifted ? octave_of(kHighestCutoff) : 0.0f;
    Svf svf = svf_;
    Svf::Coeffs c{};
    if constexpr (kStill) c = Svf::solve_15(exp2_tuned(way.value()), k.value);
#pragma GCC unroll 4
    for (std::uint32_t i = 0; i < run.frames; ++i) {
        F8 x = run.in[i], y_band, y_low, damp = k.next(), octave = way.value();
        if constexpr (kShifted) octave = clamp(octave + run.shift[i], lowest, highest);
        if constexpr (!kStill) way.distance = Approach::arrived(way.distance * kept);
        each_part(
            [](auto &s1, auto &s2, auto part_x, auto &part_band, auto &part_low, auto part_octave,
               auto part_damp, auto g, auto gk, auto share) CHRONUS_PART {
                Svf::Solved<F8::Part> now{g, gk, share};
                if constexpr (!kStill) now = Svf::solve_15(exp2_tuned(part_octave), part_damp);
                part_band = Svf::next(s1, s2, part_x, now, part_low);
            },
            svf.s1, svf.s2, x, y_band, y_low, octave, damp, c.g, c.gk, c.share);
        if constexpr (kLow)
            run.out[i] = y_low;
        else
            run.out[i] =
                dry.next() * x + (band.next() + damped.next() * damp) * y_band + low.next() * y_low;
    }
    svf_ = svf;
    if constexpr (!kStill) {
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
