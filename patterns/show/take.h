#pragma once

#include "engine/host/sound_source.h"
#include "engine/result.h"
#include "patterns/show/plot.h"
#include "patterns/show/sound_check.h"
#include "patterns/show/watch.h"
#include "patterns/store/unique_fd.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace chronus::patterns {

struct TakeSpec {
    SampleRate fs{};
    std::filesystem::path folder; ///< with room for eight bytes a frame
};

/// A performance that has been played once, kept on the disk without a name - so that nothing of it
/// outlives the program - and listened to meanwhile.
///
/// Thread: any one at a time, never audio.
class Take {
public:
    /// Plays all of it; tells how many frames it has.
    /// Errors: io - the folder takes no files, or is full. cancelled.
    static Result<Take> of(SoundSource &source, const TakeSpec &spec, const Watch &watch);

    SampleRate fs() const { return fs_; }
    std::uint64_t frames() const { return facts_.frames; }
    const SoundFacts &facts() const { return facts_; }
    std::span<const Frame> lines() const { return lines_; }

    /// Hands it on, some frames at a time, interleaved; tells how many. What `f` refuses ends it.
    /// Errors: io; cancelled; those of `f`.
    Outcome read(const std::function<Outcome(std::span<const float>)> &f, const Watch &watch) const;

    Result<Outline> outline(std::size_t stretches, const Watch &watch) const;

private:
    Take(UniqueFd file, SampleRate fs) : file_(std::move(file)), fs_(fs) {}
    Outcome record(SoundSource &source, const Watch &watch);
    Outcome write(std::span<const float> samples) const;

    UniqueFd file_;
    SampleRate fs_;
    SoundFacts facts_;
    std::vector<Frame> lines_;
};

} // namespace chronus::patterns
