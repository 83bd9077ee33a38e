#include "patterns/history/history_thread.h"

#include "patterns/history/salvage.h"
#include "patterns/history/spare_memory.h"
#include "patterns/history/versions.h"
#include "patterns/store/os_error.h"

#include <fmt/format.h>

#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace chronus::patterns {

namespace {
constexpr std::int64_t kTryAgain_ms = 10'000;

/// What of a damaged file can still be read.
std::string take_over(Database &db, const std::filesystem::path &damaged) {
    const auto done = salvage(db, damaged);
    if (!done) return fmt::format("nothing of it could be read: {}", done.error().what);
    const std::string read = fmt::format("{} rows of it could be read", done->rows);
    if (done->left == 0) return read;
    return fmt::format("{}; the items of {} executions are in it alone", read, done->left);
}
} // namespace

Result<std::unique_ptr<HistoryThread>> HistoryThread::start(Setup setup) {
    UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake) return os_error(errno, "history thread", "make its bell");
    std::unique_ptr<HistoryThread> made(new HistoryThread(std::move(setup), std::move(wake)));
    try {
        made->thread_ = std::thread([h = made.get()] { h->run(); });
    } catch (const std::system_error &e) {
        return os_error(e.code().value(), "history thread", "start");
    }
    std::unique_lock lock(made->lock_);
    made->ready_.wait(lock, [&] { return made->opened_; });
    return made;
}

HistoryThread::~HistoryThread() {
    {
        const std::lock_guard lock(lock_);
        closing_ = true;
    }
    more_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void HistoryThread::note(Work work) { note(Task{.work = std::move(work), .in_turn = false}); }

void HistoryThread::note_in_turn(Work work) { note(Task{.work = std::move(work)}); }

void HistoryThread::note(Task task) {
    {
        const std::lock_guard lock(lock_);
        if (notes_ >= kMostNotes) return void(++status_.lost);
        ++notes_;
        tasks_.push_back(std::move(task));
    }
    more_.notify_one();
}

Outcome HistoryThread::put(Task task) {
    {
        const std::lock_guard lock(lock_);
        if (questions_ >= kMostQuestions)
            return Error{Errc::busy, fmt::format("history: {} questions wait already; try again "
                                                 "shortly",
                                                 kMostQuestions)};
    }
    put_anyway(std::move(task));
    return Done{};
}

void HistoryThread::put_anyway(Task task) {
    {
        const std::lock_guard lock(lock_);
        ++questions_;
        tasks_.push_back(std::move(task));
    }
    more_.notify_one();
}

bool HistoryThread::idle() const {
    const std::lock_guard lock(lock_);
    return notes_ == 0 && questions_ == 0;
}

HistoryStatus HistoryThread::status() const {
    const std::lock_guard lock(lock_);
    return status_;
}

void HistoryThread::drain() {
    std::vector<Told> told;
    {
        const std::lock_guard lock(lock_);
        eventfd_t rings = 0;
        ::eventfd_read(wake_.get(), &rings); // fails when nothing rang; either way it is quiet now
        told.swap(told_);
        questions_ -= told.size();
    }
    for (const Told &one : told) one.then(one.done);
}

void HistoryThread::stir_within(std::chrono::milliseconds time) {
    {
        const std::lock_guard lock(lock_);
        const auto due = Clock::now() + time;
        due_ = due_ ? std::min(*due_, due) : due;
        stirred_.store(true, std::memory_order_relaxed);
    }
    more_.notify_one();
}

void HistoryThread::run() {
    std::error_code ignored;
    if (std::filesystem::exists(setup_.file, ignored)) open();
    std::unique_lock lock(lock_);
    opened_ = true;
    ready_.notify_one();
    while (wait(lock)) {
        do_next(lock);
        lock.unlock();
        if (db_) (void)db_->run("PRAGMA shrink_memory");
        give_back_memory();
        lock.lock();
    }
    lock.unlock();
    tend();
}

/// Until there is something to do. False: it is to end, and nothing is left.
bool HistoryThread::wait(std::unique_lock<std::mutex> &lock) {
    const auto called = [this] { return closing_ || !tasks_.empty(); };
    while (!called() && !(due_ && *due_ <= Clock::now()))
        due_ ? void(more_.wait_until(lock, *due_)) : more_.wait(lock);
    return !closing_ || !tasks_.empty();
}

/// What is in turn finds all that was before it.
void HistoryThread::do_next(std::unique_lock<std::mutex> &lock) {
    const bool in_turn = !tasks_.empty() && tasks_.front().in_turn;
    if (in_turn || (due_ && *due_ <= Clock::now())) {
        due_.reset();
        lock.unlock();
        tend();
        lock.lock();
    }
    if (tasks_.empty()) return;
    const Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    const Outcome done = work(task.work);
    lock.lock();
    count(task, done);
}

/// Who stirs meanwhile is heard: what was there before is seen, and what comes later stirs anew.
void HistoryThread::tend() {
    if (!setup_.tend) return;
    stirred_.store(false, std::memory_order_relaxed);
    hurried_.store(false, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (!work(setup_.tend)) stir_within(kTendAgain);
}

void HistoryThread::count(const Task &task, const Outcome &done) {
    if (task.then) {
        told_.push_back({task.then, done});
        ::eventfd_write(wake_.get(), 1); // can only fail when it is readable already
        return;
    }
    --notes_;
    if (!done) ++status_.lost;
}

/// A file found damaged on the way is set aside like one that was damaged from the start.
Outcome HistoryThread::work(const Work &work) {
    if (!db_ && setup_.now_ms() >= next_try_ms_) open();
    if (!db_) return Error{Errc::io, status().error};
    const Outcome done = work(*db_);
    if (done || done.error().code != Errc::corrupt) return done;
    db_.reset();
    open();
    return done;
}

void HistoryThread::open() {
    const std::int64_t now_ms = setup_.now_ms();
    next_try_ms_ = now_ms + kTryAgain_ms;
    auto opened = open_or_begin_anew(setup_.file, kHistoryVersions, now_ms);
    Outcome used = opened ? Outcome{Done{}} : opened.error();
    if (opened && !opened->aside.empty())
        opened->note += "; " + take_over(opened->db, opened->aside);
    if (opened && setup_.opened) used = setup_.opened(opened->db);
    const std::size_t before = used ? opened->db.version_before() : 0;
    const std::lock_guard lock(lock_);
    if (before != 0 && before != kHistoryVersions.size())
        status_.migrated = fmt::format("from version {} to {}", before, kHistoryVersions.size());
    status_.error = used ? "" : used.error().what;
    if (opened && !opened->note.empty()) status_.note = opened->note;
    if (used) db_.emplace(std::move(opened->db));
}

} // namespace chronus::patterns
