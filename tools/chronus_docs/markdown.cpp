#include "tools/chronus_docs/markdown.h"

namespace chronus::docs {

namespace {

std::string replaced(std::string_view text, std::string_view signs) {
    std::string out;
    for (const char c : text) {
        if (signs.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

} // namespace

std::string cell(std::string_view text) { return replaced(text, "|*_<>[]~"); }

std::string code(std::string_view text) {
    return text.empty() ? "" : "`" + replaced(text, "|") + "`";
}

std::string row(std::initializer_list<std::string_view> cells) {
    std::string out = "|";
    for (const std::string_view text : cells) {
        out += text.empty() ? "" : " ";
        out += text;
        out += " |";
    }
    return out + "\n";
}

std::string table_head(std::initializer_list<std::string_view> titles) {
    std::string line = "|";
    for (std::size_t i = 0; i < titles.size(); ++i) line += " --- |";
    return row(titles) + line + "\n";
}

} // namespace chronus::docs
