#include "dsp/voice_bank.h"

#include "dsp/drive.h"
#include "dsp/glide.h"
#include "dsp/math.h"

#include <algorithm>
#include <bit>

namespace chronus::dsp {

namespace {

constexpr float kGlideS = 0.001f, kLegatoSlideS = 0.022f;
constexpr float kTopCutoff = 0.49f; // of the sample rate
constexpr Seconds kHush{0.005f};
/// A state this large is not music: the filter at its sharpest stays below 100.
constexpr float kSound = 1e6f;

constexpr VoiceAmounts kLowest{.hz = 1,
                               .level = 0,
                               .pan = -1,
                               .width = 0.01f,
                               .noise = 0,
                               .cutoff_hz = 20,
                               .q = 0.5f,
                               .drive = 0,
                               .send_reverb = 0,
                               .send_delay = 0,
                               .attack_s = 0,
                               .decay_s = 0,
                               .sustain = 0,
                               .release_s = 0,
                               .pitch_env_semitones = -96,
                               .pitch_env_decay_s = 0,
                               .slide_s = 0};
constexpr VoiceAmounts kHighest{.hz = 20000,
                                .level = 16,
                                .pan = 1,
                                .width = 0.99f,
                                .noise = 1,
                                .cutoff_hz = 20000,
                                .q = 20,
                                .drive = 1,
                                .send_reverb = 1,
                                .send_delay = 1,
                                .attack_s = 60,
                                .decay_s = 60,
                                .sustain = 1,
                                .release_s = 60,
                                .pitch_env_semitones = 96,
                                .pitch_env_decay_s = 60,
                                .slide_s = 60};

/// What of a voice an amount concerns: one bit each.
enum Part : std::uint32_t {
    kTone = 1,
    kGain = 2,
    kPitch = 4,
    kCutoff = 8,
    kShape = 16,
    kStrike = 32
};
constexpr std::array<std::uint32_t, 17> kParts{kPitch, kGain,  kGain,   kTone,   kTone,  kCutoff,
                                               kTone,  kTone,  kGain,   kGain,   kShape, kShape,
                                               kShape, kShape, kStrike, kStrike, kStrike};
constexpr std::size_t kAmounts = kParts.size();
using Amounts = std::array<float, kAmounts>;
static_assert(sizeof(Amounts) == sizeof(VoiceAmounts));

Amounts as_array(const VoiceAmounts &amounts) noexcept { return std::bit_cast<Amounts>(amounts); }

/// What is not a number becomes the lowest.
VoiceControls within_range(VoiceControls c) noexcept {
    constexpr Amounts kLow = std::bit_cast<Amounts>(kLowest),
                      kHigh = std::bit_cast<Amounts>(kHighest);
    Amounts x = as_array(c);
    for (std::size_t i = 0; i < kAmounts; ++i) {
        x[i] = x[i] > kLow[i] ? x[i] : kLow[i];
        x[i] = x[i] < kHigh[i] ? x[i] : kHigh[i];
    }
    static_cast<VoiceAmounts &>(c) = std::bit_cast<VoiceAmounts>(x);
    return c;
}

/// The parts in which two sets of controls differ.
std::uint32_t changes(const VoiceControls &a, const VoiceControls &b) noexcept {
    const Amounts x = as_array(a), y = as_array(b);
    std::uint32_t parts = a.wave != b.wave || a.filter != b.filter ? kTone : 0u;
    for (std::size_t i = 0; i < kAmounts; ++i) parts |= x[i] != y[i] ? kParts[i] : 0u;
    return parts;
}

/// Equal power: both sides -3 dB in the middle.
struct PanGains {
    float left, right;
};
PanGains pan_gains(float pan) noexcept {
    const float turns = (pan + 1.0f) * 0.125f;
    return {sin_turns(0.25f - turns), sin_turns(turns)};
}

} // namespace

VoiceBank::VoiceBank(SampleRate fs, std::uint32_t seed) CHRONUS_RT : fs_(fs),
                                                                     white_(seed),
                                                                     pink_(fs),
                                                                     brown_(fs),
                                                                     envelope_state_(fs) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        cutoff_.rate[lane] = one_pole_rate(kGlideS * fs_.hz);
        reset(lane);
    }
}

void VoiceBank::set(std::size_t lane, const VoiceControls &controls) CHRONUS_RT {
    const VoiceControls wanted = within_range(controls), before = controls_[lane];
    const std::uint32_t parts = changes(before, wanted);
    if (parts == 0) return;
    controls_[lane] = wanted;
    if (wanted.slide_s != before.slide_s)
        set_pitch_pace(lane, wanted.slide_s > 0.0f ? wanted.slide_s : kGlideS);
    if (wanted.wave != before.wave) {
        pink_.reset(lane);
        brown_.reset(lane);
    }
    apply(lane, parts);
}

void VoiceBank::apply(std::size_t lane, unsigned parts) CHRONUS_RT {
    const VoiceControls &c = controls_[lane];
    if (parts & kTone) aim_tone(lane);
    if (parts & kGain) {
        const PanGains pan = pan_gains(c.pan);
        gains_.aim(lane, {c.level, pan.left, pan.right, c.send_reverb, c.send_delay});
    }
    if (parts & kPitch) pitch_.aim(lane, log2(c.hz));
    if (parts & kCutoff)
        cutoff_.aim(lane, log2(std::min(c.cutoff_hz / fs_.hz, kTopCutoff) * kPi15));
    if (parts & kShape)
        envelope_state_.shape(lane, {{c.attack_s}, {c.decay_s}, c.sustain, {c.release_s}});
    const bool silent = resting(lane) || (fresh_ & lane_bit(lane)) != 0;
    if (silent) snap(lane);
    if (c.slide_s == 0.0f && (silent || (onset_ & lane_bit(lane)) != 0)) pitch_.jump(lane);
}

void VoiceBank::aim_tone(std::size_t lane) CHRONUS_RT {
    const VoiceControls &c = controls_[lane];
    const FilterMix filter = filter_mix(c.filter);
    const Drive drive = drive_of(c.drive);
    std::array<float, kTones> tone{};
    tone[static_cast<std::size_t>(c.wave)] = 1.0f;
    tone[noise] = c.noise, tone[width] = c.width, tone[damping] = 1.0f / c.q;
    tone[mix_in] = filter.in, tone[mix_band] = filter.band;
    tone[mix_damped] = filter.damped_band, tone[mix_low] = filter.low;
    tone[drive_gain] = drive.gain, tone[drive_makeup] = drive.makeup;
    tone[drive_amount] = drive.amount;
    tone_.aim(lane, tone);
}

void VoiceBank::snap(std::size_t lane) CHRONUS_RT {
    tone_.snap(lane);
    gains_.snap(lane);
    cutoff_.jump(lane);
}

void VoiceBank::set_pitch_pace(std::size_t lane, float tau_s) CHRONUS_RT {
    pitch_.rate[lane] = one_pole_rate(tau_s * fs_.hz);
}

void VoiceBank::note_on(std::size_t lane, NoteOn note) CHRONUS_RT {
    const VoiceControls &c = controls_[lane];
    if (note.legato && envelope_state_.held(lane))
        return set_pitch_pace(lane, c.slide_s > 0.0f ? c.slide_s : kLegatoSlideS);
    if (resting(lane)) {
        fresh_ |= lane_bit(lane);
        clock_.restart(lane);
        svf_.reset(lane);
        snap(lane);
    }
    onset_ |= lane_bit(lane);
    envelope_state_.strike(lane, bounded(note.velocity, 0.0f, 4.0f));
    set_pitch_pace(lane, c.slide_s > 0.0f ? c.slide_s : kGlideS);
    if (c.slide_s == 0.0f) pitch_.jump(lane);
    pitch_envelope_.rate[lane] = one_pole_rate(c.pitch_env_decay_s * fs_.hz / 4.60517019f);
    pitch_envelope_.displace(lane, c.pitch_env_semitones * (1.0f / 12.0f));
}

void VoiceBank::note_off(std::size_t lane) CHRONUS_RT { envelope_state_.release(lane); }

void VoiceBank::hush(std::size_t lane) CHRONUS_RT { envelope_state_.hush(lane, kHush); }

void VoiceBank::reset(std::size_t lane) CHRONUS_RT {
    controls_[lane] = within_range(controls_[lane]);
    for (Approach *way : {&pitch_, &pitch_envelope_, &cutoff_}) {
        way->target[lane] = 0.0f;
        way->jump(lane);
    }
    pink_.reset(lane);
    brown_.reset(lane);
    svf_.reset(lane);
    envelope_state_.reset(lane);
    set_pitch_pace(lane, controls_[lane].slide_s > 0.0f ? controls_[lane].slide_s : kGlideS);
    apply(lane, ~0u);
    pitch_.jump(lane);
    for (std::size_t i = 0; i < kTick; ++i)
        source_[i][lane] = filtered_[i][lane] = envelope_[i][lane] = 0.0f;
    peak_[lane] = 0.0f;
}

bool VoiceBank::idle() const CHRONUS_RT {
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        if (!resting(lane)) return false;
    return !tone_.moving() && !gains_.moving() && !cutoff_.moving() && !pitch_.moving() &&
           !pitch_envelope_.moving();
}

unsigned VoiceBank::heal() CHRONUS_RT {
    F8 size = tone_.magnitude() + gains_.magnitude() + pink_.magnitude() + brown_.magnitude() +
              svf_.magnitude() + envelope_state_.magnitude();
    for (const Approach *way : {&pitch_, &pitch_envelope_, &cutoff_})
        size = size + abs(way->target) + abs(way->distance);
    unsigned healed = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        if (size[lane] <= kSound) continue; // false for what is not a number, too
        reset(lane);
        healed |= lane_bit(lane);
    }
    return healed;
}

} // namespace chronus::dsp
