#include "tools/chronusctl/history_view.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>
#include <string>

using namespace chronus::ctl;

namespace {

Json parsed(std::string_view text) { return document_in(text).value(); }

std::size_t longest_line(const std::string &text) {
    std::size_t out = 0;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) out = std::max(out, line.size());
    return out;
}

const std::string kLong(300, 'n');

} // namespace

TEST_CASE("history view: a table names each performance, and fits its columns", "[ctl]") {
    const std::string table = executions_table(
        parsed(
            R"([{"id":12,"kind":"performance","status":"complete","slot":3,"name":")" + kLong +
            R"(","start":"2026-11-21T04:05:06.789Z","seconds":65.2,"items":1234567,"pinned":true},
            {"id":3,"kind":"render","status":"running","set":"friday","song":"intro",
             "start":"2026-11-21T04:05:06.789Z","items":0,"pinned":false}])"),
        80);
    CHECK(longest_line(table) == 80);
    CHECK(table.starts_with("    ID  BEGAN (UTC)"));
    CHECK_THAT(table, Catch::Contains("   12*  2026-11-21 04:05:06   1:05 min  1234567  complete"));
    CHECK_THAT(table, Catch::Contains("render friday: intro\n"));
    CHECK(executions_table(parsed("[]"), 80).empty());
}

TEST_CASE("history view: the researcher's items stand below their stage and output", "[ctl]") {
    const std::string page = execution_page(
        parsed(R"({"execution":{"id":1,"kind":"performance","status":"complete","items":4,
             "start":"2026-11-21T04:05:06.789Z"},"view":"researcher","from":0,"next":3,"items":[
             {"seq":2,"stage":"input","type":"user_input_osc","time":"2026-11-21T04:05:06.789Z",
              "content":"/seq/add \u001b[2J","author":"ann"},
             {"seq":5,"stage":"output","output_config_index":1,"type":"output_audio",
              "time":"2026-11-21T04:05:07.000Z","file":"renders/a.wav"},
             {"seq":6,"stage":"output","output_config_index":2,"type":"output_midi",
              "time":"2026-11-21T04:05:07.000Z","file":"renders/a.mid"}]})"),
        80);
    CHECK(page == "execution 1  2026-11-21 04:05:06  4 items  complete\n"
                  "input\n"
                  "      2  04:05:06.789  user_input_osc       /seq/add ?[2J  (ann)\n"
                  "output, output 1\n"
                  "      5  04:05:07.000  output_audio         renders/a.wav\n"
                  "output, output 2\n"
                  "      6  04:05:07.000  output_midi          renders/a.mid\n"
                  "more: chronusctl history show 1 researcher 100 3\n");
}

TEST_CASE("history view: what is found says where it is, and how to go on", "[ctl]") {
    const std::string lines = found_lines(
        parsed(R"({"items":[{"execution":7,"seq":12,"type":"applied","content":{"set":")" + kLong +
               R"("},"time":"2026-11-21T04:05:06.789Z"}],"before":"7.12"})"),
        60);
    CHECK(lines.starts_with("   7.12  04:05:06.789  applied"));
    CHECK(longest_line(lines.substr(0, lines.find('\n'))) == 60);
    CHECK(lines.ends_with("\nthere may be more: go on with before=7.12\n"));
}

TEST_CASE("history view: whatever a document says is shown without harm", "[ctl]") {
    for (const char *text : {"{}", "[]", "[1,null,\"x\"]", R"({"items":7,"execution":[]})",
                             R"({"items":[{"seq":"x","time":4}]})", R"([{"start":"x"}])"}) {
        CHECK_NOTHROW(executions_table(parsed(text), 80));
        CHECK_NOTHROW(execution_page(parsed(text), 80));
        CHECK_NOTHROW(found_lines(parsed(text), 8));
    }
}
