#include "patterns/history/compare.h"

#include <algorithm>
#include <array>
#include <utility>

namespace chronus::patterns {

namespace {

using How = NodeChange::How;
constexpr std::array kHows{std::pair{How::added, "added"}, std::pair{How::removed, "removed"},
                           std::pair{How::modified, "modified"}};

void write_list(JsonWriter &json, const std::vector<Difference> &changes) {
    json.begin_array();
    for (const Difference &change : changes) {
        json.begin_object();
        json.key("what").value(change.what);
        if (change.from) json.key("from").raw(*change.from);
        if (change.to) json.key("to").raw(*change.to);
        json.end_object();
    }
    json.end_array();
}

void write_list(JsonWriter &json, const std::vector<std::string> &texts) {
    json.begin_array();
    for (const std::string &text : texts) json.value(text);
    json.end_array();
}

void write_nodes(JsonWriter &json, const std::vector<NodeChange> &nodes) {
    json.key("nodes").begin_object();
    for (const auto &[how, word] : kHows) {
        json.key(word).begin_array();
        for (const NodeChange &change : nodes) {
            if (change.how != how) continue;
            json.begin_object();
            json.key("node").value(change.node);
            write_list(json.key("fields"), change.fields);
            json.end_object();
        }
        json.end_array();
    }
    json.end_object();
}

const JsonArray &list_in(const JsonObject &object, std::string_view key) {
    static const JsonArray kNone;
    const Json *member = find(object, key);
    const auto *list = member != nullptr ? member->as<JsonArray>() : nullptr;
    return list != nullptr ? *list : kNone;
}

const JsonObject &object_in(const JsonObject &object, std::string_view key) {
    static const JsonObject kNone;
    const Json *member = find(object, key);
    const auto *inner = member != nullptr ? member->as<JsonObject>() : nullptr;
    return inner != nullptr ? *inner : kNone;
}

std::string text_in(const JsonObject &object, std::string_view key) {
    const Json *member = find(object, key);
    const auto *text = member != nullptr ? member->as<std::string>() : nullptr;
    return text != nullptr ? *text : std::string{};
}

std::optional<std::string> side_of(const JsonObject &object, std::string_view key) {
    const Json *member = find(object, key);
    return member == nullptr ? std::nullopt : std::optional{to_text(*member, JsonStyle::compact)};
}

std::vector<Difference> differences_in(const JsonObject &object, std::string_view key) {
    std::vector<Difference> out;
    for (const Json &item : list_in(object, key))
        if (const auto *one = item.as<JsonObject>())
            out.push_back({text_in(*one, "what"), side_of(*one, "from"), side_of(*one, "to")});
    return out;
}

std::vector<std::string> texts_in(const JsonObject &object, std::string_view key) {
    std::vector<std::string> out;
    for (const Json &item : list_in(object, key))
        if (const auto *text = item.as<std::string>()) out.push_back(*text);
    return out;
}

} // namespace

void write_members(JsonWriter &json, const Comparison &changes) {
    write_nodes(json, changes.nodes);
    json.key("connections").begin_object();
    write_list(json.key("added"), changes.connected);
    write_list(json.key("removed"), changes.disconnected);
    json.end_object();
    write_list(json.key("settings"), changes.settings);
    write_list(json.key("metadata"), changes.metadata);
    write_list(json.key("variables"), changes.variables);
    write_list(json.key("triggers"), changes.triggers);
}

Comparison comparison_of(const JsonObject &object) {
    Comparison out;
    for (const auto &[how, word] : kHows)
        for (const Json &item : list_in(object_in(object, "nodes"), word))
            if (const auto *one = item.as<JsonObject>())
                out.nodes.push_back({text_in(*one, "node"), how, differences_in(*one, "fields")});
    std::ranges::sort(out.nodes, {}, &NodeChange::node);
    const JsonObject &connections = object_in(object, "connections");
    out.connected = texts_in(connections, "added");
    out.disconnected = texts_in(connections, "removed");
    out.settings = differences_in(object, "settings");
    out.metadata = differences_in(object, "metadata");
    out.variables = differences_in(object, "variables");
    out.triggers = differences_in(object, "triggers");
    return out;
}

} // namespace chronus::patterns
