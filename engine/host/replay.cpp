#include "engine/host/replay.h"

#include <algorithm>
#include <cstdlib>
#include <variant>

namespace chronus {

namespace {

constexpr std::size_t kMostAtOnce = 1024; // frames between looks at what the engine reports

Frame to_tick(Frame frame) { return (frame + kTick - 1) / kTick * kTick; }

} // namespace

void Replay::FreeMemory::operator()(float *p) const { std::free(p); }

Replay::Replay(const SessionConfig &config, const Doings &doings) : doings_(doings) {
    const std::size_t floats = rt::Engine::memory_needed(config.fs);
    memory_.reset(static_cast<float *>(std::calloc(floats, sizeof(float))));
    engine_ = std::make_unique<rt::Engine>(
        rt::EngineConfig{config.fs, config.voices, config.seed, config.kernels},
        rt::EngineMail{messages_.inbox(), reports_.outbox(), tape_, telemetry_, &alarm_},
        Edit{doings.first, 1}, std::span{memory_.get(), floats});
}

void Replay::render(StereoBlock out) {
    for (std::size_t done = 0; done < out.frames();) {
        if (now() % kTick == 0) hand_over();
        const std::size_t count = std::min(quiet_for(), out.frames() - done);
        engine_->render(out.sub(done, count));
        done += count;
        hear();
    }
}

/// What the tick that begins now can see: no more, where that was told.
void Replay::hand_over() {
    const auto late = doings_.late.subspan(late_);
    const bool told = !late.empty() && late.front().tick == now();
    const std::uint64_t most = late.empty() ? ~std::uint64_t{0}
                               : told       ? late.front().to
                                            : late.front().from;
    for (; posted_ < doings_.sent.size() && doings_.sent[posted_].n <= most; ++posted_) {
        const Sent &next = doings_.sent[posted_];
        if (!told && to_tick(next.frame) > now()) break;
        if (!outbox_.send(next.message)) break; // seen in the next tick, and so in the hashes
    }
    if (told) ++late_;
    if (alarms_ == doings_.alarms.size() || doings_.alarms[alarms_].tick != now()) return;
    const Alarmed &alarm = doings_.alarms[alarms_++];
    alarm.silences ? alarm_.raise(alarm.sent) : alarm_.hurry(alarm.sent);
}

/// Frames until there is something to hand over: to a tick, if any.
std::size_t Replay::quiet_for() const {
    Frame next = now() + kMostAtOnce;
    if (posted_ < doings_.sent.size())
        next = std::min(next, std::max(to_tick(doings_.sent[posted_].frame), now() + 1));
    if (late_ < doings_.late.size()) next = std::min(next, doings_.late[late_].tick);
    if (alarms_ < doings_.alarms.size()) next = std::min(next, doings_.alarms[alarms_].tick);
    return static_cast<std::size_t>(std::max(to_tick(next), to_tick(now() + 1)) - now());
}

void Replay::hear() {
    reports_in_.drain([this](const Report &report) {
        if (const auto *second = std::get_if<SecondOver>(&report)) seconds_.push_back(*second);
    });
}

} // namespace chronus
