#include "tools/chronusctl/offers.h"

#include "engine/model/params.h"
#include "patterns/text/track_keys.h"
#include "tools/chronusctl/arguments.h"
#include "tools/chronusctl/commands.h"
#include "tools/chronusctl/description.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace chronus::ctl {

namespace {

using Words = std::vector<std::string>;

void add(Words &words, std::string_view word) {
    if (std::ranges::find(words, word) == words.end()) words.emplace_back(word);
}

Words split(std::string_view text, char at) {
    Words out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(at), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

/// Front parts of addresses that begin with `partial`, cut behind its next slash.
Words cut_at_slash(std::span<const std::string> addresses, std::string_view partial) {
    Words out;
    for (const std::string &address : addresses) {
        if (!address.starts_with(partial)) continue;
        const std::size_t slash = address.find('/', std::max<std::size_t>(partial.size(), 1));
        add(out, std::string_view{address}.substr(0, slash == address.npos ? slash : slash + 1));
    }
    return out;
}

Words modules(Line line) {
    Words out;
    for (const std::string &address : line.known.addresses())
        if (const auto parts = split(address, '/'); parts.size() > 2 && parts[1] == "mod")
            add(out, parts[2]);
    return out;
}

Words params(Line line) {
    const std::string front = fmt::format("/mod/{}/", line.words.back());
    Words out;
    for (const std::string &address : line.known.addresses())
        if (address.starts_with(front)) out.push_back(address.substr(front.size()));
    return out;
}

/// What a parameter can be told by name.
Words values_of(std::string_view path, Line line) {
    if (path.ends_with("/preset")) return line.known.presets();
    const auto id = find_param(path);
    if (!id) return {};
    if (spec_of(*id).kind == Kind::target) return {"none", "voice1/filter/freq"};
    return split(spec_of(*id).choices, '|');
}

Words values(Line line) {
    const std::size_t n = line.words.size();
    if (n < 2) return {};
    const auto *key = patterns::find_track_key(line.words[n - 1]);
    if (key != nullptr && key->is_switch()) return {"on", "off"};
    return values_of(fmt::format("{}/{}", line.words[n - 2], line.words[n - 1]), line);
}

Words voices(Line line) {
    Words out;
    for (const std::string &module : modules(line))
        if (module.starts_with("voice")) out.push_back(module);
    return out;
}

Words keys(Line) {
    Words out;
    for (const patterns::TrackKey &key : patterns::track_keys()) out.emplace_back(key.name);
    return out;
}

Words settings(Line line) {
    Words out = keys(line);
    for (std::string &key : out) key += "=";
    return out;
}

Words addresses(Line line) { return cut_at_slash(line.known.addresses(), line.partial); }
Words tracks(Line line) { return line.known.tracks(); }
Words slots(Line line) { return line.known.slots(); }
Words presets(Line line) { return line.known.presets(); }
Words switches(Line) { return {"on", "off"}; }
Words boundaries(Line) { return {"off", "beat", "bar"}; }
Words moments(Line) { return {"now", "step+1", "beat+1", "bar+1"}; }

/// What an argument can be, by what the tables call it.
struct Meaning {
    std::string_view name;
    Words (*offered)(Line);
};
constexpr std::array kMeanings{
    Meaning{"track", tracks},       Meaning{"slot", slots},          Meaning{"from", slots},
    Meaning{"to", slots},           Meaning{"voice", voices},        Meaning{"key", keys},
    Meaning{"key=value", settings}, Meaning{"on", switches},         Meaning{"module", modules},
    Meaning{"param", params},       Meaning{"value", values},        Meaning{"address", addresses},
    Meaning{"below", addresses},    Meaning{"boundary", boundaries}, Meaning{"when", moments},
    Meaning{"preset", presets},
};

Words meant_by(std::string_view argument, Line line) {
    std::string name{argument};
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto meaning = std::ranges::find(kMeanings, name, &Meaning::name);
    return meaning == kMeanings.end() ? Words{} : meaning->offered(line);
}

/// Arguments of a message that begins with its address.
Words after_address(Line line);

/// "/at bar+1 /seq/bpm 120": a message in a message.
Words after_wrapper(Line line, std::size_t address) {
    return after_address({line.words.subspan(address), line.partial, line.known});
}

Words after_address(Line line) {
    const std::string &address = line.words[0];
    if (address.starts_with("/gate/")) return {"1", "0"};
    if (address.starts_with("/mod/"))
        return line.words.size() == 1 ? values_of(std::string_view{address}.substr(5), line)
                                      : Words{};
    if (address == "/subscribe" || address == "/unsubscribe") return addresses(line);
    const auto names = line.known.arguments(address);
    const std::size_t i = line.words.size() - 1;
    if (i < names.size()) return meant_by(names[i], line);
    const auto wrapped = std::ranges::find(names, "address");
    if (wrapped != names.end())
        return after_wrapper(line, static_cast<std::size_t>(wrapped - names.begin()) + 1);
    return address == "/seq/add" ? settings(line) : Words{};
}

/// The command that the first words name, and how many they are.
struct Named {
    const Command *command = nullptr;
    std::size_t words = 0;
};
Named named(std::span<const std::string> words) {
    Named out;
    for (const Topic &topic : topics())
        for (const Command &command : topic.commands) {
            const Words own = split(command.words, ' ');
            const std::size_t n = own.size();
            if (n > out.words && n <= words.size() && std::ranges::equal(own, words.first(n)))
                out = {&command, n};
        }
    return out;
}

Words options_of(const Command &command) {
    Words out;
    for (const OptionSpec &option : shape_of(command.args).options)
        out.push_back(fmt::format("--{}", option.name));
    return out;
}

Words after_command(const Named &is, Line line) {
    if (line.partial.starts_with("-")) return options_of(*is.command);
    const Shape shape = shape_of(is.command->args);
    const std::size_t i = line.words.size() - is.words;
    if (is.command->words == "send" && i > 0)
        return after_address({line.words.subspan(is.words), line.partial, line.known});
    if (shape.slots.empty() || (i >= shape.slots.size() && !shape.slots.back().rest)) return {};
    return meant_by(shape.slots[std::min(i, shape.slots.size() - 1)].name, line);
}

/// Commands that go on from the words there are: "seq" with "add", "remove" ...
Words next_words(Line line) {
    Words out;
    for (const Topic &topic : topics())
        for (const Command &command : topic.commands) {
            const Words own = split(command.words, ' ');
            const std::size_t n = line.words.size();
            if (own.size() > n && std::ranges::equal(std::span{own}.first(n), line.words))
                add(out, own[n]);
        }
    return out;
}

Words first_words(Line line) {
    if (line.partial.starts_with('/')) return cut_at_slash(line.known.sendable(), line.partial);
    Words out = next_words(line);
    for (const std::string_view word : {"help", "exit"}) add(out, word);
    if (line.partial.empty()) return out; // short forms only once some letter is there
    for (const Topic &topic : topics())
        for (const Command &command : topic.commands)
            if (const std::string last = split(command.words, ' ').back();
                long_form(last).size() > 1)
                add(out, last);
    return out;
}

} // namespace

Words long_form(const std::string &word) {
    std::string_view found;
    for (const Topic &topic : topics())
        for (const Command &command : topic.commands) {
            if (command.words == word) return {word};
            if (found.empty() && command.words.ends_with(" " + word)) found = command.words;
        }
    return found.empty() ? Words{word} : split(found, ' ');
}

Words offered(Line line) {
    if (line.words.empty()) return first_words(line);
    if (line.words[0] == "help")
        return next_words({line.words.subspan(1), line.partial, line.known});
    if (line.words[0].starts_with('/')) return after_address(line);
    const Named is = named(line.words);
    return is.command != nullptr ? after_command(is, line) : next_words(line);
}

/// What the line would take: of a command its own words, of an address what describes it.
std::string usage_of(Line line) {
    if (line.words.empty()) return {};
    const Named is = named(line.words);
    const bool sends = is.command != nullptr && is.command->words == "send";
    if (is.command != nullptr && !sends) return usage(*is.command);
    const std::size_t at = sends ? 1 : 0;
    return at < line.words.size() ? summary(line.words[at]) : std::string{};
}

} // namespace chronus::ctl
