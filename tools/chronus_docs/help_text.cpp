#include "tools/chronus_docs/help_text.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>

namespace chronus::docs {

namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::size_t indent_of(std::string_view line) {
    return std::min(line.find_first_not_of(' '), line.size());
}

void join(std::string &text, std::string_view more) {
    if (!text.empty() && !more.empty()) text += ' ';
    text += more;
}

/// "--json   Print ...": what is behind two blanks is the text.
HelpEntry entry_of(std::string_view line) {
    const std::size_t gap = line.find("  ");
    if (gap == std::string_view::npos) return {std::string{line}, {}, {}};
    const std::string_view rest = line.substr(gap);
    return {std::string{line.substr(0, gap)}, std::string{rest.substr(indent_of(rest))}, {}};
}

void go_on_with(HelpEntry &entry, std::string_view line) {
    if (line.starts_with("$ "))
        entry.example = line.substr(2);
    else
        join(entry.text, line);
}

std::string_view without_colon(std::string_view title) {
    if (title.ends_with(':')) title.remove_suffix(1);
    return title;
}

bool opens_section(const std::vector<std::string_view> &lines, std::size_t i) {
    return i + 1 < lines.size() && indent_of(lines[i]) == 0 && indent_of(lines[i + 1]) == 2;
}

} // namespace

HelpText parse_help(std::string_view text) {
    HelpText help;
    const auto lines = lines_of(text);
    bool new_paragraph = true;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string_view line = lines[i];
        const std::size_t indent = indent_of(line);
        const std::string_view words = line.substr(indent);
        if (words.empty()) {
            new_paragraph = true;
        } else if (indent >= 2 && !help.sections.empty()) {
            auto &entries = help.sections.back().entries;
            if (indent == 2)
                entries.push_back(entry_of(words));
            else if (indent == 4 && !entries.empty() && entries.back().text.empty())
                join(entries.back().head, words);
            else if (!entries.empty())
                go_on_with(entries.back(), words);
        } else if (opens_section(lines, i)) {
            help.sections.push_back({std::string{without_colon(words)}, {}});
        } else {
            if (new_paragraph || words.starts_with("Usage:")) help.paragraphs.emplace_back();
            join(help.paragraphs.back(), words);
            new_paragraph = false;
        }
    }
    return help;
}

std::string help_of(const std::filesystem::path &program) {
    const std::string command = fmt::format("env -i HOME='~' '{}' --help", program.string());
    const auto close = [](std::FILE *pipe) { return ::pclose(pipe); };
    std::unique_ptr<std::FILE, decltype(close)> pipe(::popen(command.c_str(), "r"), close);
    if (!pipe) throw std::runtime_error(fmt::format("{}: cannot be run", program.string()));
    std::string text;
    std::array<char, 4096> buffer{};
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe.get()))
        text.append(buffer.data(), size);
    if (::pclose(pipe.release()) != 0 || text.empty())
        throw std::runtime_error(fmt::format("{} --help: failed", program.string()));
    return text;
}

} // namespace chronus::docs
