#pragma once

#include "engine/host/bounce.h"
#include "engine/host/progress_scope.h"
#include "engine/result.h"
#include "patterns/show/outputs.h"
#include "patterns/show/sound_check.h"
#include "patterns/text/json_writer.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

struct MadeOutput;

/// What is to be rendered, and what is to come of it.
struct RenderOrder {
    std::vector<Part> parts; ///< none where something else is played:
    /// all of it, or the track of that name alone.
    std::function<std::unique_ptr<SoundSource>(std::string_view track)> played = {};
    std::vector<std::string> tracks = {}; ///< of what else is played
    SessionConfig config{};
    Tail tail{};
    std::vector<Output> outputs;
    std::filesystem::path folder = {}; ///< there already
    std::string name;                  ///< files are called so, with an ending
    /// Hears of each output when it is made, or blocked, with its place among those asked for, from
    /// 1; on the thread of the render.
    std::function<void(const MadeOutput &, std::size_t place)> told = {};
};

/// A file that was made.
struct MadeFile {
    std::string name; ///< within the folder
    std::uint64_t bytes = 0;
    std::string sha256 = {};
    std::uint32_t rate = 0;     ///< of sound; 0: none
    std::uint16_t channels = 0; ///< of sound
    std::uint64_t frames = 0;   ///< of sound
};

/// What came of one output.
struct MadeOutput {
    Output output;
    std::vector<MadeFile> files = {};
    SoundFacts facts = {};             ///< of its sound; of stems, those of the whole
    std::optional<Error> blocked = {}; ///< why there are no files, or fewer than asked for
};

struct RenderReport {
    std::vector<MadeOutput> outputs = {}; ///< in the order asked for
    std::uint64_t frames = 0;             ///< with the tail
    double seconds = 0;
};

/// Plays the parts offline and makes the outputs, one after the other. Before each the sound is
/// checked; one that is not worth keeping is blocked, and the others go on. Equal orders make equal
/// files. Files that are there already are replaced, whole.
///
/// Tells of itself in parts of `level`, which is its caller's to end: each part while it plays, the
/// check, each output with its encoders.
/// Thread: worker.
/// Errors: io - the folder takes no file; out_of_range - no parts, bars or outputs. cancelled.
///         Files of outputs that were whole by then stay; there is never a part of one.
Result<RenderReport> render(const RenderOrder &order, ProgressScope &level);

/// "2 files, 17.30 s, -14.2 LUFS, true peak -1.0 dBTP"; and what was blocked.
std::string summary_of(const RenderReport &report);

/// Where it was made, for those who asked from afar.
struct RenderPlace {
    std::string job;
    std::filesystem::path folder;
};

// Members, as they are in the report of a render.
void write_members(JsonWriter &json, const SoundFacts &facts);
void write_members(JsonWriter &json, const MadeFile &file);
/// Frames, seconds and outputs with their checks and files.
void write_members(JsonWriter &json, const RenderReport &report);

/// The report as JSON; equal for equal renders of one place.
std::string to_json(const RenderReport &report, const RenderPlace &place);

} // namespace chronus::patterns
