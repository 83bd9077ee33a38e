#include "osc/undo.h"

#include <algorithm>
#include <utility>

namespace chronus::osc {

namespace {

std::shared_ptr<const Track> kept(const Track &track, const KeptScene *other) {
    if (other != nullptr)
        for (const auto &known : other->tracks)
            if (*known == track) return known;
    return std::make_shared<const Track>(track);
}

const KeptScene *last(const std::deque<UndoStack::Entry> &among) {
    return among.empty() ? nullptr : among.back().get();
}

} // namespace

std::shared_ptr<const KeptScene> keep(const Scene &scene, const Label &label,
                                      const KeptScene *like) {
    KeptScene made{.params = like != nullptr && *like->params == scene.params
                                 ? like->params
                                 : std::make_shared<const ParamValues>(scene.params),
                   .seed = scene.seed,
                   .tracks = {},
                   .label = label};
    for (const Track &track : scene.playing()) made.tracks.push_back(kept(track, like));
    return std::make_shared<const KeptScene>(std::move(made));
}

Scene scene_of(const KeptScene &kept) {
    Scene scene{.params = *kept.params, .seed = kept.seed};
    for (const auto &track : kept.tracks) scene.tracks[scene.track_count++] = *track;
    return scene;
}

void UndoStack::push(const Scene &scene, const Label &label) {
    future_.clear();
    past_.push_back(keep(scene, label, last(past_)));
    if (past_.size() > kMost) past_.pop_front();
}

UndoStack::Entry UndoStack::exchange(std::deque<Entry> &from, std::deque<Entry> &to,
                                     const Scene &now, const Label &label) {
    if (from.empty()) return nullptr;
    to.push_back(keep(now, label, last(from)));
    Entry out = std::move(from.back());
    from.pop_back();
    return out;
}

} // namespace chronus::osc
