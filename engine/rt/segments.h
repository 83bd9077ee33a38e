#pragma once

#include "engine/rt/sequencer.h"

#include <algorithm>
#include <cstdint>
#include <span>

namespace chronus::rt {

/// Cuts [0, frames) where events fall: `f(begin, end, events)` gets each run with the events that
/// strike on its first frame, so no voice looks at a clock inside its sample loop.
///
/// Shapes: `events` ascend by frame, each below `frames`. The runs touch, never overlap, cover all.
template <class F>
void for_each_segment(std::uint32_t frames, std::span<const Event> events, F &&f) CHRONUS_RT {
    for (std::uint32_t begin = 0; begin < frames;) {
        const auto later = std::ranges::upper_bound(events, begin, {}, &Event::frame);
        const auto now = events.first(static_cast<std::size_t>(later - events.begin()));
        const std::uint32_t end = later == events.end() ? frames : later->frame;
        f(begin, end, now);
        events = events.subspan(now.size());
        begin = end;
    }
}

} // namespace chronus::rt
