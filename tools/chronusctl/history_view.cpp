#include "tools/chronusctl/history_view.h"

#include "tools/chronusctl/frame.h"
#include "tools/chronusctl/output.h"
#include "tools/chronusctl/progress_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace chronus::ctl {

namespace {

/// "2026-11-21 04:05:06" of "2026-11-21T04:05:06.789Z".
std::string moment(const std::string &iso) {
    std::string out = iso.substr(0, 19);
    std::ranges::replace(out, 'T', ' ');
    return out;
}
/// "04:05:06.789"
std::string time_of_day(const std::string &iso) {
    return iso.size() > 12 ? iso.substr(11, 12) : iso;
}

/// In one line, without what a terminal would take for orders.
std::string one_line(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return printable(text);
}

std::string trimmed_end(const std::string &line) {
    return line.substr(0, line.find_last_not_of(' ') + 1);
}

/// What it was: "friday: intro", "slot 3 beat", "render".
std::string what_of(const Json &execution) {
    std::string out = text_of(execution, "kind") == "performance" ? "" : text_of(execution, "kind");
    const auto add = [&](const std::string &text) {
        if (!text.empty()) out += (out.empty() ? "" : " ") + text;
    };
    const std::string set = text_of(execution, "set");
    add(set.empty() ? "" : set + ":");
    add(text_of(execution, "song"));
    if (const double slot = number_of(execution, "slot"); slot > 0)
        add(fmt::format("slot {:.0f}", slot));
    add(text_of(execution, "name"));
    return one_line(out);
}

std::string took(const Json &execution) {
    const Json &seconds = member(execution, "seconds");
    return seconds.is_null() ? "" : length_of(number_of(seconds));
}

std::string row_of(const Json &execution, int columns) {
    const std::string id = fmt::format("{:.0f}{}", number_of(execution, "id"),
                                       truth_of(execution, "pinned") ? "*" : "");
    const std::string line = fmt::format("{:>6}  {:<19}  {:>9}  {:>7.0f}  {:<9}  {}", id,
                                         moment(text_of(execution, "start")), took(execution),
                                         number_of(execution, "items"),
                                         text_of(execution, "status"), what_of(execution));
    return clipped(line, columns);
}

/// What it says: a file, what was put in, or its content; and who it is of.
std::string said_of(const Json &item) {
    std::string out = text_of(item, "file");
    for (const char *key : {"content", "metadata"}) {
        const Json &value = member(item, key);
        if (!value.is_null()) out += (out.empty() ? "" : "  ") + plain(value);
    }
    if (const std::string author = text_of(item, "author"); !author.empty())
        out += fmt::format("  ({})", author);
    return one_line(out);
}

std::string line_of(const std::string &place, const Json &item, int columns) {
    const std::string line =
        fmt::format("{:>7}  {}  {:<19}  {}", place, time_of_day(text_of(item, "time")),
                    text_of(item, "type"), said_of(item));
    return trimmed_end(clipped(line, columns)) + "\n";
}

std::string heading_of(const Json &item) {
    const double output = number_of(item, "output_config_index");
    if (output == 0) return text_of(item, "stage");
    return fmt::format("{}, output {:.0f}", text_of(item, "stage"), output);
}

std::string seq_of(const Json &item) { return fmt::format("{:.0f}", number_of(item, "seq")); }

} // namespace

std::string executions_table(const Json &executions, int columns) {
    const auto rows = items_of(executions);
    if (rows.empty()) return {};
    std::string out = "    ID  BEGAN (UTC)               TOOK    ITEMS  STATUS     WHAT\n";
    for (const Json &each : rows) out += trimmed_end(row_of(each, columns)) + "\n";
    return out;
}

std::string execution_page(const Json &shown, int columns) {
    const Json &execution = member(shown, "execution");
    const std::string id = fmt::format("{:.0f}", number_of(execution, "id"));
    std::string out =
        clipped(fmt::format("execution {}  {}  {} items  {}  {}", id,
                            moment(text_of(execution, "start")), number_of(execution, "items"),
                            text_of(execution, "status"), what_of(execution)),
                columns);
    out = trimmed_end(out) + "\n";
    const bool staged = text_of(shown, "view") == "researcher";
    std::string heading;
    for (const Json &item : items_of(member(shown, "items"))) {
        if (staged && heading != heading_of(item)) out += (heading = heading_of(item)) + "\n";
        out += line_of(seq_of(item), item, columns);
    }
    if (const Json &next = member(shown, "next"); !next.is_null())
        out += fmt::format("more: chronusctl history show {} {} 100 {:.0f}\n", id,
                           text_of(shown, "view"), number_of(next));
    return out;
}

std::string found_lines(const Json &found, int columns) {
    std::string out;
    for (const Json &item : items_of(member(found, "items")))
        out += line_of(fmt::format("{:.0f}.{}", number_of(item, "execution"), seq_of(item)), item,
                       columns);
    if (const std::string before = text_of(found, "before"); !before.empty())
        out += fmt::format("there may be more: go on with before={}\n", before);
    return out;
}

} // namespace chronus::ctl
