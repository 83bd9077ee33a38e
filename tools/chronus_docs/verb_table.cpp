#include "tools/chronus_docs/verb_table.h"

#include "osc/topics.h"
#include "osc/verbs.h"

#include <fmt/format.h>

namespace chronus::docs {

namespace {

constexpr std::string_view kHead =
    R"cpp(// Made by chronus_docs from the tables in osc/; do not edit.
#include "tools/chronusctl/verb_table.h"

#include <algorithm>
#include <array>

namespace chronus::ctl {

namespace {

constexpr std::array kRows{
)cpp";

constexpr std::string_view kTail = R"cpp(};

} // namespace

std::span<const VerbRow> verb_rows() { return kRows; }

const VerbRow *find_verb_row(std::string_view address) {
    const auto row = std::ranges::find(kRows, address, &VerbRow::address);
    return row == kRows.end() ? nullptr : &*row;
}

} // namespace chronus::ctl
)cpp";

std::string literal(std::string_view text) { return fmt::format("R\"text({})text\"", text); }

} // namespace

std::string verb_table() {
    std::string out{kHead};
    for (const osc::Verb *verb : osc::all_verbs())
        out += fmt::format("    VerbRow{{{}, {}, {}, {}}},\n", literal(verb->address),
                           literal(verb->args), literal(verb->doc), literal(verb->example));
    for (const osc::Topic &topic : osc::kTopics)
        out += fmt::format("    VerbRow{{{}, {}, {}, {}, true}},\n", literal(topic.address),
                           literal(topic.args), literal(topic.doc),
                           literal(fmt::format("/subscribe {}", topic.address)));
    return out + std::string{kTail};
}

} // namespace chronus::docs
