#include "patterns/show/songs_at_once.h"

#include <exception>

namespace chronus::patterns {

SongsAtOnce::SongsAtOnce(NamedSongs songs, ProgressScope &whole, Work work)
    : songs_(std::move(songs)), whole_(whole), work_(std::move(work)) {}

/// The first who comes begins the whole.
void SongsAtOnce::begin() {
    const std::lock_guard lock(mutex_);
    ++helpers_;
    if (std::exchange(started_, true)) return;
    outcome_ = whole_.start();
    for (const auto &[song, name] : songs_) whole_.plan("song", name);
}

std::optional<SongsAtOnce::Turn> SongsAtOnce::next() {
    const std::lock_guard lock(mutex_);
    if (begun_ == songs_.size() || !outcome_) return std::nullopt;
    const auto &[song, name] = songs_[begun_++];
    return Turn{song, whole_.part("song", name)};
}

Outcome SongsAtOnce::worked(Turn &turn) try {
    return work_(turn.song, turn.level);
} catch (const std::exception &e) {
    return Error{Errc::failed, e.what()};
}

/// The last who leaves says so; who comes later finds it over.
bool SongsAtOnce::leave() {
    const std::lock_guard lock(mutex_);
    const bool done = --helpers_ == 0 && (begun_ == songs_.size() || !outcome_);
    return done && !std::exchange(over_, true);
}

bool SongsAtOnce::help() {
    begin();
    while (auto turn = next()) {
        const auto outcome = worked(*turn);
        turn->level.end(outcome);
        if (outcome || outcome.error().code != Errc::cancelled) continue;
        const std::lock_guard lock(mutex_);
        outcome_ = outcome;
    }
    return leave();
}

} // namespace chronus::patterns
