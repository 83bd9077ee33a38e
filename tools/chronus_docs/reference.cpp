#include "tools/chronus_docs/reference.h"

#include "engine/model/params.h"
#include "engine/model/presets.h"
#include "osc/errors.h"
#include "osc/topics.h"
#include "osc/verbs.h"
#include "patterns/text/track_keys.h"
#include "tools/chronus_docs/markdown.h"
#include "tools/chronus_docs/prose.h"

#include <fmt/format.h>

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace chronus::docs {

namespace {

std::string commands_of(const osc::Subject &subject) {
    std::string out = fmt::format("\n### {}\n\n", subject.title);
    out += table_head({"Address", "Arguments", "What it does", "Example"});
    for (const osc::Verb &verb : subject.verbs())
        out += row({code(verb.address), code(verb.args), cell(verb.doc), code(verb.example)});
    return out;
}

std::string commands() {
    std::string out{kCommands};
    for (const osc::Subject &subject : osc::kSubjects) out += commands_of(subject);
    return out;
}

std::string_view unit_word(Unit unit) {
    switch (unit) {
    case Unit::hertz:
        return " Hz";
    case Unit::seconds:
        return " s";
    case Unit::decibels:
        return " dB";
    case Unit::semitones:
        return " semitones";
    case Unit::bpm:
        return " BPM";
    default:
        return "";
    }
}

std::string choices_cell(const ParamSpec &spec) {
    std::string out;
    for (std::size_t n = 0; !choice_name(spec.choices, n).empty(); ++n)
        out += fmt::format("{}{} {}", n > 0 ? ", " : "", n, code(choice_name(spec.choices, n)));
    return out;
}

std::string range_cell(const ParamSpec &spec) {
    if (spec.kind == Kind::choice) return choices_cell(spec);
    if (spec.kind == Kind::target) return code("none") + ", or a path";
    return fmt::format("{}..{}{}", spec.min, spec.max, unit_word(spec.unit));
}

std::string value_cell(const ParamSpec &spec, float value) {
    if (spec.kind == Kind::choice)
        return code(choice_name(spec.choices, static_cast<std::size_t>(value)));
    if (spec.kind == Kind::target)
        return value < 0 ? code("none") : code(path_of({static_cast<std::uint16_t>(value)}).view());
    return fmt::format("{}", value);
}

/// What a row starts as, and which of its modules start as something else.
std::string start_cell(std::uint16_t module, std::uint16_t index) {
    const ParamSpec &spec = kModules[module].params[index];
    std::string out = value_cell(spec, spec.initial);
    for (std::uint16_t i = 0; i < kModules[module].count; ++i) {
        const float value = initial_of(id_of({module, i, index}));
        if (value != spec.initial)
            out +=
                fmt::format("; {}: {}", module_name({module, i}).view(), value_cell(spec, value));
    }
    return out;
}

std::string module_title(const ModuleSpec &module) {
    if (!module.numbered) return std::string{module.name};
    if (module.count == 1) return fmt::format("{}1", module.name);
    return fmt::format("{}1 .. {}{}", module.name, module.name, module.count);
}

std::string module_table(std::uint16_t m) {
    const ModuleSpec &module = kModules[m];
    const std::string base = fmt::format("/mod/{}{}/", module.name,
                                         !module.numbered    ? ""
                                         : module.count == 1 ? "1"
                                                             : "N");
    std::string out = fmt::format("\n### {}\n\n{}\n\n", module_title(module), module.doc);
    out += table_head({"Address", "Range", "Start", "In files", "What it is"});
    for (std::uint16_t r = 0; r < module.params.size(); ++r) {
        const ParamSpec &spec = module.params[r];
        out += row({code(base + std::string{spec.path}), range_cell(spec), start_cell(m, r),
                    code(spec.key), cell(spec.doc)});
    }
    return out;
}

std::string parameters() {
    std::string out{kParameters};
    for (std::uint16_t m = 0; m < kModules.size(); ++m) out += module_table(m);
    return out;
}

std::string presets() {
    std::string out{kPresetsHead};
    out += table_head({"Preset", "What it is"});
    for (const Preset &preset : chronus::kPresets)
        out += row({code(preset.name), cell(preset.doc)});
    return out;
}

std::string key_range(const patterns::TrackKey &key) {
    if (key.is_switch()) return "on, off";
    const bool steps = key.name == "pattern" || key.name == "len";
    return fmt::format("{}..{}{}", key.min, key.max, steps ? " steps" : unit_word(key.unit));
}

std::string key_start(const patterns::TrackKey &key) {
    if (key.is_text()) return "";
    if (key.is_switch()) return key.initial != 0 ? "on" : "off";
    if (std::holds_alternative<std::optional<float> Track::*>(key.field)) return "unset";
    return fmt::format("{}", key.initial);
}

std::string keys() {
    std::string out{kKeys};
    out += table_head({"Key", "Range", "Start", "What it is"});
    for (const patterns::TrackKey &key : patterns::track_keys())
        out += row({code(key.name), key_range(key), key_start(key), cell(key.doc)});
    return out;
}

std::string topics() {
    std::string out{kTopicsHead};
    out += table_head({"Address", "Arguments", "What it tells"});
    for (const osc::Topic &topic : osc::kTopics)
        out += row({code(topic.address), code(topic.args), cell(topic.doc)});
    return out;
}

std::string errors() {
    std::string out{kErrorsHead};
    out += table_head({"Symbol", "Number", "What it means"});
    for (const osc::ErrorRow &error : osc::kErrors)
        out += row({code(error.symbol), fmt::format("{}", error.number),
                    cell(kErrorWords[static_cast<std::size_t>(error.code)])});
    return out;
}

} // namespace

std::string reference() {
    return std::string{kTop} + commands() + parameters() + presets() + topics() + keys() + errors();
}

} // namespace chronus::docs
