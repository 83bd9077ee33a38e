#include "engine/rt/mixer.h"

#include "dsp/rows.h"

#include <algorithm>
#include <utility>

namespace chronus::rt {

namespace {

/// Units: blocks of a tick.
bool sane(std::initializer_list<StereoBlock> blocks) CHRONUS_RT {
    dsp::Wide sum{};
    for (const StereoBlock &block : blocks)
        for (std::size_t i = 0; i < kTick; i += dsp::kWide)
            sum += dsp::magnitude(dsp::load<dsp::Wide>(block.left.data() + i)) +
                   dsp::magnitude(dsp::load<dsp::Wide>(block.right.data() + i));
    float all = 0;
    for (std::size_t i = 0; i < dsp::kWide; ++i) all += sum[i];
    return all < 1e6f; // false for NaN too
}

/// Row by row: gcc would make a string instruction of it, which takes its time to begin.
void empty(dsp::Buses &buses) CHRONUS_RT {
    for (std::size_t i = 0; i < kTick; i += 2) {
        for (dsp::LaneBus *const bus : {&buses.dry, &buses.reverb, &buses.delay})
            for (dsp::F8 *const row : {bus->left + i, bus->right + i}) row[0] = row[1] = dsp::F8{};
        asm volatile("" ::: "memory");
    }
}

void silence(const StereoBlock &block) CHRONUS_RT {
    std::ranges::fill(block.left, 0.0f);
    std::ranges::fill(block.right, 0.0f);
}

} // namespace

void Mixer::render_voices(std::uint32_t begin, std::uint32_t end) CHRONUS_RT {
    if (begin == 0) {
        if (fed_) empty(buses_);
        for (float &peak : std::span{peaks_}.first(voices_)) peak *= peak_fall_;
        fed_ = false;
    }
    ducking_.advance(begin, end);
    for (std::size_t b = 0; b * dsp::kLanes < voices_; ++b) {
        dsp::VoiceBank &bank = banks_[b];
        if (bank.idle()) {
            metering_.rest_voices(b, end - begin);
            continue;
        }
        fed_ = true;
        const bool feeds_acid = acid_source_ > 0 && (acid_source_ - 1u) / dsp::kLanes == b;
        bank.generate(end - begin, feeds_acid ? 1u << (acid_source_ - 1u) % dsp::kLanes : 0);
        if (feeds_acid) run_acid(bank, end - begin);
        if (ducking_.active()) ducking_.apply(bank, b, begin, end);
        metering_.hear_voices(b, bank, end - begin);
        bank.mix(buses_, begin, end - begin);
        for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
            float &peak = peaks_[b * dsp::kLanes + lane];
            peak = std::max(peak, bank.peak(lane));
        }
    }
}

void Mixer::run_acid(dsp::VoiceBank &bank, std::uint32_t frames) CHRONUS_RT {
    const std::size_t lane = (acid_source_ - 1u) % dsp::kLanes;
    std::array<float, kTick> in, out;
    for (std::uint32_t i = 0; i < frames; ++i) in[i] = bank.source(lane, i);
    acid_.process(std::span{in}.first(frames), std::span{out}.first(frames));
    for (std::uint32_t i = 0; i < frames; ++i) {
        float &voice = bank.filtered(lane, i);
        voice += acid_mix_.next() * (out[i] * acid_.boost()[i] - voice);
    }
}

void Mixer::render_master(StereoBlock out) CHRONUS_RT {
    rested() ? rest(out) : mix_down(out);
    ducking_.end_tick();
}

/// What comes back of a send, by itself where a duck turns it down.
void Mixer::add_return(auto &effect, DuckTarget target, const StereoBlock &sent,
                       const StereoBlock &mix) CHRONUS_RT {
    if (!ducking_.active(target)) return effect.process(sent, mix);
    Bus back{};
    const StereoBlock alone{back[0], back[1]};
    effect.process(sent, alone);
    ducking_.apply(target, alone);
    for (std::size_t i = 0; i < mix.frames(); ++i) {
        mix.left[i] += alone.left[i];
        mix.right[i] += alone.right[i];
    }
}

void Mixer::mix_down(StereoBlock out) CHRONUS_RT {
    const StereoBlock dry = out; // what comes of it takes its place
    const StereoBlock to_reverb{reverb_bus_[0], reverb_bus_[1]};
    const StereoBlock to_delay{delay_bus_[0], delay_bus_[1]};
    add_up(buses_.dry, dry);
    add_up(buses_.reverb, to_reverb);
    add_up(buses_.delay, to_delay);
    if (!sane({dry, to_reverb, to_delay}))
        for (const StereoBlock &bus : {dry, to_reverb, to_delay}) contain(bus);
    ducking_.apply(DuckTarget::dry, dry);
    distortion_.process(dry);
    const StereoBlock back{{returns_[0].block(), kTick}, {returns_[1].block(), kTick}};
    silence(back);
    add_return(reverb_, DuckTarget::reverb, to_reverb, back);
    add_return(delay_, DuckTarget::delay, to_delay, back);
    add_late(dry);
    ducking_.apply(DuckTarget::master, dry);
    contain(dry);
    apply_level(dry);
    dc_block_.process(dry);
    if (panic_left_ > 0) fade_for_panic(dry);
    limiter_.process(dry);
    metering_.hear_master(out, limiter_.take_gain());
}

/// What went bad is heard as a gap, and looked for at the end of this tick.
void Mixer::contain(const StereoBlock &block) CHRONUS_RT {
    if (sane({block})) return;
    silence(block);
    suspect_ = true;
}

/// Nothing has sounded for so long that every state has come to rest.
bool Mixer::rested() CHRONUS_RT {
    if (!fed_ && quiet_ticks_ > rest_ticks_) return true;
    const bool rings = fed_ || !reverb_.idle() || !delay_.idle() || !distortion_.idle();
    quiet_ticks_ = rings ? 0 : quiet_ticks_ + 1;
    return quiet_ticks_ > rest_ticks_;
}

/// Silence costs nothing.
void Mixer::rest(StereoBlock out) CHRONUS_RT {
    silence(out);
    metering_.rest_master();
    level_.jump(level_.target());
    panic_left_ = 0;
}

void Mixer::add_late(const StereoBlock &mix) CHRONUS_RT {
    for (std::size_t side = 0; side < 2; ++side) {
        const float *const late = returns_[side].block() - dsp::Distortion::kLatency;
        float *const to = (side == 0 ? mix.left : mix.right).data();
        for (std::size_t i = 0; i < kTick; ++i) to[i] += late[i];
        returns_[side].advance(kTick);
    }
}

void Mixer::apply_level(const StereoBlock &mix) CHRONUS_RT {
    std::array<float, kTick> gains;
    if (!level_.moving() && level_.value() == 1.0f) return;
    for (float &gain : gains) gain = level_.next();
    for (std::size_t i = 0; i < mix.frames(); ++i) {
        mix.left[i] *= gains[i];
        mix.right[i] *= gains[i];
    }
}

/// The mix runs out within 5 ms, then the tails are forgotten.
void Mixer::fade_for_panic(const StereoBlock &mix) CHRONUS_RT {
    for (std::size_t i = std::exchange(panic_from_, 0); i < mix.frames(); ++i) {
        if (panic_left_ > 0) --panic_left_;
        const float gain = static_cast<float>(panic_left_) / static_cast<float>(panic_frames_);
        mix.left[i] *= gain;
        mix.right[i] *= gain;
    }
    if (panic_left_ > 0) return;
    distortion_.reset();
    reverb_.reset();
    delay_.reset();
    returns_ = {};
    acid_.reset();
    dc_block_.reset();
}

/// The few numbers it keeps besides its units: True when one was not what it can be.
bool Mixer::heal_own(const Controls &controls) CHRONUS_RT {
    const auto heal_glide = [](dsp::Glide &glide, float wanted) {
        if (glide.sane()) return false;
        glide.jump(wanted);
        return true;
    };
    bool healed = heal_glide(level_, controls.now(param("master/level"))) |
                  heal_glide(acid_mix_, acid_now(controls, param("acid1/mix")));
    for (std::uint8_t v = 0; v < voices_; ++v) {
        healed |= mutes_.heal(v);
        if (!(peaks_[v] < 1e6f)) peaks_[v] = 0; // only shown
    }
    return healed;
}

Mixer::Bad Mixer::heal(const Controls &controls) CHRONUS_RT {
    Bad bad;
    if (!suspect_ && ++unlooked_ < kLookTicks) return bad;
    const bool gap = std::exchange(suspect_, false);
    unlooked_ = 0;
    for (std::size_t b = 0; b * dsp::kLanes < voices_; ++b)
        bad.voices |= std::uint64_t{banks_[b].heal()} << (b * dsp::kLanes);
    const auto unit = [&](Unit8 which, bool healed) {
        if (healed)
            bad.units = static_cast<std::uint8_t>(
                bad.units | 1u << (static_cast<unsigned>(which) - kMaxVoices));
    };
    unit(Unit8::acid, acid_.heal());
    unit(Unit8::distortion, distortion_.heal());
    unit(Unit8::reverb, reverb_.heal());
    unit(Unit8::delay, delay_.heal());
    unit(Unit8::master, heal_own(controls) | dc_block_.heal() | metering_.heal() | limiter_.heal() |
                            ducking_.heal());
    unit(Unit8::master, gap && bad.voices == 0 && bad.units == 0); // gone already, but it was heard
    return bad;
}

} // namespace chronus::rt
