#include "patterns/show/replay_source.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace chronus::patterns {

namespace {

std::shared_ptr<const Scene> with_only(const std::shared_ptr<const Scene> &scene,
                                       std::string_view name) {
    if (name.empty()) return scene;
    auto out = std::make_shared<Scene>(*scene);
    for (Track &track : out->playing()) track.mute = track.mute || track.name.view() != name;
    return out;
}

/// With the scene that it lends.
Message whole(const KeptMessage &kept, const Scene *scene) {
    Message message = kept.sent.message;
    if (auto *edit = std::get_if<Edit>(&message.what)) edit->scene = scene;
    if (auto *change = std::get_if<Switch>(&message.what)) change->scene = scene;
    return message;
}

} // namespace

/// Marks, and what was told to the tape, are not kept: in their places are marks that nobody hears.
DoneThen::DoneThen(const Performance &performance, std::string_view only)
    : config_{.fs = {static_cast<float>(performance.session.rate)},
              .voices = static_cast<std::uint16_t>(performance.session.voices),
              .seed = static_cast<std::uint32_t>(performance.session.seed)},
      first_(with_only(std::make_shared<const Scene>(performance.session.first.scene), only)) {
    for (const KeptMessage &kept : performance.messages) {
        while (sent_.size() < kept.sent.n)
            sent_.push_back({Message{Mark{}}, sent_.size() + 1, kept.sent.frame});
        const Scene *scene = nullptr;
        if (kept.scene != nullptr) scene = scenes_.emplace_back(with_only(kept.scene, only)).get();
        sent_.push_back({whole(kept, scene), kept.sent.n + 1, kept.sent.frame});
    }
    for (const LateMessages &late : performance.late)
        late_.push_back({late.frame, late.from, late.to});
    for (const AlarmHeard &alarm : performance.alarms)
        alarms_.push_back({alarm.frame, alarm.sent, alarm.silences});
}

ReplaySource::ReplaySource(const Performance &performance, std::string_view only,
                           std::uint32_t from_bar, Tail tail, const Watch &watch)
    : done_(performance, only), replay_(done_.config(), done_.doings()), watch_(watch),
      ring_out_(tail, done_.config().fs) {
    const Execution &execution = performance.execution;
    const Frame late = replay_.latency();
    const Frame end = execution.end_frame.value_or(execution.start_frame) + late;
    begins_ = skip_to_bar(execution.start_frame, from_bar, end);
    skip_to(replay_.now() + late);
    begins_at_ = replay_.now();
    end_ = end > replay_.now() ? end - replay_.now() : 0;
    lines_ = {0, end_};
}

void ReplaySource::skip_to(Frame frame) {
    while (replay_.now() < frame && !watch_.stop.stop_requested()) {
        const auto at = static_cast<std::size_t>(replay_.now() % kMostBefore);
        const auto count =
            static_cast<std::size_t>(std::min<Frame>(kMostBefore - at, frame - replay_.now()));
        replay_.render(StereoBlock{before_[0], before_[1]}.sub(at, count));
        if (at + count == kMostBefore) watch_.told(static_cast<double>(replay_.now()));
    }
}

void ReplaySource::before(StereoBlock out) const {
    for (std::size_t i = 0; i < out.frames(); ++i) {
        const auto at = static_cast<std::size_t>((begins_at_ - out.frames() + i) % kMostBefore);
        out.left[i] = before_[0][at];
        out.right[i] = before_[1][at];
    }
}

bool ReplaySource::skip_to_bar(Frame start, std::uint32_t bar, Frame end) {
    skip_to(start);
    const std::uint64_t step = std::uint64_t{bar - 1} * kStepsPerBar;
    while (bar > 1 && replay_.now() < end && !watch_.stop.stop_requested()) {
        const Position at = replay_.position();
        const auto line = frame_of_step(at, step, 0);
        if (line && *line < at.frame + kTick) {
            skip_to(*line);
            break;
        }
        skip_to(replay_.now() + kTick);
    }
    return replay_.now() < end;
}

std::size_t ReplaySource::render(StereoBlock out) {
    const bool stopped = watch_.stop.stop_requested(); // whoever asks for sound sees to that
    if ((!begins_ && !stopped) || ring_out_.over()) return 0;
    replay_.render(out);
    const std::size_t kept = ring_out_.take(out, end_ - std::min(rendered_, end_));
    rendered_ += kept;
    return kept;
}

} // namespace chronus::patterns
