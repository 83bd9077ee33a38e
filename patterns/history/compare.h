#pragma once

#include "engine/result.h"
#include "patterns/history/structure.h"
#include "patterns/text/json.h"
#include "patterns/text/json_writer.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// A value that differs, as JSON on both sides; empty where there is none.
struct Difference {
    std::string what;
    std::optional<std::string> from, to;
    friend bool operator==(const Difference &, const Difference &) = default;
};

/// A part that is there on one side only, with all its values, or differs.
struct NodeChange {
    enum class How : std::uint8_t { added, removed, modified };
    std::string node;
    How how = How::modified;
    std::vector<Difference> fields;
    friend bool operator==(const NodeChange &, const NodeChange &) = default;
};

/// What leads from one structure to another, in the order of names.
struct Comparison {
    std::vector<NodeChange> nodes;
    std::vector<std::string> connected, disconnected;
    std::vector<Difference> settings, metadata, variables, triggers;
    friend bool operator==(const Comparison &, const Comparison &) = default;
};

/// `compare(a, a)` is empty; `applied(compare(a, b), a)` is b.
Comparison compare(const Structure &a, const Structure &b);
Structure applied(const Comparison &changes, Structure a);

/// Writes the members of an object: nodes {added, removed, modified}, connections {added, removed},
/// settings, metadata, variables, triggers.
void write_members(JsonWriter &json, const Comparison &changes);
/// What that wrote; what is not there is empty.
Comparison comparison_of(const JsonObject &object);

/// major.minor.patch along a line of work.
struct Version {
    std::uint32_t major = 1, minor = 0, patch = 0;
    friend auto operator<=>(const Version &, const Version &) = default;
};
std::string text_of(const Version &version);
/// Nothing for what is none.
std::optional<Version> parse_version(std::string_view text);

/// The version after those changes: major where tracks, modules or connections came or went, minor
/// where anything else differs that may be heard, else patch.
Version next(Version version, const Comparison &changes);

} // namespace chronus::patterns
