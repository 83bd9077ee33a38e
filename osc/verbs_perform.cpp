#include "osc/set_shelf.h"
#include "osc/set_stage.h"
#include "osc/stage.h"
#include "osc/typed.h"
#include "osc/verbs.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

/// Commands that perform a set.
namespace chronus::osc {

namespace {

using patterns::Setlist;
using patterns::Song;

Result<Reply> open(Context &context, Args args) {
    const auto set = set_named(context, text_at(args, 0));
    if (!set) return set.error();
    context.desk.stand.set = *set;
    const std::size_t songs = (*set)->songs.size();
    Reply reply{fmt::format("set {} is open: {}", (*set)->name, counted(songs, "song")),
                {(*set)->name, static_cast<std::int32_t>(songs)}};
    for (const Song &song : (*set)->songs)
        if (auto plays = check_song(**set, song); !plays)
            reply.values.emplace_back(plays.error().what);
    return reply;
}

Result<patterns::KeptSet> open_set(Context &context) {
    if (context.desk.stand.set) return context.desk.stand.set;
    const auto names = set_names(context);
    return Error{Errc::not_now, "no set is open",
                 names.empty() ? "/setlist/list" : typed("/setlist/open", {names.front()})};
}

/// The song next to the one in play; before the first is none, and so is behind the last.
Result<std::size_t> neighbour(const Context &context, const Setlist &set, bool next) {
    const auto playing = song_in_play(context);
    const std::size_t song = playing ? *playing : set.songs.size();
    if (!playing && next && !set.songs.empty()) return std::size_t{0};
    if (playing && next && song + 1 < set.songs.size()) return song + 1;
    if (playing && !next && song > 0) return song - 1;
    return Error{Errc::out_of_range,
                 fmt::format("{}: set {} has no song there", next ? "next" : "prev", set.name),
                 set.songs.empty() ? typed("/setlist/show", {set.name}) : "/setlist/switch 1"};
}

Result<std::size_t> song_at(Context &context, const Setlist &set, const Value &wanted) {
    const auto *name = std::get_if<std::string>(&wanted);
    if (name != nullptr && (*name == "next" || *name == "prev"))
        return neighbour(context, set, *name == "next");
    const auto place = to_int64(wanted, "song");
    if (!place && name != nullptr) return song_named(set, *name);
    if (place && *place >= 1 && *place <= static_cast<std::int64_t>(set.songs.size()))
        return static_cast<std::size_t>(*place - 1);
    if (!place) return Error{place.error().code, place.error().what, "/setlist/switch next"};
    return Error{Errc::out_of_range,
                 set.songs.empty()
                     ? fmt::format("song {}: set {} has no song yet", *place, set.name)
                     : fmt::format("song {}: not in 1..{}", *place, set.songs.size()),
                 set.songs.empty() ? typed("/setlist/show", {set.name}) : "/setlist/switch 1"};
}

Result<Boundary> boundary_of(const Context &context, Args args) {
    const std::string when = has(args, 1) ? text_at(args, 1) : "bar+1";
    if (context.on_line && !has(args, 1)) return Boundary::now;
    if (!context.on_line && when == "now") return Boundary::now;
    if (!context.on_line && when == "bar+1") return Boundary::bar;
    return Error{Errc::unsupported, "/setlist/switch inside /at: its own time is one too many",
                 "/setlist/switch next"};
}

Result<Reply> switch_song(Context &context, Args args) {
    const auto set = open_set(context);
    if (!set) return set.error();
    const auto song = song_at(context, **set, args[0]);
    if (!song) return song.error();
    const auto boundary = boundary_of(context, args);
    if (!boundary) return boundary.error();
    auto chain = chain_of(**set, *song);
    if (!chain)
        return Error{chain.error().code, chain.error().what,
                     typed("/setlist/show", {(*set)->name})};
    const bool waits = context.session.running() && *boundary == Boundary::bar;
    if (auto done = put_in_play(context, chain->links.front(), *boundary); !done)
        return done.error();
    chain->begun = true;
    chain->next = 1;
    context.desk.chain = *std::move(chain);
    const std::string &name = (*set)->songs[*song].name;
    return Reply{fmt::format("song {} plays {}", name, waits ? "from the next bar on" : "now"),
                 {static_cast<std::int32_t>(*song + 1), name, waits}};
}

Result<Reply> advance(Context &context, Args args) {
    if (has(args, 0)) context.desk.stand.advances = std::get<bool>(args[0]);
    const bool on = context.desk.stand.advances;
    return Reply{on ? "at its end a song gives way to the next"
                    : "a song goes on until another is "
                      "switched to",
                 {on}};
}

Result<Reply> position(Context &context, Args) {
    auto values = set_position(context);
    if (values.empty()) return Reply{"no set is open", {"", 0, "", 0, 0, 0, ""}};
    const auto &song = std::get<std::string>(values[2]);
    std::string text = fmt::format("set {}: {}", std::get<std::string>(values[0]),
                                   song.empty() ? "no song plays" : song + " plays");
    return Reply{std::move(text), std::move(values)};
}

constexpr std::array kVerbs{
    Verb{"/setlist/open", "s:set",
         "Take a set to the stage. It answers what of it cannot be played; what plays goes on.",
         "/setlist/open friday", open, Acts::plays, Extra::refused},
    Verb{"/setlist/switch", "v:song s:when?",
         "Play a song of the open set: by name, by its place from 1, next or prev; from the next "
         "bar on, now, or when it says (bar+1, beat+2, bar:17).",
         "/setlist/switch next", switch_song, Acts::switches, Extra::refused},
    Verb{"/setlist/auto", "b:on?",
         "Whether the next song follows at the end of one that does not say; or ask.",
         "/setlist/auto 1", advance, Acts::plays},
    Verb{"/setlist/position", "", "Where in its set the music is, as /subscribe tells it.",
         "/setlist/position", position},
};

} // namespace

std::span<const Verb> perform_verbs() { return kVerbs; }

} // namespace chronus::osc
