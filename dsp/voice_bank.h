#pragma once

#include "dsp/block.h"
#include "dsp/bursts.h"
#include "dsp/envelope.h"
#include "dsp/lanes.h"
#include "dsp/noise.h"
#include "dsp/oscillator.h"
#include "dsp/ramp.h"
#include "dsp/rt.h"
#include "dsp/supersaw.h"
#include "dsp/svf.h"
#include "dsp/units.h"
#include "dsp/voice_controls.h"
#include "dsp/voice_drive.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace chronus::dsp {

/// A legato note keeps the envelopes of a held one running and slides the pitch.
struct NoteOn {
    float velocity = 1;
    bool legato = false;
};

/// Where voices are added to, every lane of the banks by itself.
struct LaneBus {
    F8 left[kTick] = {}, right[kTick] = {};
};
struct Buses {
    LaneBus dry, reverb, delay;
};
/// The lanes of the first frames put together.
void add_up(const LaneBus &bus, StereoBlock out) CHRONUS_RT;

/// Eight monophonic voices in lanes: source -> drive -> filter -> amplifier -> pan -> sends.
///
/// The filter's envelope begins with every note that strikes, from the note's own controls on.
/// A voice with drive sounds VoiceDrive::kLatency frames later than one without.
///
/// Level, pan, sends, width, noise, q, drive and changes of wave or filter type go straight to
/// their targets within kTick frames; cutoff and pitch follow in octaves with 1 ms. A lane at rest
/// takes all at once. A lane's samples depend on its own history alone, and how a run is cut into
/// calls changes no bit of them.
///
/// Thread: audio. O(frames); the caller flushes denormals.
/// Errors: none. Controls out of range are clamped; a lane whose state is lost falls to `heal`.
class VoiceBank {
public:
    VoiceBank(SampleRate fs, std::uint32_t seed) CHRONUS_RT;

    void set(std::size_t lane, const VoiceControls &controls) CHRONUS_RT;
    /// Strikes on the next frame generated. From full rest the phase starts at 0, so that equal
    /// notes are equal to the sample; a voice still sounding keeps its phase and level.
    void note_on(std::size_t lane, NoteOn note) CHRONUS_RT;
    void note_off(std::size_t lane) CHRONUS_RT;
    /// Straight to zero within 5 ms, whatever plays.
    void hush(std::size_t lane) CHRONUS_RT;

    /// Source, filter and envelope of the next `frames` <= kTick, kept for reading until the next.
    /// `listened` are lanes, as bits, whose source is read though they rest.
    void generate(std::uint32_t frames, unsigned listened = 0) CHRONUS_RT;
    /// Oscillator and noise before drive and filter; anything of a lane at rest.
    float source(std::size_t lane, std::uint32_t frame) const CHRONUS_RT {
        return source_[frame][lane];
    }
    /// After the filter, before the amplifier; the caller may put something else there.
    float &filtered(std::size_t lane, std::uint32_t frame) CHRONUS_RT {
        return filtered_[frame][lane];
    }
    /// Amplifier envelope, velocity included.
    float envelope(std::size_t lane, std::uint32_t frame) const CHRONUS_RT {
        return envelope_[frame][lane];
    }
    /// What the next `mix` is going to add, before pan and sends: for meters.
    void listen(F8 *out, std::uint32_t frames) const CHRONUS_RT;
    /// Adds the generated frames to each bus, from frame `begin` of it on.
    void mix(Buses &buses, std::uint32_t begin, std::uint32_t frames) CHRONUS_RT;

    /// Largest magnitude of the lane's last mixed run, after envelope and level, before pan.
    float peak(std::size_t lane) const CHRONUS_RT { return peak_[lane]; }
    /// Nothing sounds and nothing glides: generate and mix would add nothing and may be skipped.
    bool idle() const CHRONUS_RT;
    /// The lane is silent, and nothing under way will lift it.
    bool resting(std::size_t lane) const CHRONUS_RT { return envelope_state_.resting(lane); }
    /// Puts lanes to rest whose state is not finite, or so large that it soon will not be, and no
    /// others. Returns them as bits.
    unsigned heal() CHRONUS_RT;

private:
    friend struct VoiceBankDoor; // tests plant faults through it

    /// Parameters of the sound before the amplifier; the first kWaves are the waves' weights.
    enum Tone : std::size_t {
        noise = kWaves,
        width,
        damping,
        mix_in,
        mix_band,
        mix_damped,
        mix_low,
        drive_gain,
        drive_makeup,
        drive_on,
        sides,
        sub,
        detune,
        sync,
        filter_track,
        filter_env,
        kTones
    };
    static constexpr unsigned kSevenSaws =
        1u << static_cast<unsigned>(Wave::supersaw) | 1u << sides;
    enum Gain : std::size_t { level, left, right, reverb, delay, kGains };

    /// `f` of all that is kept from frame to frame and could go bad.
    template <class Self, class F>
    static void each(Self &self, F f) CHRONUS_RT {
        const auto parts = [&](auto &...part) { (part.each(part, f), ...); };
        parts(self.pitch_, self.pitch_envelope_, self.cutoff_, self.tone_, self.gains_, self.pink_,
              self.brown_, self.drive_, self.svf_, self.envelope_state_, self.bursts_,
              self.filter_envelope_);
    }

    /// Sends the lane on its way to its controls, as far as `parts` of them changed.
    void apply(std::size_t lane, unsigned parts) CHRONUS_RT;
    void aim_tone(std::size_t lane) CHRONUS_RT;
    void snap(std::size_t lane) CHRONUS_RT;
    void set_pitch_pace(std::size_t lane, float tau_s) CHRONUS_RT;
    void reset(std::size_t lane) CHRONUS_RT;

    void wake(unsigned listened) CHRONUS_RT;
    void lay_phases(PhaseRun &phases, std::uint32_t frames) CHRONUS_RT;
    void make_source(const WaveRun &run) CHRONUS_RT;
    void add_supersaw(const WaveRun &run) CHRONUS_RT;
    void add_noises(const WaveRun &run) CHRONUS_RT;
    struct Through {
        const F8 *in;
        F8 *out;
        const F8 *shift; // of the cutoff, in octaves; null: none
        std::uint32_t frames;
    };
    void drive_run(Through run) CHRONUS_RT;
    bool lay_shift(const PhaseRun &phases, F8 *shift, std::uint32_t frames) CHRONUS_RT;
    bool all_low() const CHRONUS_RT;
    void filter(Through run) CHRONUS_RT;
    enum class Cutoff { still, sweeping, shifted };
    template <bool kMoving, Cutoff kCutoff, bool kLow>
    void filter_run(Through run) CHRONUS_RT;
    float octave_of(float cutoff_hz) const CHRONUS_RT;
    struct Stretch { // of a bus and of what was generated
        std::uint32_t bus, from, frames;
    };
    template <bool kMoving>
    void mix_run(Buses &buses, Stretch part) CHRONUS_RT;

    SampleRate fs_;
    std::array<VoiceControls, kLanes> controls_{};
    unsigned fresh_ = 0; // struck from rest, no frame generated since
    unsigned onset_ = 0; // struck, no frame generated since
    I8 awake_ = {};      // the lanes that somebody hears of what is generated

    Approach pitch_, pitch_envelope_, cutoff_; // in octaves: of Hz, added to it, for Svf::solve_15
    Ramps<kTones> tone_;
    Ramps<kGains> gains_;
    PhaseClock clock_;
    WhiteNoise white_;
    PinkFilter pink_;
    BrownFilter brown_;
    SuperSaw supersaw_;
    SubOctave sub_;
    VoiceDrive drive_;
    Svf svf_;
    Envelope envelope_state_;
    Bursts bursts_;
    Envelope filter_envelope_;

    F8 source_[kTick] = {}, filtered_[kTick] = {}, envelope_[kTick] = {};
    F8 peak_ = {};
};

} // namespace chronus::dsp
