#include "engine/host/progress.h"

#include "engine/host/progress_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace chronus {

namespace {

constexpr std::string_view kPhase = "phase";
constexpr int kRunsRemembered = 4;

std::string_view operation_of(std::string_view id) { return id.substr(0, id.find('.')); }

/// The level itself or one below it.
const ProgressLevel *find_in(const ProgressLevel &level, std::string_view id) {
    if (level.id == id) return &level;
    for (const ProgressLevel &part : level.parts)
        if (const ProgressLevel *found = find_in(part, id)) return found;
    return nullptr;
}

/// A part that is over is done with, whatever came of it.
double fraction_of(const ProgressLevel &level) {
    if (level.status == ProgressStatus::completed) return 1;
    if (is_over(level.status)) return level.fraction;
    if (level.total > 0 && level.current > 0) return std::min(1.0, level.current / level.total);
    if (level.parts.empty()) return 0;
    double sum = 0;
    for (const ProgressLevel &part : level.parts) sum += is_over(part.status) ? 1 : part.fraction;
    return sum / std::max(level.total, static_cast<double>(level.parts.size()));
}

double units_of(const ProgressLevel &level) { return level.total > 0 ? level.total : 1; }

} // namespace

ProgressStore::ProgressStore(ProgressClocks clocks, Finished finished)
    : clocks_(std::move(clocks)), finished_(std::move(finished)) {}
ProgressStore::~ProgressStore() = default;

ProgressScope ProgressStore::begin(std::string_view type, std::string_view name, double total) {
    ProgressScope scope = queue(type, name, total);
    (void)scope.start(); // nobody can have cancelled it yet
    return scope;
}

ProgressScope ProgressStore::queue(std::string_view type, std::string_view name, double total) {
    auto operation = std::make_shared<ProgressOperation>();
    ProgressLevel &level = operation->root.level;
    level.type = type;
    level.name = name;
    level.total = total;
    const std::lock_guard hold{lock_};
    level.id = std::to_string(next_++);
    active_.push_back(operation);
    ++version_;
    ProgressNode &root = operation->root;
    return {*this, std::move(operation), root};
}

ProgressNode &ProgressStore::add_part(ProgressNode &to, std::string_view type,
                                      std::string_view name, double total) {
    auto node = std::make_unique<ProgressNode>();
    node->level.id = fmt::format("{}.{}", to.level.id, to.parts.size() + 1);
    node->level.type = type;
    node->level.name = name;
    node->level.total = total;
    return *to.parts.emplace_back(std::move(node));
}

/// The planned one, or a new one.
ProgressNode &ProgressStore::begin_part(ProgressNode &of, std::string_view type,
                                        std::string_view name, double total) {
    const auto planned = std::ranges::find_if(of.parts, [&](const auto &part) {
        return part->level.status == ProgressStatus::pending && part->level.type == type &&
               part->level.name == name;
    });
    ProgressNode &part = planned != of.parts.end() ? **planned : add_part(of, type, name, total);
    if (total > 0) part.level.total = total;
    set_off(part);
    return part;
}

/// A word that its phase is done, told again, begins no other.
void ProgressStore::move_phase(ProgressNode &of, std::string_view name, double fraction) {
    ProgressNode *running = nullptr;
    for (const auto &part : of.parts) {
        const ProgressLevel &level = part->level;
        if (level.type != kPhase || level.status == ProgressStatus::pending) continue;
        if (!is_over(level.status)) running = part.get();
        if (is_over(level.status) && level.name == name && fraction >= 1) return;
    }
    if (running == nullptr || running->level.name != name || fraction < running->level.current) {
        if (running != nullptr) close(*running, ProgressStatus::completed, std::nullopt);
        running = &begin_part(of, kPhase, name, 1);
    }
    running->level.current = fraction;
    if (fraction >= 1) close(*running, ProgressStatus::completed, std::nullopt);
}

void ProgressStore::set_off(ProgressNode &node) const {
    node.level.status = ProgressStatus::running;
    node.level.start_ms = clocks_.wall_ms();
    node.started_ns = clocks_.steady_ns();
}

void ProgressStore::close(ProgressNode &node, ProgressStatus status,
                          const std::optional<Error> &why) {
    ProgressLevel &level = node.level;
    if (is_over(level.status)) return;
    level.elapsed_s = elapsed_of(node);
    level.fraction = level_of(node).fraction; // as far as it got
    level.end_ms = clocks_.wall_ms();
    level.status = level.start_ms ? status : ProgressStatus::cancelled;
    level.error = why;
    for (const auto &part : node.parts) close(*part, status, why);
    if (level.status != ProgressStatus::completed) return;
    if (level.total > 0) level.current = level.total;
    note(level.type, units_of(level), level.elapsed_s);
}

void ProgressStore::end(const std::shared_ptr<ProgressOperation> &operation, ProgressNode &node,
                        std::optional<Error> why) {
    std::optional<ProgressLevel> over;
    change(node, [&] {
        const auto status = !why                           ? ProgressStatus::completed
                            : why->code == Errc::cancelled ? ProgressStatus::cancelled
                                                           : ProgressStatus::failed;
        if (status == ProgressStatus::cancelled && !operation->stopped_by.empty())
            why->what = "cancelled by " + operation->stopped_by;
        close(node, status, why);
        if (&node != &operation->root) return;
        std::erase(active_, operation);
        over = recent_.emplace_back(level_of(node));
        if (recent_.size() > kRecent) recent_.pop_front();
    });
    if (over && finished_) finished_(*over);
}

std::shared_ptr<ProgressOperation> ProgressStore::find_active(std::string_view id) const {
    const auto found = std::ranges::find_if(
        active_, [&](const auto &operation) { return operation->root.level.id == id; });
    return found != active_.end() ? *found : nullptr;
}

/// Errors: as of `cancel`.
Result<std::shared_ptr<ProgressOperation>> ProgressStore::find_to_stop(std::string_view id) const {
    const std::string_view whole = operation_of(id);
    if (std::ranges::find(recent_, whole, &ProgressLevel::id) != recent_.end())
        return Error{Errc::not_now, fmt::format("operation {}: is over", whole)};
    auto operation = find_active(whole);
    if (!operation)
        return Error{Errc::not_found, fmt::format("operation {}: none has this id", id)};
    if (whole != id)
        return Error{
            Errc::not_now,
            fmt::format("{}: is a part; only operation {} as a whole can be cancelled", id, whole)};
    return operation;
}

Result<std::shared_ptr<ProgressOperation>> ProgressStore::to_stop(std::string_view id,
                                                                  std::string_view by) {
    const std::lock_guard hold{lock_};
    const auto operation = find_to_stop(id);
    if (!operation) return operation;
    if ((*operation)->stopped_by.empty()) (*operation)->stopped_by = by;
    (*operation)->root.level.message = "being cancelled by " + (*operation)->stopped_by;
    ++version_;
    return operation;
}

Outcome ProgressStore::may_cancel(std::string_view id) const {
    const std::lock_guard hold{lock_};
    if (const auto operation = find_to_stop(id); !operation) return operation.error();
    return Done{};
}

Outcome ProgressStore::cancel(std::string_view id, std::string_view by) {
    const auto operation = to_stop(id, by);
    if (!operation) return operation.error();
    (*operation)->stop.request_stop(); // calls whoever waits for it: not under the lock
    if (!has_begun((*operation)->root))
        end(*operation, (*operation)->root, Error{Errc::cancelled, "cancelled"});
    return Done{};
}

bool ProgressStore::has_begun(const ProgressNode &node) const {
    const std::lock_guard hold{lock_};
    return node.level.status != ProgressStatus::pending;
}

void ProgressStore::cancel_all(std::string_view by) {
    for (const ProgressLevel &level : active()) (void)cancel(level.id, by); // may be over just now
}

ProgressLevel ProgressStore::level_of(const ProgressNode &node) const {
    ProgressLevel level = node.level;
    level.elapsed_s = elapsed_of(node);
    for (const auto &part : node.parts) level.parts.push_back(level_of(*part));
    level.fraction = fraction_of(level);
    level.left_s = left_of(level);
    return level;
}

double ProgressStore::elapsed_of(const ProgressNode &node) const {
    if (node.level.status != ProgressStatus::running) return node.level.elapsed_s;
    return static_cast<double>(clocks_.steady_ns() - node.started_ns) / 1e9;
}

/// The further it is, the more this run counts and the less the earlier ones do.
std::optional<double> ProgressStore::left_of(const ProgressLevel &level) const {
    if (is_over(level.status)) return std::nullopt;
    const double done = level.fraction, to_do = 1 - done;
    const double by_this = done > 0 ? level.elapsed_s / done * to_do : 0;
    const auto past = past_.find(level.type);
    if (past == past_.end()) return done > 0 ? std::optional{by_this} : std::nullopt;
    return done * by_this + to_do * past->second.seconds_a_unit * units_of(level) * to_do;
}

std::vector<ProgressLevel> ProgressStore::active() const {
    const std::lock_guard hold{lock_};
    std::vector<ProgressLevel> out;
    for (const auto &operation : active_) out.push_back(level_of(operation->root));
    return out;
}

std::vector<ProgressLevel> ProgressStore::recent() const {
    const std::lock_guard hold{lock_};
    return {recent_.begin(), recent_.end()};
}

std::optional<ProgressLevel> ProgressStore::find(std::string_view id) const {
    const std::lock_guard hold{lock_};
    std::optional<ProgressLevel> whole;
    if (const auto operation = find_active(operation_of(id))) whole = level_of(operation->root);
    if (const auto over = std::ranges::find(recent_, operation_of(id), &ProgressLevel::id);
        over != recent_.end())
        whole = *over;
    const ProgressLevel *found = whole ? find_in(*whole, id) : nullptr;
    return found != nullptr ? std::optional{*found} : std::nullopt;
}

void ProgressStore::count_from(std::uint64_t id) {
    const std::lock_guard hold{lock_};
    next_ = std::max(next_, id);
}

void ProgressStore::learn(std::string_view type, double units, double seconds) {
    const std::lock_guard hold{lock_};
    note(type, units, seconds);
}

/// The latest runs count most, so it follows a machine that became faster or slower.
void ProgressStore::note(std::string_view type, double units, double seconds) {
    if (type == kPhase || units <= 0) return;
    Past &past = past_.try_emplace(std::string{type}).first->second;
    past.runs = std::min(past.runs + 1, kRunsRemembered);
    past.seconds_a_unit += (seconds / units - past.seconds_a_unit) / past.runs;
}

} // namespace chronus
