#include "osc/context.h"
#include "osc/hints.h"
#include "osc/preset_shelf.h"
#include "osc/set_shelf.h"
#include "osc/stage.h"
#include "osc/verbs.h"
#include "patterns/text/codec.h"
#include "patterns/text/json_writer.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>
#include <variant>

namespace chronus::osc {

namespace {

using patterns::Job;
using patterns::JsonWriter;
using patterns::RemoveSlot;
using patterns::SaveSlot;
using patterns::SlotEntry;
using patterns::SlotState;

/// The disk thread has it; the caller is answered when it is done.
Result<Reply> handed_on(Context &context, Job job) {
    job.now_ms = context.now_ms();
    context.desk.jobs.push_back(std::move(job));
    context.desk.job_callers.push_back(context.caller);
    return Reply{.text = {}, .later = true};
}

/// The pattern in play as it is now, with what of it the Scene does not hold.
patterns::Document document(Context &context) {
    patterns::Document doc{.scene = context.session.scene(),
                           .metadata = context.desk.label.metadata,
                           .unknown = context.desk.label.unknown};
    doc.voices = context.session.config().voices;
    doc.running = context.session.running();
    doc.global_step = context.session.telemetry().step.load();
    doc.timestamp = static_cast<double>(context.now_ms()) / 1000;
    return doc;
}

Result<Reply> save(Context &context, Args args) {
    const auto slot = slot_at(context, args, 0, "/pattern/save");
    if (!slot) return slot.error();
    patterns::Document doc = document(context);
    if (has(args, 1)) doc.metadata.name = text_at(args, 1);
    if (args.size() > 2) doc.metadata.tags.clear();
    for (std::size_t i = 2; i < args.size(); ++i) {
        auto tag = to_text(args[i], "tag");
        if (!tag) return tag.error();
        doc.metadata.tags.push_back(std::move(*tag));
    }
    auto handed = handed_on(context, {SaveSlot{*slot, patterns::encode(doc)}});
    context.desk.label = {doc.metadata, doc.unknown, *slot};
    return handed;
}

std::string_view name_of(SlotState state) {
    switch (state) {
    case SlotState::sound:
        return "ok";
    case SlotState::damaged:
        return "damaged";
    default:
        return "too new";
    }
}

/// "2026-11-21T04:05:06Z"
std::string iso_time(std::int64_t ms) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(ms / 1000)));
}

void write_entry(JsonWriter &json, const SlotEntry &entry) {
    json.begin_object();
    json.key("slot").value(entry.slot);
    json.key("state").value(name_of(entry.state));
    json.key("name").value(entry.summary.name);
    json.key("saved").value(iso_time(entry.summary.saved_ms));
    if (!entry.problem.empty()) json.key("problem").value(entry.problem);
    json.end_object();
}

Result<Reply> list(Context &context, Args) {
    const auto entries = context.slots.list();
    if (!entries) return entries.error();
    JsonWriter json;
    json.begin_array();
    for (const SlotEntry &entry : *entries) write_entry(json, entry);
    json.end_array();
    return listed(fmt::format("patterns in {}", counted(entries->size(), "slot")), entries->size(),
                  json.text());
}

Result<Reply> info(Context &context, Args args) {
    const auto slot = slot_at(context, args, 0, "/pattern/info");
    if (!slot) return slot.error();
    const auto bytes = bytes_of(context, *slot, "/pattern/info");
    if (!bytes) return bytes.error();
    const auto loaded = patterns::decode(*bytes);
    if (!loaded) return loaded.error();
    const patterns::Document &doc = loaded->document;
    JsonWriter json;
    json.begin_object();
    json.key("slot").value(*slot);
    json.key("name").value(doc.metadata.name);
    json.key("bpm").value(doc.scene.params.get(param("seq/bpm")));
    json.key("tracks").begin_array();
    for (const Track &track : doc.scene.playing()) json.value(track.name.view());
    json.end_array();
    json.key("saved").value(iso_time(static_cast<std::int64_t>(doc.timestamp * 1000)));
    json.end_object();
    return Reply{fmt::format("slot {} \"{}\": {} at {} BPM", *slot, doc.metadata.name,
                             counted(doc.scene.track_count, "track"),
                             doc.scene.params.get(param("seq/bpm"))),
                 {json.text()}};
}

Result<Reply> copy(Context &context, Args args) {
    const auto from = slot_at(context, args, 0, "/pattern/copy"),
               to = slot_at(context, args, 1, "/pattern/copy");
    if (!from) return from.error();
    if (!to) return to.error();
    auto bytes = bytes_of(context, *from, "/pattern/copy");
    if (!bytes) return bytes.error();
    return handed_on(context, {SaveSlot{*to, std::move(*bytes)}});
}

Result<Reply> remove(Context &context, Args args) {
    const auto slot = slot_at(context, args, 0, "/pattern/delete");
    if (!slot) return slot.error();
    return handed_on(context, {RemoveSlot{*slot}});
}

Result<Reply> backups(Context &context, Args args) {
    const auto slot = slot_at(context, args, 0, "/pattern/backups");
    if (!slot) return slot.error();
    const auto found = context.slots.backups(*slot);
    if (!found) return found.error();
    JsonWriter json;
    json.begin_array();
    for (const auto &backup : *found) {
        json.begin_object();
        json.key("generation").value(std::to_string(backup.time_ms));
        json.key("replaced").value(iso_time(backup.time_ms));
        json.key("state").value(name_of(backup.state));
        json.key("name").value(backup.summary.name);
        json.end_object();
    }
    json.end_array();
    return listed(fmt::format("slot {} has {}", *slot, counted(found->size(), "backup")),
                  found->size(), json.text());
}

Result<Reply> restore(Context &context, Args args) {
    const auto slot = slot_at(context, args, 0, "/pattern/restore");
    if (!slot) return slot.error();
    auto bytes = context.slots.load_backup(*slot, has(args, 1) ? int_at(args, 1) : 0);
    if (!bytes) return bytes.error();
    return handed_on(context, {SaveSlot{*slot, std::move(*bytes)}});
}

constexpr std::array kVerbs{
    Verb{"/pattern/save", "i:slot s:name? ...",
         "Keep the pattern in play in a slot (1..128); what was there becomes a backup. More "
         "arguments are tags.",
         "/pattern/save 1 warmup", save, Acts::keeps},
    Verb{"/pattern/list", "", "Every slot that holds a pattern, as JSON.", "/pattern/list", list},
    Verb{"/pattern/info", "i:slot", "What a slot holds, as JSON.", "/pattern/info 1", info},
    Verb{"/pattern/copy", "i:from i:to", "Copy a slot to another.", "/pattern/copy 1 2", copy,
         Acts::keeps, Extra::refused},
    Verb{"/pattern/delete", "i:slot", "Empty a slot; a backup is kept.", "/pattern/delete 1",
         remove, Acts::removes, Extra::refused},
    Verb{"/pattern/backups", "i:slot", "Earlier contents of a slot, newest first, as JSON.",
         "/pattern/backups 1", backups},
    Verb{"/pattern/restore", "i:slot i:generation?",
         "Put an earlier content back into its slot: the newest, or the one named.",
         "/pattern/restore 1", restore, Acts::keeps, Extra::refused},
};

} // namespace

std::span<const Verb> pattern_verbs() { return kVerbs; }

Result<Reply> saved_reply(const patterns::JobReport &report) {
    if (is_of_set(*report.job)) return set_saved_reply(report);
    const int slot = patterns::slot_of(*report.job);
    if (slot == 0) return preset_saved_reply(report);
    if (!report.result) return report.result.error();
    switch (report.result->how) {
    case patterns::Saved::How::unchanged:
        return Reply{fmt::format("slot {} holds this already", slot), {slot}};
    case patterns::Saved::How::removed:
        return Reply{fmt::format("slot {} emptied, kept as {}", slot, report.result->backup),
                     {slot}};
    default:
        return Reply{fmt::format("saved to slot {}", slot), {slot}};
    }
}

} // namespace chronus::osc
