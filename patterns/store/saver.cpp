#include "patterns/store/saver.h"

#include "patterns/store/os_error.h"

#include <fmt/format.h>

#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace chronus::patterns {

Result<std::unique_ptr<Saver>> Saver::start(Work work) {
    UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake) return os_error(errno, "disk thread", "make its bell");
    std::unique_ptr<Saver> saver(new Saver(std::move(work), std::move(wake)));
    try {
        saver->thread_ = std::thread([s = saver.get()] { s->run(); });
    } catch (const std::system_error &e) {
        return os_error(e.code().value(), "disk thread", "start");
    }
    return saver;
}

Saver::~Saver() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    more_.notify_one();
    if (thread_.joinable()) thread_.join();
}

Result<Ticket> Saver::submit(Job job) {
    if (waiting_.size() >= kMostWaiting)
        return Error{Errc::busy,
                     fmt::format("disk: {} jobs wait already; try again shortly", kMostWaiting)};
    const Waiting next{++last_ticket_, std::make_shared<const Job>(std::move(job))};
    waiting_.push_back(next);
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(next);
    }
    more_.notify_one();
    return next.ticket;
}

void Saver::run() {
    for (std::unique_lock lock(mutex_);;) {
        more_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        const Waiting next = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        auto result = work_(*next.job);
        lock.lock();
        reports_.push_back({next.ticket, next.job, std::move(result)});
        ::eventfd_write(wake_.get(), 1); // can only fail when it is readable already
    }
}

std::vector<JobReport> Saver::take_reports() {
    std::vector<JobReport> reports;
    {
        const std::lock_guard lock(mutex_);
        eventfd_t rings = 0;
        ::eventfd_read(wake_.get(), &rings); // fails when nothing rang; either way it is quiet now
        reports.swap(reports_);
    }
    for (const JobReport &report : reports) count(report);
    return reports;
}

void Saver::count(const JobReport &report) {
    waiting_.pop_front(); // reports come in the order of submission
    if (report.result)
        failures_in_row_ = 0;
    else if (report.result.error().code == Errc::io)
        ++failures_in_row_;
}

std::shared_ptr<const Job> Saver::waiting_for(int slot) const {
    const auto found = std::find_if(waiting_.rbegin(), waiting_.rend(),
                                    [&](const Waiting &w) { return slot_of(*w.job) == slot; });
    return found == waiting_.rend() ? nullptr : found->job;
}

} // namespace chronus::patterns
