#pragma once

#include "engine/model/scene.h"
#include "engine/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// "1.0" is the original's; see migrations.h.
inline constexpr std::string_view kSchemaVersion = "2.0";

/// What a player writes on the label. No part of how it sounds.
struct Metadata {
    std::string name, genre, author, notes;
    std::vector<std::string> tags;
    friend bool operator==(const Metadata &, const Metadata &) = default;
};

/// All that a slot file holds.
struct Document {
    Scene scene;
    Metadata metadata = {};
    double timestamp = 0;          ///< Unix seconds, up to the year 9999
    bool running = false;          ///< recorded, not obeyed, like the next
    std::uint64_t global_step = 0; ///< steps since the start
    std::uint16_t voices = 8;      ///< of the engine; the others are written where they differ
    std::string unknown = {};      ///< JSON of the members a file had and we do not know, or empty
    friend bool operator==(const Document &, const Document &) = default;
};

/// A document as JSON text: two blanks a level, keys sorted, each float the shortest that reads
/// back the same. Its `checksum` is the SHA-256 of the same members without it in compact style.
///
/// Equal documents have equal texts. Nothing of a track's steps beyond its length, of its notes
/// beyond their count, of tracks beyond theirs, and no uid is written.
///
/// Thread: any. Errors: none; what no file can hold (NaN, bytes that are not UTF-8) is replaced.
std::string encode(const Document &document);

/// `notes` are for people: one sentence for each thing that had to be bent.
struct Loaded {
    Document document;
    std::vector<std::string> notes;
};

/// `decode(encode(d))` is `d`, without notes, for every Document whose tracks are numbered 1, 2 ...
/// and have usable, different names. A member the text lacks takes the table's default; a value
/// out of range is clamped and noted; a member we do not know is kept and noted. Files of the
/// original become ours.
///
/// Thread: any.
/// Errors: corrupt - not JSON, a value of the wrong kind, or not what the checksum says; names line
///         and path. too_new - a later version wrote it. too_big - over 1 MiB.
Result<Loaded> decode(std::string_view bytes);

/// Finds out whether a file, once loaded, would be saved as what it is.
///
/// Errors: as decode(); corrupt - what was read does not survive being written.
Outcome verify_slot(std::string_view bytes);

/// What a list of slots shows of a file.
struct SlotHead {
    std::string name;
    double timestamp = 0; ///< Unix seconds
    float bpm = 0;
    std::size_t tracks = 0;
    std::string
        content; ///< SHA-256; equal for equal patterns, whenever and wherever they were kept
};

/// Reads a file wholly and strictly. Errors: as verify_slot().
Result<SlotHead> summary(std::string_view bytes);

} // namespace chronus::patterns
