#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::ctl {

/// What else may come while a line is waited for.
struct News {
    std::function<int()> fd; ///< readable once there is some; negative: there is none to come
    std::function<std::string()> taken; ///< all there is, in lines
};

/// Where lines come from. Thread: one; `next` blocks it.
class Lines {
public:
    virtual ~Lines() = default;

    /// The next line without its end; nothing when there are no more, or a signal asks for the end.
    virtual std::optional<std::string> next() = 0;
};

/// Lines of stdin as they are; news are printed as they come.
std::unique_ptr<Lines> piped_lines(News news);

/// What a line typed so far can become.
struct Edit {
    std::size_t begin = 0;  ///< from here to the cursor the line is replaced
    std::string text = {};  ///< by this
    std::string shown = {}; ///< lines to show beneath, for the eye only
};

/// How lines are typed.
struct Editing {
    std::string prompt;
    std::filesystem::path history; ///< made when it is not there, readable for nobody else
    std::function<Edit(std::string_view)> complete; ///< of what stands before the cursor
    News news;                                      ///< shown above the line that is being typed
};

/// Lines typed at the terminal, with the keys of libedit and of the user's ~/.editrc.
///
/// Lines that begin with a blank, or give a token away, do not go into the history.
std::unique_ptr<Lines> typed_lines(Editing editing);

} // namespace chronus::ctl
