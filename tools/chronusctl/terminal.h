#pragma once

#include <chrono>
#include <string>
#include <termios.h>

namespace chronus::ctl {

/// The terminal as a stage of its own: the other screen, no cursor, keys one by one.
///
/// What was there comes back with the end of the object; signals must not end the program before
/// (signals.h).
class Terminal {
public:
    /// Whether stdout is one that can be drawn on.
    static bool there();

    Terminal();
    ~Terminal();
    Terminal(const Terminal &) = delete;
    Terminal &operator=(const Terminal &) = delete;

    /// Replaces what is shown; lines end in '\n'.
    void show(const std::string &frame) const;

    /// The key pressed within that time, 0 for none.
    char key(std::chrono::milliseconds wait) const;

private:
    termios before_{};
    bool has_keys_ = false;
};

/// Columns and rows of stdout; 80x24 where it has none.
struct Size {
    int columns = 80;
    int rows = 24;
};
Size terminal_size();

/// Whether the locale writes UTF-8.
bool locale_is_utf8();

} // namespace chronus::ctl
