#pragma once

#include "engine/result.h"
#include "patterns/text/setlist.h"

#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

inline constexpr std::size_t kMaxSetlistBytes = 16 * 1024 * 1024;

/// A set as one file: canonical JSON with a checksum, as slots are. Every pattern in it is there
/// once, as the slot file it would be, under the front of its own checksum; whatever plays it names
/// that.
///
/// Equal sets have equal texts. Thread: any. Errors: none.
std::string encode_setlist(const Setlist &set);

struct LoadedSetlist {
    Setlist set;
    std::vector<std::string> notes; ///< for people: what had to be bent, or was not known
};

/// `decode_setlist(encode_setlist(s))` is `s`, without notes, for every set whose names are usable
/// and different. Bars and repetitions out of range are clamped and noted; members we do not know
/// are kept and noted.
///
/// Thread: any.
/// Errors: corrupt - not JSON, a value of the wrong kind, a name twice, a pattern that is not there
///         or damaged, or not what the checksum says; names line and path. too_new - a later
///         version wrote it, or a pattern in it. too_big - over 16 MiB.
Result<LoadedSetlist> decode_setlist(std::string_view bytes);

} // namespace chronus::patterns
