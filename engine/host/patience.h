#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

namespace chronus {

/// Does `work` on a thread of its own and waits for what it returns, but no longer than `limit`.
/// Work that hangs is left behind with all that it owns; should it end after all, its result is
/// destroyed there and then.
///
/// Thread: not audio. For calls into sound systems, which may never come back.
template <class Work, class T = std::invoke_result_t<Work>>
std::optional<T> within(std::chrono::milliseconds limit, Work work) {
    struct Desk {
        std::mutex lock;
        std::condition_variable done;
        std::optional<T> result;
        bool left = false;
    };
    const auto desk = std::make_shared<Desk>();
    std::thread([desk, work = std::move(work)]() mutable {
        T result = work();
        const std::lock_guard hold(desk->lock);
        if (desk->left) return;
        desk->result.emplace(std::move(result));
        desk->done.notify_one();
    }).detach();

    std::unique_lock hold(desk->lock);
    desk->done.wait_for(hold, limit, [&] { return desk->result.has_value(); });
    desk->left = true;
    return std::exchange(desk->result, std::nullopt);
}

} // namespace chronus
