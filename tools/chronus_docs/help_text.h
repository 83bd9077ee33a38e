#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::docs {

/// One thing a program's help describes: an option or a command.
struct HelpEntry {
    std::string head; ///< "--port UINT=5005", "seq add TRACK VOICE PATTERN"
    std::string text; ///< in one line
    std::string example;
};

struct HelpSection {
    std::string title; ///< without colon
    std::vector<HelpEntry> entries;
};

/// The help of a program: paragraphs, and sections of entries in their order.
struct HelpText {
    std::vector<std::string> paragraphs; ///< each in one line
    std::vector<HelpSection> sections;
};

/// Reads what `--help` prints: a line at the left margin that indented ones follow opens a section,
/// other lines there make paragraphs; two blanks in front begin an entry and more go on with it.
HelpText parse_help(std::string_view text);

/// What a program prints for --help in an environment of nobody's: the home folder is "~".
///
/// Errors: throws std::runtime_error - it does not run, or fails.
std::string help_of(const std::filesystem::path &program);

} // namespace chronus::docs
