#include "patterns/text/schema.h"

#include "patterns/text/json_writer.h"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace chronus::patterns {

namespace {

constexpr std::uint16_t kVoiceModule = place_of(param("voice1/freq")).module;
constexpr int kReadOnly = 1, kWriteOnly = 2, kReadWrite = 3;

struct UnitName {
    Unit unit;
    std::string_view name;
};
constexpr std::array kUnits{
    UnitName{Unit::hertz, "frequency.hz"}, UnitName{Unit::seconds, "time.second"},
    UnitName{Unit::decibels, "gain.db"}, UnitName{Unit::semitones, "pitch.semitone"},
    UnitName{Unit::bpm, "time.bpm"}};

/// What stands at an address, and what below it.
struct Node {
    std::variant<std::monostate, ParamId, VerbDoc> leaf;
    std::map<std::string, Node, std::less<>> contents;
};

/// The front part of an address without its slash, which is taken off.
std::string_view take_part(std::string_view &address) {
    address.remove_prefix(address.starts_with('/') ? 1 : 0);
    const std::string_view part = address.substr(0, address.find('/'));
    address.remove_prefix(part.size());
    return part;
}

/// Only the last star is ever tried again: at worst the product of both lengths.
bool part_matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0;
    std::optional<std::size_t> star;
    std::size_t star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star) {
            p = *star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

/// Whether the pattern names the address or something above it.
bool matches(std::string_view pattern, std::string_view address) {
    for (;;) {
        const std::string_view wanted = take_part(pattern);
        if (wanted.empty()) return true;
        if (!part_matches(wanted, take_part(address))) return false;
    }
}

class Tree {
public:
    explicit Tree(std::string_view pattern) : pattern_(pattern) {}

    void add(std::string_view address, std::variant<std::monostate, ParamId, VerbDoc> leaf) {
        if (!matches(pattern_, address)) return;
        Node *node = &root;
        while (!address.empty()) node = &node->contents[std::string{take_part(address)}];
        node->leaf = leaf;
    }

    Node root;

private:
    std::string_view pattern_;
};

constexpr VerbDoc kPreset{{}, "s:preset", "Give the voice another sound; /preset/list has them."};

void add_params(Tree &tree, std::uint16_t voices) {
    for (std::uint16_t v = 1; v <= voices; ++v)
        tree.add(fmt::format("/mod/voice{}/preset", v), kPreset);
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        const ParamPlace place = place_of({i});
        if (place.module != kVoiceModule || place.instance < voices)
            tree.add(fmt::format("/mod/{}", path_of({i}).view()), ParamId{i});
    }
}

class Printer {
public:
    explicit Printer(const ParamValues &values) : values_(values) {}

    void node(const Node &node, const std::string &path) {
        out.begin_object();
        out.key("FULL_PATH").value(path.empty() ? "/" : path);
        std::visit([&](const auto &leaf) { this->leaf(leaf); }, node.leaf);
        if (!node.contents.empty()) {
            out.key("CONTENTS").begin_object();
            for (const auto &[name, inner] : node.contents) {
                out.key(name);
                this->node(inner, path + "/" + name);
            }
            out.end_object();
        }
        out.end_object();
    }

    JsonWriter out;

private:
    /// What commands take as a switch or anything has no type tag of its own.
    static char type_of(char letter, bool told) {
        if (told) return letter;
        return letter == 'b' ? 'T' : letter == 'v' ? 's' : letter;
    }

    void leaf(std::monostate) {}

    void leaf(const VerbDoc &verb) {
        std::string types;
        std::vector<std::string_view> names;
        for (std::string_view rest = verb.args; !rest.empty();) {
            const std::string_view word = rest.substr(0, rest.find(' '));
            rest.remove_prefix(std::min(rest.size(), word.size() + 1));
            if (word.size() < 3 || word[1] != ':') continue;
            types += type_of(word[0], verb.told);
            names.push_back(word.substr(2, word.find('?') - 2));
        }
        out.key("DESCRIPTION").value(verb.doc);
        out.key("TYPE").value(types);
        out.key("ACCESS").value(verb.told ? kReadOnly : kWriteOnly);
        out.key("EXTENDED_TYPE").begin_array();
        for (const std::string_view name : names) out.value(name);
        out.end_array();
    }

    void leaf(ParamId id) {
        const ParamSpec &spec = spec_of(id);
        out.key("DESCRIPTION").value(description(spec));
        out.key("TYPE").value(type(spec));
        out.key("ACCESS").value(kReadWrite);
        out.key("VALUE").begin_array();
        value(id, spec);
        out.end_array();
        if (spec.kind != Kind::target) range(spec);
        unit(spec);
        if (spec.kind == Kind::amount) out.key("CLIPMODE").begin_array().value("both").end_array();
    }

    static std::string_view type(const ParamSpec &spec) {
        if (spec.kind == Kind::target) return "s";
        return spec.kind == Kind::amount ? "f" : "i";
    }

    static std::string description(const ParamSpec &spec) {
        std::string text{spec.doc};
        for (std::size_t n = 0; !choice_name(spec.choices, n).empty(); ++n)
            text += fmt::format("{}{} {}", n == 0 ? " " : ", ", n, choice_name(spec.choices, n));
        return text;
    }

    void value(ParamId id, const ParamSpec &spec) {
        const float value = values_.get(id);
        if (spec.kind == Kind::amount)
            out.value(value);
        else if (spec.kind != Kind::target)
            out.value(static_cast<int>(value));
        else if (value >= 0 && value < kParamCount)
            out.value(path_of({static_cast<std::uint16_t>(value)}).view());
        else
            out.value("none");
    }

    void range(const ParamSpec &spec) {
        out.key("RANGE").begin_array().begin_object();
        if (spec.kind == Kind::choice) {
            out.key("VALS").begin_array();
            for (int n = 0; n <= static_cast<int>(spec.max); ++n) out.value(n);
            out.end_array();
        } else {
            out.key("MIN").value(spec.min);
            out.key("MAX").value(spec.max);
        }
        out.end_object().end_array();
    }

    void unit(const ParamSpec &spec) {
        for (const UnitName &unit : kUnits)
            if (unit.unit == spec.unit) out.key("UNIT").begin_array().value(unit.name).end_array();
    }

    const ParamValues &values_;
};

} // namespace

std::string schema_json(const ParamValues &values, std::uint16_t voices,
                        std::span<const VerbDoc> verbs, std::string_view pattern) {
    Tree tree{pattern};
    for (const VerbDoc &verb : verbs) tree.add(verb.address, verb);
    add_params(tree, voices);
    if (tree.root.contents.empty()) return {};
    Printer printer{values};
    printer.node(tree.root, "");
    return std::move(printer.out).text();
}

} // namespace chronus::patterns
