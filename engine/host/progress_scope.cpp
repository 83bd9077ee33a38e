#include "engine/host/progress_scope.h"

#include "engine/host/progress.h"
#include "engine/host/progress_node.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

namespace chronus {

ProgressScope::ProgressScope(ProgressStore &store, std::shared_ptr<ProgressOperation> operation,
                             ProgressNode &node)
    : store_(&store), operation_(std::move(operation)), node_(&node),
      exceptions_(std::uncaught_exceptions()) {}

ProgressScope::~ProgressScope() {
    if (!operation_) return;
    const bool thrown = std::uncaught_exceptions() > exceptions_;
    if (stop().stop_requested())
        fail({Errc::cancelled, "cancelled"});
    else
        fail({Errc::failed, thrown ? "an exception ended it" : "it was left before its end"});
}

const std::string &ProgressScope::id() const { return node_->level.id; }
std::stop_token ProgressScope::stop() const { return operation_->stop.get_token(); }

Outcome ProgressScope::start() {
    store_->change(*node_, [&] {
        if (node_->level.status == ProgressStatus::pending) store_->set_off(*node_);
    });
    if (stop().stop_requested()) return Error{Errc::cancelled, "cancelled before it began"};
    return Done{};
}

void ProgressScope::plan(std::string_view type, std::string_view name, double total) {
    store_->change(*node_, [&] { ProgressStore::add_part(*node_, type, name, total); });
}

ProgressScope ProgressScope::part(std::string_view type, std::string_view name, double total) {
    const std::lock_guard hold{store_->lock_};
    ++store_->version_;
    return {*store_, operation_, store_->begin_part(*node_, type, name, total)};
}

void ProgressScope::phase(std::string_view name, double fraction) {
    store_->change(*node_, [&] { store_->move_phase(*node_, name, fraction); });
}

void ProgressScope::at(double current, std::string_view message) {
    store_->change(*node_, [&] {
        node_->level.current = current;
        if (!message.empty()) node_->level.message = message;
    });
}

void ProgressScope::metric(std::string_view name, double value) {
    store_->change(*node_, [&] {
        auto &metrics = node_->level.metrics;
        const auto known = std::ranges::find(metrics, name, &ProgressMetric::name);
        if (known != metrics.end()) return void(known->value = value);
        metrics.push_back({std::string{name}, value});
    });
}

void ProgressScope::output(ProgressOutput output) {
    store_->change(*node_, [&] { node_->level.outputs.push_back(std::move(output)); });
}

void ProgressScope::complete(std::string_view message) {
    store_->change(*node_, [&] {
        if (!message.empty()) node_->level.message = message;
    });
    store_->end(operation_, *node_, std::nullopt);
}

void ProgressScope::fail(Error error) { store_->end(operation_, *node_, std::move(error)); }

} // namespace chronus
