#include "osc/set_shelf.h"
#include "osc/typed.h"
#include "osc/verbs.h"
#include "patterns/text/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>

/// Commands on the songs of a set.
namespace chronus::osc {

namespace {

using patterns::Setlist;
using patterns::Song;
using patterns::SongPart;

std::string show_hint(const Setlist &set) { return typed("/setlist/show", {set.name}); }

/// "part 9: not in 1..3".
Result<std::size_t> place_at(const Setlist &set, std::int64_t place, std::size_t count,
                             std::string_view what) {
    if (place >= 1 && place <= static_cast<std::int64_t>(count))
        return static_cast<std::size_t>(place - 1);
    return Error{Errc::out_of_range,
                 count == 0 ? fmt::format("{} {}: there is none", what, place)
                            : fmt::format("{} {}: not in 1..{}", what, place, count),
                 show_hint(set)};
}

Outcome check_song_name(const Setlist &set, const std::string &name) {
    if (!patterns::is_song_name(name))
        return Error{Errc::out_of_range,
                     fmt::format("song \"{}\": a name is 1 to 64 letters, digits, '_' and '-', but "
                                 "no number, next or prev",
                                 name.substr(0, 64)),
                     show_hint(set)};
    if (std::ranges::count(set.songs, name, &Song::name) == 0) return Done{};
    return Error{Errc::conflict, fmt::format("song {}: set {} has one already", name, set.name),
                 show_hint(set)};
}

/// Changes a song of a set: the first two arguments name them.
Result<Reply> change_song(Context &context, Args args,
                          const std::function<Outcome(Setlist &, Song &)> &change) {
    return change_set(context, text_at(args, 0), [&](Setlist &set) -> Outcome {
        const auto song = song_named(set, text_at(args, 1));
        if (!song) return song.error();
        return change(set, set.songs[*song]);
    });
}

Result<Reply> add(Context &context, Args args) {
    return change_set(context, text_at(args, 0), [&](Setlist &set) -> Outcome {
        Song song{.name = text_at(args, 1)};
        if (auto is_new = check_song_name(set, song.name); !is_new) return is_new;
        if (set.songs.size() == patterns::kMostSongs)
            return Error{Errc::too_big,
                         fmt::format("set {}: it has {} songs, the most there can be", set.name,
                                     set.songs.size()),
                         show_hint(set)};
        if (has(args, 2)) {
            auto source = source_in(context, int_at(args, 2));
            if (!source) return source.error();
            song.source = *std::move(source);
        }
        set.songs.push_back(std::move(song));
        return Done{};
    });
}

Result<Reply> remove(Context &context, Args args) {
    return change_song(context, args, [](Setlist &set, Song &song) -> Outcome {
        set.songs.erase(set.songs.begin() + (&song - set.songs.data()));
        return Done{};
    });
}

Result<Reply> move(Context &context, Args args) {
    return change_song(context, args, [&](Setlist &set, Song &song) -> Outcome {
        const auto place = place_at(set, int_at(args, 2), set.songs.size(), "place");
        if (!place) return place.error();
        Song moved = std::move(song);
        set.songs.erase(set.songs.begin() + (&song - set.songs.data()));
        set.songs.insert(set.songs.begin() + static_cast<std::ptrdiff_t>(*place), std::move(moved));
        return Done{};
    });
}

Result<Reply> rename(Context &context, Args args) {
    return change_song(context, args, [&](Setlist &set, Song &song) -> Outcome {
        if (auto is_new = check_song_name(set, text_at(args, 2)); !is_new) return is_new;
        song.name = text_at(args, 2);
        return Done{};
    });
}

Result<std::uint32_t> count_at(const Setlist &set, Args args, std::size_t i, std::uint32_t most) {
    const auto number = int_at(args, i);
    const std::string_view what = i == 3 ? "bars" : "repeat";
    const auto count = place_at(set, number, most, what);
    if (!count) return count.error();
    return static_cast<std::uint32_t>(number);
}

Result<Reply> part(Context &context, Args args) {
    return change_song(context, args, [&](Setlist &set, Song &song) -> Outcome {
        SongPart part;
        const auto bars = count_at(set, args, 3, patterns::kMostBars);
        const auto repeat =
            has(args, 4) ? count_at(set, args, 4, patterns::kMostRepeats) : Result{part.repeat};
        if (!bars) return bars.error();
        if (!repeat) return repeat.error();
        if (song.parts.size() == patterns::kMostParts)
            return Error{Errc::too_big,
                         fmt::format("song {}: it has {} parts, the most there can be", song.name,
                                     song.parts.size()),
                         show_hint(set)};
        part.bars = *bars;
        part.repeat = *repeat;
        if (int_at(args, 2) != 0) {
            auto source = source_in(context, int_at(args, 2));
            if (!source) return source.error();
            part.source = *std::move(source);
        }
        song.parts.push_back(std::move(part));
        return Done{};
    });
}

Result<Reply> remove_part(Context &context, Args args) {
    return change_song(context, args, [&](Setlist &set, Song &song) -> Outcome {
        const auto index = place_at(set, int_at(args, 2), song.parts.size(), "part");
        if (!index) return index.error();
        song.parts.erase(song.parts.begin() + static_cast<std::ptrdiff_t>(*index));
        return Done{};
    });
}

/// Whether the song could be played with it shows at once.
Result<Reply> override_one(Context &context, Args args) {
    return change_song(context, args, [&](Setlist &set, Song &song) -> Outcome {
        const std::string &path = text_at(args, 2);
        if (!has(args, 3)) {
            if (song.overrides.erase(path) > 0) return Done{};
            return Error{
                Errc::not_found,
                fmt::format("song {}: it does not override {}", song.name, path.substr(0, 64)),
                show_hint(set)};
        }
        const auto *name = std::get_if<std::string>(&args[3]);
        const auto number = to_float(args[3], path);
        if (name != nullptr && !number)
            song.overrides[path] = *name;
        else if (number)
            song.overrides[path] = patterns::widened(*number);
        else
            return Error{number.error().code, number.error().what, show_hint(set)};
        Song alone{.name = song.name, .source = {patterns::KeptPattern{patterns::Document{}}}};
        alone.overrides[path] = song.overrides[path];
        auto fits = check_song(set, alone);
        if (fits) return fits;
        return Error{fits.error().code, fits.error().what, show_hint(set)};
    });
}

Result<Reply> after(Context &context, Args args) {
    return change_song(context, args, [&](Setlist &set, Song &song) -> Outcome {
        const std::string &word = text_at(args, 2);
        const auto found = patterns::find_after(word == "auto" ? "" : word);
        if (!found)
            return Error{
                Errc::out_of_range,
                fmt::format("after \"{}\": not next, stop, stay or auto", word.substr(0, 64)),
                show_hint(set)};
        song.after = *found;
        return Done{};
    });
}

Result<Reply> notes(Context &context, Args args) {
    return change_song(context, args, [&](Setlist &, Song &song) -> Outcome {
        song.notes = text_at(args, 2);
        return Done{};
    });
}

constexpr std::array kVerbs{
    Verb{"/setlist/add", "s:set s:song i:slot?",
         "Add a song behind the others: a copy of a slot, or, without one, the set's template.",
         "/setlist/add friday intro 1", add, Acts::keeps, Extra::refused},
    Verb{"/setlist/part", "s:set s:song i:slot i:bars i:repeat?",
         "Add a part behind the others of a song: a copy of a slot, or, with 0, what the song "
         "plays, for 1..1024 bars, once or up to 64 times.",
         "/setlist/part friday intro 1 8", part, Acts::keeps, Extra::refused},
    Verb{"/setlist/part/remove", "s:set s:song i:part", "Remove a part of a song.",
         "/setlist/part/remove friday intro 1", remove_part, Acts::keeps, Extra::refused},
    Verb{"/setlist/override", "s:set s:song s:path v:value?",
         "Set a parameter in all that a song plays; without a value, no longer.",
         "/setlist/override friday intro seq/bpm 124", override_one, Acts::keeps, Extra::refused},
    Verb{"/setlist/after", "s:set s:song s:what",
         "What follows a song: next, stop, stay (its last part goes on), or auto (as "
         "/setlist/auto says).",
         "/setlist/after friday intro stop", after, Acts::keeps, Extra::refused},
    Verb{"/setlist/notes", "s:set s:song s:text", "Notes for whoever plays the song.",
         "/setlist/notes friday intro 'wait for the drummer'", notes, Acts::keeps, Extra::refused},
    Verb{"/setlist/move", "s:set s:song i:place", "Put a song at another place, counted from 1.",
         "/setlist/move friday intro 1", move, Acts::keeps, Extra::refused},
    Verb{"/setlist/rename", "s:set s:song s:name", "Call a song something else.",
         "/setlist/rename friday intro opening", rename, Acts::keeps, Extra::refused},
    Verb{"/setlist/remove", "s:set s:song", "Remove a song; a backup of the set is kept.",
         "/setlist/remove friday intro", remove, Acts::keeps, Extra::refused},
};

} // namespace

std::span<const Verb> song_verbs() { return kVerbs; }

} // namespace chronus::osc
