#pragma once

#include "patterns/history/database.h"
#include "patterns/history/item_keeper.h"
#include "patterns/history/journal.h"
#include "patterns/history/versions.h"
#include "tests/crash/temp_folder.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace chronus::test {

constexpr std::int64_t kHistoryStart_ms = 1'800'000'000'000;

/// A database and a journal as a daemon has them, without its threads.
struct HistoryRig : TempFolder {
    std::filesystem::path file = path / "history.db", journal_file = path / "history.journal";
    std::optional<patterns::Database> db;
    std::optional<patterns::Journal> journal;
    std::optional<patterns::ItemKeeper> keeper;

    HistoryRig() { begin(); }
    void begin() {
        db.emplace(*patterns::Database::open(file, patterns::kHistoryVersions));
        journal.emplace(journal_file);
        keeper.emplace(*journal);
    }
    /// As when the process is killed and another one starts.
    void kill() {
        keeper.reset();
        journal.reset();
        db.reset();
        begin();
    }
    void keep() {
        const auto done = keeper->drain(*db);
        if (!done) FAIL(done.error().what);
    }
    std::int64_t number(std::string_view sql) {
        auto asked = *db->prepare(sql);
        REQUIRE(*asked.next());
        return asked.whole(0);
    }
};

inline patterns::SessionBegin session_begin(std::string content = {}) {
    return {.version = "1",
            .rate = 48000,
            .voices = 8,
            .seed = 7,
            .time_ms = kHistoryStart_ms,
            .content = std::move(content)};
}

} // namespace chronus::test
