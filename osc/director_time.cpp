#include "osc/director.h"

#include <algorithm>
#include <variant>

/// The director's part that reckons: frames, host time and lines of the music.
namespace chronus::osc {

Frame frame_now(const Context &context) {
    const Frame rendered = context.session.telemetry().frame.load(std::memory_order_relaxed);
    const auto fit = context.device.clock().fit();
    return fit ? fit->frame_at(context.now_ns()) : rendered;
}

Position position_in_run(const Context &context) {
    Position at = context.session.telemetry().position.look();
    const Frame block = context.device.info().block_frames; // which may have begun before it came
    if (at.frame <= context.session.started() + block) at.per_frame = 0;
    return at;
}

std::optional<double> here(const Context &context) {
    const Position at = position_in_run(context);
    if (!context.session.running()) return std::nullopt;
    if (at.per_frame == 0 || at.per_step == 0) return 0; // the start is on its way
    const Frame soon = std::max(at.frame, frame_now(context) + latency_of(context));
    const Phase phase = at.phase + (soon - at.frame) * at.per_frame;
    return static_cast<double>(phase) / static_cast<double>(at.per_step);
}

Frame latency_of(const Context &context) {
    const auto fs = static_cast<double>(context.session.config().fs.hz);
    if (context.latency_ms >= 0) return static_cast<Frame>(context.latency_ms * fs / 1000);
    return context.device.info().block_frames;
}

Result<Reply> await_mark(Context &context, std::optional<Frame> asked) {
    const std::uint32_t token = ++context.last_token;
    if (auto sent = context.session.mark(token); !sent) return sent.error();
    context.desk.awaited.push_back({token, context.caller, asked});
    return Reply{.text = {}, .later = true};
}

/// How long before its time an errand goes to the engine: what plays it must find it there.
Frame Director::lead() const {
    constexpr double kWakeSeconds = 0.02; // a busy machine's longest sleep but for rare ones
    return latency_of(context_) +
           static_cast<Frame>(kWakeSeconds * static_cast<double>(context_.session.config().fs.hz));
}

void Director::look_at_clock() {
    fit_ = context_.device.clock().fit();
    latency_ = latency_of(context_);
}

/// A constant delay after its arrival, which hides when the network and this thread got to it.
When Director::arrival_time(std::int64_t arrival_ns, bool edits) {
    if (!fit_ || context_.latency_ms == 0) return {};
    Frame frame = fit_->frame_at(arrival_ns) + latency_;
    if (edits) frame = std::max(frame, sent_until_);
    last_frame_ = std::max(last_frame_, frame);
    return When::frame(last_frame_);
}

/// Nothing for a line that will not come as things are.
std::optional<Frame> Director::expected(const Due &due) const {
    if (const Frame *frame = std::get_if<Frame>(&due)) return *frame;
    const Position at = position_in_run(context_);
    return frame_of_step(at, std::get<Moment>(due).step, context_.session.get(param("seq/swing")));
}

bool Director::is_due(const Due &due) const {
    const auto frame = expected(due);
    return frame && *frame <= frame_now(context_) + lead();
}

Director::Timing Director::timing_of(const Due &due) {
    sent_until_ = std::max(sent_until_, expected(due).value_or(0));
    if (const Frame *frame = std::get_if<Frame>(&due))
        return {.when = When::frame(*frame), .asked = *frame};
    return {.when = When::step(std::get<Moment>(due).step), .on_line = true};
}

} // namespace chronus::osc
