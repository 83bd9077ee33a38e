#pragma once

#include "patterns/history/journal_ring.h"
#include "patterns/history/records.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace chronus::patterns {

/// What is told to the history waits here until its thread keeps it: 1 MiB in a file, so that what
/// `put` has taken outlives the process. A new one over the file of a killed process begins with
/// what that had not kept.
///
/// Thread: one puts, control. `put` takes no memory but for a scene of more than 64 KiB, and never
///         waits or enters the system; false: there was no room, and the loss is counted. It is
///         told as an item once there is room again.
class Journal {
public:
    explicit Journal(const std::filesystem::path &file) : ring_(file) {}

    bool put(const SentMessage &message) {
        if (ring_.untold() != 0) [[unlikely]]
            tell_losses();
        return ring_.put(kKind<SentMessage>, message);
    }
    /// An item of the performance, or of what has that number.
    bool put(const ItemView &item, std::uint64_t run = 0);
    /// The same with a number told to an address as its content, made of them when it is kept.
    bool put_move(const ItemView &item, std::string_view address, float value);
    bool put(const LentScene &scene);
    bool put(const LateMessages &late);
    bool put(const AlarmHeard &alarm);
    bool put(const SecondHeard &second);
    bool put(const SessionBegin &begin);
    bool put(const SessionEnd &end);
    bool put(const ExecutionBegin &begin);
    bool put(const ExecutionEnd &end);

    /// Why it is in memory alone, or nothing. Thread: any, like the next.
    const std::string &status() const { return ring_.status(); }
    /// Records that were lost since the file was made.
    std::uint64_t lost() const { return ring_.lost(); }
    /// Bytes that wait to be kept, and whether that is half of the room.
    std::size_t waiting() const { return ring_.waiting(); }
    bool is_half_full() const { return waiting() > JournalRing::kBytes / 2; }

    /// For the thread that keeps them.
    JournalRing &ring() { return ring_; }

private:
    template <class... Fields>
    bool put_fields(std::uint16_t kind, const Fields &...fields);
    void tell_losses();

    JournalRing ring_;
};

} // namespace chronus::patterns
