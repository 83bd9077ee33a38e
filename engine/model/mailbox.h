#pragma once

#include "dsp/rt.h"

#include <concurrentqueue/concurrentqueue.h>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

namespace chronus {

/// A lock-free lane: one writer, one reader, one direction. It takes all its memory when made and
/// must outlive both ends.
///
/// Shapes: `capacity` is a floor, rounded up to whole blocks of the queue, `kBlock` letters each.
///         Blocks are used in turn and only as many as there are letters waiting; large ones leave
///         the memory of the rest untouched.
template <class T, std::size_t kBlock = 32>
class Mailbox {
    static_assert(std::is_trivially_copyable_v<T>, "messages are plain values; none owns memory");
    struct Traits : moodycamel::ConcurrentQueueDefaultTraits {
        static constexpr bool RECYCLE_ALLOCATED_BLOCKS = true; // the reader never frees
        static constexpr std::size_t BLOCK_SIZE = kBlock;
    };
    using Queue = moodycamel::ConcurrentQueue<T, Traits>;

public:
    class Outbox {
    public:
        /// False when full: the caller counts the loss and goes on; it never waits.
        [[nodiscard]] bool send(const T &message) CHRONUS_RT {
            return count(token_->valid() && queue_->try_enqueue(*token_, message), 1);
        }
        /// All of them or, when they find no room together, none. The reader sees all at once.
        [[nodiscard]] bool send_all(std::span<const T> messages) CHRONUS_RT {
            if (messages.empty()) return true;
            return count(token_->valid() &&
                             queue_->try_enqueue_bulk(*token_, messages.begin(), messages.size()),
                         messages.size());
        }
        /// Letters taken in so far.
        std::uint64_t sent() const CHRONUS_RT { return sent_->load(std::memory_order_relaxed); }

    private:
        friend Mailbox;
        explicit Outbox(Mailbox &mail)
            : queue_(&mail.queue_), token_(&mail.token_), sent_(&mail.sent_) {}
        bool count(bool taken, std::size_t letters) CHRONUS_RT {
            if (taken) sent_->store(sent() + letters, std::memory_order_release);
            return taken;
        }
        Queue *queue_;
        const moodycamel::ProducerToken *token_;
        std::atomic<std::uint64_t> *sent_;
    };

    class Inbox {
    public:
        /// The oldest letter; false when there is none.
        bool take(T &into) CHRONUS_RT {
            return token_->valid() && queue_->try_dequeue_from_producer(*token_, into);
        }
        /// Hands every waiting message to `f`, oldest first.
        template <std::invocable<const T &> F>
        void drain(F &&f) CHRONUS_RT {
            for (T message; take(message);) f(message);
        }
        /// Letters that are there, with those taken before: so many, and no fewer, can be taken.
        std::uint64_t sent() const CHRONUS_RT { return sent_->load(std::memory_order_acquire); }

    private:
        friend Mailbox;
        explicit Inbox(Mailbox &mail)
            : queue_(&mail.queue_), token_(&mail.token_), sent_(&mail.sent_) {}
        Queue *queue_;
        const moodycamel::ProducerToken *token_;
        const std::atomic<std::uint64_t> *sent_;
    };

    /// One block more, for the oldest may be held by its last letter alone.
    explicit Mailbox(std::size_t capacity) : queue_(capacity + kBlock) {}

    /// The two ends. Call each once.
    Outbox outbox() { return Outbox{*this}; }
    Inbox inbox() { return Inbox{*this}; }

private:
    Queue queue_;
    moodycamel::ProducerToken token_{queue_}; // not valid: there was no memory for a mailbox
    std::atomic<std::uint64_t> sent_{0};
};

} // namespace chronus
