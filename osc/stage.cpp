#include "osc/stage.h"

#include "osc/hints.h"

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <variant>

namespace chronus::osc {

namespace {

using patterns::SaveSlot;

/// Where the pattern that follows comes in, and when the one after it.
void advance(Chain &chain, std::uint64_t line) {
    const Chain::Link &link = chain.links[chain.next];
    chain.entered = line;
    chain.until = line + link.bars * kStepsPerBar;
    chain.next = (chain.next + 1) % chain.links.size();
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

Outcome put_in_play(Context &context, int slot, const patterns::Document &doc, Boundary boundary) {
    if (auto done = context.session.switch_to(doc.scene, boundary); !done) return done;
    context.desk.label = {doc.metadata, doc.unknown, slot};
    return Done{};
}

void run_chain(Context &context) {
    Chain &chain = context.desk.chain;
    if (chain.links.empty() || context.session.switch_waits()) return;
    const auto at = here(context);
    const bool counts = context.session.telemetry().position.look().per_frame != 0;
    if (at && !counts) return; // the start is on its way, and what follows would come in with it
    const auto step = static_cast<std::uint64_t>(at.value_or(0));
    if (step < chain.entered) { // started anew since
        chain.until -= chain.entered;
        chain.entered = 0;
    }
    const bool begins = chain.until == 0;
    if (!begins && (!at || step + kStepsPerBar < chain.until)) return;
    const Chain::Link link = chain.links[chain.next];
    if (!put_in_play(context, link.slot, link.pattern->document, Boundary::bar)) return;
    advance(chain, at ? (step / kStepsPerBar + 1) * kStepsPerBar : 0);
}

} // namespace chronus::osc
