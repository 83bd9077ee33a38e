#include "patterns/show/render_record.h"

#include "patterns/history/content.h"
#include "patterns/history/contents.h"
#include "patterns/history/item.h"
#include "patterns/history/snapshots.h"
#include "patterns/show/json_view.h"
#include "patterns/text/json_gate.h"
#include "patterns/text/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace chronus::patterns {

namespace {

std::string outputs_text(const std::vector<Output> &outputs) {
    std::string out;
    for (const Output output : outputs)
        out += fmt::format("{}{}", out.empty() ? "" : ",", spec_of(output).word);
    return out;
}

/// In this session. Nothing: its beginning was lost, or nothing is written down.
Result<std::optional<std::int64_t>> execution_of_run(Database &db, std::uint64_t run) {
    auto asked = db.prepare("SELECT max(id) FROM executions WHERE run = ?"
                            " AND session = (SELECT max(id) FROM sessions)");
    if (!asked) return asked.error();
    if (const auto row = asked->with(static_cast<std::int64_t>(run)).next(); !row)
        return row.error();
    return asked->is_null(0) ? std::nullopt : std::optional{asked->whole(0)};
}

/// The hash of each part's pattern; those that parts share are written once.
Result<std::vector<std::string>> keep_patterns(Database &db, const std::vector<KeptPart> &parts) {
    auto name = db.prepare("INSERT OR IGNORE INTO session_contents (content, session)"
                           " SELECT ?, max(id) FROM sessions");
    if (!name) return name.error();
    std::map<const Document *, std::string> known;
    std::optional<std::int64_t> last;
    std::vector<std::string> out;
    for (const KeptPart &part : parts) {
        std::string &hash = known[part.pattern.id()];
        if (hash.empty()) {
            const auto kept = keep_content(db, content_text(*part.pattern), last);
            if (!kept) return kept.error();
            if (auto done = name->with(kept->id).run(); !done) return done.error();
            last = kept->id;
            hash = kept->hash;
        }
        out.push_back(hash);
    }
    return out;
}

Result<std::string> snapshot_of(Database &db, const RenderRecord &record, const Snapshot &about) {
    if (!record.snapshot.empty()) return record.snapshot;
    if (!record.parts.empty())
        return keep_aside(db, {.document = *record.parts.front().pattern, .about = about});
    const auto played = execution(db, record.execution);
    if (!played) return played.error();
    return *played ? (*played)->snapshot : std::string{};
}

Outcome write_record(Database &db, std::int64_t id, std::string_view snapshot,
                     std::string_view text) {
    auto begun = db.prepare("UPDATE executions SET snapshot = ? WHERE id = ?");
    if (!begun) return begun.error();
    if (auto done = begun->with(snapshot, id).run(); !done) return done;
    auto start = db.prepare("UPDATE items SET content = ? WHERE execution = ? AND seq = 1"
                            " AND type = ?");
    if (!start) return start.error();
    return start->with(text, id, static_cast<std::int64_t>(ItemType::start)).run();
}

Result<KeptPattern> pattern_in(Database &db, const std::string &hash, std::uint16_t voices) {
    const auto id = find_content(db, hash);
    if (!id) return id.error();
    if (!*id) return Error{Errc::failed, fmt::format("pattern {}: is not kept", hash)};
    const auto text = content(db, **id);
    if (!text) return text.error();
    auto document = document_of_content(*text);
    if (!document) return Error{Errc::failed, document.error().what};
    document->voices = voices;
    return KeptPattern{*std::move(document)};
}

Result<RenderRecord> record_in(Database &db, const Json &json) {
    RenderRecord out{.execution = static_cast<std::int64_t>(whole_at(json, "execution")),
                     .from_bar = static_cast<std::uint32_t>(whole_at(json, "from"))};
    if (out.execution != 0) return out;
    const auto outputs = parse_outputs(text_at(json, "outputs"));
    if (!outputs) return Error{Errc::failed, outputs.error().what};
    out.wishes.outputs = *outputs;
    out.wishes.name = text_at(json, "name");
    out.wishes.rate = static_cast<std::uint32_t>(whole_at(json, "rate"));
    out.wishes.tail.most_s = number_in(at(json, "tail")).value_or(0);
    std::map<std::string, KeptPattern> known;
    for (const Json &part : list_at(json, "parts")) {
        const std::string hash = text_at(part, "pattern");
        const auto voices = static_cast<std::uint16_t>(whole_at(part, "voices"));
        auto pattern = pattern_in(db, hash, voices);
        if (!pattern) return pattern.error();
        out.parts.push_back({*std::move(pattern),
                             static_cast<std::uint32_t>(whole_at(part, "bars")),
                             text_at(part, "song")});
    }
    if (out.parts.empty() && out.execution == 0) return Error{Errc::failed, "it plays nothing"};
    return out;
}

} // namespace

Result<std::vector<KeptPart>> kept_parts(const Setlist &set) {
    std::vector<KeptPart> out;
    for (const Song &song : set.songs) {
        const auto parts = played_parts(set, song);
        if (!parts) return parts.error();
        for (const PlayedPart &part : *parts) out.push_back({part.pattern, part.bars});
    }
    return out;
}

std::vector<KeptPart> kept_songs(const Setlist &set) {
    std::vector<KeptPart> out;
    for (const Song &song : set.songs)
        if (const auto parts = played_parts(set, song))
            for (const PlayedPart &part : *parts)
                out.push_back({part.pattern, part.bars, song.name});
    return out;
}

std::vector<RenderOrder> orders_of(const RenderRecord &record) {
    const RenderWishes &wishes = record.wishes;
    std::vector<RenderOrder> out;
    const std::string *song = nullptr;
    for (const KeptPart &part : record.parts) {
        if (song == nullptr || *song != part.song)
            out.push_back({.parts = {},
                           .config = {SampleRate{static_cast<float>(wishes.rate)}, 1},
                           .tail = wishes.tail,
                           .outputs = wishes.outputs,
                           .name = part.song.empty() ? wishes.name : part.song});
        song = &part.song;
        RenderOrder &order = out.back();
        order.parts.push_back({part.pattern.scene(), part.bars});
        order.config.voices = std::max(order.config.voices, part.pattern->voices);
    }
    return out;
}

std::string text_of(const RenderRecord &record, const std::vector<std::string> &patterns) {
    JsonWriter json;
    json.begin_object().key("name").value(record.wishes.name);
    json.key("outputs").value(outputs_text(record.wishes.outputs));
    json.key("tail").value(record.wishes.tail.most_s);
    if (record.execution != 0) {
        json.key("execution").value(record.execution).key("from").value(record.from_bar);
        return std::move(json.end_object()).text();
    }
    json.key("rate").value(record.wishes.rate);
    json.key("parts").begin_array();
    for (std::size_t i = 0; i < record.parts.size(); ++i) {
        const KeptPart &part = record.parts[i];
        json.begin_object();
        if (!part.song.empty()) json.key("song").value(part.song);
        json.key("pattern").value(patterns[i]).key("bars").value(part.bars);
        json.key("voices").value(part.pattern->voices).end_object();
    }
    return std::move(json.end_array().end_object()).text();
}

Outcome keep_record(Database &db, std::uint64_t run, const RenderRecord &record,
                    const Snapshot &about) {
    auto all = Transaction::begin(db);
    if (!all) return all.error();
    const auto id = execution_of_run(db, run);
    if (!id) return id.error();
    if (!*id) return Done{};
    const auto patterns = keep_patterns(db, record.parts);
    if (!patterns) return patterns.error();
    const auto snapshot = snapshot_of(db, record, about);
    if (!snapshot) return snapshot.error();
    if (auto done = write_record(db, **id, *snapshot, text_of(record, *patterns)); !done)
        return done;
    return all->commit();
}

Result<RenderRecord> render_record(Database &db, std::int64_t execution) {
    auto asked = db.prepare("SELECT content FROM items WHERE execution = ? AND seq = 1"
                            " AND type = ?");
    if (!asked) return asked.error();
    const auto row = asked->with(execution, static_cast<std::int64_t>(ItemType::start)).next();
    if (!row) return row.error();
    const auto json = parse_json(*row ? asked->text(0) : std::string_view{});
    if (!json)
        return Error{Errc::failed,
                     fmt::format("execution {}: what it is of was not kept", execution)};
    auto record = record_in(db, *json);
    if (record || record.error().code != Errc::failed) return record;
    return Error{Errc::failed, fmt::format("execution {}: {}", execution, record.error().what)};
}

} // namespace chronus::patterns
