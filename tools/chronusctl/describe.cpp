#include "engine/host/session.h"
#include "osc/errors.h"
#include "patterns/text/nearest.h"
#include "tools/chronusctl/arguments.h"
#include "tools/chronusctl/description.h"
#include "tools/chronusctl/known.h"
#include "tools/chronusctl/link.h"
#include "tools/chronusctl/output.h"
#include "tools/chronusctl/performing.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace chronus::ctl {

using patterns::JsonObject;

namespace {

/// What is known of an address, and whether a daemon said so.
struct Found {
    Json schema = {};
    std::string trouble; ///< why no daemon tells what it is set to; empty when one does
};

/// "voice1/freq" as "/mod/voice1/freq"; no slash at the end.
std::string whole_address(std::string address) {
    if (!address.starts_with('/')) address = (find_param(address) ? "/mod/" : "/") + address;
    while (address.size() > 1 && address.ends_with('/')) address.pop_back();
    return address;
}

/// Schemas are silent about gates, but have the parameters of the same voices.
std::string asked_for(std::string_view address) {
    return is_gate(address) ? fmt::format("/mod/{}", address.substr(6)) : std::string{address};
}

/// A daemon's schema, else that of our own tables with as many voices as there can be.
Found find_schema(const std::string &address, const Settings &settings) {
    auto link = Link::open(settings);
    const auto *closed = std::get_if<Refusal>(&link);
    const Heard heard =
        closed != nullptr ? Heard{*closed} : std::get<Link>(link).ask({"/schema", {address}});
    const auto *refusal = std::get_if<Refusal>(&heard);
    if (refusal != nullptr)
        return {own_schema(kMaxVoices),
                refusal->exit == kNoDaemon ? "no daemon answers" : "not in this daemon"};
    return {document_in(std::get<Answer>(heard).document).value_or(Json{}), {}};
}

Refusal unknown(const std::string &address) {
    const Json schema = own_schema(SessionConfig{}.voices);
    const auto nodes = addresses_in(schema);
    std::vector<std::string_view> names;
    for (const auto &[name, node] : nodes) names.push_back(name);
    const auto gates = gates_of(nodes);
    names.insert(names.end(), gates.begin(), gates.end());
    const auto near = patterns::nearest(address, names, 3);
    const osc::ErrorRow &row = osc::error_row(Errc::unknown_address);
    return {.code = row.number,
            .symbol = std::string{row.symbol},
            .message = near.empty() ? fmt::format("{}: no such address", address)
                                    : fmt::format("{}: no such address; near it: {}", address,
                                                  fmt::join(near, ", ")),
            .hint = fmt::format("chronusctl describe {}", near.empty() ? "/" : near.front())};
}

void print_row(std::string_view label, std::string_view words) {
    if (!words.empty()) fmt::print("  {:<9} {}\n", label, printable(words));
}

std::string range_words(const Json &document) {
    if (member(document, "min").is_null() || !member(document, "choices").is_null()) return {};
    const bool amount = text_of(document, "type") == "number";
    return fmt::format("{}..{}{}", plain(member(document, "min")), plain(member(document, "max")),
                       amount ? "; what is beyond clips" : "");
}

/// The line at the top: the address, and the names of what a command takes.
std::string head(const Json &document) {
    std::string out = text_of(document, "address");
    for (const Json &argument : items_of(member(document, "arguments")))
        out += truth_of(argument, "optional") ? fmt::format(" [{}]", text_of(argument, "name"))
                                              : " " + text_of(argument, "name");
    return truth_of(document, "more") ? out + " ..." : out;
}

void print_words(const Json &document, const Settings &settings) {
    fmt::print("{}\n", printable(head(document)));
    if (const std::string doc = text_of(document, "doc"); !doc.empty())
        fmt::print("{}", wrapped(printable(doc), 2));
    print_row("type", text_of(document, "type"));
    print_row("unit", text_of(document, "unit"));
    print_row("range", range_words(document));
    std::string choices;
    for (const Json &choice : items_of(member(document, "choices"))) choices += plain(choice) + " ";
    print_row("choices", choices.substr(0, choices.find_last_not_of(' ') + 1));
    for (const auto *label : {"default", "value"})
        if (const Json &value = member(document, label); !value.is_null())
            print_row(label, plain(value));
    for (const Json &argument : items_of(member(document, "arguments")))
        print_row(text_of(argument, "name"),
                  text_of(argument, "type") +
                      (truth_of(argument, "optional") ? ", may be missing" : ""));
    for (const Json &entry : items_of(member(document, "below")))
        fmt::print("  {}\n{}", printable(text_of(entry, "address")),
                   wrapped(printable(text_of(entry, "doc")), 6));
    print_row("example", shell_hint(text_of(document, "example"), settings));
    print_row("note", text_of(document, "note"));
}

} // namespace

int run_describe(const Call &call) {
    const auto message = message_for(call);
    if (!message) return report_usage(message.error().what, message.error().hint, call.settings);
    const std::string address = whole_address(call.words[0]), asked = asked_for(address);
    const Found found = find_schema(asked, call.settings);
    const Json *node = node_at(found.schema, asked);
    if (node == nullptr) return report(unknown(address), call.settings);
    JsonObject document = description(address, is_gate(address) ? nullptr : node);
    const Json value = value_in(address, *node);
    if (!found.trouble.empty())
        patterns::put(document, "note", found.trouble);
    else if (!value.is_null())
        patterns::put(document, "value", value.value);
    if (call.settings.json)
        fmt::print("{}\n", patterns::to_text(Json{document}, patterns::JsonStyle::compact));
    else
        print_words(Json{document}, call.settings);
    return kDone;
}

} // namespace chronus::ctl
