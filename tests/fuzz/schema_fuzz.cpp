// What `/schema` is asked for can be read by all who read it; and they read whatever comes instead.
// An input is an address, up to the first line's end, and the bytes a daemon might answer.
#include "osc/topics.h"
#include "osc/verbs.h"
#include "patterns/text/json_gate.h"
#include "patterns/text/schema.h"
#include "tools/chronusctl/checks.h"
#include "tools/chronusctl/description.h"
#include "tools/chronusctl/frame.h"
#include "tools/chronusctl/known.h"
#include "tools/chronusctl/output.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

using namespace chronus;

namespace {

void law(bool holds) {
    if (!holds) std::abort();
}

std::vector<patterns::VerbDoc> all_docs() {
    std::vector<patterns::VerbDoc> docs;
    for (const osc::Verb *verb : osc::all_verbs())
        docs.push_back({verb->address, verb->args, verb->doc});
    for (const osc::Topic &topic : osc::kTopics)
        docs.push_back({topic.address, topic.args, topic.doc, true});
    return docs;
}

/// The schema below an address, of an engine with that many voices; null when there is nothing.
ctl::Json schema_of(std::string_view pattern, std::uint16_t voices) {
    static const auto docs = all_docs();
    static const ParamValues values;
    const std::string text = patterns::schema_json(values, voices, docs, pattern);
    const auto document = ctl::document_in(text);
    law(document.has_value() != text.empty());
    return document.value_or(ctl::Json{});
}

void use(const std::string &text) { law(ctl::printable(text).size() <= 4 * text.size()); }

/// All that chronusctl does with a schema: describes, lists and offers what is in it.
void read_schema(const ctl::Json &schema, std::string_view address) {
    const ctl::Json *asked = ctl::is_gate(address) ? nullptr : ctl::node_at(schema, address);
    if (asked != nullptr || ctl::is_gate(address))
        use(ctl::plain(ctl::Json{ctl::description(address, asked)}));
    const auto addresses = ctl::addresses_in(schema);
    for (const auto &[name, node] : addresses) {
        const ctl::Json described{ctl::description(name, node)};
        use(to_text(described, patterns::JsonStyle::indented));
        use(ctl::plain(ctl::value_in(name, *node)));
        use(ctl::summary(name));
        (void)ctl::is_told(*node);
    }
    for (const std::string &gate : ctl::gates_of(addresses)) law(ctl::is_gate(gate));
}

/// The same for what a daemon says of its state.
void read_state(const ctl::Json &state) {
    for (const ctl::Check &check : ctl::daemon_checks({state, ctl::member(state, "engine")}))
        use(check.text + check.advice);
    for (const int columns : {1, 40, 200})
        use(ctl::draw({state, ctl::member(state, "tracks"), ctl::member(state, "levels"), ""},
                      {.size = {columns, 24}, .utf8 = columns > 40}));
    const ctl::Known::Ask answer = [&](const osc::Message &) {
        return ctl::Answer{.address = "/schema",
                           .text = "",
                           .document = to_text(state, patterns::JsonStyle::compact)};
    };
    ctl::Known known{answer};
    for (const std::string &name : known.addresses()) (void)known.arguments(name);
    (void)known.sendable();
    for (const std::string &name : known.tracks()) use(name);
    for (const std::string &name : known.slots()) use(name);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view input{reinterpret_cast<const char *>(data), size};
    const std::string_view address = input.substr(0, input.find('\n'));
    const auto voices = static_cast<std::uint16_t>(size % 64 == 63 ? 64 : 1 + size % 8);
    const ctl::Json schema = schema_of(address, voices);
    if (!schema.is_null()) read_schema(schema, address);
    if (address.size() == input.size()) return 0;
    const auto read = patterns::parse_json(input.substr(address.size() + 1));
    if (!read) return 0;
    read_schema(*read, address);
    read_state(*read);
    return 0;
}
