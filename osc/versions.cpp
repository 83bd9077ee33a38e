#include "osc/versions.h"

#include "osc/collecting.h"
#include "osc/context.h"
#include "osc/stage.h"
#include "patterns/text/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace chronus::osc {

namespace {

using patterns::Database;
using patterns::JsonWriter;

/// Old snapshots are looked for at the first and then after so many.
constexpr std::uint64_t kGcEvery = 1000;
/// Of what waits, as many are told.
constexpr std::size_t kMostPending = 64;

void write_pending(JsonWriter &json, const Schedule &schedule) {
    if (schedule.size() == 0) return;
    json.key("pending").begin_array();
    std::size_t room = kMostPending;
    const auto write = [&](const auto &waiting) {
        for (const auto &[when, entry] : waiting)
            if (room > 0 && room-- > 0)
                json.value(entry.name + " " + entry.errand.requests.front().message.address);
    };
    write(schedule.by_frame());
    write(schedule.by_step());
    json.end_array();
}

/// What the song that is heard sets in all that it plays.
std::string variables_of(Context &context) {
    JsonWriter json;
    json.begin_object();
    const SetPlace &place = label_heard(context).place;
    const patterns::KeptSet &set = context.desk.stand.set;
    if (set && set->name == place.set) {
        const auto song = std::ranges::find(set->songs, place.song, &patterns::Song::name);
        if (song != set->songs.end())
            for (const auto &[path, value] : song->overrides) {
                json.key(path);
                std::visit([&json](const auto &one) { json.value(one); }, value);
            }
    }
    json.end_object();
    return std::move(json).text();
}

/// What will change without another word: the chain, and what waits for its time.
std::string triggers_of(const Context &context) {
    JsonWriter json;
    json.begin_object();
    if (!context.desk.chain.links.empty()) {
        json.key("chain").begin_array();
        for (const Chain::Link &link : context.desk.chain.links)
            json.value(fmt::format("slot {} for {} bars", link.slot, link.bars));
        json.end_array();
    }
    write_pending(json, context.schedule);
    json.end_object();
    return std::move(json).text();
}

} // namespace

patterns::Document InPlay::document() const {
    patterns::Document out{.scene = scene_of(*scene),
                           .metadata = scene->label.metadata,
                           .unknown = scene->label.unknown};
    out.voices = static_cast<std::uint16_t>(about.voices);
    return out;
}

std::int64_t Versions::bar_now(const Context &context) const {
    const std::uint64_t step = context.session.telemetry().step.load();
    return static_cast<std::int64_t>(step / kStepsPerBar) + 1;
}

patterns::Here Versions::here(const Context &context) const {
    if (run_ms_ == 0) return {};
    return {.run = run_ms_, .bar = bar_now(context)};
}

std::optional<std::chrono::nanoseconds> Versions::wait(const Context &context) const {
    using namespace std::chrono_literals;
    const bool running = context.session.running();
    if (!context.desk.switched.note.empty()) return running ? 100ms : 5ms;
    if (context.observer.last_run_ms() != seen_ms_) return 100ms;
    if (running == (run_ms_ != 0) && (!running || context.session.revision() == revision_))
        return std::nullopt;
    return 100ms;
}

void Versions::look(Context &context) {
    const bool running = context.session.running();
    const bool other = context.observer.last_run_ms() != seen_ms_;
    if (other && run_ms_ != 0) end(context);
    const bool begins = other || (running && run_ms_ == 0);
    if (begins) begin(context);
    if (!running && run_ms_ != 0) return end(context);
    if (begins) return;
    const bool taken_over = waited_ && !context.session.switch_waits();
    waited_ = context.session.switch_waits();
    const std::int64_t bar = running ? bar_now(context) : 0;
    if (bar == bar_) return;
    if (bar_ > 0 && !taken_over && context.session.revision() != revision_)
        keep(context, {.note = fmt::format("bar {}", bar_)}, If::changed);
    bar_ = bar;
}

void Versions::begin(Context &context) {
    seen_ms_ = context.observer.last_run_ms();
    run_ms_ = seen_ms_ != 0 ? seen_ms_ : context.now_ms();
    keep(context, {.note = "the sequencer starts"}, If::always);
}

void Versions::end(Context &context) {
    keep(context, {.note = "the sequencer stops"}, If::always);
    run_ms_ = bar_ = 0;
}

/// What was edited and not yet heard for a bar is kept before another pattern takes its place.
void Versions::before_change(Context &context, const Peer &by, bool switches) {
    if (switches && context.session.revision() != revision_)
        keep(context, {.note = "before another pattern"}, If::changed);
    author_ = context.clients.author(by);
}

void Versions::saved(Context &context, std::int64_t slot) {
    keep(context, {.note = fmt::format("saved to slot {}", slot)}, If::always);
}

void Versions::taken_over(Context &context, Switched by) {
    if (run_ms_ != 0) bar_ = bar_now(context);
    keep(context, std::move(by), If::always);
}

InPlay Versions::in_play(Context &context, std::string note, std::string trigger) {
    patterns::Snapshot about;
    about.author = author_;
    about.trigger = std::move(trigger);
    about.note = std::move(note);
    about.time_ms = context.now_ms();
    about.rate = static_cast<std::uint32_t>(context.session.config().fs.hz);
    about.voices = context.session.config().voices;
    about.slot = label_heard(context).slot;
    about.run = run_ms_;
    about.bar = bar_;
    about.variables = variables_of(context);
    about.triggers = triggers_of(context);
    last_ = osc::keep(context.session.scene(), label_heard(context), last_.get());
    return {last_, std::move(about)};
}

void Versions::keep(Context &context, Switched why, If when) {
    if (handed_++ % kGcEvery == 0) collect_garbage(context);
    InPlay now = in_play(context, std::move(why.note), why.trigger.empty() ? "osc" : why.trigger);
    context.history.note_in_turn(
        [now = std::move(now), restored = std::move(why.restored), when](Database &db) -> Outcome {
            const auto kept = patterns::keep(db, {.document = now.document(),
                                                  .about = now.about,
                                                  .restored = restored,
                                                  .only_if_changed = when == If::changed});
            if (!kept) return kept.error();
            return Done{};
        });
}

void Versions::collect_garbage(Context &context) {
    context.history.note([&progress = context.progress, recent = context.recent,
                          now_ms = context.now_ms()](Database &db) -> Outcome {
        recent->forget_all();
        // Nothing is lost by one that was cancelled.
        const auto done = collect(db, progress, {.now_ms = now_ms});
        if (!done && done.error().code != Errc::cancelled) return done.error();
        const auto kept = collect_executions(db, progress, {.now_ms = now_ms});
        if (!kept && kept.error().code != Errc::cancelled) return kept.error();
        return Done{};
    });
}

} // namespace chronus::osc
