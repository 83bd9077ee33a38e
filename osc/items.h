#pragma once

#include "engine/model/params.h"
#include "osc/topics.h"

#include <bitset>
#include <cstddef>

namespace chronus::osc {

/// All that can be subscribed to, counted through: every parameter, then every topic.
inline constexpr std::size_t kItems = kParamCount + kTopics.size();
using Items = std::bitset<kItems>;

constexpr std::size_t item_of(ParamId id) noexcept { return id.index; }
constexpr std::size_t item_of(TopicId id) noexcept { return std::size_t{kParamCount} + id.index; }

/// `f(item)` for each item of the set from the lowest on, until it says false.
template <class F>
void for_each_item(const Items &items, F &&f) {
    for (std::size_t i = items._Find_first(); i < kItems; i = items._Find_next(i))
        if (!f(i)) return;
}

} // namespace chronus::osc
