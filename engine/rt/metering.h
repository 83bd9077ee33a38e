#pragma once

#include "dsp/block.h"
#include "dsp/loudness.h"
#include "dsp/meters.h"
#include "dsp/rt.h"
#include "dsp/voice_bank.h"
#include "engine/model/telemetry.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace chronus::rt {

/// How loud it is and in which bands: the master always, the voices while somebody watches.
///
/// Thread: audio.
class Metering {
public:
    explicit Metering(SampleRate fs) CHRONUS_RT;

    /// Of the voices, from this tick on. Those that nobody watches have no levels.
    void watch(bool on) CHRONUS_RT;
    bool watched() const CHRONUS_RT { return watched_; }
    /// What a bank has generated and is going to mix; n <= kTick frames, pieces of a tick.
    void hear_voices(std::size_t bank, const dsp::VoiceBank &voices, std::uint32_t n) CHRONUS_RT;
    /// Nothing, as it is at rest.
    void rest_voices(std::size_t bank, std::uint32_t n) CHRONUS_RT;

    /// A tick of the master, and the least gain that the limiter gave it.
    void hear_master(StereoBlock out, float limiter_gain) CHRONUS_RT;
    /// A silent one.
    void rest_master() CHRONUS_RT;
    /// The integrated loudness begins afresh.
    void restart() CHRONUS_RT {
        master_.restart();
        master_told_ = kNone;
    }

    /// True when what hears the master was not finite, and was reset.
    bool heal() CHRONUS_RT;
    void publish(Telemetry &to, std::uint16_t voices) CHRONUS_RT;

private:
    friend struct MixerDoor;                                  // tests plant faults through it
    static constexpr std::uint32_t kNone = ~std::uint32_t{0}; // of the steps told of

    SampleRate fs_;
    dsp::Meters bands_;
    dsp::LoudnessMeter master_;
    std::array<dsp::VoiceLevels, kMaxVoices / dsp::kLanes> voices_;
    std::array<float, 2> peaks_{}; // of both sides, falling 20 dB a second
    float peak_fall_;
    float least_gain_ = 1; // since the last step
    std::uint32_t master_told_ = kNone, voices_told_ = kNone;
    bool watched_ = false;
};

} // namespace chronus::rt
