#pragma once

#include "engine/model/params.h"
#include "engine/model/scene.h"
#include "engine/result.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace chronus::patterns {

/// A part of a track that is told and shown as text.
struct TextField {
    Outcome (*set)(Track &, std::string_view);
    std::string (*get)(const Track &);
};

/// Where in a track a key's value stands. An optional may be unset: the voice's own counts then.
using TrackField = std::variant<float Track::*, std::optional<float> Track::*,
                                std::uint16_t Track::*, bool Track::*, TextField>;

/// One thing of a track that commands and files can set; track_keys() has them all.
struct TrackKey {
    std::string_view name;
    TrackField field;
    Unit unit;
    float min, max, initial; ///< numbers only; `initial` of an optional is what the voice starts as
    std::string_view doc;

    bool is_text() const { return std::holds_alternative<TextField>(field); }
    bool is_switch() const { return std::holds_alternative<bool Track::*>(field); }
};

/// THE table of what a track can be told by key.
std::span<const TrackKey> track_keys();
const TrackKey *find_track_key(std::string_view name);

/// Sets one thing of a track from text or a number and answers what was applied: amounts clip,
/// whole numbers do not. "none" or "" unsets an optional and takes the notes away. A number for
/// `notes` is Hz.
///
/// Errors: not_found - no such key, the hint is the nearest one. bad_type, out_of_range - the
///         value, the hint is one that works. The track is then as before.
Result<std::string> set_key(Track &track, std::string_view key, std::string_view value);
Result<std::string> set_key(Track &track, std::string_view key, float value);

/// What set_key() would take to get here; empty when unset or unknown.
std::string get_key(const Track &track, std::string_view key);

/// A key's number, nothing when it is unset or text. A switch is 0 or 1.
std::optional<float> key_number(const Track &track, const TrackKey &key);
/// Sets a finite number, cut to the key's range and kind, and returns it. Not for text.
float set_key_number(Track &track, const TrackKey &key, float value);

/// "voice5", "5" or "5.0" as a voice of the model.
Result<int> parse_voice(std::string_view text);

/// The nearest name a track may have: 1 to 63 bytes of printable UTF-8 without '/'.
std::string usable_name(std::string_view name);

/// A track as `/seq/add` makes it.
///
/// Errors: bad_type, out_of_range - the name (the hint is a usable one), the voice or the pattern.
Result<Track> make_track(std::string_view name, int voice, std::string_view pattern);

} // namespace chronus::patterns
