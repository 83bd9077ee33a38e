#include "patterns/text/document_tree.h"
#include "patterns/text/setlist_text.h"
#include "patterns/text/setlist_version.h"
#include "patterns/text/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace chronus::patterns {

namespace {

constexpr std::uint64_t kLastSlotOfAll = 128;

/// The patterns of a set's file by the names they have there.
class Table {
public:
    /// Takes them out of the tree.
    void read(Members &members, Reading &reading) {
        const Json *json = members.take("patterns");
        if (json == nullptr) return;
        const auto *object = json->as<JsonObject>();
        if (object == nullptr) return reading.refuse(*json, "patterns", "an object");
        for (const JsonMember &member : *object) read_one(member, reading);
    }

    KeptPattern find(const Json &name, const std::string &path, Reading &reading) {
        const auto *text = name.as<std::string>();
        const auto found = text == nullptr ? patterns_.end() : patterns_.find(*text);
        if (found == patterns_.end()) {
            reading.refuse(name, path, "the name of a pattern in this file");
            return {};
        }
        unused_.erase(*text);
        return found->second;
    }

    void note_unused(Reading &reading) const {
        for (const std::string &name : unused_)
            reading.note(
                fmt::format("{}: nothing plays it, left out", path_below("patterns", name)));
    }
    bool too_new() const { return too_new_; }

private:
    void read_one(const JsonMember &member, Reading &reading) {
        const std::string path = path_below("patterns", member.key);
        auto loaded = decode_tree(member.value);
        if (!loaded) {
            too_new_ = too_new_ || (loaded.error().code == Errc::too_new && !reading.error());
            reading.refuse(loaded.error().what.starts_with("line ") ? 0 : member.value.line,
                           fmt::format("{}: {}", path, loaded.error().what));
            return;
        }
        for (const std::string &note : loaded->notes)
            reading.note(fmt::format("{}: {}", path, note));
        patterns_.emplace(member.key, KeptPattern{std::move(loaded->document)});
        unused_.insert(member.key);
    }

    std::map<std::string, KeptPattern, std::less<>> patterns_;
    std::set<std::string> unused_;
    bool too_new_ = false;
};

std::string unknown_text(JsonObject rest, const std::string &path, Reading &reading) {
    if (rest.empty()) return {};
    for (const JsonMember &member : rest)
        reading.note(
            fmt::format("{}: not known here, kept as it is", path_below(path, member.key)));
    return to_text(Json{std::move(rest)}, JsonStyle::compact);
}

std::uint32_t read_count(Members &members, std::string_view key, std::uint32_t usual,
                         std::uint32_t most) {
    std::uint64_t said = usual;
    if (!members.read(key, said)) return usual;
    const auto count = std::clamp<std::uint64_t>(said, 1, most);
    if (count != said)
        members.reading().note(fmt::format("{}: {} taken as {}", members.path(key), said, count));
    return static_cast<std::uint32_t>(count);
}

Source read_source(Members &members, std::string_view key, Table &table) {
    Source source;
    members.inside(key, [&](Members &inner) {
        if (const Json *name = inner.take("pattern"))
            source.pattern = table.find(*name, inner.path("pattern"), inner.reading());
        std::uint64_t slot = 0;
        inner.read("slot", slot);
        source.slot = static_cast<int>(std::min(slot, kLastSlotOfAll));
    });
    return source;
}

/// Reads a list of objects, each of them `f(Members &)` and what it leaves `keep(text)`.
template <class F, class Keep>
void read_list(Members &members, std::string_view key, std::size_t most, F f, Keep keep) {
    const Json *json = members.take(key);
    if (json == nullptr) return;
    Reading &reading = members.reading();
    const auto *list = json->as<JsonArray>();
    if (list == nullptr) return reading.refuse(*json, members.path(key), "a list");
    if (list->size() > most)
        return reading.refuse(json->line, fmt::format("{}: {} of them, at most {}",
                                                      members.path(key), list->size(), most));
    for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string path = fmt::format("{}[{}]", members.path(key), i);
        Json piece = (*list)[i];
        auto *object = piece.as<JsonObject>();
        if (object == nullptr) return reading.refuse(piece, path, "an object");
        {
            Members inner{*object, path, reading};
            f(inner, piece.line);
        }
        keep(unknown_text(std::move(*object), path, reading));
    }
}

void read_parts(Members &members, Song &song, Table &table) {
    read_list(
        members, "parts", kMostParts,
        [&](Members &m, std::uint32_t) {
            song.parts.push_back({.source = read_source(m, "source", table),
                                  .bars = read_count(m, "bars", kUsualBars, kMostBars),
                                  .repeat = read_count(m, "repeat", 1, kMostRepeats)});
        },
        [&](std::string unknown) { song.parts.back().unknown = std::move(unknown); });
}

void read_overrides(Members &members, Overrides &overrides) {
    const Json *json = members.take("overrides");
    if (json == nullptr) return;
    const std::string path = members.path("overrides");
    const auto *object = json->as<JsonObject>();
    if (object == nullptr) return members.reading().refuse(*json, path, "an object");
    for (const auto &[key, value] : *object) {
        double number = 0;
        std::string name;
        if (take_as(value, number))
            overrides.emplace(key, number);
        else if (take_as(value, name))
            overrides.emplace(key, name);
        else
            members.reading().refuse(value, path_below(path, key), "a number or a name");
    }
}

void read_state(Members &members, SongState &state, Table &table) {
    members.read("inputs", state.inputs);
    members.read("timestamp", state.timestamp);
    state.scene = read_source(members, "scene", table).pattern;
    members.read("hash", state.hash);
    members.read("error", state.error);
    members.inside("metrics", [&](Members &metrics) {
        metrics.names([&](const std::string &name) {
            double value = 0;
            if (metrics.read(name, value)) state.metrics.emplace(name, value);
        });
    });
    members.inside("outputs", [&](Members &outputs) {
        outputs.each([&](std::string_view name, Members &output) {
            OutputFile &file = state.outputs[std::string{name}];
            output.read("sha256", file.sha256);
            output.read("bytes", file.bytes);
        });
    });
}

void read_after(Members &members, std::uint32_t line, After &after) {
    std::string word;
    if (!members.read("after", word)) return;
    const auto found = find_after(word);
    if (found)
        after = *found;
    else
        members.reading().refuse(line, fmt::format("{}: {} is none of next, stop, stay",
                                                   members.path("after"), in_quotes(word)));
}

void read_name(Members &members, std::uint32_t line, Setlist &set, Song &song) {
    members.read("name", song.name);
    Reading &reading = members.reading();
    const std::string shown = fmt::format("{}: {}", members.path("name"), in_quotes(song.name));
    if (!is_song_name(song.name)) reading.refuse(line, shown + " is no name of a song");
    if (std::ranges::count(set.songs, song.name, &Song::name) > 0)
        reading.refuse(line, shown + " is there twice");
}

void read_songs(Members &members, Setlist &set, Table &table) {
    read_list(
        members, "songs", kMostSongs,
        [&](Members &m, std::uint32_t line) {
            Song song;
            read_name(m, line, set, song);
            song.source = read_source(m, "source", table);
            read_parts(m, song, table);
            read_overrides(m, song.overrides);
            read_after(m, line, song.after);
            m.read("notes", song.notes);
            m.inside("state",
                     [&](Members &state) { read_state(state, song.state.emplace(), table); });
            set.songs.push_back(std::move(song));
        },
        [&](std::string unknown) { set.songs.back().unknown = std::move(unknown); });
}

Outcome check_version(JsonObject &tree) {
    const Json *json = find(tree, "setlist_version");
    std::uint64_t version = 0;
    if (json == nullptr || !take_as(*json, version) || version == 0)
        return Error{Errc::corrupt, fmt::format("line {}: not a set: no setlist_version from 1 on",
                                                json == nullptr ? 1 : json->line)};
    if (version <= kSetlistVersion) return Done{};
    return Error{Errc::too_new, fmt::format("setlist_version {}: newer than {}, which we know",
                                            version, kSetlistVersion)};
}

LoadedSetlist read_setlist(JsonObject &tree, Table &table, Reading &reading) {
    LoadedSetlist loaded;
    {
        Members members{tree, "", reading};
        members.take("setlist_version");
        members.take("chronus_version");
        table.read(members, reading);
        members.read("name", loaded.set.name);
        loaded.set.base = read_source(members, "template", table);
        read_songs(members, loaded.set, table);
    }
    loaded.set.unknown = unknown_text(std::move(tree), "", reading);
    table.note_unused(reading);
    loaded.notes = std::move(reading).notes();
    return loaded;
}

} // namespace

Result<LoadedSetlist> decode_setlist(std::string_view bytes) {
    auto parsed = parse_json(bytes, kSetlistLimits);
    if (!parsed) return parsed.error();
    Json tree = *std::move(parsed);
    if (tree.as<JsonObject>() == nullptr)
        return Error{Errc::corrupt, fmt::format("line {}: the set is {}, not an object", tree.line,
                                                kind_of(tree))};
    if (auto known = check_version(*tree.as<JsonObject>()); !known) return known.error();
    if (auto sum = check_sum(tree); !sum) return sum.error();
    Reading reading;
    Table table;
    LoadedSetlist loaded = read_setlist(*tree.as<JsonObject>(), table, reading);
    if (reading.error())
        return Error{table.too_new() ? Errc::too_new : Errc::corrupt, reading.error()->what};
    return loaded;
}

} // namespace chronus::patterns
