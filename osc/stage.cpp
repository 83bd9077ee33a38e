#include "osc/stage.h"

#include "osc/hints.h"
#include "osc/set_stage.h"

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <variant>

namespace chronus::osc {

namespace {

using patterns::SaveSlot;

/// Whether the pattern in play has less than a bar to go. It began where the engine says so; a line
/// on the first frame not yet computed is still to come.
bool in_last_bar(const Chain &chain, const Position &at) {
    const std::size_t playing = (chain.next + chain.links.size() - 1) % chain.links.size();
    const std::uint64_t until = at.origin + chain.links[playing].bars * kStepsPerBar;
    return at.phase > 0 && (at.phase - 1) / at.per_step + kStepsPerBar >= until;
}

} // namespace

Result<int> slot_at(Context &context, Args args, std::size_t i, std::string_view verb) {
    const std::int64_t slot = int_at(args, i);
    if (slot >= patterns::kFirstSlot && slot <= patterns::kLastSlot) return static_cast<int>(slot);
    return Error{
        Errc::out_of_range,
        fmt::format("slot {}: not in {}..{}", slot, patterns::kFirstSlot, patterns::kLastSlot),
        slot_hint(context, verb, slot)};
}

Result<std::string> bytes_of(Context &context, int slot, std::string_view verb) {
    if (const auto job = context.saver.waiting_for(slot))
        if (const auto *save = std::get_if<SaveSlot>(&job->work)) return save->bytes;
    auto bytes = context.slots.load(slot);
    if (bytes || bytes.error().code != Errc::not_found) return bytes;
    Error error = bytes.error();
    error.hint = slot_hint(context, verb, slot);
    return error;
}

Result<Pattern> pattern_in(Context &context, int slot, std::string_view verb) {
    if (const auto known = context.prepared.find(slot); known != context.prepared.end())
        return known->second;
    const auto bytes = bytes_of(context, slot, verb);
    if (!bytes) return bytes.error();
    auto loaded = patterns::decode(*bytes);
    if (!loaded) return loaded.error();
    Pattern pattern = std::make_shared<const patterns::Loaded>(*std::move(loaded));
    if (context.trial) context.prepared.emplace(slot, pattern);
    return pattern;
}

patterns::KeptPattern kept(const Pattern &pattern) {
    using patterns::Document;
    return patterns::KeptPattern{std::shared_ptr<const Document>{pattern, &pattern->document}};
}

Outcome put_in_play(Context &context, const Chain::Link &link, Boundary boundary) {
    Desk &desk = context.desk;
    const patterns::Document &doc = *link.pattern;
    if (!context.session.switch_waits()) {
        desk.stays = desk.label;
        desk.stays_chain = desk.chain;
    }
    if (auto done = context.session.switch_to(doc.scene, boundary); !done) return done;
    desk.label = {doc.metadata, doc.unknown, link.slot, link.place};
    desk.switched = {.note = !link.place.song.empty()
                                 ? fmt::format("{} of {} plays", link.place.song, link.place.set)
                                 : fmt::format("slot {} loaded", link.slot),
                     .trigger = !link.place.song.empty() ? "setlist"
                                : context.timed          ? "schedule"
                                                         : "osc"};
    return Done{};
}

const Label &label_heard(Context &context) {
    return context.session.switch_waits() ? context.desk.stays : context.desk.label;
}

void call_off(Context &context) {
    if (context.session.switch_waits()) context.desk.chain = context.desk.stays_chain;
}

Outcome stay_in_play(Context &context) {
    context.desk.chain = {};
    if (!context.session.switch_waits()) return Done{};
    if (auto done = context.session.go_on_in(context.session.scene()); !done) return done;
    context.desk.label = context.desk.stays;
    return Done{};
}

Outcome cancel_switch(Context &context) {
    Desk &desk = context.desk;
    Chain goes_on = desk.chain.by_itself ? Chain{} : desk.stays_chain;
    if (auto done = stay_in_play(context); !done) return done;
    desk.chain = std::move(goes_on);
    return Done{};
}

/// It counts by what the engine has played: where time has come to by now, the last bar may have
/// begun while the engine is still before its line, and would take over a bar early.
void run_chain(Context &context) {
    Chain &chain = context.desk.chain;
    if (chain.links.empty() || context.session.switch_waits()) return;
    const Position at = position_in_run(context);
    const bool running = context.session.running();
    if (running && at.per_frame == 0) return; // the start is on its way
    if (chain.begun && !(running && in_last_bar(chain, at))) return;
    if (chain.is_over()) {
        auto song = song_after(context);
        if (!song) return;
        chain = *std::move(song);
    }
    const Chain::Link link = chain.links[chain.next];
    if (!put_in_play(context, link, Boundary::bar)) return;
    chain.begun = chain.by_itself = true;
    ++chain.next;
    if (!chain.is_song()) chain.next %= chain.links.size();
}

} // namespace chronus::osc
