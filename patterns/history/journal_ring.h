#pragma once

#include "patterns/history/word_sum.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace chronus::patterns {

/// A bounded queue of records in a mapped file: one thread writes, one reads, neither waits. What
/// was published is in the file, whatever becomes of the process; it is not synced, so a power cut
/// may take it or damage it, which is found when it is read.
///
/// Shapes: a ring that is mapped twice, end to end, so that every record lies in one piece.
///         Positions only ever grow; an empty ring goes back to its first pages.
class JournalRing {
public:
    static constexpr std::size_t kBytes = 1024 * 1024;

    /// What an earlier process left in the file is read first. Where the file cannot be used it is
    /// memory alone; `status` says why.
    explicit JournalRing(const std::filesystem::path &file);
    ~JournalRing();
    JournalRing(const JournalRing &) = delete;
    JournalRing &operator=(const JournalRing &) = delete;

    /// Empty is good news. Thread: any.
    const std::string &status() const { return status_; }
    /// Records that found no room, since the file was made. Thread: any, like the next.
    std::uint64_t lost() const { return header_->lost.load(std::memory_order_relaxed); }
    /// Bytes that wait to be read.
    std::size_t waiting() const;
    std::uint64_t identity() const { return header_->identity; }

    // The writing thread. A record is `reserve`d, filled, and `publish`ed.

    bool has_room(std::size_t size) {
        const std::uint64_t head = header_->head.load(std::memory_order_acquire);
        if (head >= tail_) begin_again();
        return tail_ - std::max(head, start_) + record_bytes(size) <= kBytes;
    }
    /// Room for a record of so many bytes, or nothing: then it is counted as lost.
    std::byte *reserve(std::size_t size) {
        if (!has_room(size)) return lose();
        return at(tail_) + sizeof(RecordHead);
    }
    /// `kind` from 1 on.
    void publish(std::uint16_t kind, std::size_t size) {
        std::byte *payload = at(tail_) + sizeof(RecordHead);
        const std::size_t padded = record_bytes(size) - sizeof(RecordHead);
        std::memset(payload + size, 0, padded - size);
        publish_summed(kind, size, word_sum(payload, padded));
    }
    /// Both for a plain value, in a few steps.
    template <class T>
    bool put(std::uint16_t kind, const T &value) {
        static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % 8 == 0);
        std::byte *room = reserve(sizeof(T));
        if (room == nullptr) return false;
        std::memcpy(room, &value, sizeof(T));
        publish_summed(kind, sizeof(T), word_sum(room, std::make_index_sequence<sizeof(T) / 8>{}));
        return true;
    }
    /// Losses that no record has told yet, and that one tells them now.
    std::uint64_t untold() const { return lost() - header_->told.load(std::memory_order_relaxed); }
    void tell() { header_->told.store(lost(), std::memory_order_relaxed); }

    // The reading thread.

    struct Found {
        std::uint16_t kind = 0;
        std::span<const std::byte> payload; ///< as long as it is not `release`d
        std::uint64_t end = 0;              ///< where the next begins
    };
    /// Where reading goes on, and where what is there now ends.
    std::uint64_t first() const;
    std::uint64_t end() const { return header_->tail.load(std::memory_order_acquire); }
    /// The next record between two positions, or nothing. What is no record is passed over, and
    /// `damaged` says so.
    std::optional<Found> find(std::uint64_t from, std::uint64_t end, bool &damaged) const;
    /// What lies before it has been read and may be written over.
    void release(std::uint64_t position) {
        header_->head.store(position, std::memory_order_release);
    }

private:
    struct RecordHead {
        std::uint32_t length;
        std::uint16_t kind;
        std::uint16_t check; ///< over all of it and where it stands
    };
    static_assert(sizeof(RecordHead) == 8);

    struct Header {
        std::uint64_t magic, version, identity;
        std::atomic<std::uint64_t> lost, told;
        alignas(64) std::atomic<std::uint64_t> tail;
        std::atomic<std::uint64_t> start; ///< nothing before it is to be read
        alignas(64) std::atomic<std::uint64_t> head;
    };
    static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

    static constexpr std::size_t record_bytes(std::size_t size) {
        return sizeof(RecordHead) + (size + 7) / 8 * 8;
    }
    std::byte *at(std::uint64_t position) const { return ring_ + position % kBytes; }

    /// Of an earlier lap, or another file, none fits.
    std::uint16_t check_of(RecordHead head, std::uint64_t position, std::uint64_t sum) const {
        const std::uint64_t about = head.length | std::uint64_t{head.kind} << 32;
        const std::uint64_t mixed = (sum ^ position ^ std::rotl(about, 13)) + header_->identity;
        return static_cast<std::uint16_t>(mixed * 0x9e3779b97f4a7c15u >> 48);
    }
    void publish_summed(std::uint16_t kind, std::size_t size, std::uint64_t sum) {
        RecordHead head{static_cast<std::uint32_t>(size), kind, 0};
        head.check = check_of(head, tail_, sum);
        std::memcpy(at(tail_), &head, sizeof(head));
        tail_ += record_bytes(size);
        header_->tail.store(tail_, std::memory_order_release);
    }
    bool is_record(std::uint64_t position, std::uint64_t end, Found &found) const;

    std::byte *lose();
    void begin_again();
    bool map(int fd);
    void use(const std::filesystem::path &file);
    void use_memory();
    void take_over();

    std::byte *ring_ = nullptr;
    Header *header_ = nullptr;
    std::uint64_t tail_ = 0, start_ = 0; // the writer's own
    std::string status_;
};

} // namespace chronus::patterns
