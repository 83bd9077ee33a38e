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
                           std::uint32_t from_bar, Tail tail)
    : done_(performance, only), replay_(done_.config(), done_.doings()),
      ring_out_(tail, done_.config().fs) {
    const Execution &execution = performance.execution;
    const Frame late = replay_.latency();
    const Frame end = execution.end_frame.value_or(execution.start_frame) + late;
    begins_ = skip_to_bar(execution.start_frame, from_bar, end);
    skip_to(replay_.now() + late);
    end_ = end > replay_.now() ? end - replay_.now() : 0;
    lines_ = {0, end_};
}

void ReplaySource::skip_to(Frame frame) {
    std::array<float, 1024> left{}, right{};
    while (replay_.now() < frame) {
        const auto count =
            static_cast<std::size_t>(std::min<Frame>(left.size(), frame - replay_.now()));
        replay_.render({std::span{left}.first(count), std::span{right}.first(count)});
    }
}

bool ReplaySource::skip_to_bar(Frame start, std::uint32_t bar, Frame end) {
    skip_to(start);
    const std::uint64_t step = std::uint64_t{bar - 1} * kStepsPerBar;
    while (bar > 1 && replay_.now() < end) {
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
    if (!begins_ || ring_out_.over()) return 0;
    replay_.render(out);
    const std::size_t kept = ring_out_.take(out, end_ - std::min(rendered_, end_));
    rendered_ += kept;
    return kept;
}

} // namespace chronus::patterns
