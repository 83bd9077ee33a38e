#pragma once

#include "patterns/history/executions.h"
#include "patterns/history/items.h"
#include "patterns/history/statistics.h"

#include <cstddef>
#include <span>
#include <string>

/// The history as clients are told of it, in JSON.
namespace chronus::osc {

std::string executions_json(std::span<const patterns::Execution> executions);

/// As many items as were asked for, or as make 96 KiB.
struct ShownItems {
    std::string json;
    std::size_t count = 0;
};

/// A page of an execution. `items` may be one more than `most`: then there is more to come, and
/// `next` says from where.
struct ShownExecution {
    patterns::Execution execution = {};
    std::string_view view = {};
    std::vector<patterns::Item> items = {};
    patterns::Page page = {};
};
ShownItems show_json(const ShownExecution &shown);

/// What was found; `before` is there when there may be more.
ShownItems found_json(const patterns::FoundItems &found);

std::string counts_json(const patterns::Statistics &counts);

} // namespace chronus::osc
