#include "patterns/history/blame.h"
#include "patterns/history/content.h"
#include "patterns/history/gc.h"
#include "patterns/history/names.h"
#include "patterns/history/packed.h"
#include "patterns/history/versions.h"
#include "patterns/text/hash.h"
#include "patterns/text/track_keys.h"
#include "tests/crash/temp_folder.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

using namespace chronus;
using namespace chronus::patterns;
using namespace chronus::test;

namespace {

struct Rig : TempFolder {
    std::filesystem::path file = path / "history.db";
    Database db = *Database::open(file, kHistoryVersions);
    Document now;
    std::int64_t time_ms = 1'700'000'000'000;

    Rig() { REQUIRE(db.run("PRAGMA synchronous=OFF")); }

    KeptSnapshot take(std::string note = "", Snapshot about = {}) {
        about.note = std::move(note);
        if (about.trigger.empty()) about.trigger = "osc";
        about.time_ms = ++time_ms;
        about.rate = 48000;
        return **patterns::keep(db, {.document = now, .about = about});
    }
    void bpm(float value) { now.scene.params.set(param("seq/bpm"), value); }
    void track(std::string_view name, std::string_view pattern) {
        for (Track &each : now.scene.playing())
            if (each.name.view() == name) return (void)set_key(each, "pattern", pattern);
        now.scene.tracks[now.scene.track_count++] = *make_track(name, 1, pattern);
    }
    std::string found(std::string_view name, const Here &here = {}) {
        const auto kept = find(db, name, here);
        return kept ? kept->snapshot.note : kept.error().what;
    }
    Error refused(std::string_view name, const Here &here = {}) {
        const auto kept = find(db, name, here);
        REQUIRE_FALSE(kept);
        return kept.error();
    }
};

std::string notes_of(const std::vector<KeptSnapshot> &all) {
    std::string out;
    for (const KeptSnapshot &each : all) out += each.snapshot.note + " ";
    return out;
}

} // namespace

TEST_CASE("packed: what is like its base takes few bytes, and needs it to be read", "[history]") {
    const std::string base = content_text(random_document(1));
    const std::string like = content_text(random_document(1)).replace(100, 3, "abc");
    const std::string alone = packed(like, ""), little = packed(like, base);
    CHECK(little.size() < 100);
    CHECK(alone.size() > 500);
    CHECK(*unpacked(alone, "", like.size()) == like);
    CHECK(*unpacked(little, base, like.size()) == like);
    CHECK_FALSE(unpacked(alone, "", like.size() + 1));
    CHECK_FALSE(unpacked("nonsense", "", 10));
    const auto wrong = unpacked(little, base.substr(1), like.size());
    CHECK((!wrong || *wrong != like));
}

TEST_CASE("snapshot: its hash is of its header, which says all of it", "[history]") {
    Snapshot snapshot{.content = "c", .parents = {"p", "q"}, .version = {1, 2, 3}};
    snapshot.author = "somebody";
    snapshot.note = "\"quoted\"";
    snapshot.time_ms = 1'700'000'000'000;
    snapshot.rate = 48000;
    snapshot.bar = 17;
    snapshot.variables = R"({"a":[1,2]})";
    const std::string header = header_text(snapshot);
    const Snapshot back = *snapshot_of(header);
    snapshot.hash = sha256_hex(header);
    CHECK(back == snapshot);
    CHECK(header_text(back) == header);
    CHECK_FALSE(snapshot_of("[]"));
    CHECK_FALSE(snapshot_of("{\"note\":1}"));
}

TEST_CASE("snapshots: each comes back as it was, also when opened anew", "[history]") {
    Rig rig;
    std::vector<std::string> texts;
    std::vector<KeptSnapshot> kept;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        if (seed % 5 == 0) rig.now = random_document(seed);
        rig.bpm(60.0f + static_cast<float>(seed));
        texts.push_back(content_text(rig.now));
        kept.push_back(rig.take(std::to_string(seed)));
    }
    rig.db = *Database::open(rig.file, kHistoryVersions);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const auto again = snapshot_at(rig.db, kept[i].id);
        REQUIRE(again);
        CHECK((*again)->snapshot == kept[i].snapshot);
        CHECK(content_text(*document_of(rig.db, kept[i])) == texts[i]);
    }
    CHECK((*head(rig.db))->snapshot.note == "59");
    CHECK(*count(rig.db) == 60);
}

TEST_CASE("snapshots: equal patterns are kept once, and not again where nothing changed",
          "[history]") {
    Rig rig;
    const KeptSnapshot first = rig.take("first"), again = rig.take("again");
    CHECK(first.content == again.content);
    CHECK(first.snapshot.hash != again.snapshot.hash);
    CHECK(again.snapshot.version == Version{1, 0, 1});
    CHECK(again.snapshot.parents == std::vector{first.snapshot.hash});
    CHECK_FALSE(*patterns::keep(rig.db, {.document = rig.now, .only_if_changed = true}));
    rig.bpm(99);
    CHECK(*patterns::keep(rig.db, {.document = rig.now, .only_if_changed = true}));
}

TEST_CASE("snapshots: what was damaged on the disk is told and not played", "[history]") {
    Rig rig;
    const KeptSnapshot kept = rig.take();
    const auto [damage, says] = GENERATE(table<std::string, std::string>({
        {"UPDATE contents SET bytes = x'00'", "packed bytes"},
        {"UPDATE contents SET size = size + 1", "not of the size they had"},
        {"UPDATE contents SET hash = 'other'", "is not what was kept"},
        {"UPDATE contents SET base = id", "on too many others"},
        {"PRAGMA foreign_keys=OFF; DELETE FROM contents", "there is none"},
    }));
    REQUIRE(rig.db.run(damage));
    const auto document = document_of(rig.db, kept);
    REQUIRE_FALSE(document);
    CHECK(document.error().code == Errc::failed);
    CHECK_THAT(document.error().what, Catch::Contains(says));
}

TEST_CASE("snapshots: one whose header was damaged is told and nothing made up for it",
          "[history]") {
    Rig rig;
    const KeptSnapshot kept = rig.take();
    const std::string header = GENERATE(as<std::string>{}, "[]", "", R"({"note":1})");
    REQUIRE(rig.db.run("UPDATE snapshots SET header = '" + header + "'"));
    const auto found = find(rig.db, "HEAD", {});
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Errc::failed);
    CHECK_THAT(found.error().what, Catch::Contains("snapshot: "));
}

TEST_CASE("find: HEAD, those before it, tags, branches, hashes and their first digits",
          "[history]") {
    Rig rig;
    CHECK(rig.refused("HEAD").hint == "/snapshot/take");
    std::vector<KeptSnapshot> kept;
    for (const char *note : {"a", "b", "c", "d"}) {
        rig.bpm(100.0f + static_cast<float>(kept.size()));
        kept.push_back(rig.take(note));
    }
    REQUIRE(tag(rig.db, "good", kept[1]));
    CHECK(rig.found("HEAD") == "d");
    CHECK(rig.found("HEAD~0") == "d");
    CHECK(rig.found("HEAD~3") == "a");
    CHECK(rig.found("good") == "b");
    CHECK(rig.found("good~1") == "a");
    CHECK(rig.found("main~1") == "c");
    CHECK(rig.found(kept[2].snapshot.hash) == "c");
    CHECK(rig.found(kept[2].snapshot.hash.substr(0, 12)) == "c");
    CHECK(rig.found(kept[2].snapshot.hash + "~1") == "b");
    CHECK(rig.refused("HEAD~4").hint == "/snapshot/show HEAD~3");
    CHECK(rig.refused("god").hint == "/snapshot/show good");
    CHECK(rig.refused(kept[2].snapshot.hash.substr(0, 3)).code == Errc::not_found);
    for (const char *wrong : {"", "~", "HEAD~", "HEAD~x", "HEAD~-1", "HEAD~99999999999999999999",
                              "slot:", "bar:", "0000", "'; DROP TABLE names; --"})
        CHECK(rig.refused(wrong).code == Errc::not_found);
}

TEST_CASE("snapshots: one taken aside leaves the line of work, and is not taken where one is",
          "[history]") {
    Rig rig;
    rig.track("kick", "X...");
    const KeptSnapshot first = rig.take("first");
    CHECK(*keep_aside(rig.db, {.document = rig.now}) == first.snapshot.hash);
    rig.bpm(99);
    const std::string aside =
        *keep_aside(rig.db, {.document = rig.now, .about = {.note = "other"}});
    CHECK(*keep_aside(rig.db, {.document = rig.now}) == aside);
    CHECK(rig.found("HEAD") == "first");
    CHECK(rig.found(aside) == "other");
    CHECK(content_text(*document_of(rig.db, *find(rig.db, aside, {}))) == content_text(rig.now));
    CHECK(notes_of(*line(rig.db, *find(rig.db, "HEAD", {}), 9)) == "first ");
}

TEST_CASE("find: digits that several begin with are refused, and the hint names one", "[history]") {
    Rig rig;
    std::vector<KeptSnapshot> kept;
    std::string twice;
    for (int n = 0; twice.empty(); ++n) {
        kept.push_back(rig.take(std::to_string(n)));
        for (std::size_t i = 0; i + 1 < kept.size(); ++i)
            if (kept[i].snapshot.hash.substr(0, 4) == kept.back().snapshot.hash.substr(0, 4))
                twice = kept[i].snapshot.hash.substr(0, 4);
    }
    const Error error = rig.refused(twice);
    CHECK(error.code == Errc::conflict);
    CHECK(find(rig.db, error.hint.substr(std::string_view{"/snapshot/show "}.size()), {}));
}

TEST_CASE("find: what a slot holds, and what was heard so many bars ago", "[history]") {
    Rig rig;
    for (const int bar : {0, 2, 5, 6}) {
        rig.bpm(100.0f + static_cast<float>(bar));
        rig.take(std::to_string(bar), {.run = 7, .bar = bar});
    }
    rig.bpm(102);
    CHECK(rig.found("slot:12", {.slot = content_text(rig.now)}) == "2");
    CHECK(slot_in("slot:12~1") == 12);
    CHECK_FALSE(slot_in("slot"));
    rig.bpm(200);
    CHECK(rig.refused("slot:12", {.slot = content_text(rig.now)}).hint == "/pattern/load 12");
    const Here here{.run = 7, .bar = 8};
    CHECK(rig.found("bar:-1", here) == "6");
    CHECK(rig.found("bar:-4", here) == "2");
    CHECK(rig.found("bar:5", here) == "5");
    CHECK(rig.found("bar:-7", here) == "0");
    CHECK(rig.refused("bar:-8", here).code == Errc::out_of_range);
    CHECK(rig.refused("bar:9", here).code == Errc::out_of_range);
    CHECK(rig.refused("bar:-1").code == Errc::not_now);
}

TEST_CASE("branch: work goes on where it was begun, and each keeps its line", "[history]") {
    Rig rig;
    const KeptSnapshot a = rig.take("a");
    rig.take("b");
    REQUIRE(branch(rig.db, "idea", a));
    rig.bpm(90);
    rig.take("c");
    CHECK(notes_of(*line(rig.db, **head(rig.db), 10)) == "c a ");
    REQUIRE(branch(rig.db, "main", std::nullopt));
    rig.take("d");
    CHECK(notes_of(*line(rig.db, **head(rig.db), 10)) == "d b a ");
    CHECK(notes_of(*line(rig.db, **head(rig.db), 2)) == "d b ");
    CHECK(notes_of(*newest(rig.db, 3)) == "d c b ");
    CHECK(rig.found("idea") == "c");
    const auto all = *names(rig.db);
    REQUIRE(all.size() == 2);
    CHECK((all[0].name == "idea" && !all[0].at_work));
    CHECK((all[1].name == "main" && all[1].at_work));
}

TEST_CASE("names: one that is given or unusable is refused, and the hint is one that is free",
          "[history]") {
    Rig rig;
    const KeptSnapshot a = rig.take("a");
    REQUIRE(tag(rig.db, "x", a));
    for (const auto &refused : {tag(rig.db, "x", a), tag(rig.db, "main", a)})
        CHECK(refused.error().code == Errc::conflict);
    CHECK(tag(rig.db, "x", a).error().hint == "/snapshot/tag x-2");
    CHECK(branch(rig.db, "main", a).error().code == Errc::conflict);
    CHECK(branch(rig.db, "x", std::nullopt).error().code == Errc::conflict);
    for (const char *wrong : {"", "HEAD", "a b", "a~1", "slot:3", "-x", "\xc3\xa9"})
        CHECK(tag(rig.db, wrong, a).error().code == Errc::bad_type);
    CHECK(tag(rig.db, "a b", a).error().hint == "/snapshot/tag a-b");
    CHECK_FALSE(tag(rig.db, std::string(65, 'a'), a));
}

TEST_CASE("annotate: of a snapshot or of a node in it", "[history]") {
    Rig rig;
    rig.track("kick", "X...");
    const KeptSnapshot a = rig.take("a");
    REQUIRE(annotate(rig.db, a, {.kind = "note", .text = "good", .author = "me", .time_ms = 5}));
    REQUIRE(annotate(rig.db, a, {.node = "track kick", .kind = "bug", .text = "too loud"}));
    const auto all = *annotations(rig.db, a);
    REQUIRE(all.size() == 2);
    CHECK((all[0].text == "good" && all[0].time_ms == 5 && all[0].node.empty()));
    CHECK((all[1].node == "track kick" && all[1].kind == "bug"));
    CHECK(annotate(rig.db, a, {.kind = "joke"}).error().code == Errc::bad_type);
    CHECK(annotate(rig.db, a, {.node = "track hat", .kind = "note"}).error().code ==
          Errc::not_found);
}

TEST_CASE("blame: a step is of the snapshot that first had it so", "[history]") {
    Rig rig;
    rig.track("kick", "X...");
    rig.take("a");
    rig.bpm(90);
    rig.take("b");
    rig.track("kick", "X.x.");
    rig.take("c");
    rig.track("hat", "x");
    rig.take("d");
    rig.track("kick", "X.x.o_");
    rig.take("e");
    std::string by, steps;
    const auto blamed = *blame(rig.db, **head(rig.db), "kick");
    for (const BlamedStep &each : blamed) {
        by += each.by.snapshot.note;
        steps += each.text;
    }
    CHECK(steps == "X.x.o_");
    CHECK(by == "aacaee");
    CHECK(blame(rig.db, **head(rig.db), "kik").error().hint == "/snapshot/blame \"kick\"");
    rig.now.scene.track_count = 0;
    rig.take("f");
    CHECK(blame(rig.db, **head(rig.db), "kick").error().code == Errc::not_found);
    rig.track("kick", "X");
    rig.take("g");
    CHECK(blame(rig.db, **head(rig.db), "kick")->front().by.snapshot.note == "g");
}

TEST_CASE("gc: drops what is old, many snapshots ago, unnamed and unasked for, and closes the line",
          "[history]") {
    Rig rig;
    std::vector<KeptSnapshot> kept;
    for (int n = 0; n < 40; ++n) {
        rig.bpm(60.0f + static_cast<float>(n));
        rig.track("kick", n % 2 == 0 ? "X..." : "X..x");
        kept.push_back(rig.take(std::to_string(n), {.trigger = n == 7 ? "manual" : "osc"}));
    }
    REQUIRE(tag(rig.db, "good", kept[3]));
    REQUIRE(annotate(rig.db, kept[5], {.kind = "bug"}));
    const GcPolicy young{.now_ms = rig.time_ms, .keep_newest = 5};
    CHECK(gc(rig.db, young)->dropped == 0);
    const GcPolicy many{.now_ms = rig.time_ms + 40LL * 24 * 3600 * 1000};
    CHECK(gc(rig.db, many)->dropped == 0);
    GcPolicy old{.now_ms = many.now_ms, .keep_newest = 5};
    std::vector<std::int64_t> told;
    old.told = [&](std::int64_t done, std::int64_t of) {
        CHECK(of == 32);
        told.push_back(done);
        return told.size() < 10;
    };
    CHECK(gc(rig.db, old).error().code == Errc::cancelled);
    CHECK(told.size() == 10);
    CHECK(*patterns::count(rig.db) == 40); // called off, it has dropped none
    told.clear();
    old.told = [&](std::int64_t done, std::int64_t) { return told.push_back(done), true; };
    const GcReport report = *gc(rig.db, old);
    CHECK(report.dropped == 32);
    CHECK(told.size() == 32);
    CHECK(told.back() == 31);
    CHECK(report.kept == 8);
    CHECK(notes_of(*line(rig.db, **head(rig.db), 100)) == "39 38 37 36 35 7 5 3 ");
    const auto left = *newest(rig.db, 100);
    for (const KeptSnapshot &each : left) {
        const Document document = *document_of(rig.db, each);
        CHECK(sha256_hex(content_text(document)) == each.snapshot.content);
    }
    CHECK(blame(rig.db, **head(rig.db), "kick")->back().by.snapshot.note == "39");
    told.clear();
    CHECK(gc(rig.db, old)->dropped == 0);
    CHECK(told.empty());
    REQUIRE(rig.db.check());
}

TEST_CASE("gc: who counts back from a name gets what he got before, or is told that it is gone",
          "[history]") {
    const auto seed = GENERATE(range(1, 9));
    Rig rig;
    Chance chance{static_cast<std::uint64_t>(seed)};
    std::vector<KeptSnapshot> taken;
    std::vector<std::string> bases{"HEAD"};
    for (int n = 0; n < 60; ++n) {
        rig.bpm(60.0f + static_cast<float>(n));
        taken.push_back(rig.take(std::to_string(n), {.trigger = chance.one_in(9) ? "manual" : ""}));
        if (!chance.one_in(8)) continue;
        bases.push_back("name" + std::to_string(n));
        const KeptSnapshot &at = taken[chance.below(taken.size())];
        REQUIRE(
            (chance.one_in(2) ? tag(rig.db, bases.back(), at) : branch(rig.db, bases.back(), at)));
    }
    REQUIRE(rig.db.run("INSERT INTO sessions (start_ms, version, rate, voices, seed, uids)"
                       " VALUES (1, '1', 48000, 8, 7, '');"
                       "INSERT INTO executions (session, run, kind, status, name, slot, setlist,"
                       " song, author, snapshot, start_ms, start_frame) VALUES"
                       " (1, 0, 'performance', 'complete', '', 0, '', '', '', '" +
                       taken[11].snapshot.hash + "', 1, 0)"));
    std::map<std::string, std::string> before;
    for (const std::string &base : bases)
        for (int n = 0; n < 60; ++n) {
            const std::string name = base + "~" + std::to_string(n);
            if (const auto kept = find(rig.db, name, {})) before[name] = kept->snapshot.hash;
        }
    REQUIRE(gc(rig.db, {.now_ms = rig.time_ms + 1, .keep_ms = 0, .keep_newest = 5})->dropped > 0);
    CHECK(find(rig.db, taken[11].snapshot.hash, {})); // an execution began with it
    std::size_t there = 0, gone = 0;
    for (const auto &[name, hash] : before) {
        INFO(name);
        const auto kept = find(rig.db, name, {});
        if (kept) {
            CHECK(kept->snapshot.hash == hash);
            ++there;
            continue;
        }
        ++gone;
        CHECK(kept.error().code == Errc::not_found);
        CHECK(kept.error().what.find("kept no longer") != std::string::npos);
        CHECK(find(rig.db, kept.error().hint.substr(std::string{"/snapshot/show "}.size()), {}));
    }
    CHECK(there >= bases.size() + 4);
    CHECK(gone > 0);
    for (const std::string &base : bases) CHECK(find(rig.db, base, {}));
}

TEST_CASE("snapshots: 100,000 are found, shown and compared in 50 ms", "[.perf]") {
    Rig rig;
    rig.now = random_document(1);
    for (int n = 0; n < 100'000; ++n) {
        if (n % 1000 == 999) rig.now = random_document(static_cast<std::uint64_t>(n));
        rig.bpm(60.0f + static_cast<float>(n % 2000) / 10);
        rig.take(std::to_string(n));
    }
    std::vector<double> find_ms, show_ms, compare_ms;
    Chance chance{3};
    const auto time = [](std::vector<double> &into, auto what) {
        const auto began = std::chrono::steady_clock::now();
        what();
        into.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began)
                .count());
    };
    const auto all = *newest(rig.db, 100'000);
    for (int n = 0; n < 1000; ++n) {
        const KeptSnapshot &a = all[chance.below(all.size())], &b = all[chance.below(all.size())];
        time(find_ms, [&] { REQUIRE(find(rig.db, a.snapshot.hash.substr(0, 12), {})); });
        time(show_ms, [&] { REQUIRE(document_of(rig.db, a)); });
        time(compare_ms, [&] {
            REQUIRE(compare(structure_of(*document_of(rig.db, a)),
                            structure_of(*document_of(rig.db, b))) != Comparison{});
        });
    }
    for (auto *times : {&find_ms, &show_ms, &compare_ms}) {
        std::ranges::sort(*times);
        WARN("median " << (*times)[500] << " ms, p99 " << (*times)[990] << " ms");
        CHECK((*times)[990] < 50);
    }
    WARN(std::filesystem::file_size(rig.file) << " bytes");
}
