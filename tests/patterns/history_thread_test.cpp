#include "patterns/history/history_thread.h"
#include "patterns/history/operations.h"
#include "tests/crash/temp_folder.h"

#include <catch2/catch.hpp>

#include <poll.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

using namespace chronus;
using namespace chronus::patterns;
using namespace chronus::test;

namespace {

struct Rig : TempFolder {
    std::filesystem::path file = path / "history.db";
    std::atomic<std::int64_t> now_ms{1'700'000'000'000};

    std::unique_ptr<HistoryThread> start(HistoryThread::Work opened = {}) {
        return *HistoryThread::start({file, [this] { return now_ms.load(); }, std::move(opened)});
    }
};

/// What it answers, once it does.
Result<std::int64_t> last_of(HistoryThread &history) {
    std::optional<Result<std::int64_t>> told;
    REQUIRE(history.ask(last_operation, [&](Result<std::int64_t> id) { told = std::move(id); }));
    while (!told) {
        pollfd bell{history.fd(), POLLIN, 0};
        REQUIRE(::poll(&bell, 1, 60'000) == 1);
        history.drain();
    }
    return *told;
}

HistoryThread::Work keeping(std::int64_t id) {
    return [id](Database &db) {
        return keep(db, {.id = id, .type = "t", .name = "n", .status = "s", .document = "{}"});
    };
}

} // namespace

TEST_CASE("history thread: an answer knows of all that was noted before", "[history]") {
    Rig rig;
    const auto history = rig.start();
    CHECK(*last_of(*history) == 0);
    for (std::int64_t id = 1; id <= 20; ++id) history->note(keeping(id));
    CHECK(*last_of(*history) == 20);
    CHECK(history->status().error.empty());
    CHECK(history->status().lost == 0);
}

TEST_CASE("history thread: what was noted is kept before it ends", "[history]") {
    Rig rig;
    {
        const auto history = rig.start();
        for (std::int64_t id = 1; id <= 20; ++id) history->note(keeping(id));
    }
    std::int64_t found = 0;
    const auto history = rig.start([&](Database &db) {
        found = *last_operation(db);
        return Outcome{Done{}};
    });
    CHECK(found == 20); // and is there when `start` comes back
}

TEST_CASE("history thread: without a database it answers why, counts, and tries again",
          "[history]") {
    Rig rig;
    std::filesystem::create_directory(rig.file); // in its way
    const auto history = rig.start();
    CHECK_FALSE(history->status().error.empty());
    history->note(keeping(1));
    const auto refused = last_of(*history);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what == history->status().error);
    CHECK(history->status().lost == 1);
    std::filesystem::remove(rig.file);
    CHECK_FALSE(last_of(*history)); // not at every chance
    rig.now_ms += 10'000;
    history->note(keeping(2));
    CHECK(*last_of(*history) == 2);
    CHECK(history->status().error.empty());
    CHECK(history->status().lost == 1);
}

TEST_CASE("history thread: a file damaged under way is set aside, and it goes on", "[history]") {
    Rig rig;
    const auto history = rig.start();
    history->note(keeping(1));
    REQUIRE(*last_of(*history) == 1);
    history->note([](Database &) -> Outcome { return Error{Errc::corrupt, "found damaged"}; });
    history->note([&](Database &db) { return db.check(); });
    history->note(keeping(2));
    CHECK(*last_of(*history) == 2);
    CHECK(history->status().lost == 1);
}

TEST_CASE("history thread: what damages the file while it is open costs no start", "[history]") {
    Rig rig;
    {
        const auto history = rig.start();
        history->note(keeping(1));
        REQUIRE(*last_of(*history) == 1);
    }
    put(rig.file, std::string(9000, '?'));
    const auto history = rig.start();
    CHECK(history->status().note.find("history.damaged-1700000000000.db") != std::string::npos);
    CHECK(history->status().note.find("; 0 rows of it could be read") != std::string::npos);
    CHECK(history->status().error.empty());
    history->note(keeping(7));
    CHECK(*last_of(*history) == 7);
}

namespace {

/// Tends what it counts, as a journal is drained.
struct Tended {
    std::atomic<int> there{0}, kept{0}, times{0};
    std::atomic<bool> fails{false};

    HistoryThread::Work work() {
        return [this](Database &) -> Outcome {
            ++times;
            if (fails) return Error{Errc::io, "no room on the disk"};
            kept += there.exchange(0);
            return Done{};
        };
    }
    std::unique_ptr<HistoryThread> start(Rig &rig) {
        return *HistoryThread::start(
            {.file = rig.file, .now_ms = [&rig] { return rig.now_ms.load(); }, .tend = work()});
    }
};

void wait_for(const auto &what) {
    for (int i = 0; i < 60'000 && !what(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    REQUIRE(what());
}

} // namespace

TEST_CASE("history thread: what stirs it is tended within a second, and it sleeps until then",
          "[history]") {
    Rig rig;
    Tended tended;
    const auto history = tended.start(rig);
    for (int i = 1; i <= 3; ++i) {
        ++tended.there;
        history->stir();
        wait_for([&] { return tended.kept == i; });
    }
    CHECK(tended.times == 3);
    ++tended.there;
    history->hurry();
    history->hurry();
    wait_for([&] { return tended.kept == 4; });
}

TEST_CASE("history thread: a question is answered from what was there when it was asked",
          "[history]") {
    Rig rig;
    Tended tended;
    const auto history = tended.start(rig);
    for (int i = 1; i <= 20; ++i) {
        ++tended.there;
        history->stir();
        REQUIRE(last_of(*history));
        CHECK(tended.kept == i);
    }
}

TEST_CASE("history thread: what could not be tended is tried again, and at the end", "[history]") {
    Rig rig;
    Tended tended;
    auto history = tended.start(rig);
    tended.fails = true;
    ++tended.there;
    history->stir();
    wait_for([&] { return tended.times == 1; });
    tended.fails = false;
    wait_for([&] { return tended.kept == 1; }); // nobody stirs it again
    ++tended.there;
    history.reset();
    CHECK(tended.kept == 2);
}

TEST_CASE("history thread: what can be read of a damaged file is there again", "[history]") {
    Rig rig;
    {
        const auto history = rig.start();
        for (std::int64_t id = 1; id <= 200; ++id)
            history->note([id](Database &db) {
                return keep(db, {.id = id,
                                 .type = "t",
                                 .name = std::string(300, 'n'),
                                 .status = "s",
                                 .document = "{}"});
            });
        REQUIRE(*last_of(*history) == 200);
    }
    std::string bytes = get(rig.file);
    const std::size_t at = bytes.rfind(std::string(300, 'n')) / 4096 * 4096;
    bytes.replace(at, 4096, std::string(4096, '?'));
    put(rig.file, bytes);
    const auto history = rig.start();
    CHECK(history->status().note.find("rows of it could be read") != std::string::npos);
    CHECK(*last_of(*history) > 100);
    CHECK(history->status().error.empty());
}

TEST_CASE("history thread: questions beyond 64 are refused, notes beyond 1,024 lost", "[history]") {
    Rig rig;
    const auto history = rig.start();
    std::mutex held;
    held.lock();
    history->note([&](Database &) {
        const std::lock_guard wait{held};
        return Outcome{Done{}};
    });
    int answers = 0;
    const auto ask = [&] {
        return history->ask(last_operation, [&](const Result<std::int64_t> &) { ++answers; });
    };
    for (std::size_t i = 0; i < HistoryThread::kMostQuestions; ++i) REQUIRE(ask());
    CHECK(ask().error().code == Errc::busy);
    for (std::size_t i = 0; i < HistoryThread::kMostNotes; ++i)
        history->note([](Database &) { return Outcome{Done{}}; });
    CHECK(history->status().lost == 1); // the first was at work, or waited, too
    held.unlock();
    while (answers < 64) {
        pollfd bell{history->fd(), POLLIN, 0};
        REQUIRE(::poll(&bell, 1, 60'000) == 1);
        history->drain();
    }
    CHECK(ask());
}
