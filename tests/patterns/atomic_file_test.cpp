#include "patterns/store/atomic_file.h"
#include "patterns/store/posix_disk.h"
#include "tests/crash/temp_folder.h"
#include "tests/support/model_disk.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>

namespace chronus::test {
namespace {

using namespace patterns;
namespace fs = std::filesystem;

constexpr std::array kErrors{ENOSPC, EDQUOT, EIO, EROFS, EACCES, EMFILE};
const std::string kOld(3000, 'o');
const std::string kNew(9000, 'n'); // several writes and more than one sector

/// A disk that holds the old bytes in "a/file", for good.
void prepare(ModelDisk &disk) {
    TempNames names(1);
    REQUIRE(ensure_folder(disk, "a"));
    REQUIRE(replace_file(disk, names, "a/file", kOld));
}

std::string held(Disk &disk) {
    const auto bytes = disk.read("a/file", 1 << 20);
    return bytes ? *bytes : bytes.error().what;
}

std::size_t temps(Disk &disk) {
    const auto names = disk.list("a");
    REQUIRE(names);
    return static_cast<std::size_t>(std::ranges::count_if(*names, is_temp_name));
}

} // namespace

TEST_CASE("atomic file: a replaced file is whole and survives a loss of power", "[store]") {
    ModelDisk disk;
    prepare(disk);
    TempNames names(2);
    REQUIRE(replace_file(disk, names, "a/file", kNew));
    disk.crash();
    CHECK(held(disk) == kNew);
    CHECK(temps(disk) == 0);
}

TEST_CASE("atomic file: a loss of power at any call leaves the old or the new bytes", "[store]") {
    std::mt19937_64 chance(1);
    bool went_through = false;
    for (std::size_t k = 1; !went_through; ++k)
        for (int image = 0; image < 50; ++image) {
            ModelDisk disk;
            prepare(disk);
            TempNames names(2);
            disk.lose_power_at(k);
            const bool acked = static_cast<bool>(replace_file(disk, names, "a/file", kNew));
            went_through = !disk.struck();
            image == 0 ? disk.crash() : disk.crash(chance);
            const std::string now = held(disk);
            CAPTURE(k, image, acked);
            REQUIRE((now == kNew || (now == kOld && !acked)));
            sweep_temps(disk, "a");
            REQUIRE(temps(disk) == 0);
        }
}

TEST_CASE("atomic file: any refusal of any call leaves the old or the new bytes", "[store]") {
    const auto times = GENERATE(ModelDisk::Times::once, ModelDisk::Times::for_ever);
    const int error = GENERATE(from_range(kErrors));
    bool went_through = false;
    for (std::size_t k = 1; !went_through; ++k) {
        ModelDisk disk;
        prepare(disk);
        TempNames names(2);
        disk.fail_at(k, error, times);
        const auto written = replace_file(disk, names, "a/file", kNew);
        went_through = !disk.struck();
        disk.heal();
        CAPTURE(k, error, written ? "" : written.error().what);
        REQUIRE((held(disk) == kNew || (held(disk) == kOld && !written)));
        if (times == ModelDisk::Times::once) REQUIRE(temps(disk) == 0);
        REQUIRE(replace_file(disk, names, "a/file", kNew)); // the first after the fault
        disk.crash();
        REQUIRE(held(disk) == kNew);
    }
}

TEST_CASE("atomic file: a file whose sync was refused is never synced again", "[store]") {
    ModelDisk disk;
    prepare(disk);
    TempNames names(2);
    const auto times = GENERATE(ModelDisk::Times::once, ModelDisk::Times::for_ever);
    disk.fail_at(1 + 1 + 3, EIO, times); // one create, three writes of 4096, then the sync
    const auto before = disk.log().size();
    CHECK(static_cast<bool>(replace_file(disk, names, "a/file", kNew)) ==
          (times == ModelDisk::Times::once));

    std::vector<std::string> syncs;
    for (std::size_t i = before; i < disk.log().size(); ++i)
        if (disk.log()[i].starts_with("sync #")) syncs.push_back(disk.log()[i]);
    CHECK(std::ranges::count(syncs, syncs.front()) == 1);
    if (times == ModelDisk::Times::once) CHECK(syncs.size() == 2);
    disk.heal();
    disk.crash();
    CHECK(held(disk) == (times == ModelDisk::Times::once ? kNew : kOld));
}

TEST_CASE("atomic file: the folder is synced after the rename and before the answer", "[store]") {
    ModelDisk disk;
    prepare(disk);
    CHECK(disk.log().back() == "sync_folder a");
    CHECK(disk.log()[disk.log().size() - 2].starts_with("rename "));
}

TEST_CASE("atomic file: a temporary name left by an earlier run is stepped over", "[store]") {
    ModelDisk disk;
    prepare(disk);
    disk.plant(TempNames(7).next("a/file"), "left behind");
    TempNames names(7);
    REQUIRE(replace_file(disk, names, "a/file", kNew));
    CHECK(held(disk) == kNew);
    CHECK(sweep_temps(disk, "a") == 1);
    CHECK(temps(disk) == 0);
}

TEST_CASE("atomic file: only names of our making count as temporary", "[store]") {
    CHECK(is_temp_name(name_of(TempNames(1).next("a/slot_001.json"))));
    for (const auto *name : {"slot_001.json", ".tmp", "..tmp", ".a.tmp", ".a.1.tmp", ".a.1-.tmp",
                             ".a.1-2-3.tmp", ".a.x-1.tmp", "a.1-2.tmp", ".1-2.tmp"})
        CHECK_FALSE(is_temp_name(name));
}

TEST_CASE("posix disk: files are 0600 and folders 0700, whatever the umask", "[store]") {
    RealDisk real;
    const auto mask = ::umask(0);
    TempNames names(1);
    REQUIRE(ensure_folder(real.disk, "a"));
    REQUIRE(replace_file(real.disk, names, "a/file", kNew));
    ::umask(mask);
    CHECK(fs::status(real.path / "a").permissions() == fs::perms(0700));
    CHECK(fs::status(real.path / "a/file").permissions() == fs::perms(0600));
    CHECK(held(real.disk) == kNew);
}

TEST_CASE("posix disk: no path leaves its folder", "[store]") {
    RealDisk real;
    TempFolder elsewhere;
    put(elsewhere.path / "secret", "secret");
    fs::create_directory_symlink(elsewhere.path, real.path / "link");
    fs::create_symlink(elsewhere.path / "secret", real.path / "file");
    fs::create_directory(real.path / "a");
    const std::string up = "../" + elsewhere.path.filename().string() + "/secret";
    const std::vector<std::string> paths{
        up,   "a/" + up, "a/../../x", "/etc/passwd",          "link/secret",         "file", ".",
        "..", "a//b",    "a/",        std::string("a\0b", 3), std::string(300, 'x'), "",     "a/."};
    for (const std::string &path : paths) {
        CAPTURE(path);
        CHECK_FALSE(real.disk.read(path, 100));
    }
    TempNames names(1);
    CHECK_FALSE(replace_file(real.disk, names, "link/secret", "changed"));
    CHECK_FALSE(real.disk.create("file"));
    CHECK_FALSE(real.disk.list("link"));
    CHECK_FALSE(real.disk.make_folder("link/new"));
    CHECK(get(elsewhere.path / "secret") == "secret");
    CHECK(std::distance(fs::directory_iterator(elsewhere.path), {}) == 1);
}

TEST_CASE("posix disk: replacing a planted link replaces the link, not what it leads to",
          "[store]") {
    RealDisk real;
    TempFolder elsewhere;
    put(elsewhere.path / "precious", "precious");
    fs::create_directory(real.path / "a");
    fs::create_symlink(elsewhere.path / "precious", real.path / "a/file");
    TempNames names(1);
    REQUIRE(replace_file(real.disk, names, "a/file", kNew));
    CHECK(get(elsewhere.path / "precious") == "precious");
    CHECK(held(real.disk) == kNew);
}

TEST_CASE("posix disk: pipes, folders and devices are refused at once, not waited for", "[store]") {
    RealDisk real;
    fs::create_directory(real.path / "a");
    REQUIRE(::mkfifo((real.path / "pipe").c_str(), 0600) == 0);
    CHECK(real.disk.read("pipe", 100).error().what == "pipe: not a plain file");
    CHECK(real.disk.read("a", 100).error().what == "a: not a plain file");
}

TEST_CASE("posix disk: a file over the limit is refused unread", "[store]") {
    RealDisk real;
    put(real.path / "big", std::string(101, 'x'));
    CHECK(real.disk.read("big", 101));
    CHECK(real.disk.read("big", 100).error().code == Errc::too_big);
}

TEST_CASE("posix disk: a full disk is told in its own words", "[store]") {
    PosixDisk devices = *PosixDisk::open("/dev");
    UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    if (!full) return; // not every container has one
    const auto written = devices.write(full.get(), "x");
    REQUIRE_FALSE(written);
    CHECK(written.error().code == Errc::io);
    CHECK(written.error().what.ends_with("No space left on device"));
}

TEST_CASE("posix disk: when no byte more fits, the old file stays and nothing is left behind",
          "[store]") {
    RealDisk real;
    fs::create_directory(real.path / "a");
    put(real.path / "a/file", kOld);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit tight{5000, before.rlim_max}; // the new bytes stop half-way, as on a full disk
    ::setrlimit(RLIMIT_FSIZE, &tight);
    TempNames names(1);
    const auto written = replace_file(real.disk, names, "a/file", kNew);
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    CHECK_FALSE(written);
    CHECK(held(real.disk) == kOld);
    CHECK(temps(real.disk) == 0);
    CHECK(replace_file(real.disk, names, "a/file", kNew));
}

TEST_CASE("posix disk: answers as the model disk does", "[store]") {
    RealDisk real;
    ModelDisk model;
    const auto told = [](Disk &disk) {
        std::vector<std::string> answers;
        const auto note = [&](const auto &r) {
            answers.push_back(r ? "done" : fmt::to_string(static_cast<int>(r.error().code)));
        };
        note(disk.read("f", 10));
        note(disk.create("a/f"));
        note(disk.make_folder("a/b"));
        note(disk.make_folder("a"));
        note(disk.make_folder("a"));
        const auto file = disk.create("a/f");
        note(file);
        note(disk.create("a/f"));
        note(disk.write(*file, "bytes"));
        note(disk.sync(*file));
        note(disk.close(*file));
        note(disk.read("a/f", 4));
        note(disk.link("a/f", "a/g"));
        note(disk.link("a/f", "a/g"));
        note(disk.link("a/none", "a/h"));
        note(disk.rename("a/f", "a/g")); // two names of one file: POSIX leaves both
        note(disk.rename("a/none", "a/h"));
        note(disk.unlink("a/none"));
        note(disk.unlink("a/g"));
        note(disk.sync_folder("a"));
        note(disk.sync_folder("none"));
        note(disk.info("none"));
        note(disk.list("none"));
        return answers;
    };
    CHECK(told(real.disk) == told(model));
}

} // namespace chronus::test
