#pragma once

#include "engine/host/progress_scope.h"
#include "patterns/show/watch.h"

namespace chronus::patterns {

/// A watch that tells what it hears as phases of the level, which outlives it, and ends when the
/// level's operation is cancelled.
inline Watch watch_of(ProgressScope &scope) {
    return {scope.stop(),
            [&scope](std::string_view what, double part) { scope.phase(what, part); }};
}

} // namespace chronus::patterns
