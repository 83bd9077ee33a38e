#include "osc/undo.h"

#include <algorithm>
#include <utility>

namespace chronus::osc {

KeptScene kept(const Scene &scene, const Label &label) {
    const auto tracks = scene.playing();
    return {scene.params, scene.seed, {tracks.begin(), tracks.end()}, label};
}

Scene scene_of(const KeptScene &kept) {
    Scene scene{.params = kept.params, .seed = kept.seed};
    scene.track_count = static_cast<std::uint16_t>(kept.tracks.size());
    std::ranges::copy(kept.tracks, scene.tracks.begin());
    return scene;
}

void UndoStack::push(Entry before) {
    future_.clear();
    past_.push_back(std::move(before));
    if (past_.size() > kMost) past_.pop_front();
}

UndoStack::Entry UndoStack::exchange(std::deque<Entry> &from, std::deque<Entry> &to, Entry now) {
    if (from.empty()) return nullptr;
    to.push_back(std::move(now));
    Entry out = std::move(from.back());
    from.pop_back();
    return out;
}

} // namespace chronus::osc
