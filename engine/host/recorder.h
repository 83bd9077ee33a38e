#pragma once

#include "dsp/units.h"
#include "engine/host/sound_file.h"
#include "engine/model/tape.h"
#include "engine/result.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>

namespace chronus {

/// A recording that is over.
struct RecordingInfo {
    std::filesystem::path file;
    std::uint64_t frames = 0;
    double seconds = 0;
    std::uint64_t lost = 0; ///< frames the disk was too slow for
};

/// One that may be going on, or the last one.
struct RecordingStatus {
    bool active = false; ///< taking what is played: from `start` until `finish` is called
    std::filesystem::path file;
    std::uint64_t frames = 0;
    double seconds = 0;
    std::uint64_t lost = 0;
    std::string error; ///< why it ended by itself, or nothing
};

/// Memory of the tape: pages that cost nothing until the first recording.
class TapeMemory {
public:
    explicit TapeMemory(std::size_t floats);
    TapeMemory(const TapeMemory &) = delete;
    TapeMemory &operator=(const TapeMemory &) = delete;
    ~TapeMemory();

    std::span<float> floats() const { return floats_; }
    /// Takes the pages, so that the audio thread does not have to.
    void take() const noexcept;

private:
    std::span<float> floats_;
};

/// Brings what the engine puts on the tape to a sound file, on a thread of its own that lets
/// everything else go first.
///
/// To record: `start`, then tell the engine to switch its tape on. To end: tell it to switch off,
/// and when it reports that it has, `finish`. A disk that fills up ends the recording with a file
/// that is whole as far as it goes, and `status().error` says so; `finish` it all the same.
///
/// Thread: control; `status` any.
class Recorder {
public:
    /// The folder is made when first needed.
    Recorder(SampleRate fs, std::filesystem::path folder);
    const std::filesystem::path &folder() const { return folder_; }
    ~Recorder();

    Tape &tape() { return *tape_; }

    /// Records under a bare name in the folder: of a path only its last part counts, an extension
    /// that says no format gets one that does, and a name that is taken gets a number ("take-2").
    /// Answers the file.
    ///
    /// Errors: out_of_range - not a name of letters, digits, '.', '_' and '-', 1 to 64 of them,
    ///         the first a letter or digit. busy - a recording goes on, or is being finished.
    ///         conflict - the extension says another format. io.
    Result<std::filesystem::path> start(std::string_view name,
                                        std::optional<SoundFormat> format = {});
    /// Records into this very file, which is replaced if it is there.
    Result<std::filesystem::path> start_at(const std::filesystem::path &file,
                                           std::optional<SoundFormat> format = {});

    /// Back when all that is on the tape is on the disk. With `frames`, the distance between the
    /// engine's reports of the tape switched on and off, it waits until that many have come.
    ///
    /// Errors: not_now - nothing is being recorded. io - it ended by itself; the file is whole.
    Result<RecordingInfo> finish(std::optional<std::uint64_t> frames = {});

    RecordingStatus status() const;

private:
    static constexpr std::size_t kChunk = 8192; // frames

    SoundSpec spec_for(SoundFormat format) const;
    Outcome ready();
    Outcome make_folder() const;
    std::filesystem::path begin(SoundWriter writer, std::filesystem::path file);
    void run(SoundWriter writer);
    bool drained() const;
    void fail(const Error &error);
    std::uint64_t lost() const { return tape_->lost() - lost_before_; }
    double seconds(std::uint64_t frames) const {
        return static_cast<double>(frames) / static_cast<double>(fs_.hz);
    }

    SampleRate fs_;
    std::filesystem::path folder_;
    TapeMemory memory_;
    std::unique_ptr<Tape> tape_; // apart: its alignment is more than every stack keeps
    std::uint64_t lost_before_ = 0;

    std::atomic<bool> ending_{false};
    std::uint64_t expected_ = 0; // written before ending_
    std::atomic<std::uint64_t> taken_{0}, written_{0};

    mutable std::mutex lock_; // over the two below
    std::filesystem::path file_;
    std::string error_;
    std::atomic<bool> open_{false}; // between start and finish
    std::thread thread_;
};

} // namespace chronus
