#pragma once

#include "patterns/history/names.h"
#include "patterns/history/snapshots.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace chronus::osc {

struct Context;
struct KeptScene;
struct Peer;

/// A snapshot that the history has given, with what it holds.
struct FetchedSnapshot {
    patterns::KeptSnapshot kept;
    patterns::Document document;
};
using Fetched = std::shared_ptr<const FetchedSnapshot>;

/// What the pattern that takes over next is, for the history.
struct Switched {
    std::string note = {}, trigger = {};
    std::string restored = {}; ///< hash of the snapshot it was brought back from
};

/// The pattern in play, shared with what undo keeps, and what the history is to say of it.
struct InPlay {
    std::shared_ptr<const KeptScene> scene;
    patterns::Snapshot about;

    /// Thread: any; it copies half a megabyte.
    patterns::Document document() const;
};

/// Hands the pattern in play to the history: where the sequencer starts and stops, where a pattern
/// is saved or has taken over, and once a bar while something changes.
///
/// Nothing here waits for the disk. Thread: control.
class Versions {
public:
    /// Keeps what was heard in a bar that is over. To be called before anything is changed.
    void look(Context &context);
    /// Something is about to be changed by somebody; `switches` the whole pattern.
    void before_change(Context &context, const Peer &by, bool switches);
    void saved(Context &context, std::int64_t slot);
    void taken_over(Context &context, Switched by);

    InPlay in_play(Context &context, std::string note, std::string trigger);
    /// For names that mean what is heard.
    patterns::Here here(const Context &context) const;
    /// How long until `look` is to be called; empty while nothing changes.
    std::optional<std::chrono::nanoseconds> wait(const Context &context) const;

private:
    enum class If { always, changed };
    void keep(Context &context, Switched why, If when);
    void begin(Context &context);
    void end(Context &context);
    std::int64_t bar_now(const Context &context) const;
    void collect_garbage(Context &context);

    std::shared_ptr<const KeptScene> last_; ///< what was handed on last
    std::uint64_t revision_ = 0;            ///< that had this revision
    std::int64_t run_ms_ = 0;               ///< when the sequencer was started; 0 it stands
    std::int64_t seen_ms_ = 0;              ///< the last start that was seen to be written down
    std::int64_t bar_ = 0;                  ///< in which it was looked at last
    std::uint64_t handed_ = 0;              ///< to the history, since the start
    bool waited_ = false;                   ///< another pattern waited for its bar then
    std::string author_ = "this machine";   ///< of the last change
};

} // namespace chronus::osc
