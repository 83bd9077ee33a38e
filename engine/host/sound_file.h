#pragma once

#include "engine/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chronus {

/// Ogg holds Vorbis, whatever samples are asked for; recordings are wav or flac.
enum class SoundContainer : std::uint8_t { wav, flac, ogg };
enum class SampleFormat : std::uint8_t { s16, s24, f32 };

struct SoundFormat {
    SoundContainer container = SoundContainer::wav;
    SampleFormat samples = SampleFormat::f32;
    friend constexpr bool operator==(SoundFormat, SoundFormat) = default;
};

/// What a container holds when nothing else is said: the most it can.
constexpr SoundFormat default_format(SoundContainer container) {
    return {container, container == SoundContainer::flac ? SampleFormat::s24 : SampleFormat::f32};
}

/// "wav" or "flac", each alone or with samples: "wav:s16", "wav:s24", "wav:f32", "flac:s24".
///
/// Errors: bad_type - another word. unsupported - "flac:f32", which FLAC has not.
Result<SoundFormat> parse_sound_format(std::string_view words);
/// ".wav", ".flac" or ".ogg".
std::string_view extension_of(SoundContainer container);

struct SoundSpec {
    std::uint32_t sample_rate = 48000;
    std::uint16_t channels = 2;
    SoundFormat format{};
};

/// What to do when the file is there already.
enum class Existing : std::uint8_t { replace, keep };

/// A sound file being written. Equal samples make equal bytes; integers are the nearest, and clip.
///
/// A program killed at any moment leaves a file that opens and holds all but the last second: a
/// WAV header is brought up to date each second, a FLAC one tells no length until closed, which
/// readers take for "to the end".
///
/// Thread: any one at a time, never audio.
class SoundWriter {
public:
    /// Errors: unsupported - FLAC of floats. conflict - there already, and to be kept. io.
    static Result<SoundWriter> open(const std::filesystem::path &path, SoundSpec spec,
                                    Existing existing = Existing::replace);
    SoundWriter(SoundWriter &&) noexcept;
    SoundWriter &operator=(SoundWriter &&) noexcept;
    ~SoundWriter(); ///< closes

    /// Shapes: interleaved, whole frames.
    /// Errors: io - the disk is full, or worse; the file ends with its last whole frame and takes
    ///         no more. too_big - the 4 GiB a WAV file can hold.
    Outcome write(std::span<const float> samples);

    /// Makes the header true and waits until all is on the disk.
    Outcome close();

    /// Frames taken so far.
    std::uint64_t frames() const;

private:
    struct File;
    explicit SoundWriter(std::unique_ptr<File> file);
    std::unique_ptr<File> file_;
};

/// A whole sound in memory, interleaved.
struct Sound {
    std::uint32_t sample_rate = 0;
    std::uint16_t channels = 0;
    std::vector<float> samples;

    std::size_t frames() const { return channels == 0 ? 0 : samples.size() / channels; }
};

/// Reads a file of ours, or of anybody's that libsndfile knows. For tools and tests.
///
/// Errors: io - not there, or not a sound file.
Result<Sound> read_sound(const std::filesystem::path &path);

} // namespace chronus
