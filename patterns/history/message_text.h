#pragma once

#include "engine/result.h"
#include "patterns/history/records.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What a replay needs, as the JSON of items: {"n":17,"set":"voice1/filter/freq","to":800,"at":96}.
namespace chronus::patterns {

/// A scene, as an item names it.
struct NamedScene {
    std::string content = {}; ///< hash; empty: it was lost
    std::vector<TrackUids> uids = {};
    friend bool operator==(const NamedScene &, const NamedScene &) = default;
};

std::string uids_text(std::span<const TrackUids> uids);
/// Errors: failed - no such text.
Result<std::vector<TrackUids>> uids_of(std::string_view text);

/// Nothing for marks and the tape, which change no sound.
std::optional<std::string> text_of(const SentMessage &message, const NamedScene &scene);
std::string text_of(const LateMessages &late);
std::string text_of(const AlarmHeard &alarm);
std::string text_of(const SecondHeard &second);

/// What an item of type `applied` is of; `scene` is of the message, where it has one.
struct Applied {
    std::variant<std::monostate, SentMessage, AlarmHeard> what = {}; ///< empty: another's
    NamedScene scene = {};
};
/// Each gives what was put, with the item's time and frame.
/// Errors: failed - no such text. Whoever puts JSON of other members gets no error and no value.
Result<Applied> applied_of(const Item &item);
Result<LateMessages> late_of(const Item &item);
Result<SecondHeard> second_of(const Item &item);

} // namespace chronus::patterns
