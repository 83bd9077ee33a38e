#include "osc/hints.h"

#include "osc/typed.h"
#include "patterns/text/nearest.h"

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

/// The verb on an operation that it would do something for.
std::string id_of_any(const Context &context, const Verb &verb) {
    const auto going = context.progress.active(), over = context.progress.recent();
    if (verb.address == "/progress/export" || (going.empty() && over.empty()))
        return std::string{verb.address == "/progress/export" ? verb.example : "/progress/list"};
    if (!going.empty()) return fmt::format("{} {}", verb.address, going.front().id);
    if (verb.address == "/job/cancel") return "/progress/list";
    return fmt::format("{} {}", verb.address, over.back().id);
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

std::string id_hint(std::string_view verb, std::string_view wanted,
                    std::span<const std::string> ids) {
    const std::vector<std::string_view> known(ids.begin(), ids.end());
    const std::string_view near = patterns::nearest_of(wanted, known);
    return near.empty() ? "/progress/list" : fmt::format("{} {}", verb, near);
}

std::string working_example(Context &context, const Verb &verb) {
    const bool adds = verb.address == "/seq/add";
    if (verb.args == "s:id" && verb.address != "/next/cancel") return id_of_any(context, verb);
    if (verb.address.starts_with("/history/")) return "/history/list";
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
