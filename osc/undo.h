#pragma once

#include "engine/model/scene.h"
#include "patterns/text/codec.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chronus::osc {

/// Where in a set a pattern comes from. No song: from none.
struct SetPlace {
    std::string set = {}, song = {};
    std::uint32_t part = 1; ///< of the song
    std::uint32_t bars = 0; ///< of the part
    friend bool operator==(const SetPlace &, const SetPlace &) = default;
};

/// What of the pattern in play the Scene does not hold.
struct Label {
    patterns::Metadata metadata = {};
    std::string unknown = {}; ///< JSON of members we do not know
    int slot = 0;             ///< it was loaded from or saved to; 0 none
    SetPlace place = {};
};

/// A pattern kept. What it has in common with the one kept before is there once.
struct KeptScene {
    std::shared_ptr<const ParamValues> params;
    std::uint64_t seed = 1;
    std::vector<std::shared_ptr<const Track>> tracks;
    Label label;
};
Scene scene_of(const KeptScene &kept);
/// Shares with `like`, which may be null, what is equal. Thread: what is kept may go to any.
std::shared_ptr<const KeptScene> keep(const Scene &scene, const Label &label,
                                      const KeptScene *like);

/// The patterns that `/undo` goes back to, and `/redo` forth.
///
/// Thread: control.
class UndoStack {
public:
    static constexpr std::size_t kMost = 256;
    using Entry = std::shared_ptr<const KeptScene>;

    /// A change of this pattern follows, which can be gone back to. What was undone is gone.
    void push(const Scene &scene, const Label &label);

    /// The pattern before the last change, in exchange for the one in play; empty when there is
    /// none.
    Entry undo(const Scene &now, const Label &label) {
        return exchange(past_, future_, now, label);
    }
    Entry redo(const Scene &now, const Label &label) {
        return exchange(future_, past_, now, label);
    }

    std::size_t past() const { return past_.size(); }
    std::size_t future() const { return future_.size(); }

private:
    static Entry exchange(std::deque<Entry> &from, std::deque<Entry> &to, const Scene &now,
                          const Label &label);

    std::deque<Entry> past_, future_;
};

} // namespace chronus::osc
