#pragma once

#include "engine/model/messages.h"
#include "patterns/history/item.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

/// What is told to the history while music is made, as it lies in the journal. All that a replay
/// needs is in them: times are Unix ms, frames those of the engine.
namespace chronus::patterns {

/// How a track of a scene is told from others; no text of a scene has it.
struct TrackUids {
    std::uint32_t uid = 0, notes_uid = 0;
    friend bool operator==(const TrackUids &, const TrackUids &) = default;
};

/// An engine was made.
struct SessionBegin {
    std::string version = {}; ///< of the engine
    std::uint32_t rate = 0, voices = 0;
    std::uint64_t seed = 0;
    std::int64_t time_ms = 0;
    std::vector<TrackUids> uids = {}; ///< of the tracks it begins with
    std::string content = {};         ///< the text (content.h) of what it begins with
    friend bool operator==(const SessionBegin &, const SessionBegin &) = default;
};
/// It ends as it should. One that was killed has none.
struct SessionEnd {
    std::int64_t time_ms = 0;
    Frame frame = 0;
    friend bool operator==(const SessionEnd &, const SessionEnd &) = default;
};

enum class ExecutionKind : std::uint8_t {
    performance, ///< from start to stop of the sequencer
    render,
    pause, ///< what happened while the sequencer stood: nobody begins one
};
enum class ExecutionStatus : std::uint8_t { running, complete, stopped, failed, killed };

/// `run` is 0 for the performance on stage, which ends the one before it. What goes on beside it,
/// as renders do, has a number of its own, given by who begins it and unique in its session.
struct ExecutionBegin {
    std::uint64_t run = 0;
    ExecutionKind kind = ExecutionKind::performance;
    std::int64_t slot = 0; ///< 0 none
    std::int64_t time_ms = 0;
    Frame frame = 0;
    std::string name = {}, setlist = {}, song = {}, author = {};
    std::string snapshot = {}; ///< hash of what it begins with, or empty
    friend bool operator==(const ExecutionBegin &, const ExecutionBegin &) = default;
};
struct ExecutionEnd {
    std::uint64_t run = 0;
    ExecutionStatus status = ExecutionStatus::complete;
    std::int64_t time_ms = 0;
    Frame frame = 0;
    std::string why = {}; ///< it failed, for people
    friend bool operator==(const ExecutionEnd &, const ExecutionEnd &) = default;
};

/// As the number of what an item is of: the performance that was over last, if its session has one.
inline constexpr std::uint64_t kLastPerformance = std::numeric_limits<std::uint64_t>::max();

/// An item of the performance, or of what has that number.
struct ItemRecord {
    std::uint64_t run = 0;
    Item item = {};
    friend bool operator==(const ItemRecord &, const ItemRecord &) = default;
};

/// A message to the engine. For a scene it carries, a `LentScene` came right before it.
struct SentMessage {
    std::uint64_t n = 0; ///< messages of its session that were sent before it
    Frame frame = 0;     ///< to which the engine had come
    std::int64_t time_ms = 0;
    Message message{};
};
static_assert(std::is_trivially_copyable_v<SentMessage>);

/// What the next message lends the engine.
struct LentScene {
    std::uint64_t epoch = 0;
    std::vector<TrackUids> uids = {};
    std::string content = {}; ///< text, as content.h has it
    friend bool operator==(const LentScene &, const LentScene &) = default;
};

/// Messages `from` to `to`, `to` not included, were there only when this tick began, though due
/// before it.
struct LateMessages {
    Frame frame = 0;
    std::uint64_t from = 0, to = 0;
    std::int64_t time_ms = 0;
    friend bool operator==(const LateMessages &, const LateMessages &) = default;
};
/// The engine heard the alarm (alarm.h) when this tick began.
struct AlarmHeard {
    Frame frame = 0;
    std::uint64_t sent = 0; ///< messages before it
    bool silences = false;
    std::int64_t time_ms = 0;
    friend bool operator==(const AlarmHeard &, const AlarmHeard &) = default;
};
/// The second that ends on this frame sounded so.
struct SecondHeard {
    Frame frame = 0;
    std::uint64_t hash = 0;
    std::int64_t time_ms = 0;
    friend bool operator==(const SecondHeard &, const SecondHeard &) = default;
};

/// So many records found no room.
struct RecordsLost {
    std::uint64_t count = 0;
    friend bool operator==(const RecordsLost &, const RecordsLost &) = default;
};

using Record =
    std::variant<RecordsLost, ItemRecord, SentMessage, LentScene, LateMessages, AlarmHeard,
                 SecondHeard, SessionBegin, SessionEnd, ExecutionBegin, ExecutionEnd>;

namespace detail {
template <class T, class... Each>
consteval std::uint16_t place_in(std::variant<Each...> *) {
    constexpr std::array same{std::is_same_v<T, Each>...};
    std::uint16_t place = 0;
    while (!same[place]) ++place;
    return place;
}
} // namespace detail

/// Of each kind there, its number in the journal.
template <class T>
inline constexpr std::uint16_t
    kKind = detail::place_in<T>(static_cast<Record *>(nullptr)) + std::uint16_t{1};
static_assert(kKind<RecordsLost> == 1 && kKind<ExecutionEnd> == std::variant_size_v<Record>);

/// A record as it was put. Nothing: no such bytes are put.
std::optional<Record> record_of(std::uint16_t kind, std::span<const std::byte> payload);

} // namespace chronus::patterns
