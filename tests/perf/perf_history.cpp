// What a history of many items costs: perf_history FOLDER [ITEMS] makes one there with as many
// items (10,000,000) in executions of unlike length, if it has none yet, and asks it all there is
// to be asked. Prints for each question
//
//     NAME p50 MILLISECONDS p99 MILLISECONDS most MILLISECONDS
//
// and before them what an item takes in the file, and how long it takes to open it. Exits 1 when a
// p99 is above 50 ms.

#include "patterns/history/executions.h"
#include "patterns/history/item_keeper.h"
#include "patterns/history/items.h"
#include "patterns/history/statistics.h"
#include "patterns/history/versions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace chronus;
using namespace chronus::patterns;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kStart_ms = 1'700'000'000'000;

[[noreturn]] void fail(const std::string &what) {
    std::cerr << "perf_history: " << what << "\n";
    std::exit(1);
}
template <class T>
T got(Result<T> result) {
    if (!result) fail(result.error().what);
    return *std::move(result);
}

/// Plays as performers do: mostly turning knobs, an output now and then, a hash each second.
class Player {
public:
    Player(Database &db, const std::filesystem::path &journal)
        : db_(db), journal_(journal), keeper_(journal_) {}

    void play(std::uint64_t items) {
        put(SessionBegin{.version = "1", .rate = 48000, .voices = 8, .time_ms = kStart_ms});
        perform(items / 16); // a long night
        while (told_ < items) perform(chance_() % 100 == 0 ? 40'000 : 100u << chance_() % 6);
        keep();
    }

private:
    /// Of so many steps: 40,000 are an hour.
    void perform(std::uint64_t length) {
        put(ExecutionBegin{.slot = static_cast<std::int64_t>(chance_() % 128),
                           .time_ms = time_ms_,
                           .frame = frame_,
                           .name = fmt::format("take {}", told_),
                           .song = fmt::format("song {}", chance_() % 50),
                           .author = std::string{author()}});
        for (std::uint64_t i = 0; i < length; ++i) step();
        put(ExecutionEnd{.time_ms = time_ms_, .frame = frame_});
        keep();
    }

    void step() {
        time_ms_ += 100;
        frame_ += 4800;
        const auto at = [&](ItemType type, std::string_view content, std::uint32_t output = 0) {
            put(ItemView{.type = type,
                         .time_ms = time_ms_,
                         .frame = frame_,
                         .author = author(),
                         .content = content,
                         .output = output});
        };
        const auto kind = chance_() % 1000;
        if (kind < 450) {
            const ParamId id{static_cast<std::uint16_t>(chance_() % kParamCount)};
            const float value = static_cast<float>(chance_() % 1000) / 10;
            at(ItemType::user_input_osc, fmt::format("/{} {}", path_of(id).view(), value));
            put(SentMessage{n_++, frame_, time_ms_, {.what = SetParam{id, value}}});
        } else if (kind < 985) {
            put(SecondHeard{frame_, chance_() * chance_(), time_ms_});
        } else if (kind < 995) {
            at(ItemType::output_audio, R"({"seconds":12.5})",
               static_cast<std::uint32_t>(1 + chance_() % 3));
        } else {
            at(ItemType::stage3_blocked, fmt::format(R"({{"lufs":-{}}})", chance_() % 30), 1);
        }
    }

    std::string_view author() {
        static constexpr std::array<std::string_view, 4> kAuthors{"ann", "bob", "cyd", "dan"};
        return kAuthors[chance_() % kAuthors.size()];
    }
    template <class T>
    void put(const T &record) {
        if (journal_.is_half_full()) keep();
        if (!journal_.put(record)) fail("the journal is full");
        ++told_;
    }
    void keep() { got(keeper_.drain(db_)); }

    Database &db_;
    Journal journal_;
    ItemKeeper keeper_;
    std::mt19937 chance_{1};
    std::uint64_t told_ = 0, n_ = 0;
    std::int64_t time_ms_ = kStart_ms;
    Frame frame_ = 0;
};

std::int64_t number(Database &db, std::string_view sql) {
    auto asked = got(db.prepare(sql));
    got(asked.next());
    return asked.whole(0);
}

/// Slower than this at p99 is too slow.
constexpr double kEnough_ms = 50;
bool too_slow = false;

void measure(const char *name, const std::function<void(std::mt19937 &)> &question) {
    std::mt19937 chance{2};
    std::vector<double> ms;
    for (int i = 0; i < 200; ++i) {
        const Clock::time_point begin = Clock::now();
        question(chance);
        ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    }
    std::ranges::sort(ms);
    std::cout << fmt::format("{:24} p50 {:7.2f} p99 {:7.2f} most {:7.2f}\n", name, ms[100], ms[197],
                             ms.back())
              << std::flush;
    too_slow = too_slow || ms[197] > kEnough_ms;
}

void ask_all(Database &db) {
    const std::int64_t last = number(db, "SELECT max(id) FROM executions");
    const auto any = [&](std::mt19937 &chance) {
        return 1 + static_cast<std::int64_t>(chance()) % last;
    };
    const auto longest = static_cast<std::size_t>(got(execution(db, 1))->items);
    const auto found = [&](const ItemFilter &filter) { (void)got(find_items(db, filter)); };
    measure("list", [&](auto &) { got(executions(db, {})); });
    measure("list slot", [&](auto &c) { got(executions(db, {.slot = c() % 128})); });
    measure("list song has", [&](auto &c) {
        got(executions(
            db, {.song = fmt::format("song {}", c() % 50), .has = ItemType::stage3_blocked}));
    });
    measure("list none", [&](auto &) { got(executions(db, {.name = "none"})); });
    for (const auto &[name, view] :
         {std::pair{"show performer", View::performer}, std::pair{"show advanced", View::advanced},
          std::pair{"show researcher", View::researcher}})
        measure(name, [&, of = view](auto &c) {
            const std::int64_t id = any(c);
            const auto items_there = got(execution(db, id))->items;
            (void)got(items(
                db, id, of,
                {100, static_cast<std::size_t>(static_cast<std::int64_t>(c()) % items_there)}));
        });
    for (const auto &[name, view] : {std::pair{"show deep performer", View::performer},
                                     std::pair{"show deep advanced", View::advanced},
                                     std::pair{"show deep researcher", View::researcher}})
        measure(name, [&, of = view](auto &c) {
            const auto from =
                static_cast<std::size_t>(c()) % (of == View::performer ? 5000 : longest);
            (void)got(items(db, 1, of, {100, from}));
        });
    measure("find type", [&](auto &) { found({.type = ItemType::stage3_blocked}); });
    measure("find author", [&](auto &) { found({.author = "cyd"}); });
    measure("find text", [&](auto &c) { found({.text = fmt::format("cutoff {}", c() % 100)}); });
    measure("find text none", [&](auto &) { found({.text = "no such text"}); });
    measure("find slot song", [&](auto &c) {
        found({.type = ItemType::output_audio,
               .slot = c() % 128,
               .song = fmt::format("song {}", c() % 50)});
    });
    measure("find time", [&](auto &c) {
        const std::int64_t since = kStart_ms + static_cast<std::int64_t>(c()) % 1'000'000'000;
        found({.since_ms = since, .until_ms = since + 60'000});
    });
    measure("stats", [&](auto &) { got(statistics(db, {})); });
    measure("stats author", [&](auto &) { got(statistics(db, {.author = "ann"})); });
    measure("stats slot", [&](auto &c) { got(statistics(db, {.slot = c() % 128})); });
    measure("stats execution", [&](auto &c) { got(statistics(db, {.execution = any(c)})); });
}

} // namespace

int main(int argc, char **argv) {
    if (argc < 2) fail("usage: perf_history FOLDER [ITEMS]");
    const std::filesystem::path folder{argv[1]};
    const auto items = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10'000'000u;
    std::filesystem::create_directories(folder);
    const bool there = std::filesystem::exists(folder / "history.db");
    auto db = got(Database::open(folder / "history.db", kHistoryVersions));
    if (!there) Player{db, folder / "history.journal"}.play(items);
    got(db.run("PRAGMA wal_checkpoint(TRUNCATE)"));
    const Clock::time_point begin = Clock::now();
    got(db.check());
    std::cout << fmt::format(
        "checked in {:.0f} ms\n",
        std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    const auto rows = number(db, "SELECT sum(items) FROM executions");
    const auto bytes = std::filesystem::file_size(folder / "history.db");
    std::cout << fmt::format("{} items in {} executions, {:.1f} bytes an item\n", rows,
                             number(db, "SELECT count(*) FROM executions"),
                             static_cast<double>(bytes) / static_cast<double>(rows));
    ask_all(db);
    return too_slow ? 1 : 0;
}
