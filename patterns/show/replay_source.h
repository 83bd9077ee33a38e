#pragma once

#include "engine/host/replay.h"
#include "engine/host/ring_out.h"
#include "engine/host/sound_source.h"
#include "patterns/history/performance.h"
#include "patterns/show/watch.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// What was done in a performance, as a replay wants it.
class DoneThen {
public:
    /// With all tracks but that muted, if one is named.
    explicit DoneThen(const Performance &performance, std::string_view only = {});
    DoneThen(DoneThen &&) noexcept = default;

    SessionConfig config() const { return config_; }
    Doings doings() const { return {first_.get(), sent_, late_, alarms_}; }

private:
    SessionConfig config_;
    std::vector<std::shared_ptr<const Scene>> scenes_;
    std::shared_ptr<const Scene> first_;
    std::vector<Sent> sent_;
    std::vector<CameLate> late_;
    std::vector<Alarmed> alarms_;
};

/// A performance again, from a bar on until what it leaves has rung out.
class ReplaySource final : public SoundSource {
public:
    /// The most frames that are kept of what comes before it begins.
    static constexpr std::size_t kMostBefore = 1024;

    /// All before the bar is played here, and told of in frames; without end, when stopped.
    ReplaySource(const Performance &performance, std::string_view only, std::uint32_t from_bar,
                 Tail tail, const Watch &watch = {});

    std::size_t render(StereoBlock out) override;
    std::span<const Frame> lines() const override { return lines_; }
    /// Whether the bar was reached before the end.
    bool begins() const { return begins_; }
    /// Frames until the performance is over, and rings out.
    Frame length() const { return end_; }
    /// What comes right before it begins; silence before the beginning of all.
    /// Shapes: at most `kMostBefore` frames.
    void before(StereoBlock out) const;
    /// What plays it: it goes on behind the end.
    Replay &player() { return replay_; }

private:
    void skip_to(Frame frame);
    bool skip_to_bar(Frame start, std::uint32_t bar, Frame end);

    DoneThen done_;
    Replay replay_;
    Watch watch_;
    std::array<std::vector<float>, 2> before_{std::vector<float>(kMostBefore),
                                              std::vector<float>(kMostBefore)}; // a ring, by frame
    RingOut ring_out_;
    Frame begins_at_ = 0, end_ = 0, rendered_ = 0;
    bool begins_ = false;
    std::array<Frame, 2> lines_{};
};

} // namespace chronus::patterns
