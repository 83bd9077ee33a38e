#include "osc/presets.h"

#include "engine/model/presets.h"
#include "osc/preset_shelf.h"

#include <fmt/format.h>

#include <algorithm>

namespace chronus::osc {

namespace {

ParamId row_of(int voice, std::size_t row) {
    return id_of({0, static_cast<std::uint16_t>(voice - 1), static_cast<std::uint16_t>(row)});
}

bool sounds_like(Context &context, int voice, const VoiceSound &sound) {
    for (std::size_t row = 0; row < VoiceSound::kRows; ++row)
        if (const auto value = sound.get(row); value)
            if (context.session.get(row_of(voice, row)) != *value) return false;
    return true;
}

/// What is there already is not set again: it would take a note's pitch away.
Outcome give(Context &context, int voice, const VoiceSound &sound) {
    for (std::size_t row = 0; row < VoiceSound::kRows; ++row) {
        const auto value = sound.get(row);
        const ParamId id = row_of(voice, row);
        if (!value || context.session.get(id) == *value) continue;
        if (auto set = context.session.set(id, *value); !set) return set.error();
    }
    return Done{};
}

} // namespace

std::optional<int> voice_of_preset(const Context &context, std::string_view path) {
    constexpr std::string_view kEnd = "/preset";
    if (!path.ends_with(kEnd)) return std::nullopt;
    const auto module = find_module(path.substr(0, path.size() - kEnd.size()));
    if (!module || module->module != 0) return std::nullopt;
    if (module->instance >= context.session.config().voices) return std::nullopt;
    return module->instance + 1;
}

bool sets_preset(const Message &message) {
    return !message.args.empty() && message.address.starts_with('/') &&
           message.address.ends_with("/preset");
}

Result<Reply> use_preset(Context &context, int voice, Args args) {
    const auto wrong = [&](Error error) {
        error.hint = fmt::format("/mod/voice{}/preset {}", voice,
                                 error.hint.empty() ? kPresets[0].name : error.hint);
        return error;
    };
    const auto name = to_text(args[0], "preset");
    if (!name) return wrong({name.error().code, name.error().what});
    const auto preset = preset_named(context, *name);
    if (!preset) return wrong(preset.error());
    if (auto done = give(context, voice, preset->sound); !done) return done.error();
    Reply reply{fmt::format("voice{} is {}", voice, preset_name(*name)), {preset_name(*name)}};
    for (const std::string &note : preset->notes) reply.values.emplace_back(note);
    return reply;
}

std::string preset_in_use(Context &context, int voice) {
    for (const Preset &preset : kPresets)
        if (sounds_like(context, voice, sound_of(preset))) return std::string{preset.name};
    for (const std::string &name : own_presets(context))
        if (const auto own = preset_named(context, name);
            own && sounds_like(context, voice, own->sound))
            return name;
    return "none";
}

} // namespace chronus::osc
