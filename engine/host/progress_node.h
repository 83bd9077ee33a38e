#pragma once

#include "engine/host/progress.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

/// What progress.cpp and progress_scope.cpp share.
namespace chronus {

/// It stays where it is: scopes point to it.
struct ProgressNode {
    ProgressLevel level = {}; ///< without its parts, and without what follows from the clock
    std::int64_t started_ns = 0;
    std::vector<std::unique_ptr<ProgressNode>> parts = {};
};

struct ProgressOperation {
    ProgressNode root = {};
    std::stop_source stop = {};
    std::string stopped_by = {};
};

/// Only while it is not over.
template <class F>
void ProgressStore::change(ProgressNode &node, F &&f) {
    const std::lock_guard hold{lock_};
    if (is_over(node.level.status)) return;
    f();
    ++version_;
}

} // namespace chronus
