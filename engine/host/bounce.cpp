#include "engine/host/bounce.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace chronus {

Bounce::Bounce(SessionConfig config, std::vector<Part> parts, Tail tail)
    : parts_(std::move(parts)),
      session_(config, tape_, std::make_unique<Scene>(*parts_.front().scene)),
      ring_out_(tail, config.fs) {
    (void)session_.start();
    plan_next();
    skip_latency();
}

/// What happens at the end of the part that plays is in the mail from its first frames on, and the
/// engine reports when it comes.
void Bounce::plan_next() {
    bars_ += parts_[begun_].bars;
    session_.stamp(When::step(bars_ * kStepsPerBar), Wait::aside);
    (void)session_.mark(0);
    if (++begun_ < parts_.size())
        (void)session_.switch_to(*parts_[begun_].scene, Boundary::now);
    else
        (void)session_.stop();
}

void Bounce::skip_latency() {
    std::vector<float> left(session_.engine().latency()), right(left.size());
    session_.engine().render({left, right});
}

std::size_t Bounce::render(StereoBlock out) {
    for (std::size_t done = 0; done < out.frames();) {
        const std::size_t count = std::min(kChunk, out.frames() - done);
        const std::size_t kept = ring_out_.over() ? 0 : render_chunk(out.sub(done, count));
        done += kept;
        if (ring_out_.over()) return done;
    }
    return out.frames();
}

std::size_t Bounce::render_chunk(StereoBlock out) {
    session_.engine().render(out);
    session_.drain_reports([this](const Report &report) {
        const auto *line = std::get_if<Marked>(&report);
        if (line == nullptr) return;
        lines_.push_back(line->frame);
        if (begun_ < parts_.size()) plan_next();
    });
    const bool goes_on = lines_.size() <= parts_.size();
    const std::size_t kept = ring_out_.take(
        out, goes_on ? RingOut::kNever : lines_.back() - std::min(rendered_, lines_.back()));
    rendered_ += kept;
    return kept;
}

} // namespace chronus
