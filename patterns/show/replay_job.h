#pragma once

#include "engine/host/progress_scope.h"
#include "engine/result.h"
#include "patterns/history/performance.h"
#include "patterns/show/outputs.h"
#include "patterns/show/render.h"
#include "patterns/show/set_job.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chronus::patterns {

/// A performance to be played again.
struct ReplayOrder {
    std::shared_ptr<const Performance> performance = {};
    std::uint32_t from_bar = 1;       ///< where the outputs begin
    std::vector<Output> outputs = {}; ///< none: it is only compared
    Tail tail{};
    std::filesystem::path folder = {}; ///< there already
    std::string name = {};             ///< of the files
};

/// How alike the two are.
struct Compared {
    std::size_t seconds = 0, equal = 0;
    std::optional<Frame> first_other =
        {}; ///< the frame on which the first second that differs ends
    friend bool operator==(const Compared &, const Compared &) = default;
};

/// Why it cannot be played again as it was; nothing where it can.
std::optional<Error> objection_to(const Performance &performance);

/// Plays it again and compares each second of it with what was heard.
/// Thread: worker. Errors: that above; cancelled.
Result<Compared> compare(const Performance &performance, ProgressScope &level);

/// The same, and then its outputs. Its JSON: execution, compared {seconds, equal, first_other}, and
/// the members of a render's report where there are outputs.
/// Thread and errors: also those of `render`; out_of_range - it has no such bar.
Result<StudioReport> replay(const ReplayOrder &order, ProgressScope &level);

} // namespace chronus::patterns
