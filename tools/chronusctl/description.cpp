#include "tools/chronusctl/description.h"

#include "engine/model/params.h"
#include "patterns/text/number.h"
#include "tools/chronusctl/arguments.h"
#include "tools/chronusctl/known.h"
#include "tools/chronusctl/verb_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace chronus::ctl {

using patterns::JsonArray;
using patterns::JsonObject;
using patterns::put;

namespace {

/// A word of the schema or of a table, and what people call it.
struct Named {
    std::string_view key, word;
};
constexpr std::array kUnits{Named{"frequency.hz", "Hz"}, Named{"time.second", "s"},
                            Named{"gain.db", "dB"}, Named{"pitch.semitone", "semitones"},
                            Named{"time.bpm", "BPM"}};
constexpr std::array kTypes{Named{"s", "text"},   Named{"i", "whole number"},
                            Named{"f", "number"}, Named{"T", "switch"},
                            Named{"b", "switch"}, Named{"v", "anything"}};

template <class Table>
std::string word_of(const Table &table, std::string_view key) {
    const auto row = std::ranges::find(table, key, &Named::key);
    return std::string{row == table.end() ? key : row->word};
}

std::optional<ParamId> param_at(std::string_view address) {
    if (!address.starts_with("/mod/")) return std::nullopt;
    return find_param(address.substr(5));
}

Json number(float value) { return Json{patterns::widened(value)}; }
Json text(std::string_view words) { return Json{std::string{words}}; }

/// A value of the table as people write it.
Json spelled(const ParamSpec &spec, float value) {
    if (spec.kind == Kind::choice)
        return text(choice_name(spec.choices, static_cast<std::size_t>(value)));
    if (spec.kind == Kind::target)
        return value < 0 ? text("none") : text(path_of({static_cast<std::uint16_t>(value)}).view());
    return number(value);
}

void put_range(JsonObject &out, const Json &node) {
    const auto ranges = items_of(member(node, "RANGE"));
    if (ranges.empty()) return;
    for (const auto &[from, to] :
         {Named{"MIN", "min"}, Named{"MAX", "max"}, Named{"VALS", "choices"}})
        if (const Json &value = member(ranges[0], from); !value.is_null())
            put(out, to, value.value);
}

void put_choices(JsonObject &out, const ParamSpec &spec) {
    JsonArray names;
    for (std::size_t n = 0; !choice_name(spec.choices, n).empty(); ++n)
        names.push_back(text(choice_name(spec.choices, n)));
    if (!names.empty()) put(out, "choices", std::move(names));
}

/// What our own table knows of a parameter and schemas do not say.
void put_spec(JsonObject &out, ParamId id) {
    const ParamSpec &spec = spec_of(id);
    put(out, "doc", std::string{spec.doc}); // the schema's has the choices in it
    if (spec.kind == Kind::choice) put(out, "type", std::string{"choice, by name or number"});
    if (spec.kind == Kind::target) put(out, "type", std::string{"path of a parameter, or none"});
    put_choices(out, spec);
    const Json initial = spelled(spec, initial_of(id));
    put(out, "default", initial.value);
    put(out, "example",
        fmt::format("/mod/{} {}", path_of(id).view(),
                    spec.kind == Kind::target ? "voice1/filter/freq" : plain(initial)));
}

void put_param(JsonObject &out, std::string_view address, const Json &node) {
    put(out, "kind", std::string{"parameter"});
    put(out, "type", word_of(kTypes, text_of(node, "TYPE")));
    for (const Json &unit : items_of(member(node, "UNIT")))
        put(out, "unit", word_of(kUnits, plain(unit)));
    put_range(out, node);
    if (const auto id = param_at(address)) put_spec(out, *id);
}

Json argument(std::string name, char type, bool optional) {
    JsonObject out;
    put(out, "name", std::move(name));
    put(out, "type", word_of(kTypes, std::string_view{&type, 1}));
    put(out, "optional", optional);
    return Json{std::move(out)};
}

/// A table's "..." says that more may follow, and is no argument by itself.
std::string_view named_only(std::string_view args) {
    const std::size_t dots = args.find("...");
    return dots == std::string_view::npos ? args
                                          : args.substr(0, std::max<std::size_t>(dots, 1) - 1);
}

JsonArray arguments_in(const VerbRow &verb) {
    JsonArray out;
    for (const Slot &slot : shape_of(named_only(verb.args)).slots)
        out.push_back(argument(std::string{slot.name}, slot.kind, slot.optional));
    return out;
}

/// A node does not say what may be missing.
JsonArray arguments_in(const Json &node) {
    const std::string types = text_of(node, "TYPE");
    const auto names = items_of(member(node, "EXTENDED_TYPE"));
    JsonArray out;
    for (std::size_t i = 0; i < std::min(types.size(), names.size()); ++i)
        out.push_back(argument(plain(names[i]), types[i], false));
    return out;
}

/// A command, or a topic: what it takes, or what it tells.
void put_verb(JsonObject &out, std::string_view address, const Json &node) {
    const VerbRow *verb = find_verb_row(address);
    put(out, "kind", std::string{is_told(node) ? "topic" : "command"});
    put(out, "arguments", verb != nullptr ? arguments_in(*verb) : arguments_in(node));
    put(out, "more", verb != nullptr && verb->args.find("...") != std::string_view::npos);
    const bool preset = address.ends_with("/preset");
    if (verb != nullptr) put(out, "example", std::string{verb->example});
    if (verb == nullptr && preset) put(out, "example", fmt::format("{} kick", address));
}

std::string module_doc(std::string_view address) {
    if (!address.starts_with("/mod/")) return {};
    const auto module = find_module(address.substr(5));
    return module ? std::string{kModules[module->module].doc} : std::string{};
}

std::string doc_of(const Json &node) {
    const std::string doc = text_of(node, "DESCRIPTION");
    return doc.empty() ? module_doc(text_of(node, "FULL_PATH")) : doc;
}

/// The nodes in a node: what can be sent, or `whole`, what is right below it.
void collect(const Json &node, bool whole, JsonArray &out) {
    const auto *contents = member(node, "CONTENTS").as<JsonObject>();
    if (contents == nullptr) return;
    for (const auto &[name, inner] : *contents) {
        if (whole || !member(inner, "ACCESS").is_null()) {
            JsonObject entry;
            put(entry, "address", text_of(inner, "FULL_PATH"));
            put(entry, "doc", doc_of(inner));
            out.emplace_back(std::move(entry));
        }
        if (!whole) collect(inner, whole, out);
    }
}

/// All that is below an address, or, where that is too much to read, the next level of it.
void put_group(JsonObject &out, const Json &node) {
    constexpr std::size_t kReadable = 32;
    JsonArray below;
    collect(node, false, below);
    if (below.size() > kReadable) {
        below.clear();
        collect(node, true, below);
    }
    if (!below.empty()) put(out, "below", std::move(below));
}

void put_gate(JsonObject &out, std::string_view address) {
    const std::string_view name = address.substr(6);
    put(out, "kind", std::string{"gate"});
    put(out, "doc",
        name == "acid1"
            ? std::string{"Opens (1) or closes (0) the gate of the acid's source voice."}
            : fmt::format("Opens (1) or closes (0) the gate of {} by hand.", name));
    put(out, "type", std::string{"switch"});
    put(out, "example", fmt::format("{} 1", address));
}

} // namespace

const Json *node_at(const Json &schema, std::string_view address) {
    const Json *node = &schema;
    while (!address.empty() && address != "/") {
        address.remove_prefix(1);
        const std::string_view part = address.substr(0, address.find('/'));
        address.remove_prefix(part.size());
        node = &member(member(*node, "CONTENTS"), part);
    }
    return node->is_null() ? nullptr : node;
}

JsonObject description(std::string_view address, const Json *node) {
    JsonObject out;
    put(out, "address", std::string{address});
    if (node == nullptr) {
        put_gate(out, address);
        return out;
    }
    put(out, "kind", std::string{"group"});
    put(out, "doc", doc_of(*node));
    if (!member(*node, "VALUE").is_null())
        put_param(out, address, *node);
    else if (!member(*node, "ACCESS").is_null())
        put_verb(out, address, *node);
    put_group(out, *node);
    return out;
}

Json value_in(std::string_view address, const Json &node) {
    const auto values = items_of(member(node, "VALUE"));
    if (values.empty()) return {};
    const auto id = param_at(address);
    const int value = whole_of(values[0], -1);
    if (!id || spec_of(*id).kind != Kind::choice || value < 0) return values[0];
    const auto name = choice_name(spec_of(*id).choices, static_cast<std::size_t>(value));
    return name.empty() ? values[0] : text(name);
}

bool is_gate(std::string_view address) {
    if (!address.starts_with("/gate/")) return false;
    const auto module = find_module(address.substr(6));
    return address == "/gate/acid1" || (module && kModules[module->module].name == "voice");
}

std::string summary(std::string_view address) {
    if (is_gate(address)) return fmt::format("{} 1 opens, 0 closes", address);
    if (const VerbRow *verb = find_verb_row(address)) {
        const std::string_view args = named_only(verb->args);
        const Command shape{verb->address, verb->address, args, verb->doc, verb->example};
        return usage(shape) + (args == verb->args ? "" : " ...");
    }
    const auto id = param_at(address);
    if (!id) return {};
    const ParamSpec &spec = spec_of(*id);
    const std::string range = spec.choices.empty() ? fmt::format("{}..{}", spec.min, spec.max)
                                                   : std::string{spec.choices};
    return fmt::format("{} {}: {}", address, spec.kind == Kind::target ? "PATH" : range, spec.doc);
}

} // namespace chronus::ctl
