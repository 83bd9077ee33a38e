#include "tools/chronus_docs/completion.h"

#include "engine/host/session.h"
#include "engine/model/params.h"
#include "engine/model/presets.h"
#include "osc/verbs.h"
#include "patterns/text/track_keys.h"
#include "tools/chronus_docs/help_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

namespace chronus::docs {

namespace {

using Words = std::vector<std::string>;

void add(Words &words, std::string word) {
    if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
}

/// The commands' own words: the first of each, and for groups the second.
struct Commands {
    Words first;
    std::map<std::string, Words> second;
};

Commands commands_of(const HelpText &help) {
    Commands commands;
    for (const HelpSection &section : help.sections) {
        if (section.title.starts_with("Options")) continue;
        for (const HelpEntry &entry : section.entries) {
            const std::size_t blank = std::min(entry.head.find(' '), entry.head.size());
            const std::string first = entry.head.substr(0, blank);
            add(commands.first, first);
            const std::string rest = entry.head.substr(std::min(blank + 1, entry.head.size()));
            const std::string second = rest.substr(0, rest.find(' '));
            if (!second.empty() && second[0] >= 'a' && second[0] <= 'z')
                add(commands.second[first], second);
        }
    }
    return commands;
}

Words options_of(const HelpText &help) {
    Words options;
    for (const HelpSection &section : help.sections)
        if (section.title.starts_with("Options"))
            for (const HelpEntry &entry : section.entries)
                if (entry.head.size() > 2)
                    options.push_back(entry.head.substr(0, entry.head.find_first_of(" ,")));
    return options;
}

/// Modules as most daemons have them; more voices can be typed.
Words modules() {
    Words words;
    for (std::uint16_t m = 0; m < kModules.size(); ++m) {
        const bool voices = kModules[m].name == "voice";
        const std::uint16_t count = voices ? SessionConfig{}.voices : kModules[m].count;
        for (std::uint16_t i = 0; i < count; ++i) words.emplace_back(module_name({m, i}).view());
    }
    return words;
}

Words params_of(const ModuleSpec &module) {
    Words words;
    for (const ParamSpec &spec : module.params) words.emplace_back(spec.path);
    if (module.name == "voice") words.emplace_back("preset");
    return words;
}

Words choices_of(const ParamSpec &spec) {
    Words words;
    for (std::size_t n = 0; !choice_name(spec.choices, n).empty(); ++n)
        words.emplace_back(choice_name(spec.choices, n));
    return words;
}

Words addresses() {
    Words words;
    for (const osc::Verb *verb : osc::all_verbs()) words.emplace_back(verb->address);
    for (const std::string &module : modules()) words.push_back("/mod/" + module + "/");
    return words;
}

Words track_key_words(std::string_view end) {
    Words words;
    for (const patterns::TrackKey &key : patterns::track_keys())
        words.push_back(fmt::format("{}{}", key.name, end));
    return words;
}

std::string choice(std::string_view when, const Words &words) {
    return fmt::format("    {}) echo '{}' ;;\n", when, fmt::join(words, " "));
}

/// A shell function that prints words by its first argument.
std::string function(std::string_view name, std::string_view cases) {
    return fmt::format("{}() {{\n    case $1 in\n{}    esac\n}}\n\n", name, cases);
}

/// voice1, voice2 ... share a row; "master" stands for itself.
std::string pattern_of(const ModuleSpec &module) {
    return fmt::format("{}{}", module.name, module.numbered ? "[0-9]*" : "");
}

std::string param_cases() {
    std::string out;
    for (const ModuleSpec &module : kModules) out += choice(pattern_of(module), params_of(module));
    return out;
}

std::string value_cases() {
    std::string out;
    for (const ModuleSpec &module : kModules)
        for (const ParamSpec &spec : module.params)
            if (const Words words = choices_of(spec); !words.empty())
                out += choice(fmt::format("{}/{}", pattern_of(module), spec.path), words);
    Words presets;
    for (const Preset &preset : kPresets) presets.emplace_back(preset.name);
    return out + choice("voice[0-9]*/preset", presets);
}

std::string group_cases(const Commands &commands) {
    std::string out;
    for (const auto &[group, words] : commands.second) out += choice(group, words);
    return out;
}

constexpr std::string_view kHead =
    "# Completion of chronusctl for bash. Made by chronus_docs from its tables; do not edit.\n"
    "#   source completions/chronusctl.bash\n\n";

constexpr std::string_view kBody = R"bash(_chronusctl_tracks() {
    chronusctl --timeout 0.3 seq list 2>/dev/null | sed -n 's/^ *name=\([^ ]*\) .*/\1/p'
}

# What may stand at the end of the words given; options and their values are not among them.
_chronusctl_words() {
    case $#:$1:$2 in
    1:*) echo "$_chronusctl_first" ;;
    2:set:* | 2:get:* | 2:gate:*) echo "$_chronusctl_modules" ;;
    2:send:* | 2:schema:* | 2:describe:*) echo "$_chronusctl_addresses" ;;
    2:*) _chronusctl_second "$1" ;;
    3:set:* | 3:get:*) _chronusctl_params "$2" ;;
    4:set:*) _chronusctl_values "$2/$3" ;;
    3:gate:* | 4:seq:mute | 4:seq:solo) echo 'on off' ;;
    3:seq:add | 3:seq:remove | 3:seq:set | 3:seq:mute | 3:seq:solo | 3:seq:update-*) _chronusctl_tracks ;;
    4:seq:add) echo "$_chronusctl_modules" | tr ' ' '\n' | grep '^voice' ;;
    4:seq:set) echo "$_chronusctl_keys" ;;
    [6-9]:seq:add | 1[0-9]:seq:add) echo "$_chronusctl_settings" ;;
    esac
}

_chronusctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} offered words=() i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --host | --port | --timeout | --types | --format) ((i += 1)) ;;
        -*) ;;
        *) words+=("${COMP_WORDS[i]}") ;;
        esac
    done
    case $cur in
    -*) offered=$_chronusctl_options ;;
    *) offered=$(_chronusctl_words "${words[@]}" "$cur") ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$cur")
    case ${COMPREPLY[*]} in
    *' '*) ;;
    *[=/]) compopt -o nospace 2>/dev/null ;; # there is more to come
    esac
}

complete -F _chronusctl chronusctl
)bash";

std::string variable(std::string_view name, const Words &words) {
    return fmt::format("_chronusctl_{}='{}'\n", name, fmt::join(words, " "));
}

} // namespace

std::string completion(std::string_view client_help) {
    const HelpText help = parse_help(client_help);
    const Commands commands = commands_of(help);
    std::string out{kHead};
    out += variable("options", options_of(help));
    out += variable("first", commands.first);
    out += variable("modules", modules());
    out += variable("addresses", addresses());
    out += variable("keys", track_key_words(""));
    out += variable("settings", track_key_words("=")) + "\n";
    out += function("_chronusctl_second", group_cases(commands));
    out += function("_chronusctl_params", param_cases());
    out += function("_chronusctl_values", value_cases());
    return out + std::string{kBody};
}

} // namespace chronus::docs
