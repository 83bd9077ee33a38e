#include "dsp/acid.h"

#include "dsp/math.h"
#include "dsp/rows.h"

#include <algorithm>
#include <utility>

namespace chronus::dsp {
namespace {

constexpr float kLowestCutoff = 20.0f;
/// Above this one Newton step a sample no longer damps a loud full resonance. At most this share of
/// the sample rate as well, which is the same at 48 kHz.
constexpr float kHighestCutoff = 10000.0f, kHighestShare = 10.0f / 48.0f;
constexpr float kInsertion = 1.06f; // Stinchcombe's numerator
constexpr float kRiseSeconds = 0.001f;
constexpr float kAccentDecay = 0.2f;     // accented notes have a short envelope, whatever the knob
constexpr float kChargeSeconds = 0.047f; // 47 kOhm and 1 uF
constexpr float kChargeAtFull = 0.5f;    // what one full accent reaches at full resonance

/// Into the ladder: -6..+18 dB.
float drive_gain(float drive) CHRONUS_RT { return 0.5f * exp2(4.0f * drive); }

/// What makes a line with resonance as loud as one without, in octaves of amplitude: a fit to the
/// loudness of sixteenths with accents, saw and square, on low C and A, cutoffs of 400 to 3000 Hz.
float as_loud(float knob) CHRONUS_RT {
    return 0.5f * log2(1.0f + 17.0f * knob) +
           knob * (1.63652825f - knob * (0.26078546f + knob * 0.54760075f));
}
/// What keeps its bass.
float as_deep(float knob) CHRONUS_RT { return log2(1.0f + 17.0f * knob); }

/// Gives back what resonance takes: nothing at 0, all of the loudness at 1/2, of the bass at 1.
float compensation(float knob, float share) CHRONUS_RT {
    const float loud = as_loud(knob);
    if (share < 0.5f) return exp2(2.0f * share * loud);
    return exp2(loud + (2.0f * share - 1.0f) * (as_deep(knob) - loud));
}

/// Takes most of the drive back; exactly 2, so unity with the above, at drive 0. The ladder's low
/// band hardly bends (its currents balance), so little more than this share is really lost.
float level_after(float drive) CHRONUS_RT { return 2.0f * exp2(-3.4f * drive); }

} // namespace

float Acid::CoupleSection::step(float x) CHRONUS_RT {
    const float twice = (x - state) * gain;
    const float lp = state + 0.5f * twice;
    state += twice;
    return x + low * lp;
}

Acid::Acid(SampleRate fs) CHRONUS_RT : fs_(fs.hz),
                                       highest_(std::min(kHighestCutoff, kHighestShare *fs.hz)),
                                       twofold_(SampleRate{2.0f * fs.hz}),
                                       fourfold_(SampleRate{4.0f * fs.hz}) {
    const auto section = [&](float zero, float pole) {
        const float half = pole / (2.0f * fs.hz);
        return CoupleSection{2.0f * half / (1.0f + half), zero / pole - 1.0f};
    };
    couple_in_ = {section(0.0f, 97.5f), section(0.0f, 20.0f)};
    couple_out_ = {section(109.9f, 578.1f), section(34.0f, 38.5f), section(0.0f, 4.45f)};
    rise_ = 1.0f - decay_over(1.0f, kRiseSeconds * fs.hz);
    set({});
}

void Acid::aim(Glide &knob, float to) CHRONUS_RT {
    if (fresh_) return knob.jump(to);
    knob.aim(to);
}

void Acid::set_rates(const AcidControls &c) CHRONUS_RT {
    const float decay = bounded(c.decay_s, 0.005f, 20.0f);
    const float knob = bounded(c.resonance, 0.0f, 1.0f);
    const float stay = bounded(c.accent_decay_s, 0.005f, 2.0f) * (0.4f + 2.6f * knob);
    plain_.decay = decay_over(1.0f, decay * fs_);
    accented_.decay = decay_over(1.0f, std::min(decay, kAccentDecay) * fs_);
    plain_.charge = accented_.charge = 1.0f / (kChargeSeconds * fs_);
    plain_.discharge = accented_.discharge = 1.0f / (stay * fs_);
}

void Acid::set(const AcidControls &c) CHRONUS_RT {
    controls_ = c;
    const float knob = bounded(c.resonance, 0.0f, 1.0f);
    const float drive = bounded(c.drive, 0.0f, 1.0f);
    const float given_back = compensation(knob, bounded(c.vol_comp, 0.0f, 1.0f));
    aim(knobs_.cutoff, bounded(c.cutoff_hz, kLowestCutoff, highest_));
    aim(knobs_.resonance, knob);
    aim(knobs_.reach, DiodeLadder::kFullKnob * (1.0f + bounded(c.whistle, 0.0f, 1.0f)));
    aim(knobs_.env, bounded(c.env_hz, -kHighestCutoff, kHighestCutoff));
    aim(knobs_.accent, bounded(c.accent_hz, 0.0f, kHighestCutoff));
    aim(knobs_.accent_resonance, bounded(c.accent_resonance, 0.0f, 1.0f));
    aim(knobs_.ratio, bounded(c.cutoff_ratio, 0.01f, 100.0f));
    aim(knobs_.gain_in, drive_gain(drive));
    aim(knobs_.gain_out, kInsertion * level_after(drive) * given_back);
    set_rates(c);
    set_quality(c.quality);
}

/// From one ladder to the other within a tick: the one that comes in goes on from the other's
/// state.
void Acid::set_quality(AcidQuality quality) CHRONUS_RT {
    const float finer = quality == AcidQuality::fourfold ? 1.0f : 0.0f;
    if (finer == finer_.target()) return;
    if (!finer_.moving()) {
        finer > 0.0f ? fourfold_.follow(twofold_) : twofold_.follow(fourfold_);
        if (finer > 0.0f) again_ = {};
    }
    aim(finer_, finer);
}

void Acid::note_on(float accent, bool legato) CHRONUS_RT {
    env_.accent = bounded(accent, 0.0f, 1.0f);
    if (!legato) env_.raw = 1.0f;
}

void Acid::run_envelope(Swept &swept) CHRONUS_RT {
    Envelope now = env_;
    const float a = now.accent, charge = plain_.charge, discharge = plain_.discharge;
    const float decay = plain_.decay + a * (accented_.decay - plain_.decay);
    for (std::size_t i = 0; i < frames_; ++i) {
        now.raw *= decay;
        now.main += rise_ * (now.raw - now.main);
        now.charge += charge * std::max(0.0f, a * now.raw - now.charge) - discharge * now.charge;
        swept.main[i] = now.main;
        swept.charge[i] = now.charge;
    }
    env_ = now;
}

/// Its values in the frames of this call, and any behind them.
void Acid::lay(Glide &knob, Run &out) const CHRONUS_RT {
    if (!knob.moving()) return out.fill(knob.value());
    std::generate_n(out.begin(), frames_, [&] { return knob.next(); });
}

void Acid::lay_cutoff(Swept &swept) CHRONUS_RT {
    Run rest{}, env{}, accent{}, ratio{};
    lay(knobs_.cutoff, rest), lay(knobs_.env, env);
    lay(knobs_.accent, accent), lay(knobs_.ratio, ratio);
    for (std::size_t i = 0; i < frames_; i += kLanes) {
        const auto at = [i](const Run &run) CHRONUS_PART { return load<F8>(run.data() + i); };
        const F8 sweep = at(env) * at(swept.main);
        const F8 kick = at(accent) * at(swept.charge) * (1.0f / kChargeAtFull);
        const F8 hz = (at(rest) + sweep + kick) * at(ratio);
        store(swept.cutoff.data() + i, clamp(hz, kLowestCutoff, highest_));
    }
}

void Acid::lay_loop(Swept &swept) CHRONUS_RT {
    Run knob{}, accent{}, reach{};
    lay(knobs_.resonance, knob), lay(knobs_.accent_resonance, accent), lay(knobs_.reach, reach);
    for (std::size_t i = 0; i < frames_; i += kLanes) {
        const auto at = [i](const Run &run) CHRONUS_PART { return load<F8>(run.data() + i); };
        const F8 struck = env_.accent * at(swept.main);
        store(boost_.data() + i, 1.0f + struck);
        const F8 full = at(knob) + at(accent) * struck;
        store(swept.loop.data() + i, at(reach) * min(full, splat(1.0f)));
    }
}

void Acid::couple_in(std::span<const float> in, std::span<float> out) CHRONUS_RT {
    auto [first, second] = couple_in_;
    Run gain;
    lay(knobs_.gain_in, gain);
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = second.step(first.step(in[i])) * gain[i];
    couple_in_ = {first, second};
}

void Acid::couple_out(std::span<float> io) CHRONUS_RT {
    auto [first, second, third] = couple_out_;
    Run gain;
    lay(knobs_.gain_out, gain);
    for (std::size_t i = 0; i < io.size(); ++i)
        io[i] = third.step(second.step(first.step(io[i]))) * gain[i];
    couple_out_ = {first, second, third};
}

void Acid::run_ladder(DiodeLadder &ladder, const Swept &swept, std::span<float> io) CHRONUS_RT {
    Run gain;
    for (std::size_t i = 0; i < frames_; i += kLanes)
        store(gain.data() + i, ladder.gain_for(load<F8>(swept.cutoff.data() + i)));
    ladder.process(io, std::span(gain).first(frames_), std::span(swept.loop).first(frames_));
}

void Acid::run_fourfold(const Swept &swept, std::span<float> io) CHRONUS_RT {
    std::array<float, 4 * kTick> high;
    again_.up.process(io, high);
    run_ladder(fourfold_, swept, std::span(high).first(4 * frames_));
    again_.down.process(high, io);
    for (float &x : io) x = std::exchange(again_.last, x); // to a delay of whole frames
}

void Acid::run_ladders(const Swept &swept, std::span<float> io) CHRONUS_RT {
    if (!finer_.moving())
        return finer_.value() > 0.0f ? run_fourfold(swept, io) : run_ladder(twofold_, swept, io);
    std::array<float, 2 * kTick> copy;
    const std::span finer = std::span(copy).first(io.size());
    std::copy(io.begin(), io.end(), finer.begin());
    run_ladder(twofold_, swept, io);
    run_fourfold(swept, finer);
    for (std::size_t i = 0; i < io.size(); ++i) {
        const float share = i % 2 == 0 ? finer_.next() : finer_.value();
        io[i] += share * (finer[i] - io[i]);
    }
}

void Acid::process(std::span<const float> in, std::span<float> out) CHRONUS_RT {
    Run low;
    std::array<float, 2 * kTick> high;
    Swept swept;
    frames_ = in.size();
    fresh_ = false;
    couple_in(in, low);
    run_envelope(swept);
    lay_cutoff(swept);
    lay_loop(swept);
    up_.process(std::span(low).first(frames_), high);
    run_ladders(swept, std::span(high).first(2 * frames_));
    down_.process(high, out.first(frames_));
    couple_out(out.first(frames_));
}

float Acid::total() const CHRONUS_RT {
    float all = up_.total() + down_.total();
    if (finer_.moving() || finer_.value() == 0.0f) all += twofold_.total();
    if (finer_.moving() || finer_.value() != 0.0f)
        all += fourfold_.total() + again_.up.total() + again_.down.total() + magnitude(again_.last);
    for (const auto &s : couple_in_) all += magnitude(s.state);
    for (const auto &s : couple_out_) all += magnitude(s.state);
    return all;
}

bool Acid::sane() const CHRONUS_RT {
    const auto &[cutoff, resonance, reach, env, accent, accent_resonance, ratio, gain_in,
                 gain_out] = knobs_;
    for (const Glide *knob : {&cutoff, &resonance, &reach, &env, &accent, &accent_resonance, &ratio,
                              &gain_in, &gain_out, &finer_})
        if (!knob->sane()) return false;
    float all = total() + magnitude(env_.raw) + magnitude(env_.main) + magnitude(env_.charge) +
                magnitude(env_.accent);
    for (const Rates &r : {plain_, accented_})
        all += magnitude(r.decay) + magnitude(r.charge) + magnitude(r.discharge);
    return all < 1e6f;
}

bool Acid::heal() CHRONUS_RT {
    if (sane()) return false;
    reset();
    fresh_ = true;
    finer_ = {}; // neither ladder is on its way
    set(controls_);
    return true;
}

void Acid::reset() CHRONUS_RT {
    twofold_.reset();
    fourfold_.reset();
    up_.reset();
    down_.reset();
    again_ = {};
    for (auto &s : couple_in_) s.state = 0.0f;
    for (auto &s : couple_out_) s.state = 0.0f;
    env_ = {};
}

bool Acid::idle() const CHRONUS_RT {
    constexpr float kSilent = 1e-7f; // what follows may lift it by up to 30 dB
    return total() < kSilent && env_.raw < 1e-3f && env_.main < 1e-3f && env_.charge < 1e-3f;
}

} // namespace chronus::dsp
