#include "osc/collecting.h"

#include <fmt/format.h>

#include <optional>

namespace chronus::osc {

Result<patterns::GcReport> collect(patterns::Database &db, ProgressStore &progress,
                                   patterns::GcPolicy policy) {
    std::optional<ProgressScope> scope;
    policy.told = [&](std::int64_t done, std::int64_t of) {
        if (!scope) scope.emplace(progress.begin("gc", "snapshots", static_cast<double>(of)));
        scope->at(static_cast<double>(done));
        return !scope->stop().stop_requested();
    };
    auto report = patterns::gc(db, policy);
    if (!scope) return report;
    if (!report) {
        scope->fail(report.error());
        return report;
    }
    scope->metric("kept", static_cast<double>(report->kept));
    scope->complete(fmt::format("{} dropped, {} kept", report->dropped, report->kept));
    return report;
}

} // namespace chronus::osc
