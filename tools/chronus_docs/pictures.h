#pragma once

#include <string>
#include <vector>

namespace chronus::docs {

/// An SVG file.
struct Picture {
    std::string file, svg;
};

/// Grids of patterns as the sequencer plays them: its own parser reads the text and its own events
/// are drawn.
///
/// Errors: throws std::runtime_error - a pattern that cannot be read.
std::vector<Picture> pictures();

} // namespace chronus::docs
