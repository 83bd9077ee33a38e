#pragma once

#include "engine/host/deck.h"
#include "engine/host/progress_scope.h"
#include "engine/result.h"
#include "patterns/history/performance.h"
#include "patterns/show/outputs.h"
#include "patterns/show/render.h"
#include "patterns/show/set_job.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// How a performance is heard again. All of it outlives the job.
struct LiveWay {
    Deck *deck = nullptr;
    const Alarm *alarm = nullptr; ///< which silences it
    SampleRate fs{};              ///< of the device, and of the performance
};

/// The name of the one that is heard, which no files have.
inline constexpr std::string_view kLiveName = "what is heard";

/// A performance to be played again.
struct ReplayOrder {
    std::shared_ptr<const Performance> performance = {};
    std::uint32_t from_bar = 1;       ///< where the outputs, or what is heard, begin
    std::optional<LiveWay> live = {}; ///< it is heard, and no outputs are made
    std::vector<Output> outputs = {}; ///< none: it is only compared
    Tail tail{};
    std::filesystem::path folder = {};                                    ///< there already
    std::string name = {};                                                ///< of the files
    std::function<void(const MadeOutput &, std::size_t place)> told = {}; ///< as of a render
};

/// How alike the two are.
struct Compared {
    std::size_t seconds = 0, equal = 0;
    std::optional<Frame> first_other =
        {}; ///< the frame on which the first second that differs ends
    friend bool operator==(const Compared &, const Compared &) = default;
};

/// Why it cannot be played again as it was; nothing where it can.
std::optional<Error> objection_to(const Performance &performance);

/// Plays it again and compares each second of it with what was heard.
/// Thread: worker. Errors: that above; cancelled.
Result<Compared> compare(const Performance &performance, ProgressScope &level);

/// The same, and then its outputs; or, live, while it is heard. Its JSON: execution, compared
/// {seconds, equal, first_other}, live {seconds, missed_s} where it was heard, and the members of a
/// render's report where there are outputs.
/// Thread and errors: also those of `render` and `play_live`; out_of_range - it has no such bar.
Result<StudioReport> replay(const ReplayOrder &order, ProgressScope &level);

} // namespace chronus::patterns
