#include "osc/collecting.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>

namespace chronus::osc {

namespace {

using patterns::GcReport;
using patterns::Retained;

void tell(ProgressScope &scope, const GcReport &report) {
    scope.metric("kept", static_cast<double>(report.kept));
    scope.complete(fmt::format("{} dropped, {} kept", report.dropped, report.kept));
}
void tell(ProgressScope &scope, const Retained &report) {
    scope.metric("items", static_cast<double>(report.items));
    scope.complete(fmt::format("{} executions dropped", report.executions));
}

/// Does `drop(db, policy)` as an operation of that name, once there is anything to drop.
template <class Policy, class Drop>
auto as_operation(ProgressStore &progress, std::string_view name, Policy policy, Drop drop) {
    std::optional<ProgressScope> scope;
    policy.told = [&](std::int64_t done, std::int64_t of) {
        if (!scope) scope.emplace(progress.begin("gc", name, static_cast<double>(of)));
        scope->at(static_cast<double>(done));
        return !scope->stop().stop_requested();
    };
    auto report = drop(policy);
    if (scope && !report) scope->fail(report.error());
    if (scope && report) tell(*scope, *report);
    return report;
}

} // namespace

Result<GcReport> collect(patterns::Database &db, ProgressStore &progress,
                         patterns::GcPolicy policy) {
    return as_operation(progress, "snapshots", std::move(policy),
                        [&](const auto &wanted) { return patterns::gc(db, wanted); });
}

Result<Retained> collect_executions(patterns::Database &db, ProgressStore &progress,
                                    patterns::RetentionPolicy policy) {
    return as_operation(progress, "executions", std::move(policy),
                        [&](const auto &wanted) { return patterns::retain(db, wanted); });
}

} // namespace chronus::osc
