#include "osc/rendering.h"
#include "patterns/history/gc.h"
#include "tests/osc/error_cases.h"

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace chronus::test {

namespace {

/// Execution 2 is a performance of half a second, 1 what was before it.
void perform(DirectorRig &rig) {
    furnish(rig);
    rig.say({"/seq/start"});
    rig.run(100);
    rig.say({"/seq/stop"});
    rig.run(4);
    rig.wait_for_history();
}

void perform_and_listen(DirectorRig &rig) {
    perform(rig);
    rig.say({"/history/replay", {2, "live"}});
    rig.wait_for_history();
}
/// Of the snapshots that nobody asked for and that have no name, the last one is left.
void forget_snapshots(DirectorRig &rig) {
    for (const float bpm : {70.0f, 80.0f}) {
        rig.say({"/seq/bpm", {bpm}});
        rig.say({"/pattern/save", {2}});
        rig.wait_for_disk();
    }
    const auto done = rig.context.history.wait_for([](patterns::Database &db) {
        return patterns::gc(db, {.now_ms = 4'000'000'000'000, .keep_ms = 0, .keep_newest = 1});
    });
    if (!done) throw std::runtime_error(done.error().what);
}
void forget(DirectorRig &rig) {
    furnish(rig);
    rig.wait_for_disk();
    forget_snapshots(rig);
}
void forget_all_but_first(DirectorRig &rig) {
    furnish(rig);
    rig.wait_for_disk();
    rig.say({"/snapshot/tag", {"first"}});
    rig.wait_for_history();
    forget_snapshots(rig);
}
void keep_a_render(DirectorRig &rig) {
    const auto done = rig.context.history.wait_for([](patterns::Database &db) {
        return db.run("INSERT INTO executions (id, session, run, kind, status, name, slot, setlist,"
                      " song, author, snapshot, start_ms, end_ms, start_frame) VALUES (99,"
                      " (SELECT max(id) FROM sessions), 1, 'render', 'complete', '', 0, '', '', '',"
                      " '', 1, 2, 0)");
    });
    if (!done) throw std::runtime_error(done.error().what);
}
/// Execution 2, after a pause.
void render(DirectorRig &rig) {
    furnish(rig);
    rig.say({"/render/slot", {1, "bars=1"}});
    for (int n = 0; n < 4000 && rig.studio.busy(); ++n) {
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
        osc::hear_studio(rig.context);
    }
    rig.wait_for_history();
}

} // namespace

std::vector<ErrorCase> cases_of_history() {
    const auto list = [](std::string word) {
        return std::vector<osc::Message>{{"/history/list", {word}}};
    };
    const auto find = [](std::string word) {
        return std::vector<osc::Message>{{"/history/find", {word}}};
    };
    const auto pack = [](std::vector<osc::Value> words) {
        return std::vector<osc::Message>{{"/history/export", words}};
    };
    return {
        {"BAD_TYPE", "of limit, kind, status", list("slots=1")},
        {"BAD_TYPE", "what chooses is key=value", list("3")},
        {"BAD_TYPE", "what chooses is key=value", list("text=kick")},
        {"BAD_TYPE", "filter: nil is not text", {{"/history/list", {osc::Nil{}}}}},
        {"BAD_TYPE", "nothing stands behind it", list("song=")},
        {"BAD_TYPE", "nothing stands behind it", list("before=")},
        {"BAD_TYPE", "nothing stands behind it", find("before")},
        {"OUT_OF_RANGE", "slot 129: not in 1..128", list("slot=129")},
        {"OUT_OF_RANGE", "limit 401: not in 1..400", list("limit=401")},
        {"OUT_OF_RANGE", "limit 0: not in 1..1000", find("limit=0")},
        {"BAD_TYPE", "\"x\" is not a number", list("limit=x")},
        {"BAD_TYPE", "is not a whole number", list("slot=1.5")},
        {"OUT_OF_RANGE", "execution 0: not in", find("execution=0")},
        {"OUT_OF_RANGE", "near it is performance", list("kind=perform")},
        {"OUT_OF_RANGE", "near it is complete", list("status=completed")},
        {"OUT_OF_RANGE", "type audio: there is none; near it", find("type=audio")},
        {"BAD_TYPE", "how long ago", list("since=yesterday")},
        {"BAD_TYPE", "how long ago", {{"/history/stats", {"until=-1h"}}}},
        {"BAD_TYPE", "where to go on is like 12, as", list("before=0")},
        {"BAD_TYPE", "where to go on is like 12.345", find("before=12")},
        {"BAD_TYPE", "where to go on is like 12.345", find("before=12.x")},
        {"BAD_TYPE", "where to go on is like 12, as", list("before=12.3")},
        {"BAD_TYPE", "0 of 1 arguments", {{"/history/show"}}},
        {"NOT_FOUND", "execution 7: there is none", {{"/history/show", {7}}}},
        {"NOT_FOUND", "execution -1: there is none", {{"/history/show", {-1}}}},
        {"OUT_OF_RANGE", "view all: there are performer", {{"/history/show", {7, "all"}}}},
        {"OUT_OF_RANGE", "limit 0: not in", {{"/history/show", {7, "advanced", 0}}}},
        {"OUT_OF_RANGE", "offset -1: not in", {{"/history/show", {7, "advanced", 1, -1}}}},
        {"NOT_FOUND", "execution 7: there is none", {{"/history/pin", {7}}}},
        {"BAD_TYPE", "on: \"x\"", {{"/history/pin", {7, "x"}}}},
        {"BAD_TYPE", "arguments are too many", {{"/history/pin", {7, 1, 2}}}},
        {"BAD_TYPE", "0 of 1 arguments", {{"/history/export"}}},
        {"NOT_FOUND", "execution 7: there is none", pack({7})},
        {"NOT_FOUND", "no execution is like that", pack({"song=nobody"})},
        {"BAD_TYPE", "the number of an execution", pack({"friday"})},
        {"BAD_TYPE", "the number of an execution", pack({7, "a", "b"})},
        {"OUT_OF_RANGE", "\"song=intro\" names no file", pack({7, "song=intro"})},
        {"OUT_OF_RANGE", "names no file", pack({7, "../../etc/x"})},
        {"OUT_OF_RANGE", "names no file", pack({"song=a", std::string(300, 'x')})},
        {"OUT_OF_RANGE", "slot 200: not in", pack({"slot=200", "x"})},
        {"OUT_OF_RANGE", "from 0: not in", {{"/history/replay", {2, "from=0"}}}, perform},
        {"OUT_OF_RANGE", "from 0: not in", {{"/render/execution", {2, "from=0"}}}, perform},
        {"CONFLICT", "makes no outputs", {{"/render/execution", {2, "live"}}}, perform},
        {"BAD_TYPE", "live: \"x\"", {{"/history/replay", {2, "live=x"}}}, perform},
        {"BAD_TYPE", "\"loud\" is no option", {{"/history/replay", {2, "loud"}}}, perform},
        {"CONFLICT",
         "makes no outputs",
         {{"/history/replay", {2, "live", "outputs=wav16"}}},
         perform},
        {"BAD_TYPE", "what can be looked for", {{"/history/bisect", {2, "loud"}}}, perform},
        {"OUT_OF_RANGE", "silence is of 0.1", {{"/history/bisect", {2, "silence=0"}}}, perform},
        {"OUT_OF_RANGE", "a limit is of", {{"/history/bisect", {2, "peak>99"}}}, perform},
        {"NOT_FOUND", "execution 999: there is none", {{"/history/bisect", {999, "silence"}}}},
        {"BUSY", "is heard already", {{"/history/replay", {2, "live=1"}}}, perform_and_listen},
        {"UNSUPPORTED",
         "a render, which no messages made",
         {{"/history/bisect", {99, "silence"}}},
         keep_a_render},
        {"GENERAL", "what it is of was not kept", {{"/history/replay", {99}}}, keep_a_render},
        {"NOT_FOUND", "none holds what the slot does", {{"/snapshot/show", {"slot:1"}}}, forget},
        {"NOT_FOUND", "nor is what was before that", {{"/snapshot/show", {"HEAD~1"}}}, forget},
        {"NOT_FOUND",
         "kept no longer; the next before it is",
         {{"/snapshot/show", {"HEAD~1"}}},
         forget_all_but_first},
        {"UNSUPPORTED", "from its beginning", {{"/history/replay", {2, "from=2"}}}, render},
    };
}

} // namespace chronus::test
