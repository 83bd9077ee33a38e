#pragma once

#include "dsp/acid.h"
#include "dsp/block.h"
#include "dsp/dc_block.h"
#include "dsp/delay.h"
#include "dsp/delay_line.h"
#include "dsp/distortion.h"
#include "dsp/glide.h"
#include "dsp/limiter.h"
#include "dsp/reverb.h"
#include "dsp/voice_bank.h"
#include "engine/rt/controls.h"
#include "engine/rt/ducking.h"
#include "engine/rt/metering.h"
#include "engine/rt/mutes.h"
#include "engine/rt/sequencer.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace chronus::rt {

/// Units that can be healed, after the 64 voices.
enum class Unit8 : std::uint8_t { acid = kMaxVoices, distortion, reverb, delay, master };

/// The signal path of one tick: voices in lanes of eight -> dry and two sends -> effects -> master.
///
/// ```
/// voice --+-- dry -----> distortion --+-- level -> DC block -> limiter -> out
///  (acid) +-- send/reverb -> reverb --+
///         +-- send/delay --> delay ---+
/// ```
/// Ducks turn voices, the dry mix, the returns or all of it down.
/// Thread: audio.
class Mixer {
public:
    Mixer(SampleRate fs, std::uint16_t voices, std::uint32_t seed,
          std::span<float> memory) CHRONUS_RT;
    static std::size_t memory_needed(SampleRate fs) noexcept;

    /// Hands what moved in `controls` to the units. Call at the start of a tick.
    void update(Controls &controls) CHRONUS_RT;
    /// The same for what plays before the effects, which take whole ticks. Call after a jump.
    void update_voices(const Controls &controls) CHRONUS_RT;

    /// A hit of a track: what the track does not set is the voice's own.
    void strike(const Controls &controls, const Track &track, const Event &hit) CHRONUS_RT;
    void gate_on(const Controls &controls, std::uint8_t voice) CHRONUS_RT;
    void gate_off(std::uint8_t voice) CHRONUS_RT;
    void release_all() CHRONUS_RT;
    /// Silence within 10 ms of this frame of the tick, tails and all.
    void panic(std::uint32_t frame) CHRONUS_RT;
    /// The pitch of a voice is its own again.
    void own_pitch(std::uint8_t voice) CHRONUS_RT { players_[voice].hz.reset(); }
    /// What tracks told the voices no longer holds where the track is gone.
    void forget_tracks(std::span<const Track> playing) CHRONUS_RT;
    bool sounding(std::uint8_t voice) const CHRONUS_RT;

    /// Voices for frames [begin, end) of the tick, which are taken in order.
    void render_voices(std::uint32_t begin, std::uint32_t end) CHRONUS_RT;
    /// Effects and master for the whole tick, once its voices are done.
    void render_master(StereoBlock out) CHRONUS_RT;

    /// Resets what went bad, and only that: a mask of voices, then `Unit8`s as bits of the second.
    /// Call once a tick: it looks when the sound was not sane, and now and then where none shows.
    struct Bad {
        std::uint64_t voices = 0;
        std::uint8_t units = 0;
    };
    Bad heal(const Controls &controls) CHRONUS_RT;

    Metering &metering() CHRONUS_RT { return metering_; }
    float voice_peak(std::uint8_t voice) const CHRONUS_RT { return peaks_[voice]; }
    /// Uid of the track whose note it played last; 0 none.
    std::uint32_t track_of(std::uint8_t voice) const CHRONUS_RT { return players_[voice].track; }
    std::size_t latency() const CHRONUS_RT {
        return dsp::Distortion::kLatency + limiter_.latency();
    }

private:
    friend struct MixerDoor; // tests plant faults through it

    /// What the last hit told a voice; empty: the voice's own parameter holds.
    struct Player {
        std::optional<float> hz, amp, cutoff, reverb, delay, pan;
        LockSet locks;
        std::optional<std::uint8_t> patch; ///< of another voice: a chord sounds as its track's
        float cutoff_boost = 0;            ///< Hz
        std::uint32_t track = 0;
        bool open = false;
    };
    using Bus = std::array<std::array<float, kTick>, 2>;
    static constexpr std::uint32_t kLookTicks = 8; // 5 ms

    bool lets_through(const Controls &controls, std::uint8_t voice) const CHRONUS_RT;
    void look_at_mutes(const Controls &controls) CHRONUS_RT;
    void add_return(auto &effect, DuckTarget target, const StereoBlock &sent,
                    const StereoBlock &mix) CHRONUS_RT;
    void mix_down(StereoBlock out) CHRONUS_RT;
    dsp::VoiceControls voice_controls(const Controls &controls,
                                      std::uint8_t voice) const CHRONUS_RT;
    float acid_now(const Controls &controls, ParamId id) const CHRONUS_RT;
    void update_voice(const Controls &controls, std::uint8_t voice) CHRONUS_RT;
    void update_acid(const Controls &controls) CHRONUS_RT;
    void update_effects(const Controls &controls) CHRONUS_RT;
    void note_on(const Controls &controls, std::uint8_t voice, dsp::NoteOn note,
                 float accent) CHRONUS_RT;
    void run_acid(dsp::VoiceBank &bank, std::uint32_t frames) CHRONUS_RT;
    void add_late(const StereoBlock &mix) CHRONUS_RT;
    void apply_level(const StereoBlock &mix) CHRONUS_RT;
    void fade_for_panic(const StereoBlock &mix) CHRONUS_RT;
    void contain(const StereoBlock &block) CHRONUS_RT;
    bool heal_own(const Controls &controls) CHRONUS_RT;
    bool rested() CHRONUS_RT;
    void rest(StereoBlock out) CHRONUS_RT;
    bool is_acid_source(std::uint8_t voice) const CHRONUS_RT { return voice + 1u == acid_source_; }

    std::uint16_t voices_;
    std::uint32_t panic_frames_;
    std::array<dsp::VoiceBank, kMaxVoices / dsp::kLanes> banks_;
    std::array<Player, kMaxVoices> players_{};
    dsp::Acid acid_;
    dsp::Distortion distortion_;
    dsp::Reverb reverb_;
    dsp::Delay delay_;
    dsp::DcBlock dc_block_;
    dsp::Limiter limiter_;
    Ducking ducking_;
    Mutes mutes_;
    Metering metering_;
    dsp::Buses buses_;
    Bus reverb_bus_{}, delay_bus_{};
    /// What comes back of the sends, as late as the dry mix is after its distortion.
    std::array<dsp::Window<dsp::Distortion::kLatency, kTick, 8>, 2> returns_;
    std::array<float, kMaxVoices> peaks_{};
    float peak_fall_;
    dsp::Glide level_{1.0f}, acid_mix_{1.0f};
    std::uint8_t acid_source_ = 0;         // from 1; 0 none
    std::uint64_t muted_ = 0, soloed_ = 0; // voices, as bits
    std::uint32_t panic_left_ = 0, panic_from_ = 0;
    std::uint32_t quiet_ticks_ = 0, rest_ticks_;
    std::uint32_t unlooked_ = 0; // ticks since all units were looked at
    bool fed_ = false;           // some voice ran in this tick
    bool suspect_ = false;       // some sound in it was not sane
};

} // namespace chronus::rt
