#pragma once

#include "dsp/rt.h"

#include <concurrentqueue/concurrentqueue.h>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace chronus {

/// A lock-free lane: one writer, one reader, one direction. It takes all its memory when made and
/// must outlive both ends.
///
/// Shapes: `capacity` is a floor, rounded up to whole blocks of the queue.
template <class T>
class Mailbox {
    static_assert(std::is_trivially_copyable_v<T>, "messages are plain values; none owns memory");
    struct Traits : moodycamel::ConcurrentQueueDefaultTraits {
        static constexpr bool RECYCLE_ALLOCATED_BLOCKS = true; // the reader never frees
    };
    using Queue = moodycamel::ConcurrentQueue<T, Traits>;

public:
    class Outbox {
    public:
        /// False when full: the caller counts the loss and goes on; it never waits.
        [[nodiscard]] bool send(const T &message) CHRONUS_RT {
            return queue_->try_enqueue(token_, message);
        }

    private:
        friend Mailbox;
        explicit Outbox(Queue &queue) : queue_(&queue), token_(queue) {}
        Queue *queue_;
        moodycamel::ProducerToken token_; // without it the first send would allocate
    };

    class Inbox {
    public:
        /// Hands every waiting message to `f`, oldest first.
        template <std::invocable<const T &> F>
        void drain(F &&f) CHRONUS_RT {
            for (T message; queue_->try_dequeue(token_, message);) f(message);
        }

    private:
        friend Mailbox;
        explicit Inbox(Queue &queue) : queue_(&queue), token_(queue) {}
        Queue *queue_;
        moodycamel::ConsumerToken token_;
    };

    explicit Mailbox(std::size_t capacity) : queue_(capacity, /*writers*/ 1, /*tokenless*/ 0) {}

    /// The two ends. Call each once.
    Outbox outbox() { return Outbox{queue_}; }
    Inbox inbox() { return Inbox{queue_}; }

private:
    Queue queue_;
};

} // namespace chronus
