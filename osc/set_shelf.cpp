#include "osc/set_shelf.h"

#include "osc/pending_jobs.h"
#include "osc/stage.h"
#include "osc/typed.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <variant>

namespace chronus::osc {

namespace {

using patterns::ExportSet;
using patterns::Job;
using patterns::KeptSet;
using patterns::SaveSet;
using patterns::Setlist;

/// At most eight names, and how many more there are.
std::string shown(const std::vector<std::string> &names) {
    constexpr std::size_t kMost = 8;
    const std::size_t count = std::min(names.size(), kMost);
    std::string text = fmt::format(
        "{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(count), ", "));
    return names.size() > count ? fmt::format("{} and {} more", text, names.size() - count) : text;
}

Error no_set(Context &context, const std::string &name) {
    const auto names = set_names(context);
    return {Errc::not_found,
            names.empty() ? fmt::format("set {}: there is none yet", name.substr(0, 64))
                          : fmt::format("set {}: there is none; there are {}", name.substr(0, 64),
                                        shown(names)),
            names.empty() ? "/setlist/new friday" : "/setlist/list"};
}

} // namespace

std::vector<std::string> set_names(Context &context) {
    std::set<std::string> names;
    if (const auto entries = context.sets.list())
        for (const patterns::SetEntry &entry : *entries) names.insert(entry.name);
    each_job(context, [&](const Job &job) {
        const std::string name{patterns::set_of(job)};
        if (std::holds_alternative<SaveSet>(job.work)) names.insert(name);
        if (std::holds_alternative<patterns::RemoveSet>(job.work)) names.erase(name);
    });
    return {names.begin(), names.end()};
}

Result<KeptSet> set_named(Context &context, const std::string &name) {
    if (!patterns::is_set_name(name)) return no_set(context, name);
    std::optional<Job> last;
    each_job(context, [&](const Job &job) {
        if (patterns::set_of(job) == name) last = job;
    });
    if (last) {
        if (const auto *save = std::get_if<SaveSet>(&last->work)) return save->set;
        return no_set(context, name);
    }
    auto set = context.sets.load(name);
    if (set) return set;
    if (set.error().code == Errc::not_found) return no_set(context, name);
    return Error{set.error().code, fmt::format("set {}: {}", name, set.error().what),
                 typed("/setlist/restore", {name})};
}

Result<std::size_t> song_named(const Setlist &set, const std::string &name) {
    const auto found = std::ranges::find(set.songs, name, &patterns::Song::name);
    if (found != set.songs.end()) return static_cast<std::size_t>(found - set.songs.begin());
    std::vector<std::string> names;
    for (const patterns::Song &song : set.songs) names.push_back(song.name);
    return Error{Errc::not_found,
                 names.empty()
                     ? fmt::format("song {}: set {} has no song yet", name.substr(0, 64), set.name)
                     : fmt::format("song {}: set {} has none; it has {}", name.substr(0, 64),
                                   set.name, shown(names)),
                 typed("/setlist/show", {set.name})};
}

Result<patterns::Source> source_in(Context &context, std::int64_t slot) {
    const auto no_source = [](const Error &why) {
        return Error{why.code, why.what, "/pattern/list"};
    };
    const auto index = slot_at(context, std::array<Value, 1>{slot}, 0, "/pattern/load");
    if (!index) return no_source(index.error());
    const auto pattern = pattern_in(context, *index, "/pattern/load");
    if (!pattern) return no_source(pattern.error());
    return patterns::Source{kept(*pattern), *index};
}

Result<Reply> hand_to_disk(Context &context, Job job) {
    job.now_ms = context.now_ms();
    context.desk.jobs.push_back(std::move(job));
    context.desk.job_callers.push_back(context.caller);
    return Reply{.text = {}, .later = true};
}

Result<Reply> keep_set(Context &context, Setlist set) {
    auto kept = std::make_shared<const Setlist>(std::move(set));
    KeptSet &performed = context.desk.stand.set;
    if (performed && performed->name == kept->name) performed = kept;
    return hand_to_disk(context, {SaveSet{std::move(kept)}});
}

Result<Reply> change_set(Context &context, const std::string &name,
                         const std::function<Outcome(Setlist &)> &change) {
    const auto set = set_named(context, name);
    if (!set) return set.error();
    Setlist changed = **set;
    if (auto done = change(changed); !done) return done.error();
    return keep_set(context, std::move(changed));
}

std::optional<ProgressScope> carrying(ProgressStore &progress, const Job &job,
                                      std::string_view address) {
    if (const auto *order = std::get_if<ExportSet>(&job.work))
        return progress.begin("export", order->set->name);
    if (address == "/setlist/import") return progress.begin("import", patterns::set_of(job));
    return std::nullopt;
}

void end_carrying(ProgressScope &scope, const patterns::JobReport &report) {
    if (!report.result) return scope.fail(report.result.error());
    const auto *order = std::get_if<ExportSet>(&report.job->work);
    if (order != nullptr) scope.output({order->file.string()});
    scope.complete(set_saved_reply(report)->text);
}

bool is_of_set(const Job &job) {
    return !patterns::set_of(job).empty() || std::holds_alternative<ExportSet>(job.work);
}

Result<Reply> set_saved_reply(const patterns::JobReport &report) {
    if (!report.result) return report.result.error();
    const auto &work = report.job->work;
    if (const auto *order = std::get_if<ExportSet>(&work))
        return Reply{fmt::format("set {} written to {}", order->set->name, order->file.string()),
                     {order->set->name, order->file.string()}};
    const std::string name{patterns::set_of(*report.job)};
    if (const auto *save = std::get_if<SaveSet>(&work))
        return Reply{fmt::format("set {} has {}", name, counted(save->set->songs.size(), "song")),
                     {name, static_cast<std::int32_t>(save->set->songs.size())}};
    return Reply{fmt::format("set {} deleted, kept as {}", name, report.result->backup), {name}};
}

} // namespace chronus::osc
