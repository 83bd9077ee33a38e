#pragma once

#include "engine/model/scene.h"
#include "engine/result.h"
#include "patterns/text/codec.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace chronus::patterns {

inline constexpr std::size_t kMostSongs = 256;
inline constexpr std::size_t kMostParts = 64; ///< of a song
inline constexpr std::uint32_t kMostBars = 1024;
inline constexpr std::uint32_t kMostRepeats = 64;
inline constexpr std::uint32_t kUsualBars = 16; ///< of a song without parts

/// A pattern of which a set keeps a copy of its own. Nobody edits one, so copies of it share it.
class KeptPattern {
public:
    KeptPattern() = default;
    explicit KeptPattern(Document document)
        : document_(std::make_shared<const Document>(std::move(document))) {}
    explicit KeptPattern(std::shared_ptr<const Document> document)
        : document_(std::move(document)) {}

    explicit operator bool() const { return document_ != nullptr; }
    const Document &operator*() const { return *document_; }
    const Document *operator->() const { return document_.get(); }
    /// Which copy it is: the same for those that share it.
    const Document *id() const { return document_.get(); }
    std::shared_ptr<const Scene> scene() const { return {document_, &document_->scene}; }

    friend bool operator==(const KeptPattern &a, const KeptPattern &b) {
        return a.id() == b.id() || (a && b && *a == *b);
    }

private:
    std::shared_ptr<const Document> document_;
};

/// A pattern, and the slot it was copied from, which may hold another by now; 0 none.
struct Source {
    KeptPattern pattern;
    int slot = 0;
    friend bool operator==(const Source &, const Source &) = default;
};

/// A stretch of a song. Each repetition begins at step 0.
struct SongPart {
    Source source = {}; ///< empty: what the song plays
    std::uint32_t bars = kUsualBars;
    std::uint32_t repeat = 1;
    std::string unknown = {}; ///< as in Document
    friend bool operator==(const SongPart &, const SongPart &) = default;
};

/// By parameter path: a number, or the name of a choice or of a target. As the file says; whether
/// there is such a parameter shows when it is set.
using Overrides = std::map<std::string, std::variant<double, std::string>, std::less<>>;

/// What follows when a song has come to its end.
enum class After : std::uint8_t {
    usual, ///< as `/setlist/auto` says
    next,  ///< the next song
    stop,  ///< silence
    stay,  ///< its last part goes on
};

struct OutputFile {
    std::string sha256;
    std::uint64_t bytes = 0;
    friend bool operator==(const OutputFile &, const OutputFile &) = default;
};

/// What came of processing a song.
struct SongState {
    std::string inputs = {};                    ///< what was processed: `inputs_hash` of that time
    double timestamp = 0;                       ///< Unix seconds
    KeptPattern scene = {};                     ///< as the run left it
    std::string hash = {};                      ///< of that scene
    std::string error = {};                     ///< why it failed; empty when it did not
    std::map<std::string, double> metrics = {}; ///< "lufs" -> -14.2
    std::map<std::string, OutputFile> outputs = {}; ///< by name
    friend bool operator==(const SongState &, const SongState &) = default;
};

struct Song {
    std::string name;
    Source source = {}; ///< empty: the template of the set
    std::vector<SongPart> parts = {};
    Overrides overrides = {};
    After after = After::usual;
    std::string notes = {};
    std::optional<SongState> state = {};
    std::string unknown = {};
    friend bool operator==(const Song &, const Song &) = default;
};

/// Songs in order, with all that they play.
struct Setlist {
    std::string name;
    Source base = {}; ///< the template: what a song plays that has nothing of its own
    std::vector<Song> songs = {};
    std::string unknown = {};
    friend bool operator==(const Setlist &, const Setlist &) = default;
};

/// Letters, digits, '_' and '-', the first a letter or a digit, 64 at most.
bool is_set_name(std::string_view name);
/// The same, but no "next", "prev" or number: those say which song by its place.
bool is_song_name(std::string_view name);

/// "next"; "" for the usual.
std::string_view word_of(After after);
/// Nothing for a word that says nothing.
std::optional<After> find_after(std::string_view word);

/// A stretch of a performance: overrides are in it.
struct PlayedPart {
    KeptPattern pattern;
    std::uint32_t bars = kUsualBars;
    std::size_t part = 0;         ///< of the song
    std::uint32_t repetition = 0; ///< counts from 0
};

/// What a song plays, from its first bar to its last: its parts, or one of 16 bars. A part without
/// a pattern plays the song's, a song without one the set's template; then the song's overrides are
/// set in it.
///
/// Errors: not_found - no pattern anywhere, or an override of a parameter there is not;
///         out_of_range - an override beyond what its parameter takes; bad_type.
Result<std::vector<PlayedPart>> played_parts(const Setlist &set, const Song &song);

/// Whether played_parts() would have something to give. Errors: the same.
Outcome check_song(const Setlist &set, const Song &song);

/// SHA-256 of what a song plays: of played_parts().
///
/// Errors: as played_parts().
Result<std::string> inputs_hash(const Setlist &set, const Song &song);

} // namespace chronus::patterns
