#pragma once

#include "engine/result.h"
#include "patterns/history/database.h"
#include "patterns/store/unique_fd.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace chronus::patterns {

/// How the history is: empty texts are good news.
struct HistoryStatus {
    std::string note;       ///< what happened to an earlier file
    std::string migrated;   ///< from which version to which, if it was an older one
    std::string error;      ///< why nothing is kept just now
    std::uint64_t lost = 0; ///< notes that could not be kept
};

/// The one thread that has `history.db`: it keeps what it is told and answers what it is asked, in
/// that order. Without a database it takes everything, counts what is lost, and tries again; the
/// music knows nothing of it.
class HistoryThread {
public:
    using Work = std::function<Outcome(Database &)>;
    static constexpr std::size_t kMostNotes = 1024, kMostQuestions = 64;

    struct Setup {
        std::filesystem::path file;
        std::function<std::int64_t()> now_ms; ///< Unix time, handed in
        Work opened = {};                     ///< the first use of each database
        Work tend = {};                       ///< what `stir` asks for
    };

    /// Back when the file is open and `opened` was done, or cannot be. Where there is no file, one
    /// is made when there is something to keep.
    /// Errors: io - no thread or no descriptor to be had.
    static Result<std::unique_ptr<HistoryThread>> start(Setup setup);
    /// Does all that still waits; answers are lost.
    ~HistoryThread();

    /// Thread: any but audio.
    void note(Work work);
    /// The same, after all that there was for `tend` by then.
    void note_in_turn(Work work);
    HistoryStatus status() const;
    /// Nothing waits to be kept, and no question for its answer.
    bool idle() const;

    /// There is something for `tend`: it is done within half a second, and before any question. A
    /// second later when it failed, and when this goes. A few instructions while it is to be done.
    void stir() {
        std::atomic_thread_fence(
            std::memory_order_seq_cst); // what there is before whether it is known
        if (!stirred_.load(std::memory_order_relaxed)) stir_within(kTend);
    }
    /// The same, at once.
    void hurry() {
        if (!hurried_.exchange(true, std::memory_order_relaxed)) stir_within({});
    }

    /// `question(Database &)` on the thread, and `answer` with its result in a later `drain`.
    /// Errors: busy - 64 wait. Thread: control, like those below.
    template <class Question, class Answer>
    Outcome ask(Question question, Answer answer) {
        using Value = std::invoke_result_t<Question, Database &>;
        auto told = std::make_shared<std::optional<Value>>();
        return put({[told, question = std::move(question)](Database &db) -> Outcome {
                        told->emplace(question(db));
                        if (**told) return Done{};
                        return (*told)->error();
                    },
                    [told, answer = std::move(answer)](const Outcome &done) {
                        answer(*told ? std::move(**told) : Value{done.error()});
                    }});
    }
    /// The same for a thread that has time: the result comes back here.
    /// Errors: also io - the history cannot be had. Thread: workers.
    template <class Question>
    auto wait_for(Question question) {
        using Value = std::invoke_result_t<Question, Database &>;
        auto told = std::make_shared<std::promise<Value>>();
        auto result = told->get_future();
        put_anyway({[told = std::move(told), question = std::move(question)](Database &db) {
                        Value value = question(db);
                        const Outcome done = value ? Outcome{Done{}} : Outcome{value.error()};
                        told->set_value(std::move(value));
                        return done;
                    },
                    [](const Outcome &) {}});
        try {
            return result.get();
        } catch (const std::future_error &) { // it was never asked
            return Value{Error{Errc::io, "the history cannot be read just now"}};
        }
    }
    /// Where the file is.
    std::filesystem::path folder() const { return setup_.file.parent_path(); }
    /// Readable, as `poll` has it, while answers wait.
    int fd() const { return wake_.get(); }
    /// Gives the answers that are there.
    void drain();

private:
    /// `then` is for questions, which are `in_turn` like some notes.
    struct Task {
        Work work;
        std::function<void(const Outcome &)> then = {};
        bool in_turn = true;
    };
    struct Told {
        std::function<void(const Outcome &)> then;
        Outcome done;
    };

    HistoryThread(Setup setup, UniqueFd wake) : setup_(std::move(setup)), wake_(std::move(wake)) {}
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds kTend{500}, kTendAgain{1000};

    void note(Task task);
    Outcome put(Task task);
    void put_anyway(Task task);
    void stir_within(std::chrono::milliseconds time);
    void run();
    bool wait(std::unique_lock<std::mutex> &lock);
    void do_next(std::unique_lock<std::mutex> &lock);
    void tend();
    void open();
    Outcome work(const Work &work);
    void count(const Task &task, const Outcome &done);

    const Setup setup_;
    const UniqueFd wake_;
    std::optional<Database> db_;   // this thread's alone, like the next
    std::int64_t next_try_ms_ = 0; // to open it
    mutable std::mutex lock_;      // over all below
    HistoryStatus status_;
    bool opened_ = false, closing_ = false;
    std::deque<Task> tasks_;
    std::size_t notes_ = 0, questions_ = 0; // that wait, or have no answer yet
    std::vector<Told> told_;
    std::optional<Clock::time_point> due_; // when to tend
    std::atomic<bool> stirred_{false}, hurried_{false};
    std::condition_variable more_, ready_;
    std::thread thread_;
};

} // namespace chronus::patterns
