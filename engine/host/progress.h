#pragma once

#include "engine/host/progress_level.h"
#include "engine/host/progress_scope.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chronus {

struct ProgressClocks {
    std::function<std::int64_t()> wall_ms;   ///< Unix time
    std::function<std::int64_t()> steady_ns; ///< monotonic
};

/// What all that takes long has to tell: the single truth for whoever watches, asks or cancels.
///
/// It pushes nothing: `version` changes with every change, and whoever tells others looks at it at
/// their pace. What is over stays in `recent`, so its last state is not missed.
///
/// Thread: any but audio. Nothing is called under its lock but the clocks.
class ProgressStore {
public:
    static constexpr std::size_t kRecent = 16;
    /// Gets an operation when it is over, on the thread that ended it; it must not throw.
    using Finished = std::function<void(const ProgressLevel &)>;

    explicit ProgressStore(ProgressClocks clocks, Finished finished = {});
    ProgressStore(const ProgressStore &) = delete;
    ProgressStore &operator=(const ProgressStore &) = delete;
    ~ProgressStore();

    /// `total` is of whatever is counted; 0: nothing is, or its parts are.
    ProgressScope begin(std::string_view type, std::string_view name, double total = 0);
    /// One that is pending until its turn comes, see `ProgressScope::start`.
    ProgressScope queue(std::string_view type, std::string_view name, double total = 0);

    /// Asks an operation to end; one that has not begun ends at once. `by` is who wants it.
    /// Errors: not_found - no operation has this id. not_now - it is over, or the id is a part's.
    Outcome cancel(std::string_view id, std::string_view by);
    /// Whether it would.
    Outcome may_cancel(std::string_view id) const;
    void cancel_all(std::string_view by);

    /// Pending and running, the oldest first.
    std::vector<ProgressLevel> active() const;
    /// Those that were over last, the latest last.
    std::vector<ProgressLevel> recent() const;
    /// Of those two the one with this id; parts are found, too.
    std::optional<ProgressLevel> find(std::string_view id) const;
    std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

    /// The next operation's id, if none was given a later one yet.
    void count_from(std::uint64_t id);
    /// What one took in an earlier run; `units` are what its total counted, 1 for nothing.
    void learn(std::string_view type, double units, double seconds);

private:
    friend class ProgressScope;
    using Operation = std::shared_ptr<ProgressOperation>;
    /// What operations and parts of one type took.
    struct Past {
        double seconds_a_unit = 0;
        int runs = 0;
    };

    template <class F>
    void change(ProgressNode &node, F &&f);
    Result<Operation> to_stop(std::string_view id, std::string_view by);
    void end(const Operation &operation, ProgressNode &node, std::optional<Error> why);
    bool has_begun(const ProgressNode &node) const;

    // Under the lock.
    Result<Operation> find_to_stop(std::string_view id) const;
    static ProgressNode &add_part(ProgressNode &to, std::string_view type, std::string_view name,
                                  double total);
    ProgressNode &begin_part(ProgressNode &of, std::string_view type, std::string_view name,
                             double total);
    void move_phase(ProgressNode &of, std::string_view name, double fraction);
    void set_off(ProgressNode &node) const;
    void close(ProgressNode &node, ProgressStatus status, const std::optional<Error> &why);
    void note(std::string_view type, double units, double seconds);
    Operation find_active(std::string_view id) const;
    ProgressLevel level_of(const ProgressNode &node) const;
    double elapsed_of(const ProgressNode &node) const;
    std::optional<double> left_of(const ProgressLevel &level) const;

    const ProgressClocks clocks_;
    const Finished finished_;
    mutable std::mutex lock_; // over all below, and over all levels
    std::uint64_t next_ = 1;
    std::deque<Operation> active_;
    std::deque<ProgressLevel> recent_;
    std::map<std::string, Past, std::less<>> past_;
    std::atomic<std::uint64_t> version_{0};
};

} // namespace chronus
