#include "engine/host/sound_file.h"

#include "engine/host/ogg_serial.h"
#include "engine/host/pcm.h"

#include <fmt/format.h>

#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace chronus {

namespace {

constexpr std::array<std::string_view, 2> kContainers{"wav", "flac"};
constexpr std::array<std::string_view, 3> kSamples{"s16", "s24", "f32"};
constexpr std::array<std::uint64_t, 3> kBytes{2, 3, 4};
constexpr std::array<int, 2> kIntegerBits{16, 24};
constexpr std::uint64_t kMostWav = 0xFFFF'FFFFull - 4096; // its lengths are 32 bits wide

constexpr std::size_t kOggBlock = 4096; // frames: its encoder takes a write's room off the stack
constexpr double kOggQuality = 0.6;     // of 1

int libsndfile_format(SoundFormat format) {
    constexpr std::array kCode{SF_FORMAT_PCM_16, SF_FORMAT_PCM_24, SF_FORMAT_FLOAT};
    if (format.container == SoundContainer::ogg) return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
    const int container = format.container == SoundContainer::wav ? SF_FORMAT_WAV : SF_FORMAT_FLAC;
    return container | kCode[static_cast<std::size_t>(format.samples)];
}

Error no_float_flac() {
    return {Errc::unsupported, "flac:f32: FLAC holds integers only, of at most 24 bits here",
            "flac:s24"};
}

Error refused(const std::filesystem::path &path, int why) {
    return {Errc::io, fmt::format("{}: {}", path.string(), std::strerror(why))};
}

/// A descriptor as libsndfile sees it, with what it does not tell its caller: why a write fell
/// short, and where the last whole one ended.
struct Descriptor {
    explicit Descriptor(int opened) : fd(opened) {}
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    ~Descriptor() { ::close(fd); }

    sf_count_t write(const void *bytes, sf_count_t count) noexcept {
        if (at >= seal) return 0;
        sf_count_t done = 0;
        while (done < count) {
            const ssize_t n = ::pwrite(fd, static_cast<const char *>(bytes) + done,
                                       static_cast<std::size_t>(count - done), at + done);
            if (n > 0) done += n;
            if (n >= 0 || errno == EINTR) continue;
            error = errno;
            break;
        }
        at += done;
        length = std::max(length, at);
        if (done == count) whole = std::max(whole, at);
        return done;
    }
    sf_count_t seek(sf_count_t offset, int whence) noexcept {
        const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? at : length;
        return at = base + offset;
    }
    /// Cuts the file to `end`, and lets nothing be written behind it any more.
    void seal_at(sf_count_t end) noexcept {
        if (::ftruncate(fd, end) == 0) length = seal = end;
        at = std::min(at, length);
    }

    int fd;
    int error = 0;
    sf_count_t at = 0, length = 0, whole = 0;
    sf_count_t seal = std::numeric_limits<sf_count_t>::max();
};

SF_VIRTUAL_IO virtual_io() {
    return {[](void *d) { return static_cast<Descriptor *>(d)->length; },
            [](sf_count_t offset, int whence, void *d) {
                return static_cast<Descriptor *>(d)->seek(offset, whence);
            },
            [](void *, sf_count_t, void *) -> sf_count_t { return 0; },
            [](const void *bytes, sf_count_t count, void *d) {
                return static_cast<Descriptor *>(d)->write(bytes, count);
            },
            [](void *d) { return static_cast<Descriptor *>(d)->at; }};
}

struct CloseSound {
    void operator()(SNDFILE *file) const { sf_close(file); }
};
using Handle = std::unique_ptr<SNDFILE, CloseSound>;

} // namespace

Result<SoundFormat> parse_sound_format(std::string_view words) {
    const auto colon = words.find(':');
    const auto container = std::ranges::find(kContainers, words.substr(0, colon));
    const auto samples = colon == std::string_view::npos
                             ? kSamples.end()
                             : std::ranges::find(kSamples, words.substr(colon + 1));
    const bool known = container != kContainers.end() &&
                       (colon == std::string_view::npos || samples != kSamples.end());
    if (!known)
        return Error{Errc::bad_type,
                     fmt::format("format \"{}\": there are wav and flac, with :s16 or :s24, and "
                                 "wav:f32",
                                 words),
                     "wav"};
    SoundFormat format =
        default_format(static_cast<SoundContainer>(container - kContainers.begin()));
    if (samples != kSamples.end())
        format.samples = static_cast<SampleFormat>(samples - kSamples.begin());
    if (format == SoundFormat{SoundContainer::flac, SampleFormat::f32}) return no_float_flac();
    return format;
}

std::string_view extension_of(SoundContainer container) {
    constexpr std::array<std::string_view, 3> kExtensions{".wav", ".flac", ".ogg"};
    return kExtensions[static_cast<std::size_t>(container)];
}

struct SoundWriter::File {
    File(std::filesystem::path p, SoundSpec s, int fd)
        : path(std::move(p)), spec(s), descriptor(fd) {}
    ~File() { (void)close(); }

    Outcome open();
    Outcome write(std::span<const float> samples);
    Outcome close();
    sf_count_t put(std::span<const float> samples);
    sf_count_t put_in_blocks(std::span<const float> samples);
    Error end_early();
    std::uint64_t frame_bytes() const {
        return kBytes[static_cast<std::size_t>(spec.format.samples)] * spec.channels;
    }

    std::filesystem::path path;
    SoundSpec spec;
    Descriptor descriptor;
    Handle handle;
    sf_count_t data_at = 0; // where the samples of a WAV begin
    std::uint64_t frames = 0, frames_in_header = 0;
    std::vector<int> integers;      // of one write,
    std::vector<unsigned char> pcm; // as this
};

Outcome SoundWriter::File::open() {
    SF_VIRTUAL_IO io = virtual_io();
    SF_INFO info{};
    info.samplerate = static_cast<int>(spec.sample_rate);
    info.channels = spec.channels;
    info.format = libsndfile_format(spec.format);
    handle.reset(sf_open_virtual(&io, SFM_WRITE, &info, &descriptor));
    if (handle == nullptr)
        return Error{Errc::io, fmt::format("{}: {}", path.string(), sf_strerror(nullptr))};
    sf_command(handle.get(), SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE); // it holds the time
    if (spec.format.container == SoundContainer::ogg) {
        double quality = kOggQuality;
        sf_command(handle.get(), SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof quality);
    }
    if (spec.format.container == SoundContainer::wav)
        sf_command(handle.get(), SFC_UPDATE_HEADER_NOW, nullptr, 0);
    data_at = descriptor.length;
    if (descriptor.error != 0) return refused(path, descriptor.error);
    return Done{};
}

Outcome SoundWriter::File::write(std::span<const float> samples) {
    if (handle == nullptr) return refused(path, descriptor.error != 0 ? descriptor.error : EBADF);
    const auto count = static_cast<sf_count_t>(samples.size() / spec.channels);
    const bool wav = spec.format.container == SoundContainer::wav;
    if (wav && (frames + static_cast<std::uint64_t>(count)) * frame_bytes() > kMostWav)
        return Error{Errc::too_big,
                     fmt::format("{}: a WAV file holds no more than 4 GiB", path.string()), "flac"};
    const sf_count_t written = put(samples);
    if (written < count || descriptor.error != 0) return end_early();
    frames += static_cast<std::uint64_t>(written);
    if (wav && frames - frames_in_header >= spec.sample_rate) {
        sf_command(handle.get(), SFC_UPDATE_HEADER_NOW, nullptr, 0);
        frames_in_header = frames;
    }
    return Done{};
}

/// Answers the frames written.
sf_count_t SoundWriter::File::put(std::span<const float> samples) {
    const auto count = static_cast<sf_count_t>(samples.size() / spec.channels);
    if (spec.format.container == SoundContainer::ogg) return put_in_blocks(samples);
    if (spec.format.samples == SampleFormat::f32)
        return sf_writef_float(handle.get(), samples.data(), count);
    const int bits = kIntegerBits[static_cast<std::size_t>(spec.format.samples)];
    if (spec.format.container == SoundContainer::wav) {
        lay_pcm(samples, bits, pcm);
        const auto size = static_cast<sf_count_t>(pcm.size());
        return sf_write_raw(handle.get(), pcm.data(), size) /
               static_cast<sf_count_t>(frame_bytes());
    }
    integers.resize(samples.size()); // for libsndfile, they stand in the upper bits
    std::ranges::transform(samples, integers.begin(),
                           [&](float x) { return pcm_of(x, bits) * (1 << (32 - bits)); });
    return sf_writef_int(handle.get(), integers.data(), count);
}

sf_count_t SoundWriter::File::put_in_blocks(std::span<const float> samples) {
    sf_count_t done = 0;
    while (!samples.empty()) {
        const auto block = samples.first(std::min(samples.size(), kOggBlock * spec.channels));
        const auto count = static_cast<sf_count_t>(block.size() / spec.channels);
        const sf_count_t taken = sf_writef_float(handle.get(), block.data(), count);
        done += taken;
        if (taken < count) break;
        samples = samples.subspan(block.size());
    }
    return done;
}

/// What did not fit is cut back to whole frames, so that what did is a sound file.
Error SoundWriter::File::end_early() {
    const Error why = refused(path, descriptor.error != 0 ? descriptor.error : EIO);
    sf_count_t end = descriptor.whole;
    if (spec.format.container == SoundContainer::wav) {
        const auto bytes = static_cast<sf_count_t>(frame_bytes());
        end = data_at + (descriptor.length - data_at) / bytes * bytes;
        frames = static_cast<std::uint64_t>((end - data_at) / bytes);
    }
    descriptor.seal_at(end);
    (void)close();
    return why;
}

Outcome SoundWriter::File::close() {
    if (handle == nullptr) return Done{};
    const bool whole = descriptor.error == 0;
    if (whole && descriptor.length == 0) // FLAC writes its header with the first frames
        sf_command(handle.get(), SFC_UPDATE_HEADER_NOW, nullptr, 0);
    handle.reset();
    if (whole && descriptor.error != 0) return refused(path, descriptor.error);
    if (whole && spec.format.container == SoundContainer::ogg)
        if (const int refusal = settle_ogg_serial(descriptor.fd)) return refused(path, refusal);
    if (::fsync(descriptor.fd) != 0) return refused(path, errno);
    return Done{};
}

SoundWriter::SoundWriter(std::unique_ptr<File> file) : file_(std::move(file)) {}
SoundWriter::SoundWriter(SoundWriter &&) noexcept = default;
SoundWriter &SoundWriter::operator=(SoundWriter &&) noexcept = default;
SoundWriter::~SoundWriter() = default;

Result<SoundWriter> SoundWriter::open(const std::filesystem::path &path, SoundSpec spec,
                                      Existing existing) {
    if (spec.format == SoundFormat{SoundContainer::flac, SampleFormat::f32}) return no_float_flac();
    const int flags = existing == Existing::keep ? O_EXCL : O_TRUNC;
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | flags, 0644);
    if (fd < 0 && errno == EEXIST)
        return Error{Errc::conflict, fmt::format("{}: is there already", path.string())};
    if (fd < 0) return refused(path, errno);
    auto file = std::make_unique<File>(path, spec, fd);
    if (const auto opened = file->open(); !opened) {
        ::unlink(path.c_str());
        return opened.error();
    }
    return SoundWriter(std::move(file));
}

Outcome SoundWriter::write(std::span<const float> samples) { return file_->write(samples); }
Outcome SoundWriter::close() { return file_->close(); }
std::uint64_t SoundWriter::frames() const { return file_->frames; }

Result<Sound> read_sound(const std::filesystem::path &path) {
    SF_INFO info{};
    const Handle handle(sf_open(path.c_str(), SFM_READ, &info));
    if (handle == nullptr)
        return Error{Errc::io, fmt::format("{}: {}", path.string(), sf_strerror(nullptr))};
    Sound sound{
        static_cast<std::uint32_t>(info.samplerate), static_cast<std::uint16_t>(info.channels), {}};
    // Not by info.frames, which an unfinished FLAC does not know.
    std::vector<float> some(std::size_t{4096} * sound.channels);
    while (const sf_count_t count = sf_readf_float(handle.get(), some.data(), 4096)) {
        const auto end = some.begin() + static_cast<std::ptrdiff_t>(count) * sound.channels;
        sound.samples.insert(sound.samples.end(), some.begin(), end);
    }
    return sound;
}

} // namespace chronus
