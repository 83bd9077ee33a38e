#include "patterns/text/setlist.h"

#include "patterns/text/document_tree.h"
#include "patterns/text/hash.h"
#include "patterns/text/nearest.h"
#include "patterns/text/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace chronus::patterns {

namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::array<std::string_view, 4> kAfters{"", "next", "stop", "stay"};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_plain(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Error no_param(std::string_view path) {
    std::vector<std::string> paths;
    for (std::uint16_t i = 0; i < kParamCount; ++i) paths.emplace_back(path_of({i}).view());
    const std::vector<std::string_view> known{paths.begin(), paths.end()};
    return {Errc::not_found, fmt::format("there is no parameter {}; the nearest is {}",
                                         in_quotes(path), nearest_of(path, known))};
}

/// A choice or a target by its name.
Result<float> value_of(ParamId id, const std::string &name) {
    const ParamSpec &spec = spec_of(id);
    if (spec.kind == Kind::choice) {
        if (const auto choice = find_choice(spec.choices, name)) return *choice;
        return Error{Errc::out_of_range,
                     fmt::format("{} is none of {}", in_quotes(name), spec.choices)};
    }
    if (spec.kind != Kind::target)
        return Error{Errc::bad_type, fmt::format("{} is no number", in_quotes(name))};
    const auto target = find_param(name);
    if (target && spec_of(*target).kind == Kind::amount) return static_cast<float>(target->index);
    if (name == "none") return -1.0f;
    return Error{Errc::out_of_range, fmt::format("{} is nothing that can move", in_quotes(name))};
}

/// Amounts have no more digits than a float; the others must be what the table has.
Result<float> value_of(ParamId id, double number) {
    const ParamSpec &spec = spec_of(id);
    if (number >= static_cast<double>(spec.min) - 1e-6 * std::abs(number) &&
        number <= static_cast<double>(spec.max) + 1e-6 * std::abs(number)) {
        const float value = clamped(id, static_cast<float>(number));
        if (spec.kind == Kind::amount || static_cast<double>(value) == number) return value;
    }
    return Error{Errc::out_of_range,
                 fmt::format("{} is not in {}..{}", number, spec.min, spec.max)};
}

Outcome set_overrides(ParamValues &values, const Song &song) {
    for (const auto &[path, wanted] : song.overrides) {
        const auto id = find_param(path);
        const auto value = id ? std::visit([&](const auto &w) { return value_of(*id, w); }, wanted)
                              : Result<float>{no_param(path)};
        if (!value)
            return Error{value.error().code, fmt::format("song {}: override {}: {}", song.name,
                                                         in_quotes(path), value.error().what)};
        values.set(*id, *value);
    }
    return Done{};
}

const std::vector<SongPart> kOnePart(1);

const std::vector<SongPart> &parts_of(const Song &song) {
    return song.parts.empty() ? kOnePart : song.parts;
}

Result<KeptPattern> pattern_of(const Setlist &set, const Song &song, const SongPart &part) {
    for (const Source *source : {&part.source, &song.source, &set.base})
        if (source->pattern) return source->pattern;
    return Error{Errc::not_found,
                 fmt::format("song {}: there is nothing to play: neither it nor its set has a "
                             "pattern",
                             song.name)};
}

/// Makes what parts play, each pattern once.
class Mixer {
public:
    explicit Mixer(const Song &song) : song_(song) {}

    Result<KeptPattern> of(const KeptPattern &pattern) {
        if (song_.overrides.empty()) return pattern;
        KeptPattern &mixed = mixed_[pattern.id()];
        if (mixed) return mixed;
        Document document = *pattern;
        if (auto set = set_overrides(document.scene.params, song_); !set) return set.error();
        return mixed = KeptPattern{std::move(document)};
    }

private:
    const Song &song_;
    std::map<const Document *, KeptPattern> mixed_;
};

} // namespace

bool is_set_name(std::string_view name) {
    return !name.empty() && name.size() <= kLongestName && is_plain(name.front()) &&
           std::ranges::all_of(name, [](char c) { return is_plain(c) || c == '_' || c == '-'; });
}

bool is_song_name(std::string_view name) {
    return is_set_name(name) && name != "next" && name != "prev" &&
           !std::ranges::all_of(name, is_digit);
}

std::string_view word_of(After after) { return kAfters[static_cast<std::size_t>(after)]; }

std::optional<After> find_after(std::string_view word) {
    const auto *found = std::ranges::find(kAfters, word);
    if (found == kAfters.end()) return std::nullopt;
    return static_cast<After>(found - kAfters.begin());
}

Outcome check_song(const Setlist &set, const Song &song) {
    for (const SongPart &part : parts_of(song))
        if (auto pattern = pattern_of(set, song, part); !pattern) return pattern.error();
    ParamValues values;
    return set_overrides(values, song);
}

Result<std::vector<PlayedPart>> played_parts(const Setlist &set, const Song &song) {
    const std::vector<SongPart> &parts = parts_of(song);
    Mixer mixer{song};
    std::vector<PlayedPart> played;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        auto pattern = pattern_of(set, song, parts[i]);
        if (pattern) pattern = mixer.of(*pattern);
        if (!pattern) return pattern.error();
        for (std::uint32_t n = 0; n < parts[i].repeat; ++n)
            played.push_back({*pattern, parts[i].bars, i, n});
    }
    return played;
}

Result<std::string> inputs_hash(const Setlist &set, const Song &song) {
    const auto parts = played_parts(set, song);
    if (!parts) return parts.error();
    std::map<const Document *, std::string> hashes;
    Sha256 all;
    for (const PlayedPart &part : *parts) {
        std::string &hash = hashes[part.pattern.id()];
        if (hash.empty()) hash = content_hash(*part.pattern);
        all.add(fmt::format("{} {}\n", hash, part.bars));
    }
    return all.hex();
}

} // namespace chronus::patterns
