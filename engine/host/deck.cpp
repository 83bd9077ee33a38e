#include "engine/host/deck.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <span>
#include <thread>

namespace chronus {

namespace {

constexpr double kAhead_s = 0.5; // a busy machine lets a worker wait that long
constexpr std::size_t kAtOnce = 128;

std::size_t frames_ahead(SampleRate fs) {
    return std::bit_ceil(static_cast<std::size_t>(kAhead_s * static_cast<double>(fs.hz)));
}

} // namespace

Reel::Reel(SampleRate fs, const Alarm &alarm)
    : alarm_(alarm), alarm_call_(alarm.call()), fall_(1.0f / static_cast<float>(fade_frames(fs))),
      memory_(2 * frames_ahead(fs)) {}

std::size_t Reel::room() const noexcept {
    return memory_.size() / 2 - static_cast<std::size_t>(written_ - heard());
}

void Reel::write(StereoBlock sound) noexcept {
    tape_.write(sound);
    written_ += sound.frames();
}

void Reel::add_to(StereoBlock out) CHRONUS_RT {
    if (over()) return;
    if (alarm_.call() != alarm_call_) silenced_.store(true, std::memory_order_release);
    const bool fades = silenced() || stopped_.load(std::memory_order_acquire);
    const bool ended = ended_.load(std::memory_order_acquire); // before what is there is looked at
    std::size_t done = 0;
    for (std::size_t count = 1; count > 0 && done < out.frames(); done += count)
        count = add_some(out.sub(done, std::min(kAtOnce, out.frames() - done)), fades);
    if (gain_ <= 0 || (done < out.frames() && (ended || fades)))
        over_.store(true, std::memory_order_release);
    else
        missed_.fetch_add(out.frames() - done, std::memory_order_relaxed);
}

/// How many there were.
std::size_t Reel::add_some(StereoBlock out, bool fades) CHRONUS_RT {
    std::array<float, 2 * kAtOnce> next;
    const std::size_t count = tape_.read(std::span{next}.first(2 * out.frames()));
    for (std::size_t i = 0; i < count; ++i) {
        if (fades) gain_ = std::max(gain_ - fall_, 0.0f);
        out.left[i] = std::clamp(out.left[i] + gain_ * next[2 * i], -1.0f, 1.0f);
        out.right[i] = std::clamp(out.right[i] + gain_ * next[2 * i + 1], -1.0f, 1.0f);
    }
    heard_.fetch_add(count, std::memory_order_release);
    return count;
}

bool Deck::put_on(Reel &reel) noexcept {
    Reel *none = nullptr;
    return reel_.compare_exchange_strong(none, &reel);
}

/// Whoever is inside may still have it: each looks at what the other says after saying so itself.
void Deck::take_off() noexcept {
    reel_.store(nullptr);
    while (inside_.load()) std::this_thread::sleep_for(std::chrono::microseconds(50));
}

void Deck::add_to(StereoBlock out) CHRONUS_RT {
    inside_.store(true);
    if (Reel *reel = reel_.load()) reel->add_to(out);
    inside_.store(false, std::memory_order_release);
}

} // namespace chronus
