#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::ctl {

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

} // namespace chronus::ctl
