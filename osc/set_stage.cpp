#include "osc/set_stage.h"

#include "osc/stage.h"

#include <algorithm>
#include <string>
#include <utility>

namespace chronus::osc {

namespace {

using patterns::After;
using patterns::Setlist;
using patterns::Song;

std::optional<std::size_t> index_of(const Setlist &set, const std::string &song) {
    const auto found = std::ranges::find(set.songs, song, &Song::name);
    if (found == set.songs.end()) return std::nullopt;
    return static_cast<std::size_t>(found - set.songs.begin());
}

/// A song of the open set by its place; nothing when it is of none, or of another.
std::optional<std::size_t> index_of(const Stand &stand, const SetPlace &place) {
    if (!stand.set || place.song.empty() || place.set != stand.set->name) return std::nullopt;
    return index_of(*stand.set, place.song);
}

/// What follows a song of the open set.
After after(const Stand &stand, std::size_t song) {
    const After said = stand.set->songs[song].after;
    if (said != After::usual) return said;
    return stand.advances ? After::next : After::stay;
}

/// The song whose last part plays, and nothing else is to come by itself.
std::optional<std::size_t> ending_song(const Context &context) {
    const Chain &chain = context.desk.chain;
    if (!chain.is_song() || !chain.is_over()) return std::nullopt;
    return index_of(context.desk.stand, chain.links.back().place);
}

/// The song that is to follow, if any.
std::string next_song(Context &context) {
    const Desk &desk = context.desk;
    if (context.session.switch_waits() && desk.label.place.song != desk.stays.place.song)
        return desk.label.place.song;
    const auto song = index_of(desk.stand, desk.label.place);
    const bool comes = song && after(desk.stand, *song) == After::next;
    return comes && *song + 1 < desk.stand.set->songs.size() ? desk.stand.set->songs[*song + 1].name
                                                             : std::string{};
}

} // namespace

Result<Chain> chain_of(const Setlist &set, std::size_t song) {
    const auto parts = played_parts(set, set.songs[song]);
    if (!parts) return parts.error();
    Chain chain;
    for (const patterns::PlayedPart &part : *parts)
        chain.links.push_back({0,
                               part.bars,
                               part.pattern,
                               {set.name, set.songs[song].name,
                                static_cast<std::uint32_t>(part.part + 1), part.bars}});
    return chain;
}

std::optional<Chain> song_after(Context &context) {
    const Stand &stand = context.desk.stand;
    const auto song = ending_song(context);
    if (!song || after(stand, *song) != After::next) return std::nullopt;
    for (std::size_t i = *song + 1; i < stand.set->songs.size(); ++i)
        if (auto chain = chain_of(*stand.set, i)) return *std::move(chain);
    return std::nullopt;
}

std::optional<std::uint64_t> end_of_song(Context &context) {
    const auto song = ending_song(context);
    if (!song || after(context.desk.stand, *song) != After::stop) return std::nullopt;
    const Position at = position_in_run(context);
    if (!context.session.running() || at.per_frame == 0 || context.session.switch_waits())
        return std::nullopt;
    return at.origin + context.desk.chain.links.back().bars * kStepsPerBar;
}

std::optional<std::size_t> song_in_play(const Context &context) {
    return index_of(context.desk.stand, context.desk.label.place);
}

std::vector<Value> set_position(Context &context) {
    const Stand &stand = context.desk.stand;
    const SetPlace &place = label_heard(context).place;
    if (!stand.set && place.song.empty()) return {};
    const bool plays = !place.song.empty();
    const Position at = context.session.telemetry().position.look();
    std::uint64_t bar = 0;
    if (plays && at.per_step != 0)
        bar = (std::max(at.phase / at.per_step, at.origin) - at.origin) / kStepsPerBar + 1;
    const auto index = index_of(stand, place);
    return {plays ? place.set : stand.set->name,
            static_cast<std::int32_t>(index ? *index + 1 : 0),
            place.song,
            static_cast<std::int32_t>(plays ? place.part : 0),
            static_cast<std::int32_t>(bar),
            static_cast<std::int32_t>(place.bars),
            next_song(context)};
}

} // namespace chronus::osc
