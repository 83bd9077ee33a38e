#include "osc/rendering.h"

#include "osc/render_items.h"
#include "osc/set_shelf.h"
#include "osc/typed.h"
#include "osc/verbs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace chronus::osc {

using patterns::RenderWishes;

namespace {

/// What goes on is where to look when there is no room.
Error with_list(Error error) {
    error.hint = "/progress/list";
    return error;
}

/// Whether the set is another by it.
bool put_state(patterns::Setlist &set, patterns::ProcessedSong &processed) {
    const auto song = std::ranges::find(set.songs, processed.song, &patterns::Song::name);
    if (song == set.songs.end()) return false;
    const auto inputs = patterns::inputs_hash(set, *song);
    if (inputs && *inputs != processed.state.inputs) return false;
    if (song->state) {
        auto before = *song->state;
        before.timestamp = processed.state.timestamp;
        if (before == processed.state) return false;
    }
    song->state = std::move(processed.state);
    return true;
}

} // namespace

Outcome set_wishes(RenderWishes &wishes, Args pairs, std::string_view command) {
    for (const Value &pair : pairs) {
        const auto text = to_text(pair, "render option");
        const auto equals = text ? text->find('=') : std::string::npos;
        if (equals == std::string::npos)
            return Error{Errc::bad_type,
                         fmt::format("{}: \"{}\" is no option: they are written key=value", command,
                                     text ? *text : "?"),
                         fmt::format("{} {}", command, "bars=8")};
        const std::string key = text->substr(0, equals);
        if (auto set = patterns::set_wish(wishes, key, text->substr(equals + 1)); !set) {
            const Error &why = set.error();
            const bool whole = why.hint.find('=') != std::string::npos;
            return Error{why.code, fmt::format("{}: {}", command, why.what),
                         fmt::format("{} {}{}", command, whole ? "" : key + "=", why.hint)};
        }
    }
    return Done{};
}

Outcome set_set_wishes(RenderWishes &wishes, Args words, const std::string &command) {
    std::string outputs;
    std::vector<Value> pairs;
    for (const Value &word : words) {
        const auto text = to_text(word, "output");
        if (!text || text->find('=') != std::string::npos)
            pairs.push_back(word);
        else
            outputs += (outputs.empty() ? "" : ",") + *text;
    }
    if (!outputs.empty()) pairs.insert(pairs.begin(), Value{"outputs=" + outputs});
    if (auto set = set_wishes(wishes, pairs, command); !set) return set;
    if (wishes.bars == RenderWishes{}.bars) return Done{};
    return Error{Errc::unsupported, fmt::format("{}: its songs have bars of their own", command),
                 command};
}

Result<patterns::KeptSet> full_set(Context &context, const std::string &name) {
    auto set = set_named(context, name);
    if (!set || !(*set)->songs.empty()) return set;
    return Error{Errc::not_now, fmt::format("set {}: it has no song yet", name),
                 typed("/setlist/show", {name})};
}

Result<Reply> ask_for(Context &context, StudioAsked asked) {
    if (auto takes = context.studio.would_take(asked.name); !takes) return with_list(takes.error());
    asked.caller = context.caller;
    context.desk.studio_jobs.push_back(std::move(asked));
    return Reply{.text = {}, .later = true};
}

Result<Reply> begin_job(Context &context, const StudioAsked &asked) {
    const auto job = asked.begin(context.studio);
    if (!job) return with_list(job.error());
    begin_items(context, *job, asked);
    return Reply{fmt::format("job {}: {}", *job, asked.what),
                 {*job, context.studio.folder().string()}};
}

namespace {

void keep_processed(Context &context) {
    if (context.saver.waiting() >= patterns::Saver::kMostWaiting / 2) return; // it comes again
    std::map<std::string, std::vector<patterns::ProcessedSong>> by_set;
    for (patterns::ProcessedSong &song : context.studio.take_processed())
        by_set[song.set].push_back(std::move(song));
    for (auto &[name, songs] : by_set) {
        const auto set = set_named(context, name);
        if (!set) continue;
        auto changed = std::make_shared<patterns::Setlist>(**set);
        bool any = false;
        for (patterns::ProcessedSong &song : songs) any = put_state(*changed, song) || any;
        if (!any) continue;
        patterns::KeptSet &performed = context.desk.stand.set;
        if (performed && performed->name == name) performed = changed;
        (void)context.saver.submit({patterns::SaveSet{std::move(changed)}, context.now_ms()});
    }
}

} // namespace

void hear_studio(Context &context) {
    keep_items(context);
    keep_processed(context);
}

/// Whoever sees the report finds all of it in the history.
Result<Reply> render_report(Context &context, Args args) {
    keep_items(context);
    const std::string &job = text_at(args, 0);
    const auto report = context.studio.report(job);
    if (!report) return with_list(report.error());
    return Reply{.text = fmt::format("job {}: {}", job, report->summary), .document = report->json};
}

} // namespace chronus::osc
