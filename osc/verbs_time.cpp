#include "engine/host/wall_clock.h"
#include "osc/context.h"
#include "osc/stage.h"
#include "osc/typed.h"
#include "osc/verbs.h"
#include "patterns/text/json_writer.h"

#include <fmt/format.h>

#include <array>
#include <string>

/// Commands about time: when others act, and where time is.
namespace chronus::osc {

namespace {

/// What `/next` calls it.
constexpr std::string_view kPatternThatWaits = "pattern";

Result<Reply> wait(Context &context, Args) { return await_mark(context, std::nullopt); }

/// Answered once the disk has done all that was asked of it before.
Result<Reply> sync(Context &context, Args args) {
    const auto number = to_int(Value{int_at(args, 0)}, "number");
    if (!number) return number.error();
    patterns::Ticket last = 0;
    for (const auto &[ticket, caller] : context.deferred)
        if (caller.peer == context.caller.peer) last = ticket;
    if (last == 0) return Reply{.text = {}, .values = {*number}, .on = "/synced"};
    context.syncs.push_back({context.caller, *number, last});
    return Reply{.text = {}, .later = true};
}

Result<Reply> base(Context &context, Args args) {
    const auto now = static_cast<std::int64_t>(shown_revision(context.based_on));
    if (int_at(args, 0) == now) return Reply{fmt::format("revision {}", now)};
    return Error{Errc::conflict,
                 fmt::format("revision {}: it is {} by now, so nothing of this was done",
                             int_at(args, 0), now),
                 fmt::format("/base {}", now)};
}

/// Seconds since 1900, to the nanosecond. As text: clients that read no time tags end at the sight
/// of one.
std::string ntp_seconds(const Context &context) {
    const std::uint64_t tag = WallClock{}.ntp_of(context.now_ns()).tag;
    const std::uint64_t ns = (tag & 0xffffffff) * 1'000'000'000 >> 32;
    return fmt::format("{}.{:09}", tag >> 32, ns);
}

Result<Reply> time(Context &context, Args) {
    Session &session = context.session;
    const Position at = session.telemetry().position.look();
    const auto step = static_cast<std::uint64_t>(here(context).value_or(0));
    const float bpm = session.get(param("seq/bpm"));
    return Reply{fmt::format("frame {}, bar {}, beat {}, step {}, {} BPM{}", at.frame,
                             step / kStepsPerBar + 1, step % kStepsPerBar / kStepsPerBeat + 1,
                             step % kStepsPerBar + 1, bpm, session.running() ? "" : ", stopped"),
                 {ntp_seconds(context), shortest(static_cast<std::int64_t>(at.frame)),
                  static_cast<std::int32_t>(step / kStepsPerBar + 1),
                  static_cast<std::int32_t>(step % kStepsPerBar / kStepsPerBeat + 1),
                  static_cast<std::int32_t>(step % kStepsPerBar + 1), bpm}};
}

void write_entry(patterns::JsonWriter &json, const Context &context, const Schedule::Entry &entry) {
    json.begin_object();
    json.key("id").value(entry.name);
    if (const Moment *moment = std::get_if<Moment>(&entry.due)) {
        json.key("at").value(shown(*moment));
    } else {
        const auto fs = static_cast<double>(context.session.config().fs.hz);
        const auto now = context.session.telemetry().frame.load();
        const auto ahead =
            static_cast<double>(std::get<Frame>(entry.due)) - static_cast<double>(now);
        json.key("in_s").value(ahead / fs);
    }
    json.key("commands").begin_array();
    for (const Request &request : entry.errand.requests)
        json.value(typed(request.message.address, request.message.args));
    json.end_array();
    json.end_object();
}

Result<Reply> next(Context &context, Args) {
    patterns::JsonWriter json;
    json.begin_array();
    for (const auto &[step, entry] : context.schedule.by_step()) write_entry(json, context, entry);
    for (const auto &[frame, entry] : context.schedule.by_frame())
        write_entry(json, context, entry);
    if (context.session.switch_waits()) {
        json.begin_object();
        json.key("id").value(kPatternThatWaits);
        json.key("at").value("bar+1");
        json.key("commands").begin_array();
        const Label &label = context.desk.label;
        json.value(label.place.song.empty() ? fmt::format("/pattern/load {}", label.slot)
                                            : fmt::format("/setlist/switch {}", label.place.song));
        json.end_array();
        json.end_object();
    }
    json.end_array();
    const std::size_t count = context.schedule.size() + (context.session.switch_waits() ? 1 : 0);
    return listed(count == 0 ? "nothing waits" : counted(count, "change") + " to come", count,
                  json.text());
}

Result<Reply> next_cancel(Context &context, Args args) {
    const std::string &name = text_at(args, 0);
    const Schedule::Entry *entry = context.schedule.find(name, context.caller.peer);
    if (entry == nullptr && name == kPatternThatWaits && context.session.switch_waits()) {
        if (auto done = cancel_switch(context); !done) return done.error();
        return Reply{"what plays goes on"};
    }
    if (entry == nullptr)
        return Error{Errc::not_found, fmt::format("\"{}\": nothing of that name waits", name),
                     "/next"};
    context.desk.cancelled.emplace_back(name, context.caller.peer);
    return Reply{fmt::format("{} will not happen: {}", name,
                             counted(entry->errand.requests.size(), "command"))};
}

constexpr std::array<std::string_view, 3> kQuants{"off", "beat", "bar"};

Result<Reply> quant(Context &context, Args args) {
    if (!has(args, 0))
        return Reply{.text = std::string{kQuants[static_cast<std::size_t>(context.desk.quant)]}};
    for (std::size_t i = 0; i < kQuants.size(); ++i)
        if (text_at(args, 0) == kQuants[i]) {
            context.desk.quant = static_cast<Quant>(i);
            return Reply{fmt::format("edits land {}", i == 0   ? "at once"
                                                      : i == 1 ? "on the next beat"
                                                               : "on the next bar")};
        }
    return Error{Errc::out_of_range,
                 fmt::format("boundary {}: not off, beat or bar", text_at(args, 0)),
                 "/seq/quant bar"};
}

constexpr std::array kVerbs{
    Verb{"/req", "s:id s:address ...",
         "Run a command under an id: its answer carries the id, and a repeat within 30 s gets the "
         "same answer and does nothing.",
         "/req 1 /seq/start", nullptr, Acts::wraps},
    Verb{"/at", "s:when s:address ...",
         "Run a command at a line of the music: now, step+1, beat+2, bar+1, bar:17.",
         "/at bar+1 /seq/start", nullptr, Acts::wraps},
    Verb{"/wait", "s:when", "Answers when that line of the music comes.", "/wait bar+1", wait,
         Acts::plays},
    Verb{"/sync", "i:number",
         "Answers /synced with the number once everything before it is done, disk included.",
         "/sync 1", sync},
    Verb{"/base", "i:rev",
         "First of a bundle: refuse all of it unless the pattern is still at this revision.",
         "/base 1", base, Acts::plays},
    Verb{"/time", "", "Seconds since 1900 as NTP counts them, frame, bar, beat, step, tempo.",
         "/time", time},
    Verb{"/next", "", "What waits for its time, as JSON.", "/next", next},
    Verb{"/next/cancel", "s:id", "Let something that waits not happen.", "/next/cancel '#1'",
         next_cancel, Acts::plays},
    Verb{"/seq/quant", "s:boundary?", "When edits of tracks land: off (at once), beat or bar.",
         "/seq/quant bar", quant, Acts::plays},
};

} // namespace

std::span<const Verb> time_verbs() { return kVerbs; }

} // namespace chronus::osc
