#include "patterns/history/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace chronus::patterns {

namespace {

using How = NodeChange::How;

std::optional<std::string> value_in(const Fields &fields, const std::string &name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::nullopt : std::optional{found->second};
}

std::vector<Difference> compare(const Fields &a, const Fields &b) {
    std::vector<Difference> out;
    for (const auto &[name, from] : a)
        if (auto to = value_in(b, name); to != from) out.push_back({name, from, std::move(to)});
    for (const auto &[name, to] : b)
        if (!a.contains(name)) out.push_back({name, std::nullopt, to});
    std::ranges::sort(out, {}, &Difference::what);
    return out;
}

void apply(const std::vector<Difference> &changes, Fields &to) {
    for (const Difference &change : changes)
        if (change.to)
            to[change.what] = *change.to;
        else
            to.erase(change.what);
}

std::vector<NodeChange> compare_nodes(const Structure &a, const Structure &b) {
    std::vector<NodeChange> out;
    for (const auto &[node, fields] : a.nodes) {
        const auto other = b.nodes.find(node);
        const bool gone = other == b.nodes.end();
        auto changes = compare(fields, gone ? Fields{} : other->second);
        if (gone || !changes.empty())
            out.push_back({node, gone ? How::removed : How::modified, std::move(changes)});
    }
    for (const auto &[node, fields] : b.nodes)
        if (!a.nodes.contains(node)) out.push_back({node, How::added, compare({}, fields)});
    std::ranges::sort(out, {}, &NodeChange::node);
    return out;
}

std::vector<std::string> beyond(const std::set<std::string> &all,
                                const std::set<std::string> &known) {
    std::vector<std::string> out;
    std::ranges::set_difference(all, known, std::back_inserter(out));
    return out;
}

} // namespace

Comparison compare(const Structure &a, const Structure &b) {
    return {.nodes = compare_nodes(a, b),
            .connected = beyond(b.connections, a.connections),
            .disconnected = beyond(a.connections, b.connections),
            .settings = compare(a.settings, b.settings),
            .metadata = compare(a.metadata, b.metadata),
            .variables = compare(a.variables, b.variables),
            .triggers = compare(a.triggers, b.triggers)};
}

Structure applied(const Comparison &changes, Structure a) {
    for (const NodeChange &change : changes.nodes)
        if (change.how == How::removed)
            a.nodes.erase(change.node);
        else
            apply(change.fields, a.nodes[change.node]);
    for (const std::string &gone : changes.disconnected) a.connections.erase(gone);
    a.connections.insert(changes.connected.begin(), changes.connected.end());
    apply(changes.settings, a.settings);
    apply(changes.metadata, a.metadata);
    apply(changes.variables, a.variables);
    apply(changes.triggers, a.triggers);
    return a;
}

std::string text_of(const Version &version) {
    return fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
}

std::optional<Version> parse_version(std::string_view text) {
    Version out;
    const char *at = text.data(), *end = text.data() + text.size();
    for (std::uint32_t *part : {&out.major, &out.minor, &out.patch}) {
        const auto [after, wrong] = std::from_chars(at, end, *part);
        if (wrong != std::errc{} || (part != &out.patch && (after == end || *after != '.')))
            return std::nullopt;
        at = part == &out.patch ? after : after + 1;
    }
    return at == end ? std::optional{out} : std::nullopt;
}

Version next(Version version, const Comparison &changes) {
    const bool built = !changes.connected.empty() || !changes.disconnected.empty() ||
                       std::ranges::any_of(changes.nodes, [](const NodeChange &change) {
                           return change.how != How::modified;
                       });
    if (built) return {version.major + 1, 0, 0};
    if (!changes.nodes.empty() || !changes.settings.empty() || !changes.variables.empty())
        return {version.major, version.minor + 1, 0};
    return {version.major, version.minor, version.patch + 1};
}

} // namespace chronus::patterns
