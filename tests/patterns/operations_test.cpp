#include "patterns/history/operations.h"
#include "patterns/history/versions.h"
#include "tests/crash/temp_folder.h"

#include <catch2/catch.hpp>

#include <string>

using namespace chronus;
using namespace chronus::patterns;
using namespace chronus::test;

namespace {

Operation of(std::int64_t id, std::string type = "render", std::string status = "completed") {
    return {.id = id,
            .type = std::move(type),
            .name = "demo",
            .status = std::move(status),
            .start_ms = 1000 * id,
            .end_ms = 1000 * id + 500,
            .units = 16,
            .seconds = 0.5,
            .document = "{\"id\":" + std::to_string(id) + "}"};
}

struct Rig : TempFolder {
    std::filesystem::path file = path / "history.db";
    Database db = *Database::open(file, kHistoryVersions);

    std::string ids(const OperationFilter &filter) {
        std::string out;
        const auto found = *operations(db, filter);
        for (const Operation &one : found) out += std::to_string(one.id) + " ";
        return out;
    }
};

} // namespace

TEST_CASE("operations: all of one comes back, also when opened anew", "[history]") {
    Rig rig;
    Operation never = of(2, "setlist", "cancelled");
    never.start_ms.reset();
    REQUIRE(keep(rig.db, of(1)));
    REQUIRE(keep(rig.db, never));
    rig.db = *Database::open(rig.file, kHistoryVersions);
    const auto one = *operation(rig.db, 1);
    REQUIRE(one);
    CHECK(one->type == "render");
    CHECK(one->name == "demo");
    CHECK(one->status == "completed");
    CHECK(one->start_ms == 1000);
    CHECK(one->end_ms == 1500);
    CHECK(one->units == 16);
    CHECK(one->seconds == 0.5);
    CHECK(one->document == "{\"id\":1}");
    CHECK_FALSE((*operation(rig.db, 2))->start_ms);
    CHECK_FALSE(*operation(rig.db, 3));
    CHECK(*last_operation(rig.db) == 2);
}

TEST_CASE("operations: the last to end is the first of the list, whatever its id", "[history]") {
    Rig rig;
    for (const std::int64_t id : {1, 3, 2}) REQUIRE(keep(rig.db, of(id)));
    CHECK(rig.ids({}) == "2 3 1 ");
    CHECK(rig.ids({.most = 2}) == "2 3 ");
    REQUIRE(keep(rig.db, of(1))); // once more under its id
    CHECK(rig.ids({}) == "1 2 3 ");
}

TEST_CASE("operations: type, status and time choose, alone and together", "[history]") {
    Rig rig;
    REQUIRE(keep(rig.db, of(1)));
    REQUIRE(keep(rig.db, of(2, "render", "failed")));
    REQUIRE(keep(rig.db, of(3, "setlist", "failed")));
    REQUIRE(keep(rig.db, of(4, "it's \"odd\"")));
    CHECK(rig.ids({.type = "render"}) == "2 1 ");
    CHECK(rig.ids({.status = "failed"}) == "3 2 ");
    CHECK(rig.ids({.type = "setlist", .status = "failed"}) == "3 ");
    CHECK(rig.ids({.type = "it's \"odd\""}) == "4 ");
    CHECK(rig.ids({.since_ms = 2500}) == "4 3 2 ");
    CHECK(rig.ids({.since_ms = 2501, .until_ms = 3500}) == "3 ");
    CHECK(rig.ids({.type = "nothing"}).empty());
}

TEST_CASE("operations: the last 1,000 are kept", "[history]") {
    Rig rig;
    REQUIRE(rig.db.run("PRAGMA synchronous=OFF")); // the disk is not what this is about
    for (std::int64_t id = 1; id <= 1003; ++id) REQUIRE(keep(rig.db, of(id)));
    const auto all = *operations(rig.db, {.most = 5000});
    CHECK(all.size() == kOperationsKept);
    CHECK(all.front().id == 1003);
    CHECK(all.back().id == 4);
    CHECK(*last_operation(rig.db) == 1003);
}
