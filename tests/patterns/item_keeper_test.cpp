#include "patterns/history/content.h"
#include "patterns/history/executions.h"
#include "patterns/history/items.h"
#include "patterns/history/message_text.h"
#include "patterns/history/performance.h"
#include "patterns/history/snapshots.h"
#include "tests/patterns/history_rig.h"
#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

using namespace chronus;
using namespace chronus::patterns;
using namespace chronus::test;

namespace {

float any_float(Chance &chance) {
    switch (chance.below(6)) {
    case 0:
        return -0.0f;
    case 1:
        return std::numeric_limits<float>::denorm_min();
    case 2:
        return std::numeric_limits<float>::max();
    case 3:
        return static_cast<float>(chance.below(20'000));
    default:
        break;
    }
    const float any = std::bit_cast<float>(static_cast<std::uint32_t>(chance.next()));
    return std::isfinite(any) ? any : 0.1f;
}

decltype(Message::what) any_plain(Chance &chance) {
    switch (chance.below(4)) {
    case 0:
        return SetGate{static_cast<std::uint8_t>(chance.below(64)), chance.one_in(2)};
    case 1:
        return static_cast<Transport>(chance.below(4));
    case 2:
        return SetFill{chance.one_in(2)};
    default:
        return SetParam{{static_cast<std::uint16_t>(chance.below(kParamCount))}, any_float(chance)};
    }
}

When any_when(Chance &chance) {
    if (chance.one_in(3)) return {};
    return chance.one_in(2) ? When::frame(chance.next() >> 1) : When::step(chance.below(kLastStep));
}

/// What is put and must come back.
struct Told {
    std::vector<SentMessage> messages = {};
    std::vector<std::optional<Scene>> scenes = {};
    std::vector<LateMessages> late = {};
    std::vector<AlarmHeard> alarms = {};
    std::vector<SecondHeard> seconds = {};
};

Scene with_uids(Document document, const std::vector<TrackUids> &uids) {
    for (std::size_t i = 0; i < uids.size(); ++i) {
        document.scene.tracks[i].uid = uids[i].uid;
        document.scene.tracks[i].notes_uid = uids[i].notes_uid;
    }
    return document.scene;
}

class Teller {
public:
    Teller(Journal &journal, std::uint64_t seed) : journal_(journal), chance_(seed) {}

    Told told;

    void tell() {
        frame_ += chance_.below(50'000);
        time_ms_ += static_cast<std::int64_t>(chance_.below(1000));
        const auto tick = frame_ - frame_ % 32;
        switch (chance_.below(12)) {
        case 0:
            return lend();
        case 1:
            told.late.push_back({tick, n_, n_ + chance_.below(9), time_ms_});
            return put(told.late.back());
        case 2:
            told.alarms.push_back({tick, n_, chance_.one_in(2), time_ms_});
            return put(told.alarms.back());
        case 3:
            told.seconds.push_back({tick, chance_.next(), time_ms_});
            return put(told.seconds.back());
        case 4: // leaves a gap in n
            return put(SentMessage{n_++, frame_, time_ms_, {.what = Mark{3}}});
        default:
            return send(any_plain(chance_), {});
        }
    }

private:
    void put(const auto &record) { REQUIRE(journal_.put(record)); }

    void send(decltype(Message::what) what, std::optional<Scene> scene) {
        const Message message{.what = what,
                              .lineage = static_cast<std::uint32_t>(chance_.below(3)),
                              .wait = chance_.one_in(4) ? Wait::aside : Wait::in_line,
                              .when = any_when(chance_)};
        told.messages.push_back({n_++, frame_, time_ms_, message});
        told.scenes.push_back(std::move(scene));
        put(told.messages.back());
    }

    void lend() {
        const Document document = random_document(chance_.below(5));
        LentScene lent{.epoch = ++epoch_, .content = content_text(document)};
        for (std::size_t i = 0; i < document.scene.track_count; ++i)
            lent.uids.push_back({static_cast<std::uint32_t>(chance_.below(100)),
                                 static_cast<std::uint32_t>(chance_.next())});
        put(lent);
        const Scene scene = with_uids(document, lent.uids);
        const Scene *elsewhere = &scene; // its address must not come back
        if (chance_.one_in(2)) return send(Edit{elsewhere, epoch_}, scene);
        send(Switch{elsewhere, epoch_, static_cast<Boundary>(chance_.below(2)),
                    static_cast<Entry>(chance_.below(2))},
             scene);
    }

    Journal &journal_;
    Chance chance_;
    std::uint64_t n_ = 0, epoch_ = 0;
    Frame frame_ = 0;
    std::int64_t time_ms_ = kHistoryStart_ms;
};

/// Two messages, but for where a scene is.
bool is_same(const SentMessage &a, const SentMessage &b) {
    return a.n == b.n && a.frame == b.frame && a.time_ms == b.time_ms &&
           a.message.lineage == b.message.lineage && a.message.wait == b.message.wait &&
           a.message.when == b.message.when && a.message.what.index() == b.message.what.index() &&
           text_of(a, {}) == text_of(b, {});
}

bool is_same_float(const SentMessage &a, const SentMessage &b) {
    const auto *one = std::get_if<SetParam>(&a.message.what);
    const auto *other = std::get_if<SetParam>(&b.message.what);
    return one == nullptr ||
           (std::bit_cast<std::uint32_t>(one->value) == std::bit_cast<std::uint32_t>(other->value));
}

} // namespace

TEST_CASE("executions: all that was told since the session began comes back exactly, whenever the "
          "process was killed",
          "[history]") {
    HistoryRig rig;
    Chance chance{1};
    const Document first = random_document(99);
    SessionBegin begin = session_begin(content_text(first));
    for (std::uint32_t i = 0; i < first.scene.track_count; ++i) begin.uids.push_back({i + 5, i});
    REQUIRE(rig.journal->put(begin));
    Told told;
    {
        Teller teller{*rig.journal, 2};
        for (int i = 0; i < 400; ++i) {
            if (i == 100) REQUIRE(rig.journal->put(ExecutionBegin{.time_ms = kHistoryStart_ms}));
            teller.tell();
            if (chance.one_in(20)) rig.keep();
        }
        told = teller.told;
    }
    const bool kept = GENERATE(true, false); // before it is killed
    if (kept) rig.keep();
    rig.kill();
    rig.keep();
    REQUIRE(rig.journal->put(ExecutionEnd{.time_ms = kHistoryStart_ms + 1'000'000}));
    rig.keep();
    const auto all = *executions(*rig.db, {});
    REQUIRE(all.size() == 1);
    const auto played = performance(*rig.db, all[0].id, "1");
    REQUIRE(played);
    for (const Flaw &flaw : played->flaws) FAIL(flaw.what);
    CHECK(played->session.first.scene == with_uids(first, begin.uids));
    CHECK(played->session.rate == 48000);
    CHECK(played->session.seed == 7);
    CHECK(played->late == told.late);
    CHECK(played->alarms == told.alarms);
    CHECK(played->seconds == told.seconds);
    REQUIRE(played->messages.size() == told.messages.size());
    for (std::size_t i = 0; i < told.messages.size(); ++i) {
        CAPTURE(i, *text_of(told.messages[i], {}));
        REQUIRE(is_same(played->messages[i].sent, told.messages[i]));
        REQUIRE(is_same_float(played->messages[i].sent, told.messages[i]));
        REQUIRE((played->messages[i].scene != nullptr) == told.scenes[i].has_value());
        if (told.scenes[i]) REQUIRE(*played->messages[i].scene == *told.scenes[i]);
    }
}

TEST_CASE("executions: what is committed is not kept twice when the process is killed right after",
          "[history]") {
    HistoryRig rig;
    REQUIRE(rig.journal->put(session_begin()));
    for (std::int64_t i = 0; i < 10; ++i)
        REQUIRE(
            rig.journal->put(ItemView{.type = ItemType::heal, .time_ms = kHistoryStart_ms + i}));
    const std::string before = get(rig.journal_file);
    rig.keep();
    rig.keeper.reset();
    rig.journal.reset();
    put(rig.journal_file, before); // as if it had not got to say so
    rig.begin();
    rig.keep();
    CHECK(rig.number("SELECT count(*) FROM items") == 10);
    REQUIRE(rig.journal->put(ItemView{.type = ItemType::heal, .time_ms = kHistoryStart_ms}));
    rig.keep();
    CHECK(rig.number("SELECT count(*) FROM items") == 11);
}

TEST_CASE("executions: one that ran when its process was killed ends as killed when the next "
          "session begins",
          "[history]") {
    HistoryRig rig;
    REQUIRE(rig.journal->put(session_begin()));
    REQUIRE(rig.journal->put(ExecutionBegin{.time_ms = kHistoryStart_ms, .frame = 5}));
    REQUIRE(rig.journal->put(
        ExecutionBegin{.run = 12, .kind = ExecutionKind::render, .time_ms = kHistoryStart_ms + 3}));
    REQUIRE(rig.journal->put(
        ItemView{.type = ItemType::xrun, .time_ms = kHistoryStart_ms + 7, .frame = 100}));
    rig.kill();
    rig.keep();
    CHECK((*executions(*rig.db, {}))[1].status == ExecutionStatus::running);
    REQUIRE(rig.journal->put(session_begin()));
    rig.keep();
    const auto all = *executions(*rig.db, {});
    REQUIRE(all.size() == 2);
    for (const Execution &each : all) {
        CHECK(each.status == ExecutionStatus::killed);
        CHECK(each.end_ms == kHistoryStart_ms + 7);
        CHECK(each.end_frame == 100u);
    }
    CHECK(rig.number("SELECT max(id) FROM sessions") == 2);
}

TEST_CASE("executions: a pause holds what comes while nothing is performed, and is listed on "
          "demand",
          "[history]") {
    HistoryRig rig;
    REQUIRE(rig.journal->put(session_begin()));
    const auto item = [&](std::uint64_t run = 0) {
        REQUIRE(
            rig.journal->put(ItemView{.type = ItemType::heal, .time_ms = kHistoryStart_ms}, run));
    };
    item();
    REQUIRE(rig.journal->put(ExecutionBegin{.time_ms = kHistoryStart_ms, .name = "one"}));
    item();
    item();
    REQUIRE(rig.journal->put(ExecutionEnd{.status = ExecutionStatus::stopped}));
    item(77); // of a render that nobody began
    rig.keep();
    CHECK(executions(*rig.db, {})->size() == 1);
    const auto pauses = *executions(*rig.db, {.kind = ExecutionKind::pause});
    REQUIRE(pauses.size() == 2);
    CHECK(pauses[1].status == ExecutionStatus::complete);
    CHECK(pauses[0].status == ExecutionStatus::running);
    CHECK((*executions(*rig.db, {}))[0].items == 4); // its start and end as well
    CHECK(pauses[1].items == 2);
}

TEST_CASE("executions: renders beside the performance have their own items", "[history]") {
    HistoryRig rig;
    REQUIRE(rig.journal->put(session_begin()));
    REQUIRE(rig.journal->put(ExecutionBegin{.name = "live"}));
    REQUIRE(rig.journal->put(
        ExecutionBegin{.run = 5, .kind = ExecutionKind::render, .name = "bounce", .author = "me"}));
    REQUIRE(rig.journal->put(
        ItemView{.type = ItemType::output_audio, .author = "me", .file = "a.wav", .output = 1}, 5));
    REQUIRE(rig.journal->put(ItemView{.type = ItemType::xrun}));
    REQUIRE(rig.journal->put(
        ExecutionEnd{.run = 5, .status = ExecutionStatus::failed, .why = "the disk is full"}));
    rig.keep();
    const auto renders = *executions(*rig.db, {.kind = ExecutionKind::render});
    REQUIRE(renders.size() == 1);
    CHECK(renders[0].status == ExecutionStatus::failed);
    const auto outputs = *items(*rig.db, renders[0].id, View::performer);
    REQUIRE(outputs.size() == 1);
    CHECK(outputs[0].file == "a.wav");
    CHECK(outputs[0].output == 1);
    const auto why = *find_items(*rig.db, {.type = ItemType::error});
    REQUIRE(why.items.size() == 1);
    CHECK(why.items[0].item.content == R"({"status":"failed","why":"the disk is full"})");
    CHECK(performance(*rig.db, renders[0].id, "1").error().code == Errc::unsupported);
}

TEST_CASE("executions: what comes of the last performance after its end is counted with it, and of "
          "none it is of the pause",
          "[history]") {
    HistoryRig rig;
    const auto recording = [&](std::string_view file) {
        REQUIRE(rig.journal->put(ItemView{.type = ItemType::output_audio,
                                          .time_ms = kHistoryStart_ms + 9000,
                                          .frame = 90'000,
                                          .file = file},
                                 kLastPerformance));
    };
    REQUIRE(rig.journal->put(session_begin()));
    recording("early.wav");
    for (const char *name : {"one", "two"}) {
        REQUIRE(rig.journal->put(ExecutionBegin{.time_ms = kHistoryStart_ms, .name = name}));
        REQUIRE(rig.journal->put(ExecutionEnd{.time_ms = kHistoryStart_ms}));
    }
    recording("take.wav");
    rig.keep();
    const auto all = *executions(*rig.db, {});
    REQUIRE(all.size() == 2);
    CHECK((all[0].name == "two" && all[0].items == 3));
    const auto outputs = *items(*rig.db, all[0].id, View::performer);
    REQUIRE(outputs.size() == 1);
    CHECK((outputs[0].file == "take.wav" && outputs[0].time_ms == kHistoryStart_ms + 9000));
    CHECK(outputs[0].seq == 3);
    CHECK(executions(*rig.db, {.has = ItemType::output_audio})->size() == 1);
    CHECK((*executions(*rig.db, {.kind = ExecutionKind::pause}))[0].items == 2);
}

TEST_CASE("executions: a performance names the first snapshot of its run, and no other does",
          "[history]") {
    HistoryRig rig;
    REQUIRE(rig.journal->put(session_begin()));
    REQUIRE(rig.journal->put(ExecutionBegin{.time_ms = kHistoryStart_ms, .name = "one"}));
    REQUIRE(rig.journal->put(ExecutionEnd{.time_ms = kHistoryStart_ms}));
    REQUIRE(rig.journal->put(ExecutionBegin{.time_ms = kHistoryStart_ms + 1, .name = "two"}));
    rig.keep();
    const auto take = [&](std::int64_t run, std::string note) {
        return (**keep(*rig.db, {.document = {}, .about = {.note = std::move(note), .run = run}}))
            .snapshot.hash;
    };
    take(0, "while nothing plays");
    const std::string first = take(kHistoryStart_ms, "the sequencer starts");
    take(kHistoryStart_ms, "bar 1");
    const auto all = *executions(*rig.db, {});
    CHECK((all[1].name == "one" && all[1].snapshot == first));
    CHECK(all[0].snapshot.empty());
}

TEST_CASE("executions: while the database fails all waits; what found no room is a gap, and told",
          "[history]") {
    HistoryRig rig;
    REQUIRE(rig.journal->put(session_begin("{}")));
    REQUIRE(rig.journal->put(ExecutionBegin{.time_ms = kHistoryStart_ms}));
    rig.keep();
    Database other = *Database::open(rig.file, kHistoryVersions);
    REQUIRE(other.run("BEGIN IMMEDIATE")); // nobody else writes
    const std::string text(10'000, 'x');
    std::int64_t taken = 0;
    while (rig.journal->put(ItemView{.type = ItemType::heal, .content = text})) ++taken;
    const auto refused = rig.keeper->drain(*rig.db);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::busy);
    CHECK_FALSE(rig.journal->put(ItemView{.type = ItemType::heal, .content = text}));
    REQUIRE(other.run("ROLLBACK"));
    rig.keep();
    CHECK(rig.number("SELECT count(*) FROM items WHERE type = 54") == taken);
    REQUIRE(rig.journal->put(ItemView{.type = ItemType::heal}));
    rig.keep();
    const auto gaps = *find_items(*rig.db, {.type = ItemType::gap});
    REQUIRE_FALSE(gaps.items.empty());
    CHECK(gaps.items[0].item.content == R"({"lost":1,"why":"no room"})");
    CHECK((*executions(*rig.db, {}))[0].lost == 2);
    const auto flaws = performance(*rig.db, gaps.items[0].execution, "1")->flaws;
    CHECK(std::ranges::count(flaws, Flaw::Kind::lost, &Flaw::kind) == 1);
}

TEST_CASE("executions: a record that no database takes is lost alone", "[history]") {
    HistoryRig rig;
    REQUIRE(rig.journal->put(session_begin()));
    REQUIRE(rig.db->run("CREATE TRIGGER picky BEFORE INSERT ON items WHEN new.content = 'bad'"
                        " BEGIN SELECT raise(ABORT, 'not this one'); END"));
    for (const auto *content : {"good", "bad", "good", "bad", "bad", "good"})
        REQUIRE(rig.journal->put(ItemView{.type = ItemType::heal, .content = content}));
    rig.keep();
    CHECK(rig.number("SELECT count(*) FROM items WHERE content = 'good'") == 3);
    CHECK(rig.number("SELECT count(*) FROM items WHERE type = 59") == 3);
    CHECK(rig.journal->waiting() == 0);
}

TEST_CASE("executions: what is kept and not all of it says what is missing", "[history]") {
    HistoryRig rig;
    REQUIRE(rig.journal->put(session_begin(content_text(random_document(1)))));
    REQUIRE(rig.journal->put(ExecutionBegin{.time_ms = kHistoryStart_ms}));
    REQUIRE(rig.journal->put(LentScene{.epoch = 1, .content = content_text(random_document(2))}));
    REQUIRE(rig.journal->put(SentMessage{.message = {.what = Edit{nullptr, 1}}}));
    REQUIRE(rig.journal->put(SentMessage{.n = 1, .message = {.what = SetFill{true}}}));
    REQUIRE(rig.journal->put(ExecutionEnd{}));
    rig.keep();
    const std::int64_t id = (*executions(*rig.db, {}))[0].id;
    const auto flaw = [&](std::string_view version = "1") {
        const auto played = performance(*rig.db, id, version);
        REQUIRE(played);
        return played->flaws.empty() ? std::nullopt : std::optional{played->flaws[0].kind};
    };
    CHECK_FALSE(flaw());
    CHECK(flaw("2") == Flaw::Kind::version);
    CHECK(performance(*rig.db, 1000, "1").error().code == Errc::not_found);
    SECTION("an item") {
        REQUIRE(rig.db->run("DELETE FROM items WHERE content LIKE '%fill%'"));
        CHECK(flaw() == Flaw::Kind::missing);
    }
    SECTION("an item that says something else") {
        REQUIRE(rig.db->run(R"(UPDATE items SET content = '{"n":1,"fill":7}'
                               WHERE content LIKE '%fill%')"));
        CHECK(flaw() == Flaw::Kind::damaged);
    }
    SECTION("a pattern") {
        REQUIRE(rig.db->run("UPDATE items SET content = replace(content, '\"edit\":\"', "
                            "'\"edit\":\"no') WHERE content LIKE '%edit%'"));
        CHECK(flaw() == Flaw::Kind::missing);
    }
    SECTION("what it began with") {
        REQUIRE(rig.db->run("UPDATE sessions SET content = NULL"));
        CHECK(flaw() == Flaw::Kind::no_session);
    }
    SECTION("the scene that a message came with") {
        REQUIRE(rig.journal->put(SentMessage{.n = 2, .message = {.what = Edit{nullptr, 9}}}));
        REQUIRE(rig.journal->put(ExecutionBegin{}));
        rig.keep();
        const auto played = performance(*rig.db, (*executions(*rig.db, {}))[0].id, "1");
        CHECK(std::ranges::count(played->flaws, Flaw::Kind::missing, &Flaw::kind) == 1);
        CHECK(std::ranges::count(played->flaws, Flaw::Kind::running, &Flaw::kind) == 1);
    }
}

TEST_CASE("executions: an hour of five commands a second and thirty edits takes less than 5 MB",
          "[history]") {
    HistoryRig rig;
    Chance chance{1};
    REQUIRE(rig.journal->put(session_begin(content_text(random_document(1)))));
    REQUIRE(rig.journal->put(ExecutionBegin{.time_ms = kHistoryStart_ms, .author = "an author"}));
    std::uint64_t n = 0;
    for (std::int64_t second = 0; second < 3600; ++second) {
        const std::int64_t now = kHistoryStart_ms + second * 1000;
        const Frame frame = static_cast<Frame>(second) * 48000;
        for (int i = 0; i < 5; ++i) {
            const ParamId id{static_cast<std::uint16_t>(chance.below(kParamCount))};
            const float value = static_cast<float>(chance.below(100'000)) / 1000;
            REQUIRE(rig.journal->put(
                ItemView{.type = ItemType::user_input_osc,
                         .time_ms = now + i * 200,
                         .frame = frame,
                         .author = "an author",
                         .content = fmt::format("/{} {}", path_of(id).view(), value)}));
            REQUIRE(rig.journal->put(
                SentMessage{n++, frame, now + i * 200, {.what = SetParam{id, value}}}));
        }
        if (second % 120 == 0) {
            const auto epoch = static_cast<std::uint64_t>(second + 1);
            REQUIRE(rig.journal->put(
                LentScene{epoch, {{1, 1}, {2, 2}}, content_text(random_document(epoch))}));
            REQUIRE(rig.journal->put(SentMessage{n++, frame, now, {.what = Edit{nullptr, epoch}}}));
        }
        REQUIRE(rig.journal->put(SecondHeard{frame, chance.next(), now}));
        if (second % 10 == 0) rig.keep();
    }
    rig.keep();
    REQUIRE(rig.db->run("PRAGMA wal_checkpoint(TRUNCATE)"));
    CHECK(rig.number("SELECT count(*) FROM items") == 3600 * 11 + 30 + 1);
    CAPTURE(std::filesystem::file_size(rig.file));
    CHECK(std::filesystem::file_size(rig.file) < 5'000'000);
}
