#include "patterns/history/journal.h"
#include "tests/crash/temp_folder.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <deque>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace chronus;
using namespace chronus::patterns;
using namespace chronus::test;

namespace {

struct Rig : TempFolder {
    std::filesystem::path file = path / "history.journal";
};

struct Read {
    std::vector<Record> records;
    bool damaged = false;
};

/// All that waits, as the history's thread reads it; at most so many.
Read read_all(JournalRing &ring, std::size_t most = 1'000'000) {
    Read out;
    const std::uint64_t end = ring.end();
    for (std::uint64_t at = ring.first(); at < end && out.records.size() < most;) {
        bool damaged = false;
        const auto found = ring.find(at, end, damaged);
        out.damaged = out.damaged || damaged;
        if (const auto record = found ? record_of(found->kind, found->payload) : std::nullopt)
            out.records.push_back(*record);
        at = found ? found->end : end;
        ring.release(at);
    }
    return out;
}

LateMessages numbered(std::uint64_t n) { return {.frame = n, .from = n, .to = n + 1}; }

/// The numbers of those, in order.
std::vector<std::uint64_t> numbers(const Read &read) {
    std::vector<std::uint64_t> out;
    for (const Record &record : read.records)
        if (const auto *late = std::get_if<LateMessages>(&record)) out.push_back(late->frame);
    return out;
}

std::string text_of_length(std::size_t size, std::mt19937 &chance) {
    std::string out(size, '\0');
    std::ranges::generate(out, [&] { return static_cast<char>(chance()); });
    return out;
}

constexpr std::size_t kHeader = 64 * 1024; // of the file; the ring follows

} // namespace

TEST_CASE("journal: every kind of record comes back as it was put", "[history][journal]") {
    Rig rig;
    Journal journal{rig.file};
    CHECK(journal.status().empty());
    const Item item{
        ItemType::user_input_osc, 5, 6, "an author", "content \n\0 odd", "file", "id", 3, "{}"};
    const std::vector<Record> put{
        ItemRecord{9, item},
        LentScene{4, {{1, 2}, {3, 4}}, std::string(300'000, 'x')}, // longer than is put as it is
        LateMessages{1, 2, 3, 4},
        AlarmHeard{1, 2, true, 4},
        SecondHeard{1, ~std::uint64_t{0}, 3},
        SessionBegin{"1.2", 48000, 8, 7, -5, {{5, 6}}, "{}"},
        SessionEnd{7, 8},
        ExecutionBegin{3, ExecutionKind::render, 12, 1, 2, "n", "s", "o", "a", "h"},
        ExecutionEnd{3, ExecutionStatus::failed, 1, 2, "why"},
    };
    for (const Record &record : put)
        std::visit(
            [&]<class T>(const T &one) {
                if constexpr (std::is_same_v<T, ItemRecord>) {
                    const Item &i = one.item;
                    REQUIRE(journal.put(ItemView{i.type, i.time_ms, i.frame, i.author, i.content,
                                                 i.file, i.request, i.output, i.metadata},
                                        one.run));
                } else if constexpr (!std::is_same_v<T, RecordsLost>) {
                    REQUIRE(journal.put(one));
                }
            },
            record);
    const Read read = read_all(journal.ring());
    REQUIRE(read.records.size() == put.size());
    CHECK_FALSE(read.damaged);
    for (std::size_t i = 0; i < put.size(); ++i)
        std::visit(
            [&]<class T>(const T &one) {
                if constexpr (!std::is_same_v<T, SentMessage>)
                    CHECK(std::get<T>(read.records[i]) == one);
            },
            put[i]);
    CHECK(journal.waiting() == 0);
}

TEST_CASE("journal: a number told to an address comes back as the item that says so",
          "[history][journal]") {
    Rig rig;
    Journal journal{rig.file};
    const ItemView by{.type = ItemType::user_input_cli, .time_ms = 5, .frame = 6, .author = "ann"};
    const std::vector<std::pair<float, std::string>> moves{
        {0.1f, "0.1"}, {-0.0f, "-0"}, {128, "128"}, {1e10f, "1e+10"}, {0.33333334f, "0.33333334"}};
    for (const auto &[value, text] : moves) REQUIRE(journal.put_move(by, "/mod/a", value));
    const Read read = read_all(journal.ring());
    REQUIRE(read.records.size() == moves.size());
    for (std::size_t i = 0; i < moves.size(); ++i)
        CHECK(std::get<ItemRecord>(read.records[i]).item ==
              Item{.type = ItemType::user_input_cli,
                   .time_ms = 5,
                   .frame = 6,
                   .author = "ann",
                   .content = "/mod/a " + moves[i].second});
    const std::vector<std::byte> zeros(64); // no item has the type 0
    for (std::size_t size = 0; size < zeros.size(); ++size)
        CHECK_FALSE(record_of(1000, std::span{zeros}.first(size)));
}

TEST_CASE("journal: a queue, whatever is put and read in turn; what finds no room is counted and "
          "told",
          "[history][journal]") {
    Rig rig;
    Journal journal{rig.file};
    std::mt19937 chance{1};
    std::deque<std::string> waiting;
    std::uint64_t lost = 0, told = 0;
    const auto read = [&](std::size_t most) {
        for (const Record &record : read_all(journal.ring(), most).records) {
            if (const auto *gap = std::get_if<RecordsLost>(&record)) {
                told += gap->count;
                continue;
            }
            REQUIRE_FALSE(waiting.empty());
            REQUIRE(std::get<ItemRecord>(record).item.content == waiting.front());
            waiting.pop_front();
        }
    };
    for (int i = 0; i < 20'000; ++i) {
        const std::size_t size = chance() % (chance() % 64 == 0 ? 200'000 : 300);
        const std::string text = text_of_length(size, chance);
        if (journal.put(ItemView{.type = ItemType::xrun, .content = text}))
            waiting.push_back(text);
        else
            ++lost;
        REQUIRE(journal.lost() == lost);
        if (chance() % 40 == 0) read(chance() % 60);
    }
    read(1'000'000);
    REQUIRE(journal.put(ItemView{.type = ItemType::xrun}));
    waiting.emplace_back();
    read(2);
    CHECK(waiting.empty());
    CHECK(lost > 0);
    CHECK(told == lost);
}

TEST_CASE("journal: what was put outlives who put it, and waits for the next",
          "[history][journal]") {
    Rig rig;
    for (std::uint64_t n = 0; n < 3; ++n) {
        Journal journal{rig.file};
        REQUIRE(journal.put(numbered(n)));
    }
    Journal journal{rig.file};
    CHECK(numbers(read_all(journal.ring())) == std::vector<std::uint64_t>{0, 1, 2});
    CHECK(journal.put(numbered(3)));
    CHECK(numbers(read_all(journal.ring())) == std::vector<std::uint64_t>{3});
}

TEST_CASE("journal: as long as it is read now and then, its first pages are enough",
          "[history][journal]") {
    Rig rig;
    {
        Journal journal{rig.file};
        for (std::uint64_t n = 0; n < 100'000; ++n) {
            REQUIRE(journal.put(numbered(n)));
            if (n % 50 == 0) (void)read_all(journal.ring());
        }
    }
    const std::string bytes = get(rig.file);
    REQUIRE(bytes.size() == kHeader + JournalRing::kBytes);
    CHECK(std::ranges::count(bytes.substr(kHeader + 4096), '\0') ==
          static_cast<std::ptrdiff_t>(JournalRing::kBytes - 4096));
}

TEST_CASE("journal: damage costs what is damaged and nothing else, and is told",
          "[history][journal]") {
    std::mt19937 chance{2};
    for (int round = 0; round < 100; ++round) {
        Rig rig;
        {
            Journal journal{rig.file};
            for (std::uint64_t n = 0; n < 100; ++n) REQUIRE(journal.put(numbered(n)));
        }
        std::string bytes = get(rig.file);
        constexpr std::size_t kRecord = 8 + 32;
        const std::size_t at = chance() % (100 * kRecord), length = 1 + chance() % 100;
        for (std::size_t i = at; i < std::min(at + length, 100 * kRecord); ++i)
            bytes[kHeader + i] = static_cast<char>(bytes[kHeader + i] ^ (1 + chance() % 255));
        put(rig.file, bytes);
        std::vector<std::uint64_t> left;
        for (std::uint64_t n = 0; n < 100; ++n)
            if ((n + 1) * kRecord <= at || n * kRecord >= at + length) left.push_back(n);
        Journal journal{rig.file};
        const Read read = read_all(journal.ring());
        CAPTURE(round, at, length);
        REQUIRE(numbers(read) == left);
        REQUIRE(read.damaged);
    }
}

TEST_CASE("journal: any bytes are opened, read and written over without harm",
          "[history][journal]") {
    Rig rig;
    std::mt19937 chance{3};
    {
        Journal journal{rig.file};
        REQUIRE(journal.put(SentMessage{.message = {.what = SetGate{3, true}}}));
        REQUIRE(journal.put(LentScene{1, {{1, 1}}, std::string(100'000, 'x')}));
        REQUIRE(journal.put(ItemView{.type = ItemType::error, .content = "text"}));
        for (std::uint64_t n = 0; n < 1000; ++n) REQUIRE(journal.put(numbered(n)));
    }
    const std::string whole = get(rig.file);
    for (int round = 0; round < 500; ++round) {
        std::string bytes = round % 10 == 0 ? text_of_length(kHeader + 4096, chance) : whole;
        for (auto flips = chance() % 40; flips > 0; --flips) {
            const std::size_t in_ring = kHeader + chance() % (bytes.size() - kHeader);
            const bool header = chance() % 4 == 0;
            bytes[header ? chance() % 256 : in_ring] = static_cast<char>(chance());
        }
        if (round % 5 == 0) bytes.resize(chance() % bytes.size());
        put(rig.file, bytes);
        Journal journal{rig.file};
        (void)read_all(journal.ring());
        CAPTURE(round);
        REQUIRE(journal.put(numbered(7)));
        REQUIRE(numbers(read_all(journal.ring())) == std::vector<std::uint64_t>{7});
    }
}

TEST_CASE("journal: bytes that pass for a message and are none are no record",
          "[history][journal]") {
    SentMessage sent{.message = {.what = SetGate{3, true}}};
    const auto is_one = [&](std::size_t place, unsigned char byte) {
        auto bytes = std::bit_cast<std::array<std::byte, sizeof(SentMessage)>>(sent);
        bytes[place] = std::byte{byte};
        return record_of(kKind<SentMessage>, bytes).has_value();
    };
    const std::size_t kind = offsetof(SentMessage, message) + sizeof(Message::what) -
                             alignof(decltype(Message::what)); // where the variant has it
    CHECK(is_one(kind, 1));
    CHECK_FALSE(is_one(kind, 200));
    CHECK_FALSE(is_one(offsetof(SentMessage, message) + 1, 2)); // a bool that is neither
    sent.message.what = SetParam{ParamId{60000}, 1};
    CHECK_FALSE(is_one(0, 0));
    sent.message.what = SetParam{ParamId{0}, std::numeric_limits<float>::infinity()};
    CHECK_FALSE(is_one(0, 0));
    const std::array<std::byte, 5> few{};
    for (std::uint16_t of = 0; of < 20; ++of) CHECK_FALSE(record_of(of, few));
}

TEST_CASE("journal: where there can be no file it is in memory, and says why",
          "[history][journal]") {
    Rig rig;
    std::filesystem::path file = rig.file;
    SECTION("a folder is in its place") { std::filesystem::create_directory(file); }
    SECTION("there is no folder for it") { file = rig.path / "none" / "history.journal"; }
    SECTION("it is a link") { std::filesystem::create_symlink(rig.path / "elsewhere", file); }
    Journal journal{file};
    CHECK(journal.status().find("history.journal") == 0);
    CHECK(journal.status().find("in memory alone") != std::string::npos);
    REQUIRE(journal.put(numbered(1)));
    CHECK(numbers(read_all(journal.ring())) == std::vector<std::uint64_t>{1});
    CHECK_FALSE(std::filesystem::exists(rig.path / "elsewhere"));
}

TEST_CASE("journal: one thread puts while another reads, and each record comes once, whole",
          "[history][journal]") {
    Rig rig;
    Journal journal{rig.file};
    constexpr std::uint64_t kRecords = 200'000;
    std::atomic<bool> over{false};
    std::uint64_t lost = 0;
    std::thread writer{[&] {
        for (std::uint64_t n = 0; n < kRecords; ++n)
            if (!journal.put(LateMessages{n, n * 3, n * 5, static_cast<std::int64_t>(n * 7)}))
                ++lost;
        over = true;
    }};
    std::uint64_t seen = 0, next = 0, told = 0;
    bool ordered = true, whole = true, damaged = false;
    for (bool last = false; !last;) {
        last = over; // what was put before it is read below
        const Read read = read_all(journal.ring());
        damaged = damaged || read.damaged;
        for (const Record &record : read.records) {
            if (const auto *gap = std::get_if<RecordsLost>(&record)) told += gap->count;
            const auto *late = std::get_if<LateMessages>(&record);
            if (late == nullptr) continue;
            ordered = ordered && late->frame >= next;
            whole = whole && late->from == late->frame * 3 && late->to == late->frame * 5;
            next = late->frame + 1;
            ++seen;
        }
    }
    writer.join();
    CHECK((ordered && whole && !damaged));
    CHECK(seen + lost == kRecords);
    CHECK(told <= lost);
}
