#include "patterns/history/snapshot.h"

#include "patterns/text/hash.h"
#include "patterns/text/json_gate.h"
#include "patterns/text/members.h"

#include <fmt/format.h>

#include <utility>

namespace chronus::patterns {

namespace {

Json::Value object_in(std::string_view text) {
    auto read = parse_json(text);
    return read && read->as<JsonObject>() != nullptr ? std::move(read->value)
                                                     : Json::Value{JsonObject{}};
}

std::string text_of(Members &members, std::string_view key) {
    const Json *json = members.take(key);
    return json == nullptr ? "{}" : to_text(*json, JsonStyle::compact);
}

template <class T>
void read_number(Members &members, std::string_view key, T &into) {
    std::uint64_t number = 0;
    if (members.read(key, number)) into = static_cast<T>(number);
}

Snapshot read(Members &members) {
    Snapshot out;
    std::string version;
    members.read("content", out.content);
    members.read("parents", out.parents);
    members.read("version", version);
    out.version = parse_version(version).value_or(Version{});
    members.read("author", out.author);
    members.read("trigger", out.trigger);
    members.read("note", out.note);
    read_number(members, "time_ms", out.time_ms);
    read_number(members, "rate", out.rate);
    read_number(members, "voices", out.voices);
    read_number(members, "slot", out.slot);
    read_number(members, "run", out.run);
    read_number(members, "bar", out.bar);
    out.variables = text_of(members, "variables");
    out.triggers = text_of(members, "triggers");
    return out;
}

/// The members of an object by their names, each as JSON.
Fields fields_of(std::string_view text) {
    Fields out;
    const auto read = parse_json(text);
    const auto *object = read ? read->as<JsonObject>() : nullptr;
    if (object == nullptr) return out;
    for (const JsonMember &member : *object)
        out.emplace(member.key, to_text(member.value, JsonStyle::compact));
    return out;
}

} // namespace

std::string header_text(const Snapshot &snapshot) {
    JsonArray parents;
    for (const std::string &parent : snapshot.parents) parents.emplace_back(parent);
    JsonObject out;
    put(out, "content", snapshot.content);
    put(out, "parents", std::move(parents));
    put(out, "version", text_of(snapshot.version));
    put(out, "author", snapshot.author);
    put(out, "trigger", snapshot.trigger);
    put(out, "note", snapshot.note);
    put(out, "time_ms", snapshot.time_ms);
    put(out, "rate", std::int64_t{snapshot.rate});
    put(out, "voices", std::int64_t{snapshot.voices});
    put(out, "slot", snapshot.slot);
    put(out, "run", snapshot.run);
    put(out, "bar", snapshot.bar);
    put(out, "variables", object_in(snapshot.variables));
    put(out, "triggers", object_in(snapshot.triggers));
    return to_text(Json{std::move(out)}, JsonStyle::compact);
}

Result<Snapshot> snapshot_of(std::string_view header) {
    auto read_json = parse_json(header);
    auto *object = read_json ? read_json->as<JsonObject>() : nullptr;
    if (object == nullptr) return Error{Errc::failed, "snapshot: its header is no JSON object"};
    Reading reading;
    Snapshot out = [&] {
        Members members{*object, "", reading};
        return read(members);
    }();
    if (reading.error())
        return Error{Errc::failed, fmt::format("snapshot: {}", reading.error()->what)};
    out.hash = sha256_hex(header);
    return out;
}

Structure structure_of(const Snapshot &snapshot, const Document &document) {
    Structure out = structure_of(document);
    out.settings["rate"] = std::to_string(snapshot.rate);
    out.settings["voices"] = std::to_string(snapshot.voices);
    out.variables = fields_of(snapshot.variables);
    out.triggers = fields_of(snapshot.triggers);
    return out;
}

std::string_view short_hash(const Snapshot &snapshot) {
    return std::string_view{snapshot.hash}.substr(0, 8);
}

} // namespace chronus::patterns
