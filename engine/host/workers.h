#pragma once

#include "engine/result.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace chronus {

enum class Haste : std::uint8_t {
    none, ///< everything else goes first
    usual ///< that of any program: somebody listens to what is made
};

/// Threads for what takes seconds, one a core, at the lowest priority there is unless told. A
/// thread lives as long as there is work for it: at rest there are none, and no memory of theirs.
///
/// Thread: control, for every call. Work runs on the pool's threads, and must not throw.
class Workers {
public:
    using Work = std::function<void()>;
    static constexpr std::size_t kMostWaiting = 64;

    explicit Workers(std::size_t threads = cores(), Haste haste = Haste::none);
    /// Waits until all work is done, also what has not begun: ask it to end before.
    ~Workers();

    /// Does it as soon as a core is free, in the order given.
    /// Errors: busy - 64 wait already. io - no thread to be had.
    Outcome submit(Work work) { return submit_all({std::move(work)}); }
    /// All of it or none.
    Outcome submit_all(std::vector<Work> work);

    /// What has been submitted and not begun.
    std::size_t waiting() const;
    /// Threads there are now.
    std::size_t running() const;
    /// The most threads there may be.
    std::size_t most() const { return threads_.size(); }

    /// That this process may use.
    static std::size_t cores();

private:
    struct Thread {
        std::thread thread;
        bool ended = true; ///< it takes no more work; guarded by the mutex
    };
    void run(Thread &self);
    Outcome start_threads(std::size_t wanted);

    const Haste haste_;
    mutable std::mutex mutex_; // guards the next, and `ended` of all
    std::deque<Work> waiting_;
    std::vector<Thread> threads_;
};

} // namespace chronus
