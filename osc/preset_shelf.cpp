#include "osc/preset_shelf.h"

#include "engine/model/presets.h"
#include "osc/pending_jobs.h"
#include "patterns/text/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <variant>

namespace chronus::osc {

namespace {

using patterns::Job;
using patterns::RemoveFile;
using patterns::WriteFile;

/// The name of the preset a job is about.
std::optional<std::string> preset_of(const Job &job) {
    const std::string_view path = patterns::path_of(job);
    const std::string_view file = patterns::name_of(path);
    const std::string name{file.substr(0, file.find('.'))};
    if (path.empty() || path != patterns::preset_path(name)) return std::nullopt;
    return name;
}

Result<std::string> bytes_of_preset(Context &context, const std::string &name) {
    std::optional<Job> last;
    each_job(context, [&](const Job &job) {
        if (preset_of(job) == name) last = job;
    });
    if (!last) return context.presets.load(name);
    if (const auto *write = std::get_if<WriteFile>(&last->work)) return write->bytes;
    return Error{Errc::not_found, "deleted just now"};
}

Error unknown_preset(Context &context, const std::string &name) {
    std::vector<std::string> own = own_presets(context);
    std::vector<std::string_view> known(own.begin(), own.end());
    for (const Preset &preset : kPresets) known.push_back(preset.name);
    const auto near = patterns::nearest(name, known, 3);
    const std::string shown = name.substr(0, 64);
    return {Errc::not_found,
            near.empty() ? fmt::format("preset {}: there is none; /preset/list has them all", shown)
                         : fmt::format("preset {}: there is none; near it: {}", shown,
                                       fmt::join(near, ", ")),
            std::string{patterns::nearest_of(name, known)}};
}

} // namespace

std::string preset_name(std::string_view said) {
    std::string name{said};
    std::ranges::replace(name, ' ', '_');
    return name;
}

std::vector<std::string> own_presets(Context &context) {
    const auto kept = context.presets.names();
    std::set<std::string> names;
    if (kept) names.insert(kept->begin(), kept->end());
    each_job(context, [&](const Job &job) {
        const auto name = preset_of(job);
        if (!name) return;
        if (std::holds_alternative<WriteFile>(job.work))
            names.insert(*name);
        else
            names.erase(*name);
    });
    return {names.begin(), names.end()};
}

Result<patterns::LoadedPreset> preset_named(Context &context, std::string_view said) {
    const std::string name = preset_name(said);
    if (const Preset *preset = find_preset(name))
        return patterns::LoadedPreset{sound_of(*preset), {}};
    if (!patterns::is_preset_name(name)) return unknown_preset(context, name);
    const auto bytes = bytes_of_preset(context, name);
    if (!bytes && bytes.error().code == Errc::not_found) return unknown_preset(context, name);
    auto loaded = bytes ? patterns::decode_preset(*bytes) : bytes.error();
    if (loaded) return loaded;
    return Error{loaded.error().code, fmt::format("preset {}: {}", name, loaded.error().what)};
}

Result<Reply> preset_saved_reply(const patterns::JobReport &report) {
    if (!report.result) return report.result.error();
    const std::string name = preset_of(*report.job).value_or("");
    switch (report.result->how) {
    case patterns::Saved::How::removed:
        return Reply{fmt::format("preset {} deleted", name), {name}};
    case patterns::Saved::How::replaced:
        return Reply{fmt::format("preset {} replaced", name), {name}};
    default:
        return Reply{fmt::format("preset {} kept", name), {name}};
    }
}

} // namespace chronus::osc
