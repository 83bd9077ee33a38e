#include "dsp/voice_bank.h"

#include "dsp/glide.h"
#include "dsp/math.h"

#include <algorithm>
#include <bit>
#include <cmath>

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
                               .slide_s = 0,
                               .detune_semitones = 0,
                               .sides = 0,
                               .sub = 0,
                               .sync = 1,
                               .filter_track = 0,
                               .filter_env_semitones = -96,
                               .filter_attack_s = 0,
                               .filter_decay_s = 0,
                               .filter_sustain = 0,
                               .strikes = 1};
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
                                .slide_s = 60,
                                .detune_semitones = 1,
                                .sides = 1,
                                .sub = 1,
                                .sync = 16,
                                .filter_track = 1,
                                .filter_env_semitones = 96,
                                .filter_attack_s = 60,
                                .filter_decay_s = 60,
                                .filter_sustain = 1,
                                .strikes = 8};

/// What of a voice an amount concerns: one bit each.
enum Part : std::uint32_t {
    kTone = 1,
    kGain = 2,
    kPitch = 4,
    kCutoff = 8,
    kShape = 16,
    kStrike = 32,
    kSlide = 64
};
constexpr std::size_t kAmounts = sizeof(VoiceAmounts) / sizeof(float);
constexpr std::array<std::uint32_t, kAmounts> kParts{
    kPitch, kGain,  kGain,  kTone,  kTone,  kCutoff, kTone,   kTone,  kGain,
    kGain,  kShape, kShape, kShape, kShape, kStrike, kStrike, kSlide, kTone,
    kTone,  kTone,  kTone,  kTone,  kTone,  kShape,  kShape,  kShape, kStrike};

/// Amounts eight by eight; those past the last are 0.
using Rows = std::array<F8, (kAmounts + kLanes - 1) / kLanes>;
template <class T>
Rows rows_of(const T &amounts) noexcept {
    static_assert(sizeof(T) == kAmounts * sizeof(float));
    Rows rows{};
    __builtin_memcpy(&rows, &amounts, sizeof amounts);
    return rows;
}

constexpr auto padded(const VoiceAmounts &amounts) noexcept {
    const auto from = std::bit_cast<std::array<float, kAmounts>>(amounts);
    std::array<float, sizeof(Rows) / sizeof(float)> to{};
    std::copy(from.begin(), from.end(), to.begin());
    return to;
}
void keep(VoiceAmounts &amounts, const Rows &rows) noexcept {
    __builtin_memcpy(static_cast<void *>(&amounts), &rows, sizeof amounts);
}

/// What is not a number becomes the lowest.
Rows within_range(Rows x) noexcept {
    alignas(Rows) static constexpr auto kLow = padded(kLowest), kHigh = padded(kHighest);
    for (std::size_t i = 0; i < x.size(); ++i) {
        F8 low, high;
        __builtin_memcpy(&low, &kLow[i * kLanes], sizeof low);
        __builtin_memcpy(&high, &kHigh[i * kLanes], sizeof high);
        x[i] = min(max(x[i], low), high);
    }
    return x;
}

/// The parts in which two sets of amounts differ.
std::uint32_t changes(const Rows &a, const Rows &b) noexcept {
    const Rows parts = rows_of(kParts);
    I8 changed = {};
    for (std::size_t i = 0; i < a.size(); ++i)
        changed = changed | (((a[i] < b[i]) | (a[i] > b[i])) & std::bit_cast<I8>(parts[i]));
    std::int32_t all = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) all |= changed[lane];
    return static_cast<std::uint32_t>(all);
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
                                                                     envelope_state_(fs),
                                                                     bursts_(fs),
                                                                     filter_envelope_(fs) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) reset(lane);
}

/// Where the filter stands at a cutoff: `Svf::solve_15` takes two to the power of it.
float VoiceBank::octave_of(float cutoff_hz) const CHRONUS_RT {
    return log2(std::min(cutoff_hz / fs_.hz, kTopCutoff) * kPi15);
}

void VoiceBank::set(std::size_t lane, const VoiceControls &controls) CHRONUS_RT {
    VoiceControls &now = controls_[lane];
    const Rows wanted = within_range(rows_of<VoiceAmounts>(controls));
    std::uint32_t parts = changes(rows_of<VoiceAmounts>(now), wanted);
    if (controls.wave != now.wave || controls.filter != now.filter) parts |= kTone;
    if (parts == 0) return;
    if (controls.wave != now.wave) {
        pink_.reset(lane);
        brown_.reset(lane);
    }
    keep(now, wanted);
    now.wave = controls.wave, now.filter = controls.filter;
    if (parts & kSlide) set_pitch_pace(lane, now.slide_s > 0.0f ? now.slide_s : kGlideS);
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
    if (parts & kCutoff) cutoff_.aim(lane, octave_of(c.cutoff_hz));
    if (parts & kShape) {
        envelope_state_.shape(lane, {{c.attack_s}, {c.decay_s}, c.sustain, {c.release_s}});
        filter_envelope_.shape(
            lane, {{c.filter_attack_s}, {c.filter_decay_s}, c.filter_sustain, {c.release_s}});
    }
    const bool silent = resting(lane) || (fresh_ & lane_bit(lane)) != 0;
    if (silent) snap(lane);
    if (c.slide_s == 0.0f && (silent || (onset_ & lane_bit(lane)) != 0)) pitch_.jump(lane);
}

void VoiceBank::aim_tone(std::size_t lane) CHRONUS_RT {
    const VoiceControls &c = controls_[lane];
    const FilterMix filter = filter_mix(c.filter);
    const VoiceDrive::Curve drive = VoiceDrive::curve_of(c.drive);
    if (drive.on > 0.0f && (tone_.alive(lane) & 1u << drive_on) == 0) drive_.reset(lane);
    std::array<float, kTones> tone{};
    tone[static_cast<std::size_t>(c.wave)] = 1.0f;
    tone[noise] = c.noise, tone[width] = c.width, tone[damping] = 1.0f / c.q;
    tone[mix_in] = filter.in, tone[mix_band] = filter.band;
    tone[mix_damped] = filter.damped_band, tone[mix_low] = filter.low;
    tone[drive_gain] = drive.gain, tone[drive_makeup] = drive.makeup;
    tone[drive_on] = drive.on;
    if (c.wave == Wave::supersaw) {
        tone[static_cast<std::size_t>(Wave::supersaw)] = std::sqrt(1.0f - c.sides);
        tone[sides] = std::sqrt(c.sides / SuperSaw::kSides);
    }
    tone[sub] = c.sub, tone[detune] = c.detune_semitones, tone[sync] = c.sync;
    tone[filter_track] = c.filter_track;
    tone[filter_env] = c.filter_env_semitones * (1.0f / 12.0f);
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
        supersaw_.restart(lane);
        sub_.restart(lane);
        drive_.reset(lane);
        svf_.reset(lane);
        filter_envelope_.reset(lane);
        bursts_.reset(lane);
        snap(lane);
    }
    onset_ |= lane_bit(lane);
    envelope_state_.strike(lane, bounded(note.velocity, 0.0f, 4.0f));
    bursts_.strike(lane, c.strikes);
    filter_envelope_.strike(lane, 1.0f);
    set_pitch_pace(lane, c.slide_s > 0.0f ? c.slide_s : kGlideS);
    if (c.slide_s == 0.0f) pitch_.jump(lane);
    pitch_envelope_.rate[lane] = one_pole_rate(c.pitch_env_decay_s * fs_.hz / 4.60517019f);
    pitch_envelope_.displace(lane, c.pitch_env_semitones * (1.0f / 12.0f));
}

void VoiceBank::note_off(std::size_t lane) CHRONUS_RT {
    envelope_state_.release(lane);
    filter_envelope_.release(lane);
}

void VoiceBank::hush(std::size_t lane) CHRONUS_RT { envelope_state_.hush(lane, kHush); }

void VoiceBank::reset(std::size_t lane) CHRONUS_RT {
    keep(controls_[lane], within_range(rows_of<VoiceAmounts>(controls_[lane])));
    for (Approach *way : {&pitch_, &pitch_envelope_, &cutoff_}) {
        way->target[lane] = 0.0f;
        way->jump(lane);
    }
    cutoff_.rate[lane] = pitch_envelope_.rate[lane] = one_pole_rate(kGlideS * fs_.hz);
    pink_.reset(lane);
    brown_.reset(lane);
    drive_.reset(lane);
    svf_.reset(lane);
    envelope_state_.reset(lane);
    filter_envelope_.reset(lane);
    bursts_.reset(lane);
    set_pitch_pace(lane, controls_[lane].slide_s > 0.0f ? controls_[lane].slide_s : kGlideS);
    apply(lane, ~0u);
    pitch_.jump(lane);
    for (std::size_t i = 0; i < kTick; ++i)
        source_[i][lane] = filtered_[i][lane] = envelope_[i][lane] = 0.0f;
    peak_[lane] = 0.0f;
}

bool VoiceBank::idle() const CHRONUS_RT {
    if (any(~envelope_state_.resting())) return false;
    return !tone_.moving() && !gains_.moving() && !cutoff_.moving() && !pitch_.moving() &&
           !pitch_envelope_.moving();
}

unsigned VoiceBank::heal() CHRONUS_RT {
    F8 size = {};
    each(*this, [&](const F8 &x) { size += abs(x); });
    unsigned healed = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        if (size[lane] <= kSound) continue; // false for what is not a number, too
        reset(lane);
        healed |= lane_bit(lane);
    }
    return healed;
}

} // namespace chronus::dsp
