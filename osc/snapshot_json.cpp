#include "osc/snapshot_json.h"

#include "patterns/history/side_by_side.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace chronus::osc {

namespace {

using patterns::Fields;
using patterns::JsonWriter;
using patterns::KeptSnapshot;
using patterns::Name;
using patterns::Snapshot;

/// "2026-11-21T04:05:06Z"
std::string iso_time(std::int64_t ms) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(ms / 1000)));
}

void write_members(JsonWriter &json, const Snapshot &snapshot) {
    json.key("hash").value(snapshot.hash);
    json.key("version").value(text_of(snapshot.version));
    json.key("time").value(iso_time(snapshot.time_ms));
    json.key("author").value(snapshot.author);
    json.key("trigger").value(snapshot.trigger);
    json.key("note").value(snapshot.note);
    json.key("content").value(snapshot.content);
    json.key("parents").begin_array();
    for (const std::string &parent : snapshot.parents) json.value(parent);
    json.end_array();
    if (snapshot.slot != 0) json.key("slot").value(snapshot.slot);
    if (snapshot.bar != 0) json.key("bar").value(snapshot.bar);
}

void write_fields(JsonWriter &json, const Fields &fields) {
    json.begin_object();
    for (const auto &[name, value] : fields) json.key(name).raw(value);
    json.end_object();
}

void write_structure(JsonWriter &json, const patterns::Structure &structure) {
    json.key("nodes").begin_object();
    for (const auto &[node, fields] : structure.nodes) write_fields(json.key(node), fields);
    json.end_object();
    json.key("connections").begin_array();
    for (const std::string &connection : structure.connections) json.value(connection);
    json.end_array();
    write_fields(json.key("settings"), structure.settings);
    write_fields(json.key("metadata"), structure.metadata);
    write_fields(json.key("variables"), structure.variables);
    write_fields(json.key("triggers"), structure.triggers);
}

void write_names(JsonWriter &json, const KeptSnapshot &kept, std::span<const Name> names) {
    json.key("names").begin_array();
    for (const Name &name : names) {
        if (name.snapshot != kept.id) continue;
        if (name.at_work) json.value("HEAD");
        json.value(name.name);
    }
    json.end_array();
}

void write_annotations(JsonWriter &json, std::span<const patterns::Annotation> annotations) {
    json.key("annotations").begin_array();
    for (const patterns::Annotation &each : annotations) {
        json.begin_object();
        json.key("kind").value(each.kind);
        json.key("text").value(each.text);
        if (!each.node.empty()) json.key("node").value(each.node);
        json.key("author").value(each.author);
        json.key("time").value(iso_time(each.time_ms));
        json.end_object();
    }
    json.end_array();
}

void write_list(JsonWriter &json, std::span<const KeptSnapshot> all, std::span<const Name> names) {
    json.begin_array();
    for (const KeptSnapshot &each : all) {
        json.begin_object();
        write_head(json, each, names);
        json.end_object();
    }
    json.end_array();
}

} // namespace

void write_head(JsonWriter &json, const KeptSnapshot &kept, std::span<const Name> names) {
    write_members(json, kept.snapshot);
    write_names(json, kept, names);
    json.key("id").value(kept.id);
    if (kept.parent) json.key("before").value(*kept.parent);
}

std::string list_json(std::span<const KeptSnapshot> all, std::span<const Name> names) {
    JsonWriter json;
    write_list(json, all, names);
    return std::move(json).text();
}

std::string show_json(const Shown &shown) {
    JsonWriter json;
    json.begin_object();
    write_head(json, shown.kept, shown.names);
    write_annotations(json, shown.annotations);
    write_structure(json, shown.structure);
    json.end_object();
    return std::move(json).text();
}

std::string graph_json(std::span<const KeptSnapshot> all, std::span<const Name> names) {
    JsonWriter json;
    json.begin_object();
    json.key("names").begin_array();
    for (const Name &name : names) {
        json.begin_object();
        json.key("name").value(name.name);
        json.key("kind").value(name.kind);
        json.key("snapshot").value(name.snapshot);
        if (name.at_work) json.key("at_work").value(true);
        json.end_object();
    }
    json.end_array();
    write_list(json.key("snapshots"), all, names);
    json.end_object();
    return std::move(json).text();
}

std::string compare_json(const Compared &compared) {
    JsonWriter json;
    json.begin_object();
    for (const auto &[side, snapshot] :
         {std::pair{"a", &compared.a}, std::pair{"b", &compared.b}}) {
        json.key(side).begin_object();
        write_members(json, *snapshot);
        json.end_object();
    }
    patterns::write_members(json, compared.changes);
    json.key("text").value(patterns::side_by_side(
        compared.changes, {.left = called(compared.a), .right = called(compared.b)}));
    json.end_object();
    return std::move(json).text();
}

std::string blame_json(std::span<const patterns::BlamedStep> steps) {
    JsonWriter json;
    json.begin_array();
    for (const patterns::BlamedStep &step : steps) {
        json.begin_object();
        json.key("step").value(step.step);
        json.key("text").value(step.text);
        write_members(json, step.by.snapshot);
        json.end_object();
    }
    json.end_array();
    return std::move(json).text();
}

std::string called(const Snapshot &snapshot) {
    if (snapshot.hash.empty()) return "what plays now";
    return fmt::format("{} {}", short_hash(snapshot), text_of(snapshot.version));
}

} // namespace chronus::osc
