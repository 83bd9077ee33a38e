#pragma once

#include "patterns/store/jobs.h"
#include "patterns/store/unique_fd.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace chronus::patterns {

using Ticket = std::uint64_t;

/// What became of one job.
struct JobReport {
    Ticket ticket = 0;
    std::shared_ptr<const Job> job;
    Result<Saved> result;
};

/// The disk thread: takes jobs as values, does them in the order given, and keeps the reports until
/// the control thread comes for them. A disk that stalls stops only this thread.
///
/// Thread: control, for every call here. Nothing runs on the disk thread but `Work`.
class Saver {
public:
    /// What the disk thread does with a job; it must not throw and is called by no other thread.
    using Work = std::function<Result<Saved>(const Job &)>;
    static constexpr std::size_t kMostWaiting = 64;

    /// Errors: io - no thread or no descriptor to be had.
    static Result<std::unique_ptr<Saver>> start(Work work);
    /// Does all that is still waiting first; its reports are lost.
    ~Saver();

    /// Errors: busy - 64 jobs are without a report; drain and ask again.
    Result<Ticket> submit(Job job);

    /// Readable, as `poll` has it, while reports wait.
    int fd() const { return wake_.get(); }

    /// Hands each waiting report to `f`, oldest first. `f` may submit.
    template <std::invocable<const JobReport &> F>
    void drain(F &&f) {
        for (const JobReport &report : take_reports()) f(report);
    }

    /// The newest job for a slot that has no report yet: what the slot is about to hold.
    std::shared_ptr<const Job> waiting_for(int slot) const;
    /// All jobs without a report, oldest first: `f(const Job &)`.
    template <std::invocable<const Job &> F>
    void each_waiting(F &&f) const {
        for (const Waiting &waiting : waiting_) f(*waiting.job);
    }
    /// Jobs without a report.
    std::size_t waiting() const { return waiting_.size(); }
    /// How many reports in a row, up to the last one drained, were refusals of the disk. From two
    /// on the store counts as degraded; one save that succeeds clears it.
    unsigned failures_in_row() const { return failures_in_row_; }

private:
    struct Waiting {
        Ticket ticket = 0;
        std::shared_ptr<const Job> job;
    };

    Saver(Work work, UniqueFd wake) : work_(std::move(work)), wake_(std::move(wake)) {}
    void run();
    std::vector<JobReport> take_reports();
    void count(const JobReport &report);

    const Work work_;
    const UniqueFd wake_;
    Ticket last_ticket_ = 0;      // control thread only, like the next two
    std::deque<Waiting> waiting_; // what was submitted and not yet drained
    unsigned failures_in_row_ = 0;

    std::mutex mutex_; // guards the next three
    std::deque<Waiting> jobs_;
    std::vector<JobReport> reports_;
    bool closing_ = false;
    std::condition_variable more_;
    std::thread thread_;
};

} // namespace chronus::patterns
