#include "patterns/history/side_by_side.h"

#include "patterns/text/json_gate.h"

#include <fmt/format.h>

#include <algorithm>

namespace chronus::patterns {

namespace {

using How = NodeChange::How;

constexpr std::string_view kRed = "\033[31m", kGreen = "\033[32m", kBold = "\033[1m",
                           kPlain = "\033[0m";
constexpr std::size_t kNames = 18; // columns of what it is that differs

bool is_plain(char c) { return c >= ' ' && c <= '~'; }

/// Text bare, all else as JSON. Control characters would be orders to a terminal.
std::string shown(const std::optional<std::string> &value) {
    if (!value) return {};
    const auto list = parse_json(fmt::format("[{}]", *value));
    const auto *text = list ? list->as<JsonArray>()->front().as<std::string>() : nullptr;
    std::string out = text != nullptr ? *text : *value;
    std::ranges::replace_if(
        out, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, '?');
    return out;
}

class Page {
public:
    explicit Page(const SideBySide &as) : as_(as) {}

    void heading(std::string_view text, How how = How::modified) {
        const std::string_view mark = how == How::added ? "+ " : how == How::removed ? "- " : "  ";
        const std::string_view tint = how == How::added     ? kGreen
                                      : how == How::removed ? kRed
                                                            : kBold;
        line(tinted(fmt::format("{}{}", mark, text), tint));
    }
    void row(const Difference &change) {
        const std::string from = shown(change.from), to = shown(change.to);
        const std::string name = fmt::format("    {:<{}}", change.what, kNames);
        if (from.size() <= as_.column) {
            const std::string gap(as_.column - from.size() + 2, ' ');
            line(name + marked(from, to, kRed) + gap + marked(to, from, kGreen));
        } else {
            line(name + marked(from, to, kRed));
            line(std::string(name.size(), ' ') + marked(to, from, kGreen));
        }
    }
    void mark(std::string_view sign, std::string_view text, std::string_view tint) {
        line(tinted(fmt::format("  {} {}", sign, text), tint));
    }
    void columns() {
        line(fmt::format("    {:<{}}{:<{}}  {}", "", kNames, as_.left, as_.column, as_.right));
    }
    std::string text() && { return std::move(out_); }

private:
    std::string tinted(std::string_view text, std::string_view tint) const {
        return as_.colour && !text.empty() && !tint.empty()
                   ? fmt::format("{}{}{}", tint, text, kPlain)
                   : std::string{text};
    }
    /// The letters that the other has otherwise, where both are lines of single letters.
    std::string marked(std::string_view text, std::string_view other, std::string_view tint) const {
        if (text.size() != other.size() || !std::ranges::all_of(text, is_plain) ||
            !std::ranges::all_of(other, is_plain))
            return tinted(text, tint);
        std::string out;
        for (std::size_t at = 0, end = 0; at < text.size(); at = end) {
            const bool same = text[at] == other[at];
            while (end < text.size() && (text[end] == other[end]) == same) ++end;
            out += tinted(text.substr(at, end - at), same ? "" : tint);
        }
        return out;
    }
    void line(std::string text) {
        text.erase(text.find_last_not_of(' ') + 1);
        out_ += text + '\n';
    }

    const SideBySide &as_;
    std::string out_;
};

void show(Page &page, std::string_view title, const std::vector<Difference> &changes) {
    if (changes.empty()) return;
    page.heading(title);
    for (const Difference &change : changes) page.row(change);
}

} // namespace

std::string side_by_side(const Comparison &changes, const SideBySide &as) {
    if (changes == Comparison{}) return {};
    Page page{as};
    page.columns();
    for (const NodeChange &node : changes.nodes) {
        page.heading(node.node, node.how);
        for (const Difference &field : node.fields) page.row(field);
    }
    if (!changes.connected.empty() || !changes.disconnected.empty()) page.heading("connections");
    for (const std::string &gone : changes.disconnected) page.mark("  -", gone, kRed);
    for (const std::string &come : changes.connected) page.mark("  +", come, kGreen);
    show(page, "settings", changes.settings);
    show(page, "metadata", changes.metadata);
    show(page, "variables", changes.variables);
    show(page, "triggers", changes.triggers);
    return std::move(page).text();
}

} // namespace chronus::patterns
