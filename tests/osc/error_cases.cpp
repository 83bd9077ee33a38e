#include "tests/osc/error_cases.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

namespace chronus::test {

namespace {

using osc::Message;

const osc::Peer kElsewhere = stranger();

void leave(DirectorRig &) {}
void start(DirectorRig &rig) {
    furnish(rig);
    rig.say({"/seq/start"});
    rig.run(400); // beyond the first bar
}
void record(DirectorRig &rig) {
    rig.say({"/engine/record/start", {"take.wav"}});
    rig.run(2);
}
void record_and_stop(DirectorRig &rig) {
    record(rig);
    rig.say({"/engine/record/stop"});
}
void record_and_stop_and_ask_for_another(DirectorRig &rig) {
    record_and_stop(rig);
    rig.say({"/engine/record/start", {"b.wav"}});
}
void silence_acid(DirectorRig &rig) {
    furnish(rig);
    rig.say({"/mod/acid1/source", {0}});
}
void fill_tracks(DirectorRig &rig) {
    for (int n = 0; n < 64; ++n) {
        rig.say({"/seq/add", {"t " + std::to_string(n), "voice1", "x"}});
        rig.run(1);
    }
}
void keep_presets(DirectorRig &rig) {
    furnish(rig);
    for (std::size_t n = 0; n < patterns::kMostPresets; ++n)
        put(rig.state() / "presets" / ("p" + std::to_string(n) + ".json"), "{}");
}
void delete_a_preset(DirectorRig &rig) {
    rig.say({"/preset/save", {"deep", "voice1"}});
    rig.wait_for_disk();
    rig.say({"/preset/save", {"deeper", "voice1"}});
    rig.say({"/preset/delete", {"deep"}});
}
void put_off(DirectorRig &rig, int times) {
    for (int n = 0; n < times; ++n) {
        rig.say_together({{"/seq/start"}}, rig.tag_of(48000 * 30));
        if (n % 100 == 0) rig.run(1);
    }
}
void fill_schedule(DirectorRig &rig) { put_off(rig, 4096); }
void fill_schedule_but_for_one(DirectorRig &rig) { put_off(rig, 4095); }
void put_off_under_a_name(DirectorRig &rig) {
    rig.say_together({{"/req", {"later", "/seq/bpm", 90}}}, rig.tag_of(48000 * 30));
}
void fill_queue(DirectorRig &rig) {
    for (int n = 0; n < 100'000; ++n)
        if (!rig.session.set(param("seq/bpm"), 100.0f + static_cast<float>(n % 100))) return;
}
void fill_ids(DirectorRig &rig) {
    for (int n = 0; n < 128; ++n)
        rig.say({"/req", {"i" + std::to_string(n), "/at", "bar:2", "/seq/status"}});
}
void fill_disk_queue(DirectorRig &rig) {
    while (rig.context.saver.waiting() < patterns::Saver::kMostWaiting)
        rig.say({"/pattern/save", {2}});
}
void subscribe_often(DirectorRig &rig) {
    for (const char *of : {"freq", "pan", "amp", "osc"})
        for (int n = 1; n <= 8; ++n)
            rig.say({"/subscribe", {"/mod/voice" + std::to_string(n) + "/" + of}});
}
void subscribe_all(DirectorRig &rig) {
    for (std::size_t n = 0; n < osc::Subscriptions::kMost; ++n)
        rig.say({"/subscribe", {"/seq"}}, me(static_cast<std::uint16_t>(5000 + n)));
}
void tire(DirectorRig &rig) {
    for (std::size_t n = 0; n < 200; ++n)
        rig.say({"/subscribe", {"//*" + std::string(n % 90, '*') + "q"}});
}
void be_wrong(DirectorRig &rig) {
    for (int n = 0; n < 10; ++n) rig.say({"/auth", {std::string(90, 'w')}}, kElsewhere);
}
void render(DirectorRig &rig) {
    furnish(rig);
    rig.say({"/render/slot", {1, "bars=100000", "outputs=wav16"}});
}
void render_much(DirectorRig &rig) {
    furnish(rig);
    for (int n = 0; n < 80; ++n)
        rig.say({"/render/slot", {1, "bars=100000", "name=n" + std::to_string(n)}});
}
void be_long(DirectorRig &rig) { rig.going.push_back(rig.progress.begin("render", "demo")); }
void be_over(DirectorRig &rig) {
    be_long(rig);
    rig.going.clear();
    rig.wait_for_disk();
}
void ask_history_often(DirectorRig &rig) {
    for (std::size_t n = 0; n < patterns::HistoryThread::kMostQuestions; ++n)
        rig.say({"/progress/history"});
}
void be_newer(DirectorRig &rig) { rig.say({"/seq/bpm", {99}}); }

} // namespace

std::vector<ErrorCase> cases_of_state() {
    const Message later{"/at", {"bar:2", "/seq/start"}};
    return {
        {"UNKNOWN_ADDRESS", "near it: /engine/record/start", {{"/engine/record/strt"}}, record},
        {"NOT_NOW", "its source is 0", {{"/gate/acid1", {1}}}, silence_acid},
        {"OUT_OF_RANGE", "the most a pattern", {{"/seq/add", {"a", "1", "x"}}}, fill_tracks},
        {"TOO_BIG", "are kept already", {{"/preset/save", {"x", "voice1"}}}, keep_presets},
        {"NOT_FOUND", "is none; near it", {{"/mod/voice1/preset", {"deep"}}}, delete_a_preset},
        {"NOT_FOUND", "kept are deeper", {{"/preset/delete", {"deep"}}}, delete_a_preset},
        {"NOT_FOUND", "and none is kept", {{"/preset/delete", {"deep"}}}, leave},
        {"NOT_NOW", "nothing was loaded or saved", {{"/pattern/reload"}}, leave},
        {"NOT_FOUND", "no track has been added yet", {{"/seq/mute", {"nobody", 1}}}, leave},
        {"NOT_FOUND", "none has been taken yet", {{"/snapshot/show"}}, leave},
        {"OUT_OF_RANGE", "which have begun", {{"/snapshot/show", {"bar:99"}}}, start},
        // time
        {"LATE", "it has passed", {{"/at", {"bar:1", "/seq/stop"}}}, start},
        {"TOO_FAR_AHEAD", "at most 60 s", {{"/at", {"bar:9999", "/seq/stop"}}}, start},
        {"QUEUE_FULL", "wait for their time already", {later}, fill_schedule},
        {"GENERAL",
         "what came before in this bundle was not",
         {later, {"/at", {"bar:3", "/seq/start"}}, {"/at", {"bar:4", "/seq/start"}}},
         fill_schedule_but_for_one},
        {"GENERAL", "before its time", {{"/next/cancel", {"later"}}}, put_off_under_a_name},
        {"CONFLICT", "by now, so nothing of this was done", {{"/base", {1}}}, be_newer},
        // recordings
        {"BUSY", "already recording", {{"/engine/record/start", {"b.wav"}}}, record},
        {"NOT_NOW", "nothing is being recorded", {{"/engine/record/stop"}}, record_and_stop},
        {"NOT_NOW",
         "was stopped before it began",
         {{"/engine/record/stop"}},
         record_and_stop_and_ask_for_another},
        // what takes long
        {"NOT_FOUND", "none has this id", {{"/job/cancel", {"7"}}}, be_long},
        {"NOT_NOW", "is a part; only", {{"/job/cancel", {"1.2"}}}, be_long},
        {"NOT_NOW", "operation 1: is over", {{"/job/cancel", {"1"}}}, be_over},
        {"NOT_NOW", "is not over yet", {{"/progress/export", {"1"}}}, be_long},
        {"NOT_FOUND", "with this id is kept", {{"/progress/show", {"12"}}}, be_over},
        {"NOT_FOUND", "with this id is kept", {{"/progress/export", {"x"}}}, be_over},
        {"NOT_FOUND", "has no such part", {{"/progress/show", {"1.7"}}}, be_over},
        {"BAD_TYPE", "0 of 1 arguments", {{"/job/cancel"}}, be_long},
        {"BAD_TYPE", "0 of 1 arguments", {{"/progress/show"}}, be_over},
        {"BUSY", "questions wait already", {{"/progress/history"}}, ask_history_often},
        // subscriptions
        {"BUSY", "too hard to match", {{"/subscribe", {"//*?*?*?*?*?*?*?*?q"}}}, tire},
        {"OUT_OF_RANGE", "the most a client may have", {{"/subscribe", {"/seq"}}}, subscribe_often},
        {"BUSY", "clients have subscribed", {{"/subscribe", {"/seq"}}}, subscribe_all},
        // renders
        {"BUSY", "is making files of the name slot_001", {{"/render/slot", {1}}}, render},
        {"BUSY", "wait for a core already", {{"/render/slot", {1}}}, render_much},
        {"NOT_NOW", "job 1 goes on", {{"/render/report", {"1"}}}, render},
        // all that has an end
        {"QUEUE_FULL", "the engine's queue is full", {{"/seq/bpm", {90}}}, fill_queue},
        {"QUEUE_FULL", "no more may", {{"/req", {"z", "/seq/bpm", 90}}}, fill_ids},
        {"BUSY", "wait for the disk already", {{"/pattern/save", {3}}}, fill_disk_queue},
    };
}

std::vector<ErrorCase> cases_of_strangers() {
    const Message token{"/auth", {std::string(90, 'w')}};
    const Message change{"/seq/add", {"kick", "voice1", std::string(300, 'x')}};
    return {
        {"AUTH", "no such token", {token}, leave, kElsewhere},
        {"AUTH", "wrong tokens within a minute", {token}, be_wrong, kElsewhere},
        {"AUTH", "needs the role perform", {change}, leave, kElsewhere},
    };
}

void furnish(DirectorRig &rig) {
    rig.say({"/client/replies", {2}});
    rig.say({"/seq/add", {"ruler", "voice1", "X"}});
    rig.say({"/pattern/save", {1, "before"}});
    rig.wait_for_disk();
    rig.say({"/seq/set", {"ruler", "len", 2}});
    rig.say({"/pattern/save", {1, "ruler"}});
    rig.wait_for_disk();
    const auto slots = rig.state() / "patterns" / "slots";
    put(slots / "slot_013.json", "{\"chronus_version\": ");
    put(slots / "slot_014.json", "{\"schema_version\": \"99.0\"}");
    std::filesystem::create_directory(rig.state() / "presets");
    put(rig.state() / "presets" / "broken.json", "{");
}

std::vector<Message> settle(DirectorRig &rig) {
    for (int n = 0; n < 500; ++n) {
        rig.run(1);
        rig.wait_for_disk();
        rig.director.finish_recording();
        const osc::RecordingEnd &end = rig.context.recording_end;
        if (n > 3 && !end.asked && !end.finished.valid()) break;
        if (end.finished.valid()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return rig.told();
}

} // namespace chronus::test
