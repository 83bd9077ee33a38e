#include "patterns/show/replay_live.h"

#include "patterns/show/replay_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <stop_token>
#include <thread>

namespace chronus::patterns {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBlock = 1024;
constexpr auto kLook = 5ms;
constexpr auto kPatience = 50ms; // with a device that asks for nothing any more

/// A performance on its way to the deck.
class Playing {
public:
    Playing(const LiveWay &way, ReplaySource &source, ProgressScope &level)
        : deck_(*way.deck), source_(source), level_(level), stop_(level.stop()),
          fade_(static_cast<std::size_t>(Reel::fade_frames(way.fs))), reel_(way.fs, *way.alarm) {}
    ~Playing() {
        if (!is_on_) return;
        reel_.stop();
        for (auto waited = 0ms; !reel_.over() && waited < kPatience; waited += kLook)
            std::this_thread::sleep_for(kLook);
        deck_.take_off();
    }
    Playing(const Playing &) = delete;
    Playing &operator=(const Playing &) = delete;

    Outcome play();
    Listened heard() const { return {.frames = reel_.heard(), .missed = reel_.missed()}; }

private:
    Outcome fade_in();
    Outcome fade_out();
    Outcome put(StereoBlock sound);
    Outcome put_on();
    Outcome wait();
    StereoBlock block(std::size_t frames) { return StereoBlock{left_, right_}.sub(0, frames); }

    Deck &deck_;
    ReplaySource &source_;
    ProgressScope &level_;
    std::stop_token stop_;
    std::size_t fade_;
    Reel reel_;
    bool is_on_ = false;
    std::array<float, kBlock> left_{}, right_{};
};

Outcome Playing::play() {
    if (auto begun = fade_in(); !begun) return begun;
    for (std::size_t count = 1; count > 0;) {
        count = source_.render(block(kBlock));
        if (auto done = put(block(count)); !done) return done;
    }
    if (auto done = fade_out(); !done) return done;
    reel_.end();
    if (auto on = put_on(); !on) return on;
    while (!reel_.over())
        if (auto waited = wait(); !waited) return waited;
    return Done{};
}

/// Before the bar, which is then there from its first frame on.
Outcome Playing::fade_in() {
    const StereoBlock before = block(fade_);
    source_.before(before);
    for (std::size_t i = 0; i < fade_; ++i) {
        const float gain = static_cast<float>(i) / static_cast<float>(fade_);
        before.left[i] *= gain;
        before.right[i] *= gain;
    }
    return put(before);
}

Outcome Playing::fade_out() {
    const StereoBlock behind = block(fade_);
    source_.player().render(behind);
    for (std::size_t i = 0; i < fade_; ++i) {
        const float gain = 1 - static_cast<float>(i + 1) / static_cast<float>(fade_);
        behind.left[i] *= gain;
        behind.right[i] *= gain;
    }
    return put(behind);
}

/// It is heard from when the reel is full on: then there is time.
Outcome Playing::put(StereoBlock sound) {
    while (reel_.room() < sound.frames()) {
        if (auto on = put_on(); !on) return on;
        if (auto waited = wait(); !waited) return waited;
    }
    reel_.write(sound);
    return stop_.stop_requested() ? wait() : Outcome{Done{}};
}

Outcome Playing::put_on() {
    if (is_on_) return Done{};
    is_on_ = deck_.put_on(reel_);
    if (!is_on_) return Error{Errc::busy, "another performance is heard already"};
    return Done{};
}

/// A little while, and tells how far it is.
Outcome Playing::wait() {
    if (stop_.stop_requested()) return Error{Errc::cancelled, "cancelled"};
    if (reel_.silenced()) return Error{Errc::cancelled, "silenced by a panic"};
    std::this_thread::sleep_for(kLook);
    const Frame heard = reel_.heard() - std::min<Frame>(reel_.heard(), fade_);
    level_.at(static_cast<double>(std::min(heard, source_.length())));
    return Done{};
}

Error no_such_bar(const ReplayOrder &order) {
    return {Errc::out_of_range,
            fmt::format("bar {}: execution {} was over before it", order.from_bar,
                        order.performance->execution.id),
            fmt::format("/history/replay {} live", order.performance->execution.id)};
}

/// Seconds are told of when they are over: the last one may be after what was heard.
std::vector<SecondOver> all_seconds(Replay &player, const Performance &performance) {
    std::array<std::array<float, kBlock>, 2> sound{};
    const Frame end = performance.seconds.empty() ? 0 : performance.seconds.back().frame;
    while (player.now() < end) player.render({sound[0], sound[1]});
    return {player.seconds().begin(), player.seconds().end()};
}

} // namespace

Result<Listened> play_live(const ReplayOrder &order, ProgressScope &whole) {
    const Performance &performance = *order.performance;
    const Execution &execution = performance.execution;
    std::unique_ptr<ReplaySource> source;
    const Frame far = order.from_bar == 1 ? execution.start_frame
                                          : execution.end_frame.value_or(execution.start_frame);
    ProgressScope way =
        whole.part("skip", fmt::format("bar {}", order.from_bar), static_cast<double>(far));
    const Outcome there = way.run([&]() -> Outcome {
        const Watch watch{.stop = way.stop(), .tell = [&](double done) { way.at(done); }};
        source = std::make_unique<ReplaySource>(performance, "", order.from_bar, order.tail, watch);
        if (auto going = watch.go_on(); !going) return going;
        return source->begins() ? Outcome{Done{}} : Outcome{no_such_bar(order)};
    });
    if (!there) return there.error();
    ProgressScope level = whole.part("play", "live", static_cast<double>(source->length()));
    return level.run([&]() -> Result<Listened> {
        Playing playing{*order.live, *source, level};
        if (auto played = playing.play(); !played) return played.error();
        Listened out = playing.heard();
        out.seconds = all_seconds(source->player(), performance);
        return out;
    });
}

} // namespace chronus::patterns
