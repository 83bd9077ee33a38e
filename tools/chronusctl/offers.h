#pragma once

#include "tools/chronusctl/known.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::ctl {

/// A line of the repl up to the cursor.
struct Line {
    std::span<const std::string> words; ///< those before the one at the cursor
    std::string_view partial;           ///< the one at the cursor, as far as it goes
    Known &known;
};

/// What may stand at the cursor; also words that do not begin as `partial` does.
std::vector<std::string> offered(Line line);

/// What the line would take: a command its words, an address what describes it. Empty for no line.
std::string usage_of(Line line);

/// The words a word alone stands for in the repl: "load" is "pattern" "load", when no command is
/// called so; the first of those that end so. Itself for every other word.
std::vector<std::string> long_form(const std::string &word);

} // namespace chronus::ctl
