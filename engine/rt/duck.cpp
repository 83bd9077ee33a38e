#include "engine/rt/duck.h"

#include <algorithm>

namespace chronus::rt {

namespace {

constexpr float kLeaveS = 0.005f;

constexpr float eased(float x) CHRONUS_RT { return x * x * (3.0f - 2.0f * x); }

} // namespace

void Duck::set(float depth, DuckTimes times) CHRONUS_RT {
    times_ = times;
    idle() ? depth_.jump(depth) : depth_.aim(depth);
}

void Duck::set_out(Phase phase, float seconds) CHRONUS_RT {
    phase_ = phase;
    from_ = down_;
    done_ = 0;
    frames_ = std::max(static_cast<std::uint32_t>(seconds * fs_ + 0.5f), std::uint32_t{1});
}

void Duck::strike() CHRONUS_RT {
    if (phase_ != Phase::leaving) set_out(Phase::attack, times_.attack_s);
}

void Duck::let_go() CHRONUS_RT {
    if (phase_ != Phase::leaving && !idle()) set_out(Phase::leaving, kLeaveS);
}

void Duck::step() CHRONUS_RT {
    ++done_;
    const float way = eased(static_cast<float>(done_) / static_cast<float>(frames_));
    if (phase_ == Phase::attack) down_ = from_ + (1.0f - from_) * way;
    if (phase_ == Phase::release || phase_ == Phase::leaving) down_ = from_ - from_ * way;
    if (done_ == frames_) arrive();
}

void Duck::arrive() CHRONUS_RT {
    if (phase_ == Phase::attack && times_.hold_s > 0) return set_out(Phase::hold, times_.hold_s);
    if (phase_ == Phase::attack || phase_ == Phase::hold)
        return set_out(Phase::release, times_.release_s);
    phase_ = Phase::rest;
    depth_.jump(depth_.target());
}

void Duck::generate(std::span<float> gains) CHRONUS_RT {
    for (float &gain : gains) {
        if (idle()) return;
        step();
        gain *= 1.0f - depth_.next() * down_;
    }
}

bool Duck::heal() CHRONUS_RT {
    const bool sane = down_ >= 0 && down_ <= 1 && from_ >= 0 && from_ <= 1 && depth_.value() >= 0 &&
                      depth_.value() <= 1;
    if (sane) return false;
    *this = Duck{SampleRate{fs_}};
    return true;
}

} // namespace chronus::rt
