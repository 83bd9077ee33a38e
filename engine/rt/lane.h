#pragma once

#include "engine/model/mailbox.h"
#include "engine/model/messages.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <variant>

namespace chronus::rt {

/// The mail to the engine: room for two blocks of a million messages a second, most of it
/// untouched.
using MessageMail = Mailbox<Message, 1024>;
inline constexpr std::size_t kMostMessages = 32768;

/// Messages in their order: those in line, the first of which is held until it has acted, and those
/// that wait aside for a time of their own.
///
/// Shapes: 1024 may wait aside; one more holds up the line.
/// Thread: audio.
class Lane {
public:
    explicit Lane(MessageMail::Inbox inbox) noexcept : inbox_(std::move(inbox)) {}

    /// Letters sent so far; what comes later is not looked at before the next call. A tick calls
    /// it once, so that it depends on nothing else what the tick can see.
    std::uint64_t collect() CHRONUS_RT {
        took_aside_ = false;
        return come_ = inbox_.sent();
    }
    /// The same with those that were sent before a moment after it.
    void collect(std::uint64_t sent) CHRONUS_RT { come_ = std::max(come_, sent); }

    /// Takes from what has come what can be looked at, up to one that stays in line.
    void look() CHRONUS_RT {
        while (!holds_ && (holds_ = take()) && message_.wait == Wait::aside &&
               last_ - first_ < kMostAside) {
            aside_[last_++ % kMostAside] = message_;
            holds_ = false;
        }
    }
    bool empty() const CHRONUS_RT { return !holds_ && first_ == last_; }

    /// The one that acts next, of the first in line and the first aside: whichever has less to
    /// wait, by `wait_for(When)`; aside when they are equal. Not to be called when empty.
    template <class F>
    const Message &next(F wait_for) const CHRONUS_RT {
        return aside_is_next(wait_for) ? aside_[first_ % kMostAside] : message_;
    }
    template <class F>
    void pop(F wait_for) CHRONUS_RT {
        if (aside_is_next(wait_for))
            ++first_;
        else
            holds_ = false;
        ++passed_;
    }
    /// Since `collect`, something that waits aside or for a step.
    bool took_aside() const CHRONUS_RT { return took_aside_; }
    /// The oldest scene that is needed: `played` or before it, for what waits aside is passed.
    std::uint64_t oldest_lent(std::uint64_t played) const CHRONUS_RT {
        std::uint64_t oldest = holds_ ? std::min(played, epoch_of(message_)) : played;
        for (std::uint32_t i = first_; i != last_; ++i)
            oldest = std::min(oldest, epoch_of(aside_[i % kMostAside]));
        return oldest;
    }
    /// Messages that have left.
    std::uint64_t passed() const CHRONUS_RT { return passed_; }

private:
    static constexpr std::uint32_t kMostAside = 1024;

    template <class F>
    bool aside_is_next(F wait_for) const CHRONUS_RT {
        if (first_ == last_) return false;
        return !holds_ || wait_for(aside_[first_ % kMostAside].when) <= wait_for(message_.when);
    }

    static std::uint64_t epoch_of(const Message &message) CHRONUS_RT {
        if (const auto *edit = std::get_if<Edit>(&message.what)) return edit->epoch;
        if (const auto *change = std::get_if<Switch>(&message.what)) return change->epoch;
        return ~std::uint64_t{0};
    }
    bool take() CHRONUS_RT {
        if (taken_ == come_ || !inbox_.take(message_)) return false;
        ++taken_;
        took_aside_ = took_aside_ || message_.wait == Wait::aside || message_.when.is_step();
        return true;
    }

    MessageMail::Inbox inbox_;
    std::uint64_t come_ = 0, taken_ = 0;
    bool took_aside_ = false;
    Message message_{}; // the first in line
    bool holds_ = false;
    std::array<Message, kMostAside> aside_; // written before it is read
    std::uint32_t first_ = 0, last_ = 0;    // of those aside
    std::uint64_t passed_ = 0;
};

} // namespace chronus::rt
