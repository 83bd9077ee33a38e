#pragma once

#include "osc/value.h"

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

/// Messages as people type them into a shell, or into `chronusctl send`. Thread: any.
namespace chronus::osc {

/// A line taken apart into words as a shell does it: by blanks, but not within '...' or "...", and
/// not behind a backslash.
struct ShellWords {
    std::vector<std::string> words = {};
    std::size_t last_begin = 0; ///< where in the line the last word begins, quotes included
    bool ended = true;          ///< blanks follow the last word, or there is none
    char open = 0;              ///< the quote that is never closed
};
ShellWords shell_words(std::string_view line);

/// A word as a shell takes it: in quotes where it would read it otherwise.
std::string shell_word(std::string_view word);

/// The value that text looks like: 3, 3.5, true, false, or itself.
Value guessed(const std::string &text);

/// The line for a message; what no line can say, as a blob, is left out.
std::string typed(std::string_view address, Args args);
std::string typed(std::string_view address, std::initializer_list<std::string_view> words);

/// The message of a line, its arguments as they look. Without an address when it is none.
Message message_typed(std::string_view line);

} // namespace chronus::osc
