#include "tools/chronusctl/known.h"

#include "engine/host/session.h"
#include "patterns/text/json_gate.h"
#include "patterns/text/schema.h"
#include "tools/chronusctl/verb_table.h"

#include <fmt/format.h>

#include <utility>

namespace chronus::ctl {

namespace {

void collect(const Json &node, std::map<std::string, const Json *> &into) {
    if (!member(node, "ACCESS").is_null()) // a folder has none
        into.emplace(text_of(node, "FULL_PATH"), &node);
    const auto *contents = member(node, "CONTENTS").as<patterns::JsonObject>();
    if (contents == nullptr) return;
    for (const auto &[name, inner] : *contents) collect(inner, into);
}

} // namespace

Json own_schema(std::uint16_t voices) {
    std::vector<patterns::VerbDoc> docs;
    for (const VerbRow &verb : verb_rows())
        docs.push_back({verb.address, verb.args, verb.doc, verb.told});
    return document_in(patterns::schema_json(ParamValues{}, voices, docs, "")).value_or(Json{});
}

std::map<std::string, const Json *> addresses_in(const Json &schema) {
    std::map<std::string, const Json *> out;
    collect(schema, out);
    return out;
}

bool is_told(const Json &node) { return number_of(node, "ACCESS") == 1; }

std::vector<std::string> gates_of(const std::map<std::string, const Json *> &addresses) {
    std::vector<std::string> out;
    for (int voice = 1; addresses.contains(fmt::format("/mod/voice{}/freq", voice)); ++voice)
        out.push_back(fmt::format("/gate/voice{}", voice));
    out.emplace_back("/gate/acid1");
    return out;
}

void Known::learn() {
    if (!addresses_.empty()) return;
    const Heard heard = ask_({"/schema"});
    const auto *answer = std::get_if<Answer>(&heard);
    auto document = answer != nullptr ? document_in(answer->document) : std::nullopt;
    schema_ = document ? *std::move(document) : own_schema(SessionConfig{}.voices);
    nodes_ = addresses_in(schema_);
    for (const auto &[address, node] : nodes_) addresses_.push_back(address);
    for (std::string &gate : gates_of(nodes_)) addresses_.push_back(std::move(gate));
}

void Known::forget() {
    nodes_.clear();
    addresses_.clear();
}

const std::vector<std::string> &Known::addresses() {
    learn();
    return addresses_;
}

std::vector<std::string> Known::sendable() {
    learn();
    std::vector<std::string> out = addresses_;
    std::erase_if(out, [&](const std::string &address) {
        const auto node = nodes_.find(address);
        return node != nodes_.end() && is_told(*node->second);
    });
    return out;
}

std::vector<std::string> Known::arguments(std::string_view address) {
    learn();
    std::vector<std::string> out;
    const auto node = nodes_.find(std::string{address});
    if (node == nodes_.end()) return out;
    for (const Json &name : items_of(member(*node->second, "EXTENDED_TYPE")))
        out.push_back(plain(name));
    return out;
}

/// One member of each item of a list that the daemon answers.
std::vector<std::string> Known::listed(std::string_view address, std::string_view name) {
    const Heard heard = ask_({std::string{address}});
    const auto *answer = std::get_if<Answer>(&heard);
    const Json document =
        answer != nullptr ? document_in(answer->document).value_or(Json{}) : Json{};
    std::vector<std::string> out;
    for (const Json &item : items_of(document)) out.push_back(plain(member(item, name)));
    return out;
}

std::vector<std::string> Known::tracks() { return listed("/seq/list", "name"); }

std::vector<std::string> Known::slots() { return listed("/pattern/list", "slot"); }

std::vector<std::string> Known::presets() { return listed("/preset/list", "name"); }

} // namespace chronus::ctl
