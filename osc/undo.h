#pragma once

#include "engine/model/scene.h"
#include "patterns/text/codec.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chronus::osc {

/// What of the pattern in play the Scene does not hold.
struct Label {
    patterns::Metadata metadata = {};
    std::string unknown = {}; ///< JSON of members we do not know
    int slot = 0;             ///< it was loaded from or saved to; 0 none
};

/// A pattern kept, with no room taken by tracks that are not there.
struct KeptScene {
    ParamValues params;
    std::uint64_t seed = 1;
    std::vector<Track> tracks;
    Label label;
};
KeptScene kept(const Scene &scene, const Label &label);
Scene scene_of(const KeptScene &kept);

/// The patterns that `/undo` goes back to, and `/redo` forth.
///
/// Thread: control.
class UndoStack {
public:
    static constexpr std::size_t kMost = 256;
    using Entry = std::shared_ptr<const KeptScene>;

    /// A change follows: `before` can be gone back to. What was undone is gone.
    void push(Entry before);

    /// The pattern before the last change, in exchange for the one in play; empty when there is
    /// none.
    Entry undo(Entry now) { return exchange(past_, future_, std::move(now)); }
    Entry redo(Entry now) { return exchange(future_, past_, std::move(now)); }

    std::size_t past() const { return past_.size(); }
    std::size_t future() const { return future_.size(); }

private:
    static Entry exchange(std::deque<Entry> &from, std::deque<Entry> &to, Entry now);

    std::deque<Entry> past_, future_;
};

} // namespace chronus::osc
