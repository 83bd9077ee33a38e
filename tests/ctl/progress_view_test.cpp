#include "tools/chronusctl/progress_view.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

using namespace chronus::ctl;

namespace {

const char *const kRender =
    R"({"id":"12","type":"render","name":"slot 1","status":"running","percent":50,"elapsed":2.5,
        "left":70,"message":"playing","start":"2026-11-21T10:00:00.000Z","current":5,"total":10,
        "metrics":{"lufs":-16.1},"outputs":[],
        "parts":[{"id":"12.1","type":"output","name":"wav24","status":"failed","percent":25,
                  "elapsed":1,"error":"disk full","metrics":{},
                  "outputs":[{"name":"a.wav","rate":48000,"channels":2,"frames":96000,
                              "seconds":2}],"parts":[]}]})";

Json document(const char *text) { return *document_in(text); }

std::vector<std::string> lines(const std::string &text) {
    std::vector<std::string> out;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

/// Characters, not bytes.
long width(const std::string &line) {
    return std::ranges::count_if(
        line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; });
}

} // namespace

TEST_CASE("progress view: a level a line, its parts indented, and why one failed", "[ctl]") {
    const auto drawn =
        lines(draw_progress(document(kRender), {{80, 24}, false, false}, Detail::line));
    REQUIRE(drawn.size() == 4);
    CHECK(drawn[0].starts_with("> 12 render slot 1"));
    CHECK(drawn[0].find("########--------  50 % 1:10 min left") != std::string::npos);
    CHECK(drawn[1] == "    playing");
    CHECK(drawn[2].starts_with("  ! output wav24"));
    CHECK(drawn[3] == "      disk full");
}

TEST_CASE("progress view: the whole tells times, measures, and what was made", "[ctl]") {
    const std::string drawn =
        draw_progress(document(kRender), {{80, 24}, true, false}, Detail::whole);
    for (const char *said :
         {"running, began 2026-11-21T10:00:00.000Z, took 2.5 s, 1:10 min left, 5 of 10",
          "lufs -16.1", "a.wav  48000 Hz, 2 channels, 2.0 s"})
        CHECK(drawn.find(said) != std::string::npos);
}

TEST_CASE("progress view: no line is wider than the terminal, and none empty", "[ctl]") {
    std::string text = kRender;
    text.replace(text.find("slot 1"), 6, std::string(200, 'n'));
    text.replace(text.find("disk full"), 9, std::string(300, 'e'));
    const int columns = GENERATE(50, 80, 132);
    const bool utf8 = GENERATE(false, true);
    const Json level = document(text.c_str());
    for (const auto &line :
         lines(draw_progress(level, {{columns, 24}, utf8, false}, Detail::whole))) {
        CHECK(width(line) <= columns);
        CHECK_FALSE(line.empty());
    }
}

TEST_CASE("progress view: one line has no line end and no orders to a terminal", "[ctl]") {
    const Json level = document(R"({"id":"3","type":"render","name":"a\u001b[2Jb","status":"failed",
                                    "percent":10,"elapsed":65,"error":"one\ntwo"})");
    CHECK(progress_line(level) == "3 render a?[2Jb  failed  1:05 min  one two");
}

TEST_CASE("progress view: what a document lacks is left out, not invented", "[ctl]") {
    const Json level = document(R"({"id":"3","status":"pending"})");
    CHECK(draw_progress(level, {{80, 24}, false, false}, Detail::line).find("waits") !=
          std::string::npos);
    CHECK_FALSE(progress_line(document("{}")).empty());
}

TEST_CASE("progress view: a length is as long as people say it", "[ctl]") {
    CHECK(length_of(0) == "0.0 s");
    CHECK(length_of(-1) == "0.0 s");
    CHECK(length_of(59.94) == "59.9 s");
    CHECK(length_of(65) == "1:05 min");
    CHECK(length_of(3661) == "1:01:01 h");
    CHECK(progress_bar(2, 4, false) == "####");
    CHECK(progress_bar(-1, 4, false) == "----");
}
