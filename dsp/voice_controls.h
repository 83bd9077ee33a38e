#pragma once

#include "dsp/oscillator.h"
#include "dsp/svf.h"

namespace chronus::dsp {

/// What one voice is asked to be, as far as it can be more or less.
///
/// Units: width in turns; noise is the share of white noise in the source; pan -1 left to 1 right;
///        times by what `Adsr` says; slide_s is the time constant of the pitch. The supersaw's
///        outermost saws stand `detune_semitones` away and `sides` is the power its six have of
///        all seven's; sync is how many times faster the synced saw is than the note.
///        A note strikes `strikes` times, as Bursts does.
///        filter_track 1 moves the cutoff with the pitch, octave for octave, around 440 Hz.
struct VoiceAmounts {
    float hz = 440, level = 0.3f, pan = 0, width = 0.5f, noise = 0, cutoff_hz = 1000, q = 2;
    float drive = 0, send_reverb = 0, send_delay = 0;
    float attack_s = 0.01f, decay_s = 0.1f, sustain = 0.7f, release_s = 0.5f;
    float pitch_env_semitones = 0, pitch_env_decay_s = 0.05f, slide_s = 0;
    float detune_semitones = 0.15f, sides = 0.75f, sub = 0, sync = 2;
    float filter_track = 0, filter_env_semitones = 0;
    float filter_attack_s = 0.001f, filter_decay_s = 0.2f, filter_sustain = 0;
    float strikes = 1;

    friend bool operator==(const VoiceAmounts &, const VoiceAmounts &) = default;
};
/// All that it is asked to be.
struct VoiceControls : VoiceAmounts {
    Wave wave = Wave::sine;
    FilterType filter = FilterType::low;

    friend bool operator==(const VoiceControls &, const VoiceControls &) = default;
};

} // namespace chronus::dsp
