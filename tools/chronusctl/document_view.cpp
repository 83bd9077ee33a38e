#include "tools/chronusctl/document_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace chronus::ctl {

namespace {

using patterns::JsonObject;

constexpr int kIndent = 2;

/// Whether it needs lines of its own.
bool is_nested(const Json &json) {
    if (const auto *members = json.as<JsonObject>()) return !members->empty();
    return std::ranges::any_of(items_of(json), is_nested);
}

/// Members that need none, in one line.
std::string row(const Json &item) {
    const auto *members = item.as<JsonObject>();
    if (members == nullptr) return plain(item);
    std::string out;
    for (const auto &[name, value] : *members) {
        const std::string text = is_nested(value) ? "" : plain(value);
        if (text.empty()) continue;
        const bool blanks = text.find(' ') != std::string::npos;
        out +=
            fmt::format("{}{}={}", out.empty() ? "" : " ", name, blanks ? ctl::quoted(text) : text);
    }
    return out;
}

class Page {
public:
    void add(const Json &json, int indent) {
        for (const Json &item : items_of(json)) add_item(item, indent);
        if (const auto *members = json.as<JsonObject>())
            for (const auto &[name, value] : *members) add_member(name, value, indent);
    }
    std::string text() && { return std::move(text_); }

private:
    void add_line(std::string_view line, int indent) {
        fmt::format_to(std::back_inserter(text_), "{:{}}{}\n", "", indent, line);
    }
    void add_item(const Json &item, int indent) {
        const std::string line = row(item);
        add_line(line.empty() ? "-" : line, indent);
        if (const auto *members = item.as<JsonObject>())
            for (const auto &[name, value] : *members)
                if (is_nested(value)) add_member(name, value, indent + kIndent);
    }
    void add_member(std::string_view name, const Json &value, int indent) {
        const auto *members = value.as<JsonObject>();
        const bool one_line =
            !is_nested(value) ||
            (members != nullptr &&
             std::ranges::none_of(*members, [](const auto &m) { return is_nested(m.value); }));
        const std::string line = one_line ? row(value) : "";
        if (one_line && line.empty()) return;
        add_line(one_line ? fmt::format("{:<12} {}", name, line) : std::string{name}, indent);
        if (!one_line) add(value, indent + kIndent);
    }

    std::string text_;
};

} // namespace

std::string drawn_document(const Json &document) {
    Page page;
    page.add(document, kIndent);
    return std::move(page).text();
}

} // namespace chronus::ctl
