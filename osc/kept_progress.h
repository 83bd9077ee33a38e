#pragma once

#include "engine/host/progress.h"
#include "patterns/history/history_thread.h"

#include <filesystem>
#include <memory>
#include <string_view>

namespace chronus::osc {

/// Progress of which the history keeps what is over. Ids and estimates go on where an earlier run
/// left them.
///
/// Shapes: everything that takes long has ended before this goes.
class KeptProgress {
public:
    /// The history is `history.db` in the folder; without it, as `HistoryThread` says, nothing is
    /// kept. Errors: io - no thread to be had.
    ///
    /// `tend` is done by the history's thread where somebody stirs it.
    static Result<std::unique_ptr<KeptProgress>> open(const std::filesystem::path &folder,
                                                      const ProgressClocks &clocks,
                                                      patterns::HistoryThread::Work tend = {});

    /// Something that was found and put in order at the start, as an operation that is over.
    void put_in_order(std::string_view what, std::string_view how);

    ProgressStore &store() { return store_; }
    patterns::HistoryThread &history() { return *history_; }

private:
    explicit KeptProgress(const ProgressClocks &clocks);
    Outcome look_back(patterns::Database &db);

    ProgressStore store_;
    std::unique_ptr<patterns::HistoryThread> history_; // goes first: it tells the store of old runs
};

} // namespace chronus::osc
