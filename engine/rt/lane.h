#pragma once

#include "engine/model/mailbox.h"
#include "engine/model/messages.h"

#include <cstdint>
#include <utility>

namespace chronus::rt {

/// The mail to the engine: room for two blocks of a million messages a second, most of it
/// untouched.
using MessageMail = Mailbox<Message, 1024>;
inline constexpr std::size_t kMostMessages = 32768;

/// Messages in their order; the first is held until it has acted, and none passes it.
///
/// Thread: audio.
class Lane {
public:
    explicit Lane(MessageMail::Inbox inbox) noexcept : inbox_(std::move(inbox)) {}

    /// The first, taken from the mail if none is held; null when there is none.
    const Message *front() CHRONUS_RT {
        if (!holds_) holds_ = inbox_.take(message_);
        return holds_ ? &message_ : nullptr;
    }
    /// The one that is held.
    const Message &first() const CHRONUS_RT { return message_; }
    /// Whether `front()` has one already.
    bool holds() const CHRONUS_RT { return holds_; }
    void pop() CHRONUS_RT {
        holds_ = false;
        ++passed_;
    }
    /// Messages that have left.
    std::uint64_t passed() const CHRONUS_RT { return passed_; }

private:
    MessageMail::Inbox inbox_;
    Message message_{};
    bool holds_ = false;
    std::uint64_t passed_ = 0;
};

} // namespace chronus::rt
