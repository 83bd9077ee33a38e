#pragma once

#include "engine/model/mailbox.h"
#include "engine/model/messages.h"

#include <array>
#include <cstdint>
#include <utility>

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

    /// Takes from the mail what can be looked at, up to one that stays in line.
    void look() CHRONUS_RT {
        while (!holds_ && (holds_ = inbox_.take(message_)) && message_.wait == Wait::aside &&
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
    /// Messages that have left.
    std::uint64_t passed() const CHRONUS_RT { return passed_; }

private:
    static constexpr std::uint32_t kMostAside = 1024;

    template <class F>
    bool aside_is_next(F wait_for) const CHRONUS_RT {
        if (first_ == last_) return false;
        return !holds_ || wait_for(aside_[first_ % kMostAside].when) <= wait_for(message_.when);
    }

    MessageMail::Inbox inbox_;
    Message message_{}; // the first in line
    bool holds_ = false;
    std::array<Message, kMostAside> aside_; // written before it is read
    std::uint32_t first_ = 0, last_ = 0;    // of those aside
    std::uint64_t passed_ = 0;
};

} // namespace chronus::rt
