#include "patterns/store/jobs.h"
#include "patterns/store/presets.h"
#include "tests/crash/toy_format.h"
#include "tests/support/model_disk.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace chronus;
using namespace chronus::patterns;
using Names = std::vector<std::string>;

TEST_CASE("presets: names are plain words, and any other is made one", "[store]") {
    for (const char *good : {"a", "Deep_Kick-2", "9", "x-"}) CHECK(is_preset_name(good));
    CHECK(is_preset_name(std::string(64, 'x')));
    for (const std::string bad :
         {"", "_x", "-x", "a b", "a/b", "../x", ".x", "x.json", "kick\n", "\xc3\xa9t\xc3\xa9"})
        CHECK_FALSE(is_preset_name(bad));
    CHECK_FALSE(is_preset_name(std::string(65, 'x')));
    for (const std::string any : {"", "_", "../x", "deep kick", "\xc3\xa9", "a/b"})
        CHECK(is_preset_name(usable_preset_name(any)));
    CHECK(is_preset_name(usable_preset_name(std::string(500, '/') + "x")));
    CHECK(usable_preset_name("deep kick") == "deep_kick");
}

TEST_CASE("presets: those in the folder are listed, and nothing else in it is", "[store]") {
    test::ModelDisk disk;
    const Presets presets{disk};
    CHECK(*presets.names() == Names{});
    JobRunner runner{disk, test::inspect_toy, 1};
    REQUIRE(runner.start());
    for (const char *path : {"presets/b.json", "presets/a.json", "presets/c.txt",
                             "presets/no name.json", "setlists/d.json"})
        disk.plant(path, "x");
    CHECK(*presets.names() == Names{"a", "b"});
    CHECK(*presets.load("a") == "x");
    CHECK(presets.load("c").error().code == Errc::not_found);
}

TEST_CASE("presets: a deleted one is gone for good once that is said", "[store]") {
    bool went_through = false;
    for (std::size_t k = 1; !went_through; ++k) {
        test::ModelDisk disk;
        JobRunner runner{disk, test::inspect_toy, 1};
        REQUIRE(runner.start());
        REQUIRE(runner.run({WriteFile{preset_path("deep"), "old"}, 1}));
        disk.lose_power_at(k);
        const bool acked = static_cast<bool>(runner.run({RemoveFile{preset_path("deep")}, 2}));
        went_through = !disk.struck();
        disk.crash();
        const auto left = Presets{disk}.load("deep");
        if (acked) CHECK_FALSE(left);
        if (left) CHECK(*left == "old");
    }
    test::ModelDisk disk;
    JobRunner runner{disk, test::inspect_toy, 1};
    REQUIRE(runner.start());
    CHECK(runner.run({RemoveFile{preset_path("none")}, 1}).error().code == Errc::not_found);
}
