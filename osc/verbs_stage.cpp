#include "osc/context.h"
#include "osc/hints.h"
#include "osc/stage.h"
#include "osc/verbs.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

/// Commands that put another pattern in play: loads, chains, undo.
namespace chronus::osc {

namespace {

/// The original took 1, true, "immediate" and "now".
bool asks_for_now(const Value &value) {
    const auto on = to_switch(value, "immediate");
    if (on) return *on;
    const auto *word = std::get_if<std::string>(&value);
    if (word == nullptr) return false;
    std::string lower = *word;
    for (char &c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return lower == "immediate" || lower == "now" || lower == "true";
}

/// As asked; says when, and what had to be bent to fit. It ends a chain.
Result<Reply> play(Context &context, int slot, const Pattern &pattern, Boundary boundary) {
    const patterns::Document &doc = pattern->document;
    const Chain::Link link{slot, 1, kept(pattern)};
    if (context.on_line) boundary = Boundary::now;
    const bool waits = context.session.running() && boundary == Boundary::bar;
    if (auto done = put_in_play(context, link, boundary); !done) return done.error();
    context.desk.chain = {};
    std::string text =
        fmt::format("slot {}{} plays {}", slot,
                    doc.metadata.name.empty() ? "" : fmt::format(" \"{}\"", doc.metadata.name),
                    waits ? "from the next bar on" : "now");
    Reply reply{text, {slot, doc.metadata.name, waits}};
    for (const std::string &note : pattern->notes) reply.values.emplace_back(note);
    return reply;
}

Result<Reply> load(Context &context, Args args) {
    const auto slot = slot_at(context, args, 0, "/pattern/load");
    if (!slot) return slot.error();
    const auto pattern = pattern_in(context, *slot, "/pattern/load");
    if (!pattern) return pattern.error();
    const bool now = has(args, 1) && asks_for_now(args[1]);
    return play(context, *slot, *pattern, now ? Boundary::now : Boundary::bar);
}

Result<Reply> reload(Context &context, Args) {
    const int slot = context.desk.label.slot;
    if (slot == 0)
        return Error{Errc::not_now, "/pattern/reload: nothing was loaded or saved yet",
                     "/pattern/list"};
    const auto pattern = pattern_in(context, slot, "/pattern/load");
    if (!pattern) return pattern.error();
    return play(context, slot, *pattern, Boundary::bar);
}

constexpr std::int64_t kMostBars = 1024;

Result<Chain::Link> link_of(Context &context, Args args, std::size_t i) {
    const auto no_link = [&](const Error &why) {
        return Error{why.code, why.what, slot_hint(context, "/pattern/load", 1)};
    };
    const auto slot = to_int64(args[i], "slot");
    if (!slot) return no_link(slot.error());
    const auto index = slot_at(context, std::array<Value, 1>{*slot}, 0, "/pattern/load");
    if (!index) return index.error();
    const auto bars = to_index(args[i + 1], "bars", {1, kMostBars});
    if (!bars) return no_link(bars.error());
    const auto pattern = pattern_in(context, *index, "/pattern/load");
    if (!pattern) return pattern.error();
    return Chain::Link{*index, static_cast<std::uint64_t>(*bars), kept(*pattern)};
}

Result<Reply> chain(Context &context, Args args) {
    if (args.empty() || args.size() % 2 != 0)
        return Error{Errc::bad_type, "/pattern/chain: takes pairs of a slot and its bars",
                     slot_hint(context, "/pattern/load", 1)};
    Chain made;
    for (std::size_t i = 0; i < args.size(); i += 2) {
        auto link = link_of(context, args, i);
        if (!link) return link.error();
        made.links.push_back(*std::move(link));
    }
    const auto count = static_cast<std::int32_t>(made.links.size());
    context.desk.chain = std::move(made);
    run_chain(context);
    return Reply{fmt::format("{} from {} on", counted(args.size() / 2, "pattern"),
                             context.session.running() ? "the next bar" : "now"),
                 {count}};
}

Result<Reply> chain_stop(Context &context, Args) {
    const bool played = !context.desk.chain.links.empty();
    if (played)
        if (auto done = stay_in_play(context); !done) return done.error();
    return Reply{played ? "the chain ends; what plays goes on" : "no chain plays"};
}

Error nothing_to(std::string_view what) {
    return {Errc::not_now, fmt::format("nothing to {}", what), "/status"};
}

Result<Reply> go_to(Context &context, const UndoStack::Entry &entry, std::string_view how) {
    if (!entry) return nothing_to(how.starts_with("un") ? "undo" : "redo");
    if (entry->label.place == label_heard(context).place)
        call_off(context);
    else
        context.desk.chain = {};
    if (auto done = context.session.go_on_in(scene_of(*entry)); !done) return done.error();
    context.desk.label = entry->label;
    return Reply{fmt::format("{}: {} to undo, {} to redo", how, context.desk.undo.past(),
                             context.desk.undo.future()),
                 {static_cast<std::int32_t>(context.desk.undo.past()),
                  static_cast<std::int32_t>(context.desk.undo.future())}};
}

Result<Reply> undo(Context &context, Args) {
    return go_to(context, context.desk.undo.undo(context.session.scene(), label_heard(context)),
                 "undone");
}

Result<Reply> redo(Context &context, Args) {
    return go_to(context, context.desk.undo.redo(context.session.scene(), label_heard(context)),
                 "redone");
}

constexpr std::array kVerbs{
    Verb{
        "/pattern/load", "i:slot v:immediate?",
        "Play a slot from the next bar on, notes and sound together; at once when stopped, or with "
        "\"immediate\".",
        "/pattern/load 1", load, Acts::switches},
    Verb{"/pattern/chain", "...",
         "Play slots in turn, each for its bars, round and round from the next bar on: pairs of "
         "slot and bars.",
         "/pattern/chain 1 4 2 4", chain, Acts::switches},
    Verb{"/pattern/chain/stop", "", "End the chain; what plays goes on.", "/pattern/chain/stop",
         chain_stop, Acts::plays},
    Verb{"/undo", "", "Take the last change of the pattern back.", "/undo", undo, Acts::edits},
    Verb{"/redo", "", "Make the last change that was taken back again.", "/redo", redo,
         Acts::edits},
    Verb{"/pattern/reload", "", "Drop all edits since the last load or save, at the next bar.",
         "/pattern/reload", reload, Acts::switches},
};

} // namespace

std::span<const Verb> stage_verbs() { return kVerbs; }

} // namespace chronus::osc
