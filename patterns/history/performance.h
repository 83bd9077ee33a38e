#pragma once

#include "engine/model/messages.h"
#include "engine/result.h"
#include "patterns/history/database.h"
#include "patterns/history/executions.h"
#include "patterns/history/records.h"
#include "patterns/text/codec.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// A message as it was sent. Its own scene is empty: it is beside it.
struct KeptMessage {
    SentMessage sent = {};
    std::shared_ptr<const Scene> scene = {}; ///< of an edit or a switch, with the uids it had
};

/// An engine, and what it began with.
struct KeptSession {
    std::int64_t id = 0;
    std::int64_t start_ms = 0;
    std::string version = {}; ///< of the engine
    std::uint32_t rate = 0, voices = 0;
    std::uint64_t seed = 0;
    Document first = {}; ///< its tracks have the uids they had
};

/// Why what is kept of a performance is not all of it.
struct Flaw {
    enum class Kind : std::uint8_t {
        no_session, ///< the beginning of its session is not kept
        version,    ///< another engine played it
        lost,       ///< items were lost when they were to be kept
        missing,    ///< items, or a pattern, were kept and are not there
        damaged,    ///< what is there cannot be read
        running,    ///< it goes on
    };
    Kind kind{};
    std::string what = {}; ///< a sentence
};

/// All that was done to an engine from its making to the end of an execution. Without flaws it is
/// all there was, so that a like engine given it sounds the same.
///
/// Shapes: messages by `n`, in which marks and the tape's leave gaps; all else by frame.
struct Performance {
    Execution execution = {};
    KeptSession session = {};
    std::vector<KeptMessage> messages = {};
    std::vector<LateMessages> late = {};
    std::vector<AlarmHeard> alarms = {};
    std::vector<SecondHeard> seconds = {};
    std::vector<Flaw> flaws = {};
};

/// `version` is that of the engine there is now.
/// Errors: not_found - no such execution. unsupported - a render, which no messages made.
Result<Performance> performance(Database &db, std::int64_t execution, std::string_view version);

} // namespace chronus::patterns
