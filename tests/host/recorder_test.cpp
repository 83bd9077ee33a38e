#include "engine/host/recorder.h"
#include "tests/crash/temp_folder.h"

#include <catch2/catch.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <spawn.h>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace chronus;
using namespace chronus::test;
using namespace std::chrono_literals;

namespace {

constexpr SampleRate kFs{48000};

/// The sample of a frame: a multiple of 2^-15, so every format holds it exactly.
float sample_of(std::uint64_t frame) {
    return static_cast<float>(static_cast<int>((frame * 40503u) & 0xffffu) - 32768) / 65536.0f;
}

/// Plays the audio thread: `frames` from `begin` on, left and right apart.
void play(Tape &tape, std::uint64_t begin, std::size_t frames) {
    std::vector<float> left(frames), right(frames);
    for (std::size_t i = 0; i < frames; ++i) {
        left[i] = sample_of(begin + i);
        right[i] = -left[i];
    }
    tape.write({left, right});
}

/// Frames that are as `play` made them, from the first one on.
std::uint64_t right_frames(const Sound &sound) {
    std::uint64_t n = 0;
    while (n < sound.frames() && sound.samples[2 * n] == sample_of(n) &&
           sound.samples[2 * n + 1] == -sample_of(n))
        ++n;
    return n;
}

struct Studio {
    TempFolder folder;
    Recorder recorder{kFs, folder.path / "recordings"};
};

} // namespace

TEST_CASE("recorder: the file holds what was played, all of it and nothing else", "[host]") {
    Studio s;
    play(s.recorder.tape(), 77, 1000); // the rest of another take
    const auto file = s.recorder.start("take");
    REQUIRE(file);
    CHECK(*file == s.folder.path / "recordings" / "take.wav");
    CHECK(s.recorder.status().active);

    std::uint64_t frames = 0;
    std::thread audio([&] {
        for (const std::size_t block : {1, 37, 480, 4096, 20000})
            for (int i = 0; i < 10; ++i, std::this_thread::sleep_for(5ms)) {
                play(s.recorder.tape(), frames, block);
                frames += block;
            }
    });
    audio.join();
    const auto info = s.recorder.finish(frames);
    REQUIRE(info);
    CHECK(info->file == *file);
    CHECK(info->frames == frames);
    CHECK(info->seconds == Approx(static_cast<double>(frames) / 48000));
    CHECK(info->lost == 0);
    CHECK_FALSE(s.recorder.status().active);

    const auto sound = read_sound(*file);
    CHECK(sound->frames() == frames);
    CHECK(right_frames(*sound) == frames);
}

TEST_CASE("recorder: frames still on their way at the end are waited for", "[host]") {
    Studio s;
    REQUIRE(s.recorder.start("take.flac"));
    bool active = true, busy = false;
    std::thread audio([&] {
        std::this_thread::sleep_for(200ms);
        active = s.recorder.status().active;
        busy = s.recorder.start("next").error().code == Errc::busy;
        play(s.recorder.tape(), 0, 5000);
    });
    const auto info = s.recorder.finish(5000);
    audio.join();
    REQUIRE(info);
    CHECK(info->frames == 5000);
    CHECK(right_frames(*read_sound(info->file)) == 5000);
    CHECK_FALSE(active);
    CHECK(busy);
}

TEST_CASE("recorder: what the tape had no room for is counted", "[host]") {
    Studio s;
    REQUIRE(s.recorder.start("take"));
    play(s.recorder.tape(), 0, 400000); // a tape of 4 s has room for 262,144 frames
    const auto info = s.recorder.finish(400000);
    REQUIRE(info);
    CHECK(info->lost == 400000 - 262144);
    CHECK(info->frames == 262144);
    REQUIRE(s.recorder.start("another"));
    CHECK(s.recorder.status().lost == 0);
}

TEST_CASE("recorder: names stay in the folder, and no take is written over", "[host]") {
    Studio s;
    const std::string longest(64, 'a'), too_long(65, 'a');
    for (const std::string &name :
         {std::string(), std::string(".wav"), std::string("-x"), std::string("a b"),
          std::string(".."), std::string("x/"), std::string("a\0b", 3), std::string("\xc3\xa4"),
          std::string("a:b"), too_long}) {
        const auto refused = s.recorder.start(name);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Errc::out_of_range);
    }
    CHECK_FALSE(std::filesystem::exists(s.folder.path / "recordings"));

    const auto ends_as = [&](const char *name, const char *file) {
        const auto started = s.recorder.start(name);
        REQUIRE(started);
        CHECK(started->parent_path() == s.folder.path / "recordings");
        CHECK(started->filename() == file);
        CHECK(s.recorder.start("x").error().code == Errc::busy);
        REQUIRE(s.recorder.finish());
    };
    ends_as("take", "take.wav");
    ends_as("take.wav", "take-2.wav");
    ends_as("../../etc/take", "take-3.wav");
    ends_as("take.flac", "take.flac");
    ends_as("v1.2", "v1.2.wav");
    ends_as(longest.c_str(), (longest + ".wav").c_str());

    std::filesystem::create_symlink(s.folder.path / "outside",
                                    s.folder.path / "recordings" / "planted.wav");
    ends_as("planted", "planted-2.wav");
    CHECK_FALSE(std::filesystem::exists(s.folder.path / "outside"));

    const auto torn =
        s.recorder.start("a.wav", SoundFormat{SoundContainer::flac, SampleFormat::s24});
    CHECK(torn.error().code == Errc::conflict);
    CHECK(torn.error().hint == "/engine/record/start a.flac");
    CHECK(s.recorder.finish().error().code == Errc::not_now);
}

TEST_CASE("recorder: a take that ends before its first block is a sound file", "[host]") {
    Studio s;
    for (const char *name : {"take.wav", "take.flac"}) {
        REQUIRE(s.recorder.start(name));
        const auto info = s.recorder.finish();
        REQUIRE(info);
        const auto sound = read_sound(info->file);
        REQUIRE(sound);
        CHECK(sound->frames() == 0);
    }
}

TEST_CASE("recorder: a folder that cannot be is told of by its name", "[host]") {
    TempFolder folder;
    put(folder.path / "file", "");
    Recorder recorder{kFs, folder.path / "file" / "recordings"};
    const auto started = recorder.start("take");
    REQUIRE_FALSE(started);
    CHECK(started.error().code == Errc::io);
    CHECK(started.error().what == (folder.path / "file/recordings").string() + ": Not a directory");
}

TEST_CASE("recorder: a full disk ends the take, whole as far as it goes", "[host]") {
    Studio s;
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit limit{200003, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto file = s.recorder.start("take");
    REQUIRE(file);
    play(s.recorder.tape(), 0, 100000);
    for (int i = 0; i < 500 && s.recorder.status().active; ++i) std::this_thread::sleep_for(10ms);
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_DFL);

    const RecordingStatus status = s.recorder.status();
    CHECK_FALSE(status.active);
    CHECK(status.error == file->string() + ": File too large");
    const auto sound = read_sound(*file);
    REQUIRE(sound);
    CHECK(sound->frames() == status.frames);
    CHECK(sound->frames() > 24000); // 200,003 bytes hold 24,990 and the header
    CHECK(right_frames(*sound) == sound->frames());

    CHECK(s.recorder.start("next")); // needs no `finish` of the one that ended by itself
    CHECK(s.recorder.finish());
}

// Started by the test below, in a process of its own: records until it is killed.
TEST_CASE("recorder: endless", "[.][child]") {
    const char *folder = std::getenv("CHRONUS_TEST_FOLDER"),
               *name = std::getenv("CHRONUS_TEST_NAME");
    REQUIRE((folder != nullptr && name != nullptr));
    const std::filesystem::path place(folder);
    Recorder recorder(kFs, place);
    const auto file = recorder.start(name);
    REQUIRE(file);
    std::uint64_t frame = 0;
    for (auto due = std::chrono::steady_clock::now();; due += 10ms) {
        std::this_thread::sleep_until(due);
        play(recorder.tape(), frame, 480);
        frame += 480;
        if (frame % 4800 != 0) continue;
        const auto told = place / (std::string(name) + ".frames"),
                   next = place / (std::string(name) + ".next");
        put(next, std::to_string(frame));
        std::filesystem::rename(next, told); // whole, whenever we are killed
    }
}

TEST_CASE("recorder: killed at any moment, all but the last second is there", "[host][crash]") {
    TempFolder folder;
    const std::array<std::string, 4> names{"a.wav", "b.flac", "c.wav", "d.flac"};
    std::array<pid_t, 4> children{};
    for (std::size_t i = 0; i < names.size(); ++i) {
        ::setenv("CHRONUS_TEST_FOLDER", folder.path.c_str(), 1);
        ::setenv("CHRONUS_TEST_NAME", names[i].c_str(), 1);
        std::string program = "test", test = "recorder: endless";
        std::array<char *, 3> argv{program.data(), test.data(), nullptr};
        REQUIRE(::posix_spawn(&children[i], "/proc/self/exe", nullptr, nullptr, argv.data(),
                              environ) == 0);
    }
    std::this_thread::sleep_for(2300ms);
    for (const pid_t child : children) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        std::this_thread::sleep_for(233ms); // elsewhere in the second
    }
    for (const std::string &name : names) {
        INFO(name);
        const auto played =
            std::strtoull(get(folder.path / (name + ".frames")).c_str(), nullptr, 10);
        REQUIRE(played > 48000);
        const auto sound = read_sound(folder.path / name);
        REQUIRE(sound);
        CHECK(sound->frames() + 48000 + 12000 > played); // a second, and a quarter on the tape
        CHECK(right_frames(*sound) == sound->frames());
    }
}
