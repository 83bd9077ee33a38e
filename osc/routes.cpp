#include "osc/routes.h"

#include "osc/address_pattern.h"
#include "osc/context.h"
#include "osc/hints.h"
#include "osc/param_words.h"
#include "osc/pattern_targets.h"
#include "osc/presets.h"
#include "osc/typed.h"
#include "patterns/text/json_writer.h"
#include "patterns/text/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace chronus::osc {

namespace {

/// Addresses of the original's first generation, which songs still send.
struct Alias {
    std::string_view from, to;
};
constexpr std::array kAliases{
    Alias{"/mod/sine1/", "/mod/voice1/"},
    Alias{"/mod/filter1/", "/mod/voice1/filter/"},
    Alias{"/mod/adsr1/", "/mod/voice1/adsr/"},
    Alias{"/gate/adsr1", "/gate/voice1"},
};

/// The address with what was said, or with what it takes when that is not enough.
std::string said_to(Context &context, std::string_view address, Args args) {
    const Verb *verb = find_verb(address);
    return verb == nullptr || coerced(*verb, args) ? typed(address, args)
                                                   : working_example(context, *verb);
}

Error unknown(Context &context, std::string_view address, Args args) {
    const auto known = all_addresses(context);
    const std::vector<std::string_view> views(known.begin(), known.end());
    const auto near = patterns::nearest(address, views, 3);
    std::string meant;
    for (const auto name : near) meant += fmt::format("{}{}", meant.empty() ? "" : ", ", name);
    return {Errc::unknown_address,
            near.empty() ? fmt::format("{}: no such address; /schema lists them all", address)
                         : fmt::format("{}: no such address; near it: {}", address, meant),
            near.empty() ? "/schema" : said_to(context, near.front(), args)};
}

/// "filter1" is voice1's filter; a voice the engine lacks is told apart from a word it never knew.
Error unknown_param(Context &context, std::string_view path, Args args) {
    const std::string_view module = path.substr(0, path.find('/'));
    const auto found = find_module(module);
    const std::uint16_t voices = context.session.config().voices;
    if (found && found->module == 0 && found->instance >= voices)
        return {Errc::out_of_range,
                fmt::format("{}: this engine has voices 1..{}; --voices gives it up to {}", module,
                            voices, kMaxVoices),
                typed(fmt::format("/mod/voice{}{}", voices, path.substr(module.size())), args)};
    return unknown(context, fmt::format("/mod/{}", path), args);
}

std::optional<ParamId> param_here(const Context &context, std::string_view path) {
    const auto id = find_param(path);
    if (!id) return std::nullopt;
    const ParamPlace place = place_of(*id);
    if (place.module == 0 && place.instance >= context.session.config().voices) return std::nullopt;
    return id;
}

/// The nearest path, as what this LFO can be told.
Error unknown_target(Context &context, ParamId lfo, std::string_view path) {
    Error error = unknown_param(context, path, {});
    const bool is_path = error.hint.starts_with("/mod/");
    const std::string meant = is_path ? error.hint.substr(5) : "voice1/filter/freq";
    error.hint = fmt::format("/mod/{} {}", path_of(lfo).view(), meant);
    return error;
}

/// A name where the table has names, else a number.
Result<float> wanted(Context &context, ParamId id, const Value &value) {
    const ParamSpec &spec = spec_of(id);
    const auto *name = std::get_if<std::string>(&value);
    if (name != nullptr && spec.kind == Kind::choice)
        if (const auto index = find_choice(spec.choices, *name)) return *index;
    if (name != nullptr && spec.kind == Kind::target) {
        if (*name == "none" || name->empty()) return -1.0f;
        const auto path = name->starts_with("/mod/") ? name->substr(5) : *name;
        const auto target = param_here(context, path);
        if (!target) return unknown_target(context, id, path);
        if (spec_of(*target).kind != Kind::amount)
            return Error{Errc::bad_type,
                         fmt::format("{}: {} is a {} and cannot be moved by an LFO",
                                     path_of(id).view(), path,
                                     spec_of(*target).kind == Kind::choice ? "choice" : "number"),
                         fmt::format("/mod/{} voice1/filter/freq", path_of(id).view())};
        return static_cast<float>(target->index);
    }
    auto number = to_float(value, path_of(id).view());
    if (!number && spec.kind == Kind::choice) {
        Error error = number.error();
        error.what = fmt::format("{}: {} is none of {}", path_of(id).view(),
                                 name != nullptr ? *name : "that", spec.choices);
        error.hint = fmt::format("/mod/{} {}", path_of(id).view(), choice_name(spec.choices, 0));
        return error;
    }
    if (!number) {
        Error error = number.error();
        if (error.hint.empty())
            error.hint = fmt::format("/mod/{} {}", path_of(id).view(), initial_of(id));
        return error;
    }
    if (spec.kind == Kind::target && (*number < -1 || *number >= kParamCount))
        return Error{
            Errc::out_of_range,
            fmt::format("{}: {} names no parameter; give its path", path_of(id).view(), *number),
            fmt::format("/mod/{} voice1/filter/freq", path_of(id).view())};
    // The original cut 2.7 to waveform 2; an index that is not whole stays what it was there.
    return spec.kind == Kind::amount ? *number : std::trunc(*number);
}

/// A sound for the voice, or what sound it has.
Answered on_preset(Context &context, const Message &message, int voice) {
    if (!message.args.empty() && !std::holds_alternative<Nil>(message.args[0]))
        return {message.address, use_preset(context, voice, message.args), true};
    const std::string name = preset_in_use(context, voice);
    return {message.address, Reply{name, {name}}, false, true};
}

Answered on_param(Context &context, const Message &message, std::string_view path) {
    if (const auto voice = voice_of_preset(context, path))
        return on_preset(context, message, *voice);
    const auto id = param_here(context, path);
    if (!id) return {message.address, unknown_param(context, path, message.args)};
    if (message.args.empty() || std::holds_alternative<Nil>(message.args[0])) {
        const float value = context.session.get(*id);
        return {message.address, Reply{shown(*id, value), {told_value(*id, value)}}, false, true};
    }
    const auto value = wanted(context, *id, message.args[0]);
    if (!value) return {message.address, value.error(), true};
    const auto applied = context.session.set(*id, *value);
    if (!applied) return {message.address, applied.error(), true};
    if (*applied != *value && !context.trial)
        context.observer.clipped(message.address, *value, *applied);
    if (!context.trial) context.subscriptions.wrote(*id, *value, context.caller.peer);
    return {message.address,
            Reply{*applied == *value ? shown(*id, *applied)
                                     : fmt::format("{}, clipped from {}", *applied, *value),
                  {*applied}},
            true};
}

/// Which voice a gate's name stands for; 0 for none.
Result<int> gated_voice(Context &context, std::string_view name, Args args) {
    if (name == "acid1") {
        const int source = static_cast<int>(context.session.get(param("acid1/source")));
        if (source > 0) return source;
        return Error{Errc::not_now, "acid1: its source is 0, so no voice runs through it",
                     "/mod/acid1/source 2"};
    }
    const std::string_view digits = name.starts_with("voice") ? name.substr(5) : name;
    int voice = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), voice);
    if (error == std::errc{} && end == digits.data() + digits.size()) return voice;
    return unknown(context, fmt::format("/gate/{}", name), args);
}

/// Whatever follows the first segment is ignored, as the original did.
Answered on_gate(Context &context, const Message &message, std::string_view rest) {
    const auto voice = gated_voice(context, rest.substr(0, rest.find('/')), message.args);
    if (!voice) return {message.address, voice.error(), true};
    if (message.args.empty())
        return {message.address,
                Error{Errc::bad_type,
                      fmt::format("{}: takes 1 to open and 0 to close", message.address),
                      fmt::format("{} 1", message.address)},
                true};
    const auto on = to_switch(message.args[0], "gate");
    if (!on) {
        Error error = on.error();
        error.hint = fmt::format("{} 1", message.address);
        return {message.address, std::move(error), true};
    }
    const auto done = context.session.gate(*voice, *on);
    if (!done) return {message.address, done.error(), true};
    return {message.address, Reply{fmt::format("voice{} {}", *voice, *on ? "open" : "closed")},
            true};
}

/// Examples are of a pattern that need not be in play; what it has instead is worth more.
Error with_working_hint(Context &context, const Verb &verb, Error error) {
    const bool lost = error.code == Errc::not_found || error.code == Errc::corrupt;
    if (error.hint == verb.example || (error.hint.empty() && lost))
        error.hint = working_example(context, verb);
    return error;
}

Answered on_verb(Context &context, const Message &message, const Verb &verb) {
    const auto args = coerced(verb, message.args);
    if (!args) return {message.address, with_working_hint(context, verb, args.error())};
    auto done = verb.handle(context, *args);
    if (!done) return {message.address, with_working_hint(context, verb, done.error())};
    return {message.address, std::move(done)};
}

Reply values_of(Context &context, const PatternTargets &targets) {
    patterns::JsonWriter json;
    json.begin_object();
    for (const ParamId id : targets.params)
        json.key(fmt::format("/mod/{}", path_of(id).view())).value(context.session.get(id));
    for (const std::uint16_t voice : targets.presets)
        json.key(fmt::format("/mod/voice{}/preset", voice)).value(preset_in_use(context, voice));
    json.end_object();
    const std::size_t count = targets.params.size() + targets.presets.size();
    return listed(counted(count, "parameter"), count, json.text());
}

/// The acid's gate is that of a voice, and no voice is struck twice.
std::vector<std::string> addresses_of(const PatternTargets &targets) {
    std::vector<std::string> out;
    for (const ParamId id : targets.params)
        out.push_back(fmt::format("/mod/{}", path_of(id).view()));
    for (const std::uint16_t voice : targets.presets)
        out.push_back(fmt::format("/mod/voice{}/preset", voice));
    for (const std::uint16_t voice : targets.gates)
        out.push_back(fmt::format("/gate/voice{}", voice));
    if (targets.acid_gate && targets.gates.empty()) out.emplace_back("/gate/acid1");
    return out;
}

/// All parameters and gates that an address pattern names, never a verb. The first that is refused
/// is the answer.
Answered on_pattern(Context &context, const Message &message) {
    const auto pattern = AddressPattern::parse(canonical(message.address));
    if (!pattern) return {message.address, pattern.error()};
    const std::uint16_t voices = context.session.config().voices;
    auto targets = targets_of(*pattern, voices);
    if (targets.params.empty()) targets.presets = presets_of(*pattern, voices);
    if (targets.size() == 0)
        return {message.address,
                Error{Errc::no_match,
                      fmt::format("{}: matches no parameter and no gate", message.address),
                      typed("/mod/voice*/freq", message.args)}};
    if (message.args.empty()) return {message.address, values_of(context, targets)};
    for (const std::string &address : addresses_of(targets)) {
        auto answered = dispatch(context, {address, message.args});
        if (!answered.result) return {message.address, answered.result.error(), true};
    }
    return {message.address, Reply{fmt::format("{} set", counted(targets.size(), "target")),
                                   {static_cast<std::int32_t>(targets.size())}}};
}

} // namespace

std::string canonical(std::string_view address) {
    for (const Alias &alias : kAliases)
        if (address.starts_with(alias.from))
            return fmt::format("{}{}", alias.to, address.substr(alias.from.size()));
    return std::string{address};
}

Answered dispatch(Context &context, const Message &message) {
    if (has_pattern(message.address)) return on_pattern(context, message);
    const std::string address = canonical(message.address);
    const std::string_view view = address;
    if (const Verb *verb = find_verb(view)) return on_verb(context, message, *verb);
    if (view.starts_with("/mod/")) return on_param(context, message, view.substr(5));
    if (view.starts_with("/gate/")) return on_gate(context, message, view.substr(6));
    return {message.address, unknown(context, view, message.args)};
}

std::vector<std::string> all_addresses(const Context &context) {
    std::vector<std::string> all;
    for (const Verb *verb : all_verbs()) all.emplace_back(verb->address);
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        const std::string path{path_of({i}).view()};
        if (param_here(context, path)) all.push_back("/mod/" + path);
    }
    for (std::uint16_t v = 1; v <= context.session.config().voices; ++v) {
        all.push_back(fmt::format("/mod/voice{}/preset", v));
        all.push_back(fmt::format("/gate/voice{}", v));
    }
    all.emplace_back("/gate/acid1");
    return all;
}

} // namespace chronus::osc
