#include "tools/chronusctl/versions.h"

#include "patterns/history/side_by_side.h"
#include "patterns/text/number.h"
#include "tools/chronusctl/output.h"
#include "tools/chronusctl/performing.h"
#include "tools/chronusctl/tell.h"
#include "tools/chronusctl/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace chronus::ctl {

namespace {

constexpr double kMost = 10'000;
/// Of a line of `side_by_side`: what it is that differs, and what is between the columns.
constexpr int kBesideColumns = 24, kLeastColumn = 12;

std::string called(const Json &snapshot) {
    const std::string hash = text_of(snapshot, "hash");
    if (hash.empty()) return "what plays now";
    return fmt::format("{} {}", hash.substr(0, 8), text_of(snapshot, "version"));
}

std::string line_of(const Json &snapshot) {
    std::string names;
    for (const Json &name : items_of(member(snapshot, "names")))
        names += (names.empty() ? "" : ", ") + plain(name);
    return printable(fmt::format("{}  {}  {}{}", called(snapshot), text_of(snapshot, "time"),
                                 text_of(snapshot, "note"),
                                 names.empty() ? "" : fmt::format("  ({})", names)));
}

/// What each column of a graph waits for: the id of the next snapshot of its line.
class Lanes {
public:
    /// The column of a snapshot; others that waited for it end there.
    std::size_t take(double id, std::string &out) {
        auto first = std::ranges::find(waiting_, id);
        if (first == waiting_.end()) first = waiting_.insert(first, id);
        const auto lane = static_cast<std::size_t>(first - waiting_.begin());
        const auto ends = [&](std::size_t i) { return i > lane && waiting_[i] == id; };
        std::string joined;
        bool any = false;
        for (std::size_t i = 0; i < waiting_.size(); ++i) {
            if (ends(i)) joined.back() = '/';
            joined += ends(i) ? "  " : "| ";
            any = any || ends(i);
        }
        if (any) out += joined.substr(0, joined.find_last_not_of(' ') + 1) + '\n';
        for (std::size_t i = waiting_.size(); i-- > lane + 1;)
            if (ends(i)) waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
        return lane;
    }
    std::string row(std::size_t lane) const {
        std::string out;
        for (std::size_t i = 0; i < waiting_.size(); ++i) out += i == lane ? "* " : "| ";
        return out;
    }
    /// Its line goes on with that one; 0: it began here.
    void go_on(std::size_t lane, double before) {
        waiting_[lane] = before;
        if (before == 0) waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(lane));
    }

private:
    std::vector<double> waiting_;
};

} // namespace

std::string log_of(const Json &snapshots) {
    std::string out;
    for (const Json &each : items_of(snapshots)) out += line_of(each) + '\n';
    return out;
}

std::string graph_of(const Json &graph) {
    std::string out;
    Lanes lanes;
    for (const Json &each : items_of(member(graph, "snapshots"))) {
        const std::size_t lane = lanes.take(number_of(each, "id"), out);
        out += lanes.row(lane) + line_of(each) + '\n';
        lanes.go_on(lane, number_of(each, "before"));
    }
    return out;
}

std::string diff_of(const Json &compared, DiffStyle style) {
    const auto *object = compared.as<patterns::JsonObject>();
    if (object == nullptr) return {};
    const int column = std::max((style.columns - kBesideColumns) / 2, kLeastColumn);
    const std::string left = called(member(compared, "a")), right = called(member(compared, "b"));
    return patterns::side_by_side(patterns::comparison_of(*object),
                                  {.left = left,
                                   .right = right,
                                   .column = static_cast<std::size_t>(column),
                                   .colour = style.colour});
}

int run_diff(const Call &call) {
    if (call.words.empty() || call.words.size() > 2)
        return report_usage("diff takes one snapshot, to compare with what plays now, or two",
                            "chronusctl diff HEAD~1 HEAD", call.settings);
    osc::Message question{"/snapshot/compare", {}};
    for (const std::string &word : call.words) question.args.emplace_back(word);
    return tell(call, question, [](const Json &compared) {
        return diff_of(compared, {.columns = terminal_size().columns, .colour = Terminal::there()});
    });
}

int run_log(const Call &call) {
    double limit = 50;
    if (const auto given = call.options.find("limit"); given != call.options.end()) {
        const auto number = patterns::parse_number(given->second);
        if (!number || *number < 1 || *number > kMost || std::floor(*number) != *number)
            return report_usage(
                fmt::format("--limit {}: not a whole number in 1..{}", given->second, kMost),
                "chronusctl log --limit 50", call.settings);
        limit = *number;
    }
    const auto most = static_cast<std::int64_t>(limit);
    if (call.words.size() > 1 || (!call.words.empty() && call.options.contains("graph")))
        return report_usage("log takes one snapshot at most; --graph none, it draws all branches",
                            "chronusctl log --graph", call.settings);
    if (call.options.contains("graph")) return tell(call, {"/snapshot/graph", {most}}, graph_of);
    const std::string from = call.words.empty() ? "HEAD" : call.words.front();
    return tell(call, {"/snapshot/log", {from, most}}, log_of);
}

} // namespace chronus::ctl
