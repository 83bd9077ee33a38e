#pragma once

#include "tools/chronusctl/json.h"
#include "tools/chronusctl/terminal.h"

#include <string>
#include <string_view>
#include <vector>

namespace chronus::ctl {

/// What the live view shows: the daemon's last `/status`, `/seq/list` and `/levels`, null before
/// they came.
struct View {
    Json status;
    Json tracks;
    Json levels;
    std::string trouble; ///< why there is nothing newer; empty when all is well
};

/// What it is drawn on.
struct Canvas {
    Size size{};
    bool utf8 = false;
    bool colour = false;
};

/// Text cut or filled with blanks to a width, and only cut. Units: characters, not bytes.
std::string fitted(std::string_view text, int columns);
std::string clipped(std::string_view text, int columns);

/// One picture: transport, health, how loud all of it is; of each track how loud it is (momentary
/// LUFS) and its steps with the playing one marked; peaks.
/// Lines are at most `columns` wide, at most `rows` of them, without a last line end.
std::string draw(const View &view, const Canvas &canvas);

/// The first character of each step of a pattern's text; `{...}` and other ornaments are left out.
std::string steps_of(std::string_view pattern);

/// A bar of `width` cells for a level. Units: decibels; -60 and below is empty, 0 full.
std::string level_bar(double db, int width, bool utf8);

} // namespace chronus::ctl
