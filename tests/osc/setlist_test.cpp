#include "osc/set_shelf.h"
#include "patterns/store/setlist_files.h"
#include "patterns/text/setlist_text.h"
#include "tests/osc/error_cases.h"
#include "tests/support/director_rig.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

namespace chronus::osc {

using patterns::Setlist;
using test::answer_to;
using test::arg;
using test::DirectorRig;

namespace {

/// What became of it, once the disk is done: "/reply" or the error's symbol.
std::string done(DirectorRig &rig, const Message &message) {
    auto told = rig.say(message);
    rig.wait_for_disk();
    for (const Message &later : rig.told()) told.push_back(later);
    return test::outcome_of(told, message.address);
}

/// Slots 1 to 3, which differ in tempo: 101, 102, 103.
void save_three(DirectorRig &rig) {
    rig.say({"/client/replies", {2}});
    for (const int slot : {1, 2, 3}) {
        rig.say({"/seq/bpm", {100 + slot}});
        done(rig, {"/pattern/save", {slot, fmt::format("p{}", slot)}});
    }
}

/// The set on the disk.
Setlist kept(DirectorRig &rig, const std::string &name = "gig") {
    const auto set = patterns::decode_setlist(test::get(rig.state() / patterns::set_path(name)));
    if (!set) FAIL(set.error().what);
    return set->set;
}

std::vector<std::string> songs(const Setlist &set) {
    std::vector<std::string> names;
    for (const patterns::Song &song : set.songs) names.push_back(song.name);
    return names;
}

void make_gig(DirectorRig &rig) {
    save_three(rig);
    for (const Message &message :
         {Message{"/setlist/new", {"gig"}}, Message{"/setlist/add", {"gig", "intro", 1}},
          Message{"/setlist/add", {"gig", "song", 2}}, Message{"/setlist/add", {"gig", "end", 3}}})
        REQUIRE(done(rig, message) == "/reply");
}

} // namespace

TEST_CASE("setlist: what is built by commands is in its file when it is answered", "[osc]") {
    DirectorRig rig;
    make_gig(rig);
    for (const Message &message :
         {Message{"/setlist/template", {"gig", 3}}, Message{"/setlist/part", {"gig", "song", 2, 4}},
          Message{"/setlist/part", {"gig", "song", 0, 8, 2}},
          Message{"/setlist/part", {"gig", "song", 1, 1}},
          Message{"/setlist/part/remove", {"gig", "song", 3}},
          Message{"/setlist/override", {"gig", "song", "seq/bpm", 140}},
          Message{"/setlist/override", {"gig", "song", "voice1/osc/type", "saw"}},
          Message{"/setlist/override", {"gig", "song", "voice1/amp", 0.5f}},
          Message{"/setlist/override", {"gig", "song", "voice1/amp"}},
          Message{"/setlist/after", {"gig", "end", "stop"}},
          Message{"/setlist/notes", {"gig", "intro", "count to four"}},
          Message{"/setlist/add", {"gig", "plain"}}, Message{"/setlist/move", {"gig", "plain", 1}},
          Message{"/setlist/rename", {"gig", "intro", "opening"}},
          Message{"/setlist/remove", {"gig", "plain"}}}) {
        INFO(message.address);
        CHECK(done(rig, message) == "/reply");
    }
    const Setlist set = kept(rig);
    CHECK(songs(set) == std::vector<std::string>{"opening", "song", "end"});
    CHECK(set.base.slot == 3);
    const patterns::Song &song = set.songs[1];
    REQUIRE(song.parts.size() == 2);
    CHECK(song.parts[0].source.slot == 2);
    CHECK(song.parts[0].bars == 4);
    CHECK_FALSE(song.parts[1].source.pattern);
    CHECK(song.parts[1].repeat == 2);
    CHECK(song.overrides == patterns::Overrides{{"seq/bpm", 140.0}, {"voice1/osc/type", "saw"}});
    CHECK(set.songs[2].after == patterns::After::stop);
    CHECK(set.songs[0].notes == "count to four");
}

TEST_CASE("setlist: edits of one bundle are all done, or none is", "[osc]") {
    DirectorRig rig;
    make_gig(rig);
    rig.say_together({{"/setlist/add", {"gig", "a", 1}}, {"/setlist/add", {"gig", "b", 2}}});
    rig.wait_for_disk();
    CHECK(songs(kept(rig)).size() == 5);
    rig.say_together({{"/setlist/add", {"gig", "c", 1}}, {"/setlist/add", {"gig", "c", 2}}});
    rig.wait_for_disk();
    CHECK(songs(kept(rig)).size() == 5);
}

TEST_CASE("setlist: edits before the disk is done build on each other", "[osc]") {
    DirectorRig rig;
    save_three(rig);
    rig.say({"/setlist/new", {"gig"}});
    for (int n = 0; n < 10; ++n) rig.say({"/setlist/add", {"gig", fmt::format("s{}", n), 1}});
    CHECK(arg(*answer_to(rig.say({"/setlist/show", {"gig"}}), "/setlist/show"), 4) == "10");
    rig.say({"/setlist/delete", {"gig"}});
    CHECK(test::outcome_of(rig.say({"/setlist/show", {"gig"}}), "/setlist/show") == "NOT_FOUND");
    rig.say({"/setlist/new", {"gig"}});
    rig.wait_for_disk();
    CHECK(songs(kept(rig)).empty());
}

TEST_CASE("setlist: a set has all it plays: slots may hold something else by then", "[osc]") {
    DirectorRig rig;
    make_gig(rig);
    for (const int slot : {1, 2, 3}) done(rig, {"/pattern/delete", {slot}});
    rig.say({"/setlist/open", {"gig"}});
    CHECK(done(rig, {"/setlist/switch", {"song"}}) == "/reply");
    CHECK(rig.session.get(param("seq/bpm")) == 102.0f);
}

TEST_CASE("setlist: a set goes out as one file and comes back from it", "[osc]") {
    DirectorRig rig;
    make_gig(rig);
    const std::string file = (rig.state() / "out.json").string();
    CHECK(done(rig, {"/setlist/export", {"gig", file}}) == "/reply");
    CHECK(done(rig, {"/setlist/export", {"gig", file}}) == "/reply"); // over itself
    CHECK(done(rig, {"/setlist/import", {file}}) == "CONFLICT");
    CHECK(done(rig, {"/setlist/import", {file, "copy"}}) == "/reply");
    CHECK(kept(rig, "copy").songs == kept(rig).songs);
    test::put(rig.state() / "mine.txt", "a letter");
    CHECK(done(rig, {"/setlist/export", {"gig", (rig.state() / "mine.txt").string()}}) ==
          "CONFLICT");
    CHECK(test::get(rig.state() / "mine.txt") == "a letter");
    // The import that was refused never began.
    const auto over = rig.progress.recent();
    REQUIRE(over.size() == 4);
    for (const std::size_t n : {0u, 1u}) {
        CHECK(over[n].type == "export");
        CHECK(over[n].name == "gig");
        CHECK(over[n].status == ProgressStatus::completed);
        CHECK(over[n].message == "set gig written to " + file);
        CHECK(over[n].outputs.front().name == file);
    }
    CHECK(over[2].type == "import");
    CHECK(over[2].name == "copy");
    CHECK(over[2].status == ProgressStatus::completed);
    CHECK(over[3].status == ProgressStatus::failed);
    CHECK(over[3].error->code == Errc::conflict);
    CHECK(rig.progress.active().empty());
}

TEST_CASE("setlist: a damaged file is refused with its line, and nothing of it is taken", "[osc]") {
    DirectorRig rig;
    make_gig(rig);
    const std::filesystem::path file = rig.state() / "bad.json";
    test::put(file, "{\n\"setlist_version\": 1,\n\"songs\": [\n{\"name\": 3}]}");
    const auto told = rig.say({"/setlist/import", {file.string(), "bad"}});
    const Message &error = *answer_to(told, "/setlist/import");
    CHECK(arg(error, 3) == "CORRUPT");
    CHECK(arg(error, 2) == "bad.json: line 4: songs[0].name is a number, not text");
    CHECK(test::outcome_of(rig.say({"/setlist/show", {"bad"}}), "/setlist/show") == "NOT_FOUND");
}

TEST_CASE("setlist: one that is damaged on the disk is shown so, kept, and can be restored",
          "[osc]") {
    DirectorRig rig;
    make_gig(rig);
    const auto file = rig.state() / patterns::set_path("gig");
    test::put(file, "{\n\"setlist_version\": 1,\n\"songs\": 3}");
    const auto told = rig.say({"/setlist/open", {"gig"}});
    CHECK(arg(*answer_to(told, "/setlist/open"), 2) ==
          "set gig: line 3: songs is a number, not a list");
    CHECK(arg(*answer_to(told, "/setlist/open"), 5) == "/setlist/restore gig");
    CHECK(arg(*answer_to(rig.say({"/setlist/list"}), "/setlist/list"), 5).find("damaged") !=
          std::string::npos);
    CHECK(done(rig, {"/setlist/add", {"gig", "x", 1}}) == "CORRUPT");
    CHECK(test::get(file).ends_with("3}"));
    CHECK(done(rig, {"/setlist/restore", {"gig"}}) == "/reply");
    CHECK(songs(kept(rig)) == std::vector<std::string>{"intro", "song"}); // before the last save
}

TEST_CASE("setlist: to open a set tells what of it cannot be played", "[osc]") {
    DirectorRig rig;
    make_gig(rig);
    done(rig, {"/setlist/add", {"gig", "bare"}});
    const auto told = rig.say({"/setlist/open", {"gig"}});
    const Message &reply = *answer_to(told, "/setlist/open");
    CHECK(arg(reply, 5) == "4");
    CHECK(arg(reply, 6).starts_with("song bare: there is nothing to play"));
}

} // namespace chronus::osc
