#include "engine/host/workers.h"

#include "engine/host/privileges.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <system_error>
#include <utility>

namespace chronus {

std::size_t Workers::cores() { return std::max(1u, std::thread::hardware_concurrency()); }

Workers::Workers(std::size_t threads, Haste haste)
    : haste_(haste), threads_(std::max<std::size_t>(threads, 1)) {}

Workers::~Workers() {
    for (Thread &each : threads_)
        if (each.thread.joinable()) each.thread.join();
}

Outcome Workers::submit_all(std::vector<Work> work) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + work.size() > kMostWaiting)
        return Error{Errc::busy, fmt::format("{} jobs wait for a core already, and {} is the most",
                                             waiting_.size(), kMostWaiting)};
    if (const auto started = start_threads(work.size()); !started) return started;
    std::ranges::move(work, std::back_inserter(waiting_));
    return Done{};
}

/// One that has ended took its last look at the queue under the lock, and is soon joined.
Outcome Workers::start_threads(std::size_t wanted) {
    std::size_t there = 0;
    for (Thread &each : threads_) {
        if (!each.ended) ++there;
        if (!each.ended || wanted == 0) continue;
        if (each.thread.joinable()) each.thread.join();
        try {
            each.thread = std::thread([this, &each] { run(each); });
        } catch (const std::system_error &e) {
            if (there > 0) break;
            return Error{Errc::io,
                         fmt::format("no thread for the job: {}", std::strerror(e.code().value()))};
        }
        each.ended = false;
        ++there;
        --wanted;
    }
    return Done{};
}

void Workers::run(Thread &self) {
    if (haste_ == Haste::none) make_way();
    for (std::unique_lock lock(mutex_);;) {
        if (waiting_.empty()) {
            self.ended = true;
            return;
        }
        Work work = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        work();
        work = {}; // what it holds goes before anybody may have to wait for it
        lock.lock();
    }
}

std::size_t Workers::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

std::size_t Workers::running() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::ranges::count_if(threads_, [](const Thread &t) { return !t.ended; }));
}

} // namespace chronus
