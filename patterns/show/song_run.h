#pragma once

#include "engine/host/progress_scope.h"
#include "engine/result.h"
#include "patterns/show/render.h"
#include "patterns/show/render_wishes.h"
#include "patterns/text/setlist.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace chronus::patterns {

/// A set that is to be processed, and how.
struct SetOrder {
    std::shared_ptr<const Setlist> set;
    RenderWishes wishes = {};          ///< without bars and a name, which songs have
    std::filesystem::path folder = {}; ///< there already; files are called as the songs
    double now_s = 0;                  ///< Unix time, of what is found out now
    /// As of a render, with the song; songs are made on several threads at once.
    std::function<void(const std::string &song, const MadeOutput &, std::size_t place)> told = {};
};

enum class SongFate : std::uint8_t { made, unchanged, failed };

constexpr std::string_view word_of(SongFate fate) {
    switch (fate) {
    case SongFate::made:
        return "made";
    case SongFate::unchanged:
        return "unchanged";
    default:
        return "failed";
    }
}

/// What came of a song.
struct SongResult {
    std::size_t song = 0; ///< of the set
    SongFate fate = SongFate::failed;
    SongState state = {};      ///< to be kept with the song
    std::string manifest = {}; ///< JSON: what was made, and of what; empty when nothing was
};

/// Plays a song offline and makes its outputs and a manifest, "<song>.json", which is the last to
/// be written and the same for the same song. A song whose manifest says that all of this is there
/// already is left alone.
///
/// Thread: worker.
/// Errors: cancelled. All else is in the result, so that other songs go on.
Result<SongResult> process_song(const SetOrder &order, std::size_t song, ProgressScope &level);

} // namespace chronus::patterns
