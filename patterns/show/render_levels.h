#pragma once

#include "engine/host/bounce.h"
#include "engine/host/progress_scope.h"
#include "patterns/show/sound_check.h"
#include "patterns/show/watch.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// What a render tells of itself while it goes on.
namespace chronus::patterns {

/// A level that counts frames, for as long as the watch is used.
Watch watch_of(ProgressScope &level);

/// How long a performance is without what rings on.
Frame frames_of(const Part &part, SampleRate fs);

/// A level for each part of a performance, one after the other while it is played; repetitions of
/// one scene are one.
class PartLevels {
public:
    /// Plans them all in `whole`, which must outlive this, as must the others.
    PartLevels(ProgressScope &whole, const Bounce &bounce, std::span<const Part> parts,
               SampleRate fs);
    void at(std::uint64_t frames);
    /// It has been played, or not.
    template <class T>
    void end(const Result<T> &outcome) {
        if (level_) level_->end(outcome);
        level_.reset();
    }

private:
    struct Stretch {
        std::size_t first = 0; ///< of its parts
        Frame frames = 0;
    };
    static std::string name_of(std::size_t stretch);
    void begin(std::size_t stretch);

    ProgressScope &whole_;
    const Bounce &bounce_;
    std::vector<Stretch> stretches_;
    std::size_t begun_ = 0;
    std::optional<ProgressScope> level_;
};

/// What a stretch of work costs, from when this is made.
class Expense {
public:
    Expense();
    /// Of this thread.
    double cpu_s() const;
    /// Units: of audio that was made meanwhile.
    void tell(ProgressScope &level, std::uint64_t frames, SampleRate fs) const;

private:
    double wall_begin_s_, cpu_begin_s_;
};

/// Levels as they were heard.
void tell_of(ProgressScope &level, const SoundFacts &facts);

} // namespace chronus::patterns
