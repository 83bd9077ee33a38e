#pragma once

#include "dsp/acid.h"
#include "tests/dsp/stereo.h"
#include "tests/dsp/voice_rig.h"

/// The acid's filter, and what goes into it.
namespace chronus::test {

/// A filter that stands still: no envelope, no compensation, unity drive.
inline dsp::AcidControls still(float cutoff_hz, float knob,
                               dsp::AcidQuality quality = dsp::AcidQuality::twofold) {
    dsp::AcidControls c;
    c.cutoff_hz = cutoff_hz;
    c.resonance = knob;
    c.env_hz = c.accent_hz = c.accent_resonance = 0.0f;
    c.drive = c.vol_comp = 0.0f;
    c.quality = quality;
    return c;
}

inline Samples through_acid(dsp::Acid &acid, const Samples &in, std::size_t chunk = kTick) {
    Samples out(in.size());
    in_pieces(in.size(), chunk, [&](std::size_t begin, std::size_t count) {
        acid.process(std::span(in).subspan(begin, count), std::span(out).subspan(begin, count));
    });
    return out;
}

/// What a voice's oscillator gives the filter.
inline Samples source(double hz, std::size_t frames, dsp::Wave wave = dsp::Wave::saw) {
    VoiceRig rig;
    rig.bank.set(0, plain(wave, static_cast<float>(hz)));
    rig.bank.note_on(0, {});
    return rig.play(static_cast<std::uint32_t>(frames)).source[0];
}

} // namespace chronus::test
