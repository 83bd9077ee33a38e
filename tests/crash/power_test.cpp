#include "patterns/history/history_thread.h"
#include "patterns/history/item_keeper.h"
#include "patterns/history/journal.h"
#include "patterns/history/versions.h"
#include "tests/crash/temp_folder.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace chronus::test {
namespace {

using namespace patterns;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// What a disk has after power was cut: files as they were when they were last synced.
class SyncedDisk {
public:
    struct State {
        Clock::time_point time;
        std::map<std::string, std::string> files; ///< by name
    };

    /// Of this folder, from now on.
    void watch(const std::filesystem::path &folder) {
        const std::lock_guard hold(lock_);
        folder_ = folder;
        states_.clear();
    }
    void watch_no_more() {
        const std::lock_guard hold(lock_);
        folder_.clear();
    }
    void synced(int fd) {
        const std::lock_guard hold(lock_);
        std::error_code ignored;
        const auto file =
            std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", fd), ignored);
        if (folder_.empty() || (file.parent_path() != folder_ && file != folder_)) return;
        State next = states_.empty() ? State{} : states_.back();
        next.time = Clock::now();
        if (file == folder_) // what was removed is gone for good
            std::erase_if(next.files,
                          [&](const auto &each) { return !exists(folder_ / each.first); });
        else
            next.files[file.filename().string()] = get(file);
        states_.push_back(std::move(next));
    }
    std::vector<State> states() {
        const std::lock_guard hold(lock_);
        return states_;
    }

private:
    std::mutex lock_;
    std::filesystem::path folder_;
    std::vector<State> states_;
};

SyncedDisk &disk() {
    static SyncedDisk one;
    return one;
}

} // namespace
} // namespace chronus::test

/// In the place of the system's, for all of this program: SQLite calls them.
extern "C" int fdatasync(int fd) {
    const auto done = ::syscall(SYS_fdatasync, fd);
    if (done == 0) chronus::test::disk().synced(fd);
    return static_cast<int>(done);
}
extern "C" int fsync(int fd) {
    const auto done = ::syscall(SYS_fsync, fd);
    if (done == 0) chronus::test::disk().synced(fd);
    return static_cast<int>(done);
}

namespace chronus::test {
namespace {

/// When each of the items was put, from number 1 on, a few hundred a second.
std::vector<Clock::time_point> put_items(const std::filesystem::path &folder,
                                         std::chrono::milliseconds time) {
    Journal journal{folder / "history.journal"};
    ItemKeeper keeper{journal};
    const auto history =
        HistoryThread::start({.file = folder / "history.db",
                              .now_ms = [] { return std::int64_t{1'800'000'000'000}; },
                              .tend = [&](Database &db) { return keeper.drain(db); }});
    REQUIRE(history);
    REQUIRE(journal.put(SessionBegin{.version = "1", .rate = 48000, .time_ms = 1}));
    std::vector<Clock::time_point> out;
    for (const auto end = Clock::now() + time; Clock::now() < end;) {
        const std::string content = fmt::to_string(out.size() + 1);
        REQUIRE(journal.put(ItemView{.type = ItemType::heal, .time_ms = 2, .content = content}));
        out.push_back(Clock::now());
        (*history)->stir();
        std::this_thread::sleep_for(3ms);
    }
    disk().watch_no_more(); // what is synced on the way out comes too late to count
    return out;
}

/// The last item that is there when the computer starts again.
std::size_t last_item(const SyncedDisk::State &state) {
    TempFolder after;
    for (const auto &[name, bytes] : state.files) put(after.path / name, bytes);
    auto db = Database::open(after.path / "history.db", kHistoryVersions);
    REQUIRE(db);
    auto asked = *db->prepare(
        "SELECT count(*), ifnull(max(CAST(content AS INTEGER)), 0) FROM items WHERE type = 54");
    REQUIRE(*asked.next());
    CHECK(asked.whole(0) == asked.whole(1)); // none before it is missing
    return static_cast<std::size_t>(asked.whole(1));
}

/// How long the item that waited longest for the disk did so.
Clock::duration longest_wait(const std::vector<Clock::time_point> &put,
                             const std::vector<SyncedDisk::State> &states) {
    Clock::duration longest{};
    std::size_t kept = 0;
    for (const SyncedDisk::State &state : states) {
        const std::size_t last = last_item(state);
        REQUIRE(last >= kept);
        for (; kept < last; ++kept) longest = std::max(longest, state.time - put.at(kept));
    }
    if (kept < put.size()) longest = std::max(longest, put.back() - put[kept]);
    return longest;
}

} // namespace

/// Where a computer has other things to do, it may take it two more tries.
TEST_CASE("power cut at any moment: what was put a second before is on the disk") {
    Clock::duration longest{1h};
    for (int tries = 0; tries < 3 && longest > 1s; ++tries) {
        TempFolder temp;
        disk().watch(temp.path);
        const auto put = put_items(temp.path, 2500ms);
        const auto states = disk().states();
        CHECK(states.size() >= 3);
        longest = longest_wait(put, states);
    }
    INFO("longest " << std::chrono::duration<double>(longest).count() << " s");
    CHECK(longest <= 1s);
}

} // namespace chronus::test
