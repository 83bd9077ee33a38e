#include "osc/hints.h"

#include "osc/typed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

namespace chronus::osc {

namespace {

using patterns::kFirstSlot;
using patterns::kLastSlot;
using patterns::SlotState;

constexpr std::string_view kListSlots = "/pattern/list";
constexpr std::string_view kListTracks = "/seq/list";

/// The slot nearest to `near` that passes.
template <class F>
std::optional<int> nearest_slot(int near, F passes) {
    std::optional<int> best;
    for (int s = kFirstSlot; s <= kLastSlot; ++s)
        if (passes(s) && (!best || std::abs(s - near) < std::abs(*best - near))) best = s;
    return best;
}

} // namespace

std::string slot_hint(Context &context, std::string_view verb, std::int64_t wanted) {
    const int near = static_cast<int>(std::clamp<std::int64_t>(wanted, kFirstSlot, kLastSlot));
    if (verb == "/pattern/backups" || verb == "/pattern/restore")
        return fmt::format("/pattern/backups {}", near);
    const auto entries = context.slots.list();
    if (!entries) return std::string{kListSlots};
    const auto state_of = [&](int slot) -> std::optional<SlotState> {
        const auto entry = std::ranges::find(*entries, slot, &patterns::SlotEntry::slot);
        if (entry == entries->end()) return std::nullopt;
        return entry->state;
    };
    std::optional<int> found;
    if (verb == "/pattern/save")
        found = nearest_slot(near, [&](int slot) { return !state_of(slot); });
    if (verb == "/pattern/load" || verb == "/pattern/info" || verb == "/render/slot")
        found = nearest_slot(near, [&](int slot) { return state_of(slot) == SlotState::sound; });
    return found ? fmt::format("{} {}", verb, *found) : std::string{kListSlots};
}

std::string working_example(Context &context, const Verb &verb) {
    const bool adds = verb.address == "/seq/add";
    if (verb.args.starts_with("i:slot") || verb.args.starts_with("i:from"))
        return slot_hint(context, verb.address, kFirstSlot);
    if (!verb.args.starts_with("s:track") || adds) return std::string{verb.example};
    const auto tracks = context.session.scene().playing();
    const std::size_t name = verb.address.size() + 1;
    const std::size_t rest = verb.example.find(' ', name);
    if (tracks.empty() || rest == std::string_view::npos) return std::string{kListTracks};
    return fmt::format("{} {}{}", verb.address, shell_word(tracks.front().name.view()),
                       verb.example.substr(rest));
}

} // namespace chronus::osc
