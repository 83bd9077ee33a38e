#include "dsp/voice_bank.h"

#include "dsp/drive.h"
#include "dsp/math.h"

#include <algorithm>

namespace chronus::dsp {

namespace {

constexpr float kGlideS = 0.001f, kLegatoSlideS = 0.022f;
constexpr Seconds kHush{0.005f};
/// A state this large is not music: the filter at its sharpest stays below 100.
constexpr float kSound = 1e6f;

/// `x` within [lo, hi]; what is not a number becomes lo.
float within(float x, float lo, float hi) noexcept { return x > lo ? std::min(x, hi) : lo; }

VoiceControls within_range(const VoiceControls &asked) noexcept {
    VoiceControls c = asked;
    c.hz = within(c.hz, 1.0f, 20000.0f);
    c.level = within(c.level, 0.0f, 16.0f);
    c.pan = within(c.pan, -1.0f, 1.0f);
    c.width = within(c.width, 0.01f, 0.99f);
    c.noise = within(c.noise, 0.0f, 1.0f);
    c.cutoff_hz = within(c.cutoff_hz, 20.0f, 20000.0f);
    c.q = within(c.q, 0.5f, 20.0f);
    c.drive = within(c.drive, 0.0f, 1.0f);
    c.send_reverb = within(c.send_reverb, 0.0f, 1.0f);
    c.send_delay = within(c.send_delay, 0.0f, 1.0f);
    c.sustain = within(c.sustain, 0.0f, 1.0f);
    for (float *seconds : {&c.attack_s, &c.decay_s, &c.release_s, &c.pitch_env_decay_s, &c.slide_s})
        *seconds = within(*seconds, 0.0f, 60.0f);
    c.pitch_env_semitones = within(c.pitch_env_semitones, -96.0f, 96.0f);
    return c;
}

/// What of a voice a set of controls concerns: one bit each.
enum Part : unsigned { kTone = 1, kGain = 2, kPitch = 4, kCutoff = 8, kShape = 16 };

unsigned changes(const VoiceControls &a, const VoiceControls &b) noexcept {
    const auto differ = [&](auto... member) { return ((a.*member != b.*member) || ...); };
    using V = VoiceControls;
    return (differ(&V::width, &V::noise, &V::q, &V::drive) || differ(&V::wave) || differ(&V::filter)
                ? kTone
                : 0u) |
           (differ(&V::level, &V::pan, &V::send_reverb, &V::send_delay) ? kGain : 0u) |
           (differ(&V::hz) ? kPitch : 0u) | (differ(&V::cutoff_hz) ? kCutoff : 0u) |
           (differ(&V::attack_s, &V::decay_s, &V::sustain, &V::release_s) ? kShape : 0u);
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
    const VoiceControls wanted = within_range(controls);
    if (wanted == controls_[lane]) return;
    const VoiceControls before = controls_[lane];
    controls_[lane] = wanted;
    if (wanted.slide_s != before.slide_s)
        set_pitch_pace(lane, wanted.slide_s > 0.0f ? wanted.slide_s : kGlideS);
    if (wanted.wave != before.wave) {
        pink_.reset(lane);
        brown_.reset(lane);
    }
    apply(lane, changes(before, wanted));
}

void VoiceBank::apply(std::size_t lane, unsigned parts) CHRONUS_RT {
    const VoiceControls &c = controls_[lane];
    if (parts & kTone) aim_tone(lane);
    if (parts & kGain) {
        const PanGains pan = pan_gains(c.pan);
        gains_.aim(lane, {c.level, pan.left, pan.right, c.send_reverb, c.send_delay});
    }
    if (parts & kPitch) pitch_.aim(lane, log2(c.hz));
    if (parts & kCutoff) cutoff_.aim(lane, log2(std::min(c.cutoff_hz, 0.49f * fs_.hz)));
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
    envelope_state_.strike(lane, within(note.velocity, 0.0f, 4.0f));
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
