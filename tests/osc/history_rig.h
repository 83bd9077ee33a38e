#pragma once

#include "patterns/history/content.h"
#include "patterns/history/item_keeper.h"
#include "patterns/history/journal.h"
#include "tests/support/director_rig.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace chronus::test {

/// A daemon that remembers: what a test puts into the journal is kept as if it had been played.
struct HistoryRig : DirectorRig {
    HistoryRig() : DirectorRig({.observed = false}) {}

    patterns::Journal journal{state() / "test.journal"};

    void keep() {
        const auto kept = context.history.wait_for(
            [this](patterns::Database &db) { return patterns::ItemKeeper{journal}.drain(db); });
        if (!kept) FAIL(kept.error().what);
    }

    /// What came of a command, at once or when the history has looked.
    Messages ask(const osc::Message &message) {
        auto told = say(message);
        wait_for_history();
        const auto later = this->told();
        told.insert(told.end(), later.begin(), later.end());
        return told;
    }
    /// The document it is answered with, in parts or as a value.
    std::string document(const osc::Message &message) {
        std::string out;
        for (const osc::Message &part : ask(message)) {
            INFO(arg(part, 2));
            REQUIRE(part.address == "/reply");
            out += arg(part, part.args.size() - 1);
        }
        return out;
    }
    /// Of a job, once it is over.
    Messages report(const std::string &job) {
        for (int n = 0; n < 4000; ++n) {
            auto told = say({"/render/report", {job}});
            if (outcome_of(told, "/render/report") != "NOT_NOW") return told;
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
        return {};
    }
};

inline patterns::ItemView item(patterns::ItemType type, std::string_view content,
                               std::string_view author = "this machine") {
    return {.type = type,
            .time_ms = 1'700'000'001'500,
            .frame = 72'000,
            .author = author,
            .content = content};
}

/// Three performances: of slot 3 with two outputs of which one is there, of a song, and one without
/// a name that goes on.
inline void perform(HistoryRig &rig) {
    using patterns::ItemType;
    patterns::Document document;
    document.metadata.name = "first";
    const std::string first = patterns::content_text(document);
    document.metadata.name = "second";
    const std::string second = patterns::content_text(document);
    auto &journal = rig.journal;
    journal.put(patterns::SessionBegin{.version = "0.1.0",
                                       .rate = 48000,
                                       .voices = 8,
                                       .seed = 7,
                                       .time_ms = 1'700'000'000'000,
                                       .content = first});
    journal.put(patterns::ExecutionBegin{
        .slot = 3, .time_ms = 1'700'000'001'000, .frame = 48'000, .name = "beat"});
    journal.put(item(ItemType::user_input_osc, "/seq/add kick voice1 X...", "this machine"));
    journal.put(item(ItemType::translation_result, R"({"pattern":"X..."})"));
    journal.put(patterns::LentScene{.epoch = 1, .content = second});
    journal.put(patterns::SentMessage{.n = 1,
                                      .frame = 72'000,
                                      .time_ms = 1'700'000'001'500,
                                      .message = {.what = Edit{.epoch = 1}}});
    std::filesystem::create_directories(rig.state() / "renders");
    put(rig.state() / "renders" / "beat.wav", "RIFF, more or less");
    auto output = item(ItemType::output_audio, "");
    output.file = "renders/beat.wav";
    output.output = 1;
    journal.put(output);
    output.type = ItemType::output_image;
    output.file = "renders/beat.svg";
    output.output = 2;
    journal.put(output);
    journal.put(patterns::ExecutionEnd{.time_ms = 1'700'000'061'000, .frame = 2'928'000});
    journal.put(patterns::ExecutionBegin{
        .time_ms = 1'700'000'100'000, .frame = 4'800'000, .setlist = "friday", .song = "intro"});
    journal.put(item(ItemType::user_input_cli, "/seq/bpm 128", "ann"));
    journal.put(patterns::ExecutionEnd{.status = patterns::ExecutionStatus::stopped,
                                       .time_ms = 1'700'000'110'000,
                                       .frame = 5'280'000});
    journal.put(patterns::ExecutionBegin{.time_ms = 1'700'000'200'000, .frame = 9'600'000});
    journal.put(item(ItemType::user_input_osc, "/panic"));
    rig.keep();
}

} // namespace chronus::test
