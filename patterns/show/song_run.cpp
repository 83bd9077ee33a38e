#include "patterns/show/song_run.h"

#include "patterns/show/json_view.h"
#include "patterns/store/atomic_file.h"
#include "patterns/store/posix_disk.h"
#include "patterns/text/document_tree.h"
#include "patterns/text/json_gate.h"
#include "patterns/text/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace chronus::patterns {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostManifest = 1024 * 1024;

/// All but the song that its files follow from.
std::string recipe_of(const RenderWishes &wishes) {
    std::string outputs;
    for (const Output output : wishes.outputs)
        outputs += fmt::format("{}{}", outputs.empty() ? "" : ",", spec_of(output).word);
    return fmt::format("chronus {} outputs={} rate={} tail={}", CHRONUS_VERSION, outputs,
                       wishes.rate, wishes.tail.most_s);
}

void take_metrics(const Json &json, std::map<std::string, double> &metrics) {
    const auto *object = json.as<JsonObject>();
    if (object == nullptr) return;
    for (const auto &[name, value] : *object)
        if (const auto number = number_in(value)) metrics[name] = *number;
}

/// One song of one order.
class SongRun {
public:
    SongRun(const SetOrder &order, std::size_t song, Disk &disk)
        : order_(order), song_(order.set->songs[song]),
          disk_(disk), result_{.song = song, .state = {.timestamp = order.now_s}} {}

    Result<SongResult> run(ProgressScope &level) {
        auto done = made(level);
        if (!done && done.error().code == Errc::cancelled) return done.error();
        if (!done) result_.state.error = done.error().what;
        if (!result_.state.error.empty()) result_.fate = SongFate::failed;
        return std::move(result_);
    }

private:
    Outcome made(ProgressScope &level) {
        const auto inputs = inputs_hash(*order_.set, song_);
        if (!inputs) return inputs.error();
        result_.state.inputs = *inputs;
        const auto parts = played_parts(*order_.set, song_);
        if (!parts) return parts.error();
        keep_scene(*parts);
        if (is_there()) {
            result_.fate = SongFate::unchanged;
            return Done{};
        }
        return render_parts(*parts, level);
    }

    /// The run leaves the scene that its last part has brought.
    void keep_scene(const std::vector<PlayedPart> &parts) {
        result_.state.scene = parts.back().pattern;
        result_.state.hash = content_hash(*parts.back().pattern);
    }

    Outcome render_parts(const std::vector<PlayedPart> &played, ProgressScope &level) {
        RenderOrder order{.parts = {},
                          .config = {SampleRate{static_cast<float>(order_.wishes.rate)}},
                          .tail = order_.wishes.tail,
                          .outputs = order_.wishes.outputs,
                          .folder = order_.folder,
                          .name = song_.name};
        if (order_.told)
            order.told = [this](const MadeOutput &made, std::size_t place) {
                order_.told(song_.name, made, place);
            };
        order.config.voices = 1;
        for (const PlayedPart &part : played) {
            order.parts.push_back({part.pattern.scene(), part.bars});
            order.config.voices = std::max(order.config.voices, part.pattern->voices);
        }
        const auto report = render(order, level);
        if (!report) return report.error();
        return keep(*report);
    }

    std::string path() const { return song_.name + ".json"; }

    Outcome keep(const RenderReport &report) {
        JsonWriter json{JsonStyle::indented};
        json.begin_object();
        json.key("song").value(song_.name);
        json.key("inputs").value(result_.state.inputs);
        json.key("recipe").value(recipe_of(order_.wishes));
        write_members(json, report);
        json.end_object();
        TempNames names{static_cast<std::uint32_t>(::getpid())};
        if (auto kept = replace_file(disk_, names, path(), json.text()); !kept) return kept;
        result_.fate = SongFate::made;
        const auto manifest = parse_json(json.text());
        if (!manifest) return manifest.error();
        take(*manifest, json.text());
        return Done{};
    }

    /// Whether all that is asked for was made of the same song, and is there still.
    bool is_there() {
        const auto bytes = disk_.read(path(), kMostManifest);
        if (!bytes) return false;
        const auto manifest = parse_json(*bytes);
        if (!manifest || text_at(*manifest, "inputs") != result_.state.inputs ||
            text_at(*manifest, "recipe") != recipe_of(order_.wishes))
            return false;
        SongState before = result_.state;
        take(*manifest, *bytes);
        const bool whole = result_.state.error.empty() && !result_.state.outputs.empty() &&
                           std::ranges::all_of(result_.state.outputs, [&](const auto &file) {
                               const auto info = disk_.info(file.first);
                               return info && info->size == file.second.bytes;
                           });
        if (!whole) result_.state = std::move(before);
        return whole;
    }

    /// What a manifest says of the song.
    void take(const Json &manifest, std::string bytes) {
        result_.manifest = std::move(bytes);
        SongState &state = result_.state;
        for (const Json &output : list_at(manifest, "outputs")) {
            take_metrics(at(output, "check"), state.metrics);
            for (const Json &file : list_at(output, "files"))
                state.outputs[text_at(file, "file")] = {text_at(file, "sha256"),
                                                        whole_at(file, "bytes")};
            if (const auto why = text_at(output, "blocked"); !why.empty())
                state.error += fmt::format("{}{}: {}", state.error.empty() ? "" : "; ",
                                           text_at(output, "output"), why);
        }
        if (const auto seconds = number_in(at(manifest, "seconds")))
            state.metrics["seconds"] = *seconds;
    }

    const SetOrder &order_;
    const Song &song_;
    Disk &disk_;
    SongResult result_;
};

} // namespace

Result<SongResult> process_song(const SetOrder &order, std::size_t song, ProgressScope &level) {
    auto disk = PosixDisk::open(order.folder);
    if (!disk) return disk.error();
    return SongRun{order, song, *disk}.run(level);
}

} // namespace chronus::patterns
