#include "osc/history_json.h"

#include "patterns/history/item_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace chronus::osc {

namespace {

using patterns::CountOfName;
using patterns::Execution;
using patterns::JsonWriter;
using patterns::Stage;

/// What a socket's buffer holds when all parts come at once.
constexpr std::size_t kMostBytes = 96 * 1024;
constexpr std::array kStages{Stage::input,    Stage::reading, Stage::acting,
                             Stage::checking, Stage::output,  Stage::system};

void write_execution(JsonWriter &json, const Execution &execution) {
    json.begin_object();
    write_members(json, execution);
    json.key("pinned").value(execution.pinned);
    json.end_object();
}

void write_names(JsonWriter &json, std::string_view key, const std::vector<CountOfName> &counts) {
    json.key(key).begin_array();
    for (const CountOfName &count : counts) {
        json.begin_object();
        json.key("name").value(count.name);
        json.key("outputs").value(count.items);
        json.end_object();
    }
    json.end_array();
}

} // namespace

std::string executions_json(std::span<const Execution> executions) {
    JsonWriter json;
    json.begin_array();
    for (const Execution &each : executions) write_execution(json, each);
    json.end_array();
    return std::move(json).text();
}

ShownItems show_json(const ShownExecution &shown) {
    JsonWriter json;
    json.begin_object();
    write_execution(json.key("execution"), shown.execution);
    json.key("view").value(shown.view);
    json.key("from").value(shown.page.from);
    json.key("items").begin_array();
    const std::size_t most = std::min(shown.items.size(), shown.page.most);
    std::size_t count = 0;
    for (; count < most && json.text().size() < kMostBytes; ++count) {
        json.begin_object();
        write_members(json, shown.items[count]);
        json.end_object();
    }
    json.end_array();
    if (count < shown.items.size()) json.key("next").value(shown.page.from + count);
    json.end_object();
    return {std::move(json).text(), count};
}

ShownItems found_json(const patterns::FoundItems &found) {
    JsonWriter json;
    json.begin_object();
    json.key("items").begin_array();
    std::size_t count = 0;
    for (; count < found.items.size() && json.text().size() < kMostBytes; ++count) {
        json.begin_object();
        json.key("execution").value(found.items[count].execution);
        write_members(json, found.items[count].item);
        json.end_object();
    }
    json.end_array();
    auto more = found.more;
    if (count < found.items.size())
        more =
            patterns::ItemPlace{found.items[count - 1].execution, found.items[count - 1].item.seq};
    if (more) json.key("before").value(fmt::format("{}.{}", more->execution, more->seq));
    json.end_object();
    return {std::move(json).text(), count};
}

std::string counts_json(const patterns::Statistics &counts) {
    JsonWriter json;
    json.begin_object();
    json.key("executions").value(counts.executions);
    json.key("seconds").value(static_cast<double>(counts.duration_ms) / 1000);
    json.key("items").value(counts.items);
    json.key("lost").value(counts.lost);
    json.key("outputs").value(counts.outputs);
    json.key("stages").begin_object();
    for (const Stage stage : kStages)
        json.key(patterns::name_of(stage)).value(count_of(counts, stage));
    json.end_object();
    json.key("types").begin_object();
    for (const patterns::CountOfType &type : counts.types)
        json.key(patterns::row_of(type.type).name).value(type.items);
    json.end_object();
    write_names(json, "by_execution", counts.by_execution);
    write_names(json, "by_slot", counts.by_slot);
    write_names(json, "by_song", counts.by_song);
    write_names(json, "by_author", counts.by_author);
    json.end_object();
    return std::move(json).text();
}

} // namespace chronus::osc
