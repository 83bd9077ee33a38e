#pragma once

#include "engine/result.h"
#include "osc/value.h"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::osc {

struct Context;

/// What a command answers: `/reply s:address s:text s:id i:rev [values...]`.
struct Reply {
    std::string text;
    std::vector<Value> values = {};
    bool later = false;        ///< answered when the disk has done it
    std::string document = {}; ///< goes out in numbered parts: values i:index i:count s:part
    std::string on = {};       ///< answered on this address instead, with the values alone
};

/// A list as JSON: `i:count s:json`, or, when it is too long for one argument, a document in parts.
Reply listed(std::string text, std::size_t count, std::string json);

/// "1 track", "2 tracks".
std::string counted(std::size_t count, std::string_view noun);

/// What happens to more arguments than a verb takes.
enum class Extra { ignored, refused };

/// What a command does to the world; from it follows who may send it, and when it acts.
enum class Acts {
    asks,     ///< changes nothing but what the client is told; of a bundle, answered at its end
    plays,    ///< transport, voices and parameters
    edits,    ///< tracks: `/undo` takes it back, `/seq/quant` says when it lands
    switches, ///< to another pattern, which `/undo` takes back; has a boundary of its own
    keeps,    ///< writes on the disk, on its own thread
    removes,  ///< the same, but takes something away there
    reaches,  ///< the same, but anywhere on the machine
    outside,  ///< what cannot be taken back, so it comes in no bundle with others
    wraps,    ///< another command; taken off before that one is looked at
};

/// One command: its address, what it takes, what it does.
///
/// `args` describes the arguments in order, `type:name`, `?` after those that may be missing, `...`
/// when `handle` reads the rest itself: "s:track i:voice s:pattern ...". Types: s text, i whole
/// number, f number, b switch, v anything. `handle` gets exactly those types, Nil for what is
/// missing; what wraps has none.
struct Verb {
    std::string_view address, args, doc, example;
    Result<Reply> (*handle)(Context &, Args);
    Acts acts = Acts::asks;
    Extra extra = Extra::ignored;
};

/// THE table of commands, one subject after the other, each in the file of its name.
std::span<const Verb> sequencer_verbs();
std::span<const Verb> stage_verbs();
std::span<const Verb> pattern_verbs();
std::span<const Verb> preset_verbs();
std::span<const Verb> snapshot_verbs();
std::span<const Verb> history_verbs();
std::span<const Verb> render_verbs();
std::span<const Verb> replay_verbs();
std::span<const Verb> progress_verbs();
std::span<const Verb> process_verbs();
std::span<const Verb> setlist_verbs();
std::span<const Verb> song_verbs();
std::span<const Verb> perform_verbs();
std::span<const Verb> time_verbs();
std::span<const Verb> engine_verbs();
std::span<const Verb> client_verbs();
std::span<const Verb> feedback_verbs();

struct Subject {
    std::string_view title;
    std::span<const Verb> (*verbs)();
};
inline constexpr std::array kSubjects{
    Subject{"Sequencer", sequencer_verbs},
    Subject{"What is played", stage_verbs},
    Subject{"Slots", pattern_verbs},
    Subject{"Presets", preset_verbs},
    Subject{"Snapshots", snapshot_verbs},
    Subject{"What was performed", history_verbs},
    Subject{"Setlists", setlist_verbs},
    Subject{"Songs of a setlist", song_verbs},
    Subject{"Performing a setlist", perform_verbs},
    Subject{"Renders", render_verbs},
    Subject{"Replays", replay_verbs},
    Subject{"Whole sets offline", process_verbs},
    Subject{"What takes long", progress_verbs},
    Subject{"Time", time_verbs},
    Subject{"Engine and recording", engine_verbs},
    Subject{"Clients", client_verbs},
    Subject{"Feedback", feedback_verbs},
};

/// All of them, sorted by address.
std::span<const Verb *const> all_verbs();
const Verb *find_verb(std::string_view address);

/// Turns what came into what the verb takes.
///
/// Errors: bad_type - too few, or one that cannot stand for its type; the hint is the example.
Result<std::vector<Value>> coerced(const Verb &verb, Args args);

// What `coerced` left, for handlers.
inline const std::string &text_at(Args args, std::size_t i) {
    return std::get<std::string>(args[i]);
}
inline std::int64_t int_at(Args args, std::size_t i) { return std::get<std::int64_t>(args[i]); }
inline float number_at(Args args, std::size_t i) { return std::get<float>(args[i]); }
inline bool has(Args args, std::size_t i) {
    return i < args.size() && !std::holds_alternative<Nil>(args[i]);
}

} // namespace chronus::osc
