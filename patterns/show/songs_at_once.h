#pragma once

#include "engine/host/progress_scope.h"
#include "engine/result.h"

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace chronus::patterns {

/// Songs of a set and their numbers in it.
using NamedSongs = std::vector<std::pair<std::size_t, std::string>>;

/// Songs that are worked at by as many threads as come to help, each song by one of them.
///
/// Thread: any; `work` of different songs runs at once.
class SongsAtOnce {
public:
    /// What is refused fails the song alone; `cancelled` ends all.
    using Work = std::function<Outcome(std::size_t song, ProgressScope &level)>;

    /// A level for each song in `whole`, which must outlive this, like what `work` refers to.
    SongsAtOnce(NamedSongs songs, ProgressScope &whole, Work work);

    /// Works until no song is left. True for one of the threads, when all songs are over.
    bool help();
    /// Errors: cancelled - at least one song is not done.
    Outcome outcome() const { return outcome_; }

private:
    struct Turn {
        std::size_t song = 0;
        ProgressScope level;
    };
    void begin();
    std::optional<Turn> next();
    bool leave();
    Outcome worked(Turn &turn);

    const NamedSongs songs_;
    ProgressScope &whole_;
    const Work work_;
    std::mutex mutex_; // guards what follows, and `whole_`
    std::size_t begun_ = 0, helpers_ = 0;
    bool started_ = false, over_ = false;
    Outcome outcome_ = Done{};
};

} // namespace chronus::patterns
