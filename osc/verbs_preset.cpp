#include "engine/model/presets.h"
#include "osc/context.h"
#include "osc/preset_shelf.h"
#include "osc/verbs.h"
#include "patterns/text/json_writer.h"
#include "patterns/text/preset_text.h"
#include "patterns/text/track_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace chronus::osc {

namespace {

using patterns::Job;
using patterns::JsonWriter;

/// The disk thread has it; the caller is answered when it is done.
Result<Reply> handed_on(Context &context, Job job) {
    job.now_ms = context.now_ms();
    context.desk.jobs.push_back(std::move(job));
    context.desk.job_callers.push_back(context.caller);
    return Reply{.text = {}, .later = true};
}

void write_entry(JsonWriter &json, std::string_view name, std::string_view of,
                 std::string_view about) {
    json.begin_object();
    json.key("name").value(name);
    json.key("of").value(of);
    json.key("about").value(about);
    json.end_object();
}

Result<Reply> list(Context &context, Args) {
    const auto own = own_presets(context);
    JsonWriter json;
    json.begin_array();
    for (const Preset &preset : kPresets) write_entry(json, preset.name, "chronus", preset.doc);
    for (const std::string &name : own) write_entry(json, name, "player", "");
    json.end_array();
    return listed(counted(kPresets.size() + own.size(), "preset"), kPresets.size() + own.size(),
                  json.text());
}

/// A name that is a player's to give.
Outcome check_name(Context &context, const std::string &name, int voice) {
    const auto instead = [&](std::string_view other) {
        return fmt::format("/preset/save {} voice{}", other, voice);
    };
    const std::string usable = patterns::usable_preset_name(name);
    if (find_preset(name) != nullptr || (usable != name && find_preset(usable) != nullptr))
        return Error{Errc::conflict,
                     fmt::format("preset {}: Chronus's own; give yours another name", usable),
                     instead("my_" + usable)};
    if (!patterns::is_preset_name(name))
        return Error{Errc::out_of_range,
                     fmt::format("preset \"{}\": a name is 1 to 64 letters, digits, '_' and '-'",
                                 name.substr(0, 64)),
                     instead(usable)};
    const auto own = own_presets(context);
    if (own.size() < patterns::kMostPresets || std::ranges::count(own, name) > 0) return Done{};
    return Error{Errc::too_big,
                 fmt::format("preset {}: {} are kept already; delete one, or save over one", name,
                             own.size()),
                 "/preset/list"};
}

Result<Reply> save(Context &context, Args args) {
    const std::string name = preset_name(text_at(args, 0));
    const auto voice = patterns::parse_voice(text_at(args, 1));
    const int most = context.session.config().voices;
    if (!voice || *voice > most)
        return Error{Errc::out_of_range,
                     fmt::format("voice \"{}\": not in voice1..voice{}",
                                 text_at(args, 1).substr(0, 64), most),
                     fmt::format("/preset/save {} voice1",
                                 patterns::is_preset_name(name) && find_preset(name) == nullptr
                                     ? name
                                     : "my_sound")};
    if (auto fits = check_name(context, name, *voice); !fits) return fits.error();
    const VoiceSound sound =
        sound_of(context.session.scene().params, static_cast<std::uint16_t>(*voice - 1));
    return handed_on(context, {patterns::WriteFile{patterns::preset_path(name),
                                                   patterns::encode_preset(name, sound)}});
}

Result<Reply> remove(Context &context, Args args) {
    const std::string name = preset_name(text_at(args, 0));
    if (find_preset(name) != nullptr)
        return Error{Errc::locked, fmt::format("preset {}: Chronus's own; it stays", name),
                     "/preset/list"};
    constexpr std::size_t kMostShown = 8;
    auto own = own_presets(context);
    const bool is_kept = std::ranges::find(own, name) != own.end();
    own.resize(std::min(own.size(), kMostShown));
    if (!is_kept)
        return Error{Errc::not_found,
                     own.empty() ? fmt::format("preset {}: there is none, and none is kept", name)
                                 : fmt::format("preset {}: there is none; kept are {}", name,
                                               fmt::join(own, ", ")),
                     "/preset/list"};
    return handed_on(context, {patterns::RemoveFile{patterns::preset_path(name)}});
}

constexpr std::array kVerbs{
    Verb{"/preset/list", "",
         "Every sound that /mod/voiceN/preset can give a voice, as JSON: Chronus's own, and those "
         "kept by players.",
         "/preset/list", list},
    Verb{"/preset/save", "s:preset s:voice",
         "Keep the sound of a voice under a name: all but its level, place and sends.",
         "/preset/save deep voice1", save, Acts::keeps},
    Verb{"/preset/delete", "s:preset", "Delete a sound that was kept.", "/preset/delete deep",
         remove, Acts::removes, Extra::refused},
};

} // namespace

std::span<const Verb> preset_verbs() { return kVerbs; }

} // namespace chronus::osc
