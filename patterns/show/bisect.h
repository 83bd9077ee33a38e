#pragma once

#include "engine/host/progress_scope.h"
#include "engine/result.h"
#include "patterns/history/changes.h"
#include "patterns/history/performance.h"
#include "patterns/show/predicate.h"
#include "patterns/show/set_job.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chronus::patterns {

/// In which performance to look, and for what.
struct BisectOrder {
    std::shared_ptr<const Performance> performance = {};
    std::vector<Change> changes = {}; ///< all of its own, in their order
    Predicate predicate{};
    std::string words = {}; ///< the predicate, as it was asked for
};

/// Where it first held, and what made it hold.
struct Bisected {
    std::optional<Frame> held = {};         ///< nothing: it never did
    std::uint64_t bar = 0;                  ///< in which it did, from 1
    bool from_the_beginning = false;        ///< it held all along
    std::optional<std::size_t> change = {}; ///< of the order's; nothing: it held without any
    std::uint64_t change_bar = 0;           ///< in which it was made; 0: the sequencer stood
    double before = 0, after = 0; ///< measured where it held, without the change and with it
    std::size_t played = 0;       ///< times it was played
};

/// Plays it offline until it first holds; then again, with ever fewer of the changes that were made
/// by then and the music left to itself after them, until it has found one with which it holds, and
/// without which it does not. What starts the sequencer is no such change, and what was before.
///
/// Thread: worker. Errors: those of `objection_to`; cancelled.
Result<Bisected> bisect(const BisectOrder &order, ProgressScope &level);

/// The same, told: its JSON has text, execution, predicate, held {frame, seconds, bar} or null,
/// change {seq, time, bar, author, command, applied, before, after, unit} or null, and played.
Result<StudioReport> bisected(const BisectOrder &order, ProgressScope &level);

} // namespace chronus::patterns
