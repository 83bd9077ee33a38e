#include "osc/context.h"
#include "osc/rendering.h"
#include "osc/set_shelf.h"
#include "osc/typed.h"
#include "osc/verbs.h"

#include <fmt/format.h>

#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// Commands that play whole sets offline.
namespace chronus::osc {

namespace {

using patterns::RenderWishes;
using patterns::Setlist;
using patterns::SlotState;

patterns::SetOrder order_of(Context &context, patterns::KeptSet set, RenderWishes wishes) {
    return {.set = std::move(set),
            .wishes = std::move(wishes),
            .now_s = static_cast<double>(context.now_ms()) / 1000};
}

Result<Reply> process(Context &context, Args args) {
    auto set = full_set(context, text_at(args, 0));
    if (!set) return set.error();
    const std::string name = (*set)->name;
    RenderWishes wishes;
    const std::string command = "/setlist/process " + name;
    const auto wished = set_set_wishes(wishes, args.subspan(1), command);
    if (!wished) return wished.error();
    if (!wishes.name.empty())
        return Error{Errc::unsupported,
                     fmt::format("{}: its songs have names of their own", command), command};
    return ask_for(context,
                   {.name = name + "/",
                    .what = fmt::format("set {} is being processed", name),
                    .begin = [order = order_of(context, *set, wishes)](
                                 patterns::Studio &studio) { return studio.process(order); },
                    .said = typed("/setlist/process", args),
                    .execution = {.setlist = name},
                    .record = std::make_shared<const patterns::RenderRecord>(patterns::RenderRecord{
                        .parts = patterns::kept_songs(**set), .wishes = std::move(wishes)})});
}

/// Of the slots that songs are copies of.
patterns::LostSlots lost_slots(Context &context, const Setlist &set) {
    std::set<int> slots;
    for (const patterns::Song &song : set.songs) {
        slots.insert(song.source.slot);
        for (const patterns::SongPart &part : song.parts) slots.insert(part.source.slot);
    }
    slots.erase(0);
    patterns::LostSlots lost;
    for (const int slot : slots) lost[slot] = "is empty by now";
    const auto entries = context.slots.list();
    if (!entries) return {};
    for (const patterns::SlotEntry &entry : *entries) {
        if (entry.state == SlotState::sound)
            lost.erase(entry.slot);
        else if (const auto known = lost.find(entry.slot); known != lost.end())
            known->second = "cannot be read: " + entry.problem;
    }
    return lost;
}

Result<Reply> preflight(Context &context, Args args) {
    auto set = full_set(context, text_at(args, 0));
    if (!set) return set.error();
    const std::string name = (*set)->name;
    return ask_for(
        context,
        {.name = name + ".preflight",
         .what = fmt::format("set {} is being played through", name),
         .begin = [order = order_of(context, *set, {}), lost = lost_slots(context, **set)](
                      patterns::Studio &studio) { return studio.preflight(order, lost); }});
}

constexpr std::array kVerbs{
    Verb{"/setlist/preflight", "s:set",
         "Play a set through offline, and tell in /render/report what is wrong with it: missing "
         "patterns and slots, clipping, silence, jumps of level and tempo, too much work for a "
         "core. "
         "Leaves a picture in the folder renders.",
         "/setlist/preflight friday", preflight, Acts::keeps, Extra::refused},
    Verb{
        "/setlist/process", "s:set ...",
        "Play every song of a set offline, a song a core, into the folder renders, and keep with "
        "each what came of it. Songs that are there already are left alone; one that fails is told "
        "of in /render/report. More arguments are outputs (wav24), rate=48000 and tail=20.",
        "/setlist/process friday wav24 stems", process, Acts::keeps},
};

} // namespace

std::span<const Verb> process_verbs() { return kVerbs; }

} // namespace chronus::osc
