#pragma once

#include "engine/host/sound_file.h"
#include "engine/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// What a render leaves behind, in the order of the table.
enum class Output : std::uint8_t { wav16, wav24, wav32f, flac, ogg, stems, midi, plot };

struct OutputSpec {
    std::string_view word;
    std::string_view ending; ///< of a file's name, behind that of the render
    std::string_view doc;
    std::optional<SoundFormat> sound = {}; ///< of its files, if they are sound files
};

/// THE table of outputs.
namespace rows {
using enum SoundContainer;
using enum SampleFormat;
inline constexpr std::array<OutputSpec, 8> kOutputs{{
    {"wav16", ".16.wav", "WAV of 16 bits", SoundFormat{wav, s16}},
    {"wav24", ".24.wav", "WAV of 24 bits", SoundFormat{wav, s24}},
    {"wav32f", ".wav", "WAV of 32-bit floats: the engine's own numbers", SoundFormat{wav, f32}},
    {"flac", ".flac", "FLAC of 24 bits", SoundFormat{flac, s24}},
    {"ogg", ".ogg", "Ogg Vorbis of quality 6", SoundFormat{ogg, f32}},
    {"stems", ".wav", "a WAV of 32-bit floats for each track, which plays alone",
     SoundFormat{wav, f32}},
    {"midi", ".mid", "a MIDI file with a track for each track"},
    {"plot", ".svg", "a picture: waveform and loudness over the bars, and the steps"},
}};
} // namespace rows
using rows::kOutputs;

constexpr const OutputSpec &spec_of(Output output) {
    return kOutputs[static_cast<std::size_t>(output)];
}

/// "wav24,stems,plot": each once, in the order asked for.
///
/// Errors: bad_type - none, one twice, or a word that is no output; the hint is the nearest list.
Result<std::vector<Output>> parse_outputs(std::string_view words);

} // namespace chronus::patterns
