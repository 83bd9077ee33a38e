#pragma once

#include "patterns/show/preflight.h"
#include "patterns/show/song_run.h"
#include "patterns/show/songs_at_once.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// What came of a job: for people, and all of it as JSON.
struct StudioReport {
    std::string summary;
    std::string json;
};

/// One of several equal shares of a set: every so many songs, from one on. All of them together are
/// the set.
struct Share {
    std::size_t at = 0, of = 1;
};

/// "2/3" is the second of three. Errors: bad_type.
Result<Share> parse_share(std::string_view text);

/// The songs of a share.
NamedSongs songs_of(const Setlist &set, Share share = {});

/// Processes the songs of a set, as many at once as threads help.
///
/// Thread: any.
class SetProcess {
public:
    /// Gets each song when it is done, on the thread that did it.
    using OnSong = std::function<void(const SongResult &)>;
    SetProcess(SetOrder order, Share share, ProgressScope &level, OnSong done = {});

    bool help() { return songs_.help(); }
    /// Once all is over. Errors: cancelled.
    Result<StudioReport> report(std::string_view job) const;

private:
    Outcome process(std::size_t song, ProgressScope &level);

    const SetOrder order_;
    const OnSong done_;
    std::vector<std::optional<SongResult>> results_; // by song; each is written by one thread
    SongsAtOnce songs_;
};

/// Plays a set through before a performance, likewise, and leaves "<set>.preflight.svg".
class SetPreflight {
public:
    SetPreflight(SetOrder order, LostSlots lost, ProgressScope &level);

    bool help() { return songs_.help(); }
    /// Errors: cancelled; io - the picture cannot be written.
    Result<StudioReport> report(std::string_view job) const;

private:
    Outcome fly(std::size_t song, ProgressScope &level);

    const SetOrder order_;
    const LostSlots lost_;
    std::vector<SongFlight> flights_; // by song; each is written by one thread
    SongsAtOnce songs_;
};

} // namespace chronus::patterns
