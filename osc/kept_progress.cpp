#include "osc/kept_progress.h"

#include "osc/progress_json.h"
#include "patterns/history/operations.h"

#include <utility>

namespace chronus::osc {

namespace {
/// Operations that estimates start from.
constexpr std::size_t kLookedAt = 100;
} // namespace

KeptProgress::KeptProgress(const ProgressClocks &clocks)
    : store_(clocks, [this](const ProgressLevel &level) {
          history_->note([over = operation_of(level)](patterns::Database &db) {
              return patterns::keep(db, over);
          });
      }) {}

Result<std::unique_ptr<KeptProgress>> KeptProgress::open(const std::filesystem::path &folder,
                                                         const ProgressClocks &clocks,
                                                         patterns::HistoryThread::Work tend) {
    std::unique_ptr<KeptProgress> kept{new KeptProgress{clocks}};
    auto history = patterns::HistoryThread::start(
        {.file = folder / "history.db",
         .now_ms = clocks.wall_ms,
         .opened = [k = kept.get()](patterns::Database &db) { return k->look_back(db); },
         .tend = std::move(tend)});
    if (!history) return history.error();
    kept->history_ = *std::move(history);
    const patterns::HistoryStatus status = kept->history_->status();
    if (!status.note.empty()) kept->put_in_order("history check", status.note);
    if (!status.migrated.empty()) kept->put_in_order("history migration", status.migrated);
    return kept;
}

void KeptProgress::put_in_order(std::string_view what, std::string_view how) {
    store_.begin("maintenance", what).complete(how);
}

Outcome KeptProgress::look_back(patterns::Database &db) {
    const auto last = patterns::last_operation(db);
    if (!last) return last.error();
    store_.count_from(static_cast<std::uint64_t>(*last) + 1);
    const auto runs = patterns::runs(db, kLookedAt);
    if (!runs) return runs.error();
    for (const patterns::Run &run : *runs) store_.learn(run.type, run.units, run.seconds);
    return Done{};
}

} // namespace chronus::osc
