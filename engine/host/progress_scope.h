#pragma once

#include "engine/host/progress_level.h"

#include <exception>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace chronus {

struct ProgressOperation;
struct ProgressNode;
class ProgressStore;

/// One level while it is worked at. Left before it was ended - by an exception, by a forgotten path
/// - it has failed, and says so; so nothing that has begun is ever left running.
///
/// Shapes: parts go before what they are parts of, and all before the store.
/// Thread: one at a time; different levels of one operation may be on different threads.
class ProgressScope {
public:
    ProgressScope(ProgressScope &&) noexcept = default;
    ProgressScope &operator=(ProgressScope &&) = delete;
    ~ProgressScope();

    const std::string &id() const;
    /// Stops when somebody cancels the operation. All its levels share it.
    std::stop_token stop() const;

    /// One that was queued begins. Errors: cancelled - while it waited; it is over.
    Outcome start();
    /// Lists a part that is still to come.
    void plan(std::string_view type, std::string_view name, double total = 0);
    /// Begins a part: the planned one of this type and name, if there is one.
    ProgressScope part(std::string_view type, std::string_view name, double total = 0);
    /// The same for work that only tells how far it is, 0..1: each name is a part of type "phase",
    /// until the next name, the same one over again, or the end of this level.
    void phase(std::string_view name, double fraction);

    /// An empty message leaves the last one.
    void at(double current, std::string_view message = {});
    void metric(std::string_view name, double value);
    void output(ProgressOutput output);

    // The end; what comes after it changes nothing. Parts still running end in the same way, and
    // those that never began are cancelled.
    void complete(std::string_view message = {});
    /// An error of `cancelled` cancels.
    void fail(Error error);
    /// As the outcome has it.
    template <class T>
    void end(const Result<T> &outcome) {
        outcome ? complete() : fail(outcome.error());
    }
    /// Does `f()` and ends as what it answers has it; what it throws fails this level with its
    /// reason, and goes on its way.
    template <class F>
    auto run(F &&f) try {
        auto outcome = f();
        end(outcome);
        return outcome;
    } catch (const std::exception &e) {
        fail({Errc::failed, e.what()});
        throw;
    }

private:
    friend class ProgressStore;
    ProgressScope(ProgressStore &store, std::shared_ptr<ProgressOperation> operation,
                  ProgressNode &node);

    ProgressStore *store_;
    std::shared_ptr<ProgressOperation> operation_; ///< empty once moved from
    ProgressNode *node_;
    int exceptions_; ///< on their way when this was made
};

} // namespace chronus
