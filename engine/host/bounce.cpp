#include "engine/host/bounce.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

namespace chronus {

namespace {

Frame frames_in(double seconds, SampleRate fs) {
    return static_cast<Frame>(std::max(seconds, 0.0) * static_cast<double>(fs.hz));
}

} // namespace

Bounce::Bounce(SessionConfig config, std::vector<Part> parts, Tail tail)
    : parts_(std::move(parts)),
      session_(config, tape_, std::make_unique<Scene>(*parts_.front().scene)),
      rest_(frames_in(kRest_s, config.fs)), most_tail_(frames_in(tail.most_s, config.fs)) {
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
        const std::size_t kept = over_ ? 0 : render_chunk(out.sub(done, count));
        done += kept;
        if (kept < count || over_) return done;
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
    if (lines_.size() <= parts_.size()) return pass(out);
    for (std::size_t i = 0; i < out.frames(); ++i)
        if (over_ = ends_with(is_heard(out, i)); over_) return i + 1;
    return out.frames();
}

bool Bounce::is_heard(StereoBlock out, std::size_t i) {
    return std::max(std::abs(out.left[i]), std::abs(out.right[i])) > kQuiet;
}

/// Frames with which it cannot end: the last part goes on.
std::size_t Bounce::pass(StereoBlock out) {
    std::size_t quiet = 0;
    while (quiet < out.frames() && !is_heard(out, out.frames() - 1 - quiet)) ++quiet;
    quiet_ = quiet < out.frames() ? quiet : quiet_ + quiet;
    rendered_ += out.frames();
    return out.frames();
}

/// Whether the performance ends with this frame, the next of it.
bool Bounce::ends_with(bool heard) {
    quiet_ = heard ? 0 : quiet_ + 1;
    if (++rendered_ < lines_.back()) return false;
    return quiet_ >= rest_ || rendered_ >= lines_.back() + most_tail_;
}

} // namespace chronus
