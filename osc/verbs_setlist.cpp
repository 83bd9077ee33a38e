#include "osc/set_shelf.h"
#include "osc/typed.h"
#include "osc/verbs.h"
#include "patterns/store/posix_disk.h"
#include "patterns/text/json_writer.h"
#include "patterns/text/setlist_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <utility>

/// Commands on sets as wholes.
namespace chronus::osc {

namespace {

using patterns::JsonWriter;
using patterns::Setlist;
using patterns::SlotState;
using patterns::Song;
using patterns::Source;

/// A name of its own for a new set.
Outcome check_new(Context &context, const std::string &name) {
    if (!patterns::is_set_name(name))
        return Error{Errc::out_of_range,
                     fmt::format("set \"{}\": a name is 1 to 64 letters, digits, '_' and '-'",
                                 name.substr(0, 64)),
                     "/setlist/list"};
    const auto names = set_names(context);
    if (std::ranges::find(names, name) == names.end()) return Done{};
    return Error{Errc::conflict, fmt::format("set {}: there is one of that name already", name),
                 typed("/setlist/show", {name})};
}

Result<Reply> make(Context &context, Args args) {
    const std::string &name = text_at(args, 0);
    if (auto is_new = check_new(context, name); !is_new) return is_new.error();
    return keep_set(context, {.name = name});
}

Result<Reply> remove(Context &context, Args args) {
    const std::string &name = text_at(args, 0);
    const auto names = set_names(context);
    if (std::ranges::find(names, name) == names.end()) return set_named(context, name).error();
    return hand_to_disk(context, {patterns::RemoveSet{name}});
}

std::string_view name_of(SlotState state) {
    return state == SlotState::sound ? "ok" : state == SlotState::damaged ? "damaged" : "too new";
}

Result<Reply> list(Context &context, Args) {
    const auto entries = context.sets.list();
    if (!entries) return entries.error();
    JsonWriter json;
    json.begin_array();
    for (const patterns::SetEntry &entry : *entries) {
        json.begin_object();
        json.key("name").value(entry.name);
        json.key("state").value(name_of(entry.state));
        json.key("songs").value(entry.songs);
        if (!entry.problem.empty()) json.key("problem").value(entry.problem);
        json.end_object();
    }
    json.end_array();
    return listed(counted(entries->size(), "set"), entries->size(), json.text());
}

void write_source(JsonWriter &json, const Source &source) {
    json.begin_object();
    json.key("slot").value(source.slot);
    json.key("name").value(source.pattern ? source.pattern->metadata.name : "");
    json.key("bpm").value(source.pattern ? source.pattern->scene.params.get(param("seq/bpm"))
                                         : 0.0f);
    json.end_object();
}

void write_parts(JsonWriter &json, const Song &song) {
    json.begin_array();
    for (const patterns::SongPart &part : song.parts) {
        json.begin_object();
        if (part.source.pattern) write_source(json.key("source"), part.source);
        json.key("bars").value(part.bars);
        json.key("repeat").value(part.repeat);
        json.end_object();
    }
    json.end_array();
}

void write_overrides(JsonWriter &json, const Song &song) {
    json.begin_object();
    for (const auto &[path, value] : song.overrides)
        std::visit([&, &key = path](const auto &v) { json.key(key).value(v); }, value);
    json.end_object();
}

void write_song(JsonWriter &json, const Setlist &set, const Song &song) {
    json.begin_object();
    json.key("name").value(song.name);
    if (song.source.pattern) write_source(json.key("source"), song.source);
    write_parts(json.key("parts"), song);
    write_overrides(json.key("overrides"), song);
    json.key("after").value(word_of(song.after));
    json.key("notes").value(song.notes);
    json.key("processed").value(song.state && song.state->error.empty());
    if (auto plays = check_song(set, song); !plays) json.key("problem").value(plays.error().what);
    json.end_object();
}

Result<Reply> show(Context &context, Args args) {
    const auto set = set_named(context, text_at(args, 0));
    if (!set) return set.error();
    JsonWriter json;
    json.begin_object();
    json.key("name").value((*set)->name);
    if ((*set)->base.pattern) write_source(json.key("template"), (*set)->base);
    json.key("songs").begin_array();
    for (const Song &song : (*set)->songs) write_song(json, **set, song);
    json.end_array();
    json.end_object();
    const std::size_t songs = (*set)->songs.size();
    return listed(fmt::format("set {} has {}", (*set)->name, counted(songs, "song")), songs,
                  json.text());
}

Result<Reply> base(Context &context, Args args) {
    return change_set(context, text_at(args, 0), [&](Setlist &set) -> Outcome {
        auto source = source_in(context, int_at(args, 1));
        if (!source) return source.error();
        set.base = *std::move(source);
        return Done{};
    });
}

Result<Reply> backups(Context &context, Args args) {
    const std::string &name = text_at(args, 0);
    const auto times = context.sets.backups(name);
    if (!times) return times.error();
    JsonWriter json;
    json.begin_flat_array();
    for (auto time = times->rbegin(); time != times->rend(); ++time)
        json.value(std::to_string(*time));
    json.end_array();
    return listed(
        fmt::format("set {} has {}", name.substr(0, 64), counted(times->size(), "backup")),
        times->size(), json.text());
}

Result<Reply> restore(Context &context, Args args) {
    const std::string &name = text_at(args, 0);
    const std::int64_t time_ms = has(args, 1) ? int_at(args, 1) : 0;
    const auto times =
        patterns::is_set_name(name) ? context.sets.backups(name) : std::vector<std::int64_t>{};
    if (!times) return times.error();
    if (times->empty() || (time_ms != 0 && std::ranges::count(*times, time_ms) == 0))
        return Error{Errc::not_found,
                     fmt::format("set {}: there is no such backup of it", name.substr(0, 64)),
                     typed("/setlist/backups", {name})};
    const auto set = context.sets.load_backup(name, time_ms);
    if (!set) return Error{set.error().code, set.error().what, typed("/setlist/backups", {name})};
    return keep_set(context, **set);
}

/// A path that means the same wherever the daemon was started.
Outcome check_path(std::string_view verb, const std::filesystem::path &file,
                   std::initializer_list<std::string_view> words) {
    if (file.is_absolute() && file.has_filename()) return Done{};
    return Error{Errc::out_of_range,
                 fmt::format("{} \"{}\": not the whole path of a file, from / on", verb,
                             file.string().substr(0, 64)),
                 words.size() > 0 ? typed("/setlist/show", words) : "/setlist/list"};
}

Result<std::string> read_outside(const std::filesystem::path &file) {
    auto folder = patterns::PosixDisk::open(file.parent_path());
    if (!folder) return folder.error();
    return (*folder).read(file.filename().string(), patterns::kMaxSetlistBytes);
}

Result<Reply> take_in(Context &context, Args args) {
    const std::filesystem::path file{text_at(args, 0)};
    if (auto whole = check_path("/setlist/import", file, {}); !whole) return whole.error();
    const auto bytes = read_outside(file);
    auto loaded =
        bytes ? patterns::decode_setlist(*bytes) : Result<patterns::LoadedSetlist>{bytes.error()};
    if (!loaded)
        return Error{loaded.error().code,
                     fmt::format("{}: {}", file.filename().string(), loaded.error().what),
                     "/setlist/list"};
    if (has(args, 1)) loaded->set.name = text_at(args, 1);
    if (auto is_new = check_new(context, loaded->set.name); !is_new) return is_new.error();
    return keep_set(context, std::move(loaded->set));
}

Result<Reply> give_out(Context &context, Args args) {
    const auto set = set_named(context, text_at(args, 0));
    if (!set) return set.error();
    const std::filesystem::path file{text_at(args, 1)};
    if (auto whole = check_path("/setlist/export", file, {text_at(args, 0)}); !whole)
        return whole.error();
    return hand_to_disk(context, {patterns::ExportSet{*set, file}});
}

constexpr std::array kVerbs{
    Verb{"/setlist/new", "s:set", "Make a set without songs.", "/setlist/new friday", make,
         Acts::keeps, Extra::refused},
    Verb{"/setlist/template", "s:set i:slot",
         "What songs play that have nothing of their own: a copy of a slot.",
         "/setlist/template friday 1", base, Acts::keeps, Extra::refused},
    Verb{"/setlist/list", "", "Every set there is, as JSON.", "/setlist/list", list},
    Verb{"/setlist/show", "s:set", "The songs of a set, as JSON.", "/setlist/show friday", show},
    Verb{"/setlist/delete", "s:set", "Delete a set; a backup is kept.", "/setlist/delete friday",
         remove, Acts::removes, Extra::refused},
    Verb{"/setlist/backups", "s:set", "When copies of a set were kept, newest first, as JSON.",
         "/setlist/backups friday", backups},
    Verb{"/setlist/restore", "s:set i:backup?",
         "Put an earlier content of a set back: the newest that can be read, or the one named.",
         "/setlist/restore friday", restore, Acts::keeps, Extra::refused},
    Verb{"/setlist/export", "s:set s:file",
         "Write a set as one file, which holds all that it plays. A file that is there and no set "
         "stays.",
         "/setlist/export friday /tmp/friday.json", give_out, Acts::reaches, Extra::refused},
    Verb{"/setlist/import", "s:file s:set?",
         "Take a set in from such a file, under its name or another.",
         "/setlist/import /tmp/friday.json", take_in, Acts::reaches, Extra::refused},
};

} // namespace

std::span<const Verb> setlist_verbs() { return kVerbs; }

} // namespace chronus::osc
