#include "engine/host/sound_file.h"
#include "tests/crash/temp_folder.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <vector>

using namespace chronus;
using namespace chronus::test;

namespace {

constexpr SoundFormat kAll[] = {{SoundContainer::wav, SampleFormat::f32},
                                {SoundContainer::wav, SampleFormat::s24},
                                {SoundContainer::wav, SampleFormat::s16},
                                {SoundContainer::flac, SampleFormat::s24},
                                {SoundContainer::flac, SampleFormat::s16}};

/// Stereo noise of multiples of 2^-15: every format holds it exactly.
std::vector<float> noise(std::size_t frames) {
    std::vector<float> out(2 * frames);
    std::uint32_t state = 1;
    for (float &x : out) {
        state = state * 1664525u + 1013904223u;
        x = static_cast<float>(static_cast<int>(state >> 17) - 16384) / 32768.0f;
    }
    return out;
}

/// A stereo tone.
std::vector<float> sine(std::size_t frames) {
    std::vector<float> out(2 * frames);
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = 0.5f * std::sin(0.03f * static_cast<float>(i / 2));
    return out;
}

/// Of the pages of an Ogg file.
std::set<std::string> serials_of(std::string_view bytes) {
    std::set<std::string> out;
    for (auto at = bytes.find("OggS"); at != bytes.npos; at = bytes.find("OggS", at + 1))
        out.emplace(bytes.substr(at + 14, 4));
    return out;
}

std::filesystem::path write(const std::filesystem::path &path, SoundFormat format,
                            std::span<const float> samples) {
    auto writer = SoundWriter::open(path, {48000, 2, format});
    REQUIRE(writer);
    for (std::size_t at = 0; at < samples.size(); at += 2000) // blocks of no round length
        REQUIRE(
            writer->write(samples.subspan(at, std::min<std::size_t>(2000, samples.size() - at))));
    REQUIRE(writer->close());
    return path;
}

/// What the file system gives to this process, while it lives.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, SIG_DFL);
    }

private:
    rlimit before_{};
};

bool others_read(const std::filesystem::path &path) {
    const std::string file = "'" + path.string() + "' >/dev/null 2>&1";
    const bool sox =
        std::system("command -v sox >/dev/null 2>&1") != 0 ||
        std::system(("sox '" + path.string() + "' -n stat >/dev/null 2>&1").c_str()) == 0;
    const bool flac = path.extension() != ".flac" ||
                      std::system("command -v flac >/dev/null 2>&1") != 0 ||
                      std::system(("flac -st " + file).c_str()) == 0;
    return sox && flac;
}

} // namespace

TEST_CASE("sound file: every format gives back what it was given, to us and to others", "[host]") {
    TempFolder folder;
    const auto samples = noise(50001);
    for (const SoundFormat format : kAll) {
        const auto path = folder.path / ("take" + std::string(extension_of(format.container)));
        write(path, format, samples);
        const auto sound = read_sound(path);
        REQUIRE(sound);
        CHECK(sound->sample_rate == 48000);
        CHECK(sound->channels == 2);
        CHECK(sound->samples == samples);
        CHECK(others_read(path));
    }
}

TEST_CASE("sound file: equal sounds are equal files, whenever they were written", "[host]") {
    TempFolder folder;
    const auto samples = noise(100000);
    for (const SoundFormat format : kAll) {
        const auto one = get(write(folder.path / "one", format, samples));
        const auto two = get(write(folder.path / "two", format, samples));
        CHECK(one == two);
        CHECK(one.substr(0, 256).find("PEAK") == std::string::npos); // it would hold the time
    }
}

TEST_CASE("sound file: an integer is the nearest there is to its sample", "[host]") {
    TempFolder folder;
    std::mt19937 random{4};
    std::uniform_real_distribution<float> within{-1.0f, 1.0f};
    std::vector<float> samples(20000);
    std::ranges::generate(samples, [&] { return within(random); });
    for (const SoundFormat format : kAll) {
        if (format.samples == SampleFormat::f32) continue;
        const auto path = folder.path / ("take" + std::string(extension_of(format.container)));
        const auto sound = read_sound(write(path, format, samples));
        const double step = format.samples == SampleFormat::s16 ? 0x1p-15 : 0x1p-23;
        double worst = 0;
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const double truth = std::min<double>(samples[i], 1 - step); // the loudest there is
            worst = std::max(worst, std::abs(double{sound->samples[i]} - truth) / step);
        }
        CHECK(worst <= 0.5);
        CHECK(worst > 0.4);
    }
}

TEST_CASE("sound file: one that ends before its first sample is a sound file of no length",
          "[host]") {
    TempFolder folder;
    for (const SoundFormat format : kAll) {
        const auto path = folder.path / ("take" + std::string(extension_of(format.container)));
        write(path, format, {});
        const auto sound = read_sound(path);
        REQUIRE(sound);
        CHECK(sound->frames() == 0);
        CHECK(sound->sample_rate == 48000);
        CHECK(others_read(path));
    }
}

TEST_CASE("sound file: integers clip, floats keep what is too loud", "[host]") {
    TempFolder folder;
    constexpr float kInf = std::numeric_limits<float>::infinity();
    const std::vector<float> loud{2.0f, -2.0f, 1.0f, -1.0f, kInf, -kInf};
    const std::vector<float> none(2, std::numeric_limits<float>::quiet_NaN());
    write(folder.path / "f.wav", {SoundContainer::wav, SampleFormat::f32}, loud);
    CHECK(read_sound(folder.path / "f.wav")->samples == loud);
    for (const SoundFormat format : {SoundFormat{SoundContainer::wav, SampleFormat::s16},
                                     SoundFormat{SoundContainer::flac, SampleFormat::s24}}) {
        write(folder.path / "i", format, loud);
        const auto sound = read_sound(folder.path / "i");
        CHECK(sound->samples[0] == Approx(1.0f).margin(1e-4));
        CHECK(sound->samples[1] == -1.0f);
        CHECK(sound->samples[0] == sound->samples[2]);
        CHECK(sound->samples[0] == sound->samples[4]);
        CHECK(sound->samples[5] == -1.0f);
        write(folder.path / "n", format, none);
        CHECK(read_sound(folder.path / "n")->samples == std::vector<float>(2, 0.0f));
    }
}

TEST_CASE("sound file: a full disk is told of, and what was there before is whole", "[host]") {
    TempFolder folder;
    const auto samples = noise(100000);
    for (const SoundFormat format : kAll) {
        const auto path = folder.path / ("take" + std::string(extension_of(format.container)));
        std::uint64_t taken = 0;
        {
            const FileSizeLimit limit(100001); // in the middle of a frame of any size
            auto writer = SoundWriter::open(path, {48000, 2, format});
            REQUIRE(writer);
            Outcome last = Done{};
            for (std::size_t at = 0; at < samples.size() && last; at += 2000)
                last = writer->write(std::span(samples).subspan(at, 2000));
            REQUIRE_FALSE(last);
            CHECK(last.error().code == Errc::io);
            CHECK(last.error().what == path.string() + ": File too large");
            CHECK_FALSE(writer->write(samples));
            taken = writer->frames();
            CHECK(writer->close());
        }
        const auto sound = read_sound(path);
        REQUIRE(sound);
        INFO(path);
        CHECK(sound->samples.size() <= samples.size());
        CHECK(std::equal(sound->samples.begin(), sound->samples.end(), samples.begin()));
        CHECK(sound->frames() <= taken);
        CHECK(sound->frames() + 8192 > taken); // FLAC is cut where a packet of 4096 frames ends
        CHECK(others_read(path));
    }
}

TEST_CASE("sound file: an Ogg sounds as what it was given, to us and to others", "[host]") {
    TempFolder folder;
    const auto samples = sine(100001);
    const auto sound = read_sound(write(folder.path / "take.ogg", {SoundContainer::ogg}, samples));
    REQUIRE(sound);
    CHECK(sound->sample_rate == 48000);
    REQUIRE(sound->samples.size() == samples.size());
    double error = 0, power = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        error += std::pow(double{sound->samples[i]} - double{samples[i]}, 2);
        power += std::pow(double{samples[i]}, 2);
    }
    CHECK(error < 1e-3 * power); // 30 dB below it
    CHECK(others_read(folder.path / "take.ogg"));
}

TEST_CASE("sound file: equal sounds are equal Oggs, and others have other serial numbers",
          "[host]") {
    TempFolder folder;
    const SoundFormat ogg{SoundContainer::ogg};
    const auto one = get(write(folder.path / "one", ogg, sine(100000)));
    CHECK(one == get(write(folder.path / "two", ogg, sine(100000))));
    const auto other = get(write(folder.path / "other", ogg, sine(100002)));
    const auto nothing = get(write(folder.path / "nothing", ogg, {}));
    CHECK(nothing == get(write(folder.path / "nothing again", ogg, {})));
    for (const auto &bytes : {one, other, nothing}) CHECK(bytes.substr(0, 4) == "OggS");
    CHECK(serials_of(one).size() == 1);
    CHECK(serials_of(one) != serials_of(other));
    CHECK(serials_of(one) != serials_of(nothing));
}

TEST_CASE("sound file: what cannot be is refused with what can", "[host]") {
    TempFolder folder;
    CHECK(*parse_sound_format("wav") == SoundFormat{SoundContainer::wav, SampleFormat::f32});
    CHECK(*parse_sound_format("flac") == SoundFormat{SoundContainer::flac, SampleFormat::s24});
    CHECK(*parse_sound_format("wav:s16") == SoundFormat{SoundContainer::wav, SampleFormat::s16});
    CHECK(parse_sound_format("flac:f32").error().hint == "flac:s24");
    for (const char *word : {"", "mp3", "wav:", "wav:s8", ":s16", "flac:s16:s24"})
        CHECK(parse_sound_format(word).error().code == Errc::bad_type);

    const SoundSpec floats{48000, 2, {SoundContainer::flac, SampleFormat::f32}};
    CHECK(SoundWriter::open(folder.path / "a.flac", floats).error().code == Errc::unsupported);
    CHECK_FALSE(std::filesystem::exists(folder.path / "a.flac"));

    write(folder.path / "there.wav", {}, noise(10));
    CHECK(SoundWriter::open(folder.path / "there.wav", {}, Existing::keep).error().code ==
          Errc::conflict);
    CHECK(read_sound(folder.path / "there.wav")->frames() == 10);
    CHECK(SoundWriter::open(folder.path / "no" / "a.wav", {}).error().code == Errc::io);
    CHECK(read_sound(folder.path / "none.wav").error().code == Errc::io);
}
