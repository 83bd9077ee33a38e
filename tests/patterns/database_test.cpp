#include "patterns/history/database.h"
#include "tests/crash/temp_folder.h"

#include <catch2/catch.hpp>

#include <array>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using namespace chronus;
using namespace chronus::patterns;
using namespace chronus::test;

namespace {

constexpr std::array<std::string_view, 1> kFirst{"CREATE TABLE songs (name TEXT UNIQUE, bpm REAL, "
                                                 "bars INTEGER) STRICT"};
constexpr std::array<std::string_view, 2> kSecond{
    kFirst[0],
    "ALTER TABLE songs ADD COLUMN key TEXT; INSERT INTO songs (name, key) VALUES ('new', 'a')"};

struct Rig : TempFolder {
    std::filesystem::path file = path / "history.db";
    Database db = *Database::open(file, kFirst);

    std::int64_t count() {
        auto asked = *db.prepare("SELECT count(*) FROM songs");
        REQUIRE(*asked.next());
        return asked.whole(0);
    }
};

/// Files whose name begins so.
int files_like(const std::filesystem::path &folder, std::string_view begin) {
    int found = 0;
    for (const auto &entry : std::filesystem::directory_iterator{folder})
        found += entry.path().filename().string().starts_with(begin) ? 1 : 0;
    return found;
}

} // namespace

TEST_CASE("database: values come back as they went in, the missing as missing", "[history]") {
    Rig rig;
    const std::string odd{"two\0words \xc3\xa9", 12};
    auto put = *rig.db.prepare("INSERT INTO songs VALUES (?, ?, ?)");
    REQUIRE(put.with(odd, 0.1, std::int64_t{1} << 60).run());
    REQUIRE(
        put.with("empty", std::optional<double>{}, 7).run()); // nothing of the first run is left
    auto asked = *rig.db.prepare("SELECT name, bpm, bars FROM songs ORDER BY bars DESC");
    REQUIRE(*asked.next());
    CHECK(asked.text(0) == odd);
    CHECK(asked.number(1) == 0.1);
    CHECK(asked.whole(2) == std::int64_t{1} << 60);
    REQUIRE(*asked.next());
    CHECK(asked.is_null(1));
    CHECK_FALSE(asked.is_null(2));
    CHECK_FALSE(*asked.next());
}

TEST_CASE("database: what was not committed never was", "[history]") {
    Rig rig;
    {
        auto all = *Transaction::begin(rig.db);
        REQUIRE(rig.db.run("INSERT INTO songs (name) VALUES ('a')"));
    }
    CHECK(rig.count() == 0);
    {
        auto all = *Transaction::begin(rig.db);
        REQUIRE(rig.db.run("INSERT INTO songs (name) VALUES ('a')"));
        REQUIRE(all.commit());
    }
    CHECK(rig.count() == 1);
}

TEST_CASE("database: what is wrong is told by its kind", "[history]") {
    Rig rig;
    REQUIRE(rig.db.run("INSERT INTO songs (name) VALUES ('a')"));
    CHECK(rig.db.run("INSERT INTO songs (name) VALUES ('a')").error().code == Errc::conflict);
    CHECK(rig.db.prepare("SELECT wrong FROM songs").error().what.find("wrong") !=
          std::string::npos);
    auto put = *rig.db.prepare("INSERT INTO songs (bars) VALUES (?)");
    CHECK_FALSE(put.with("many").run()); // of a strict table
    CHECK(put.with(4).run());            // it can be run again
}

TEST_CASE("database: the file and those beside it are their owner's alone", "[history]") {
    Rig rig;
    REQUIRE(rig.db.run("INSERT INTO songs (name) VALUES ('a')"));
    CHECK(files_like(rig.path, "history.db") >= 2); // the log is beside it
    for (const auto &entry : std::filesystem::directory_iterator{rig.path}) {
        struct stat seen {};
        REQUIRE(::stat(entry.path().c_str(), &seen) == 0);
        CHECK((seen.st_mode & 0777) == 0600);
    }
}

TEST_CASE("database: versions build on each other and keep what is there", "[history]") {
    TempFolder folder;
    const auto file = folder.path / "history.db";
    {
        auto db = *Database::open(file, kFirst);
        REQUIRE(db.run("INSERT INTO songs (name, bars) VALUES ('old', 8)"));
    }
    for (int again = 0; again < 2; ++again) {
        auto db = *Database::open(file, kSecond);
        auto asked = *db.prepare("SELECT count(*), sum(bars), max(key) FROM songs");
        REQUIRE(*asked.next());
        CHECK(asked.whole(0) == 2); // the second step was taken once
        CHECK(asked.whole(1) == 8);
        CHECK(asked.text(2) == "a");
    }
    const auto before = get(file);
    CHECK(Database::open(file, kFirst).error().code == Errc::too_new);
    CHECK(open_or_begin_anew(file, kFirst, 1).error().code == Errc::too_new);
    CHECK(get(file) == before);
}

TEST_CASE("database: a version that fails leaves the one before", "[history]") {
    TempFolder folder;
    const auto file = folder.path / "history.db";
    { auto db = *Database::open(file, kFirst); }
    constexpr std::array<std::string_view, 2> kWrong{
        kFirst[0], "INSERT INTO songs (name) VALUES ('half'); INSERT INTO nothing VALUES (1)"};
    CHECK_FALSE(Database::open(file, kWrong));
    auto db = Database::open(file, kFirst);
    REQUIRE(db);
    auto asked = *db->prepare("SELECT count(*) FROM songs");
    REQUIRE(*asked.next());
    CHECK(asked.whole(0) == 0);
}

TEST_CASE("database: a damaged file is set aside whole, and a new one serves", "[history]") {
    TempFolder folder;
    const auto file = folder.path / "history.db";
    std::string bytes;
    SECTION("that is no database") { bytes = std::string(5000, 'x'); }
    SECTION("whose middle was overwritten") {
        auto made = *Database::open(file, kFirst);
        for (int i = 0; i < 200; ++i)
            REQUIRE(made.run("INSERT INTO songs (name) VALUES (hex(randomblob(40)))"));
        REQUIRE(made.run("PRAGMA wal_checkpoint(TRUNCATE)"));
        bytes = get(file);
        REQUIRE(bytes.size() > 3 * 4096);
        bytes.replace(4096, 8000, std::string(8000, '\xee'));
    }
    SECTION("that was cut short") {
        auto made = *Database::open(file, kFirst);
        for (int i = 0; i < 200; ++i)
            REQUIRE(made.run("INSERT INTO songs (name) VALUES (hex(randomblob(40)))"));
        REQUIRE(made.run("PRAGMA wal_checkpoint(TRUNCATE)"));
        bytes = get(file).substr(0, 6000);
    }
    for (const auto *ending : {"-wal", "-shm"}) std::filesystem::remove(file.string() + ending);
    std::filesystem::remove(file);
    put(file, bytes);
    auto opened = open_or_begin_anew(file, kFirst, 1700000000000);
    REQUIRE(opened);
    CHECK(opened->note.find("history.damaged-1700000000000.db") != std::string::npos);
    CHECK(get(folder.path / "history.damaged-1700000000000.db") == bytes);
    CHECK(opened->db.run("INSERT INTO songs (name) VALUES ('a')"));
    CHECK(opened->db.check());
}

TEST_CASE("database: an empty file, as a crash may leave it, is a new one", "[history]") {
    TempFolder folder;
    put(folder.path / "history.db", "");
    const auto opened = open_or_begin_anew(folder.path / "history.db", kFirst, 1);
    REQUIRE(opened);
    CHECK(opened->note.empty());
}

TEST_CASE("database: where none can be made, the reason names it", "[history]") {
    TempFolder folder;
    const auto nowhere = Database::open(folder.path / "no" / "history.db", kFirst);
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().what.find("history.db") != std::string::npos);
    std::filesystem::create_directory(folder.path / "history.db");
    CHECK_FALSE(open_or_begin_anew(folder.path / "history.db", kFirst, 1));
}
