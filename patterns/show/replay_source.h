#pragma once

#include "engine/host/replay.h"
#include "engine/host/ring_out.h"
#include "engine/host/sound_source.h"
#include "patterns/history/performance.h"

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
    ReplaySource(const Performance &performance, std::string_view only, std::uint32_t from_bar,
                 Tail tail);

    std::size_t render(StereoBlock out) override;
    std::span<const Frame> lines() const override { return lines_; }
    /// Whether the bar was reached before the end.
    bool begins() const { return begins_; }

private:
    void skip_to(Frame frame);
    bool skip_to_bar(Frame start, std::uint32_t bar, Frame end);

    DoneThen done_;
    Replay replay_;
    RingOut ring_out_;
    Frame end_ = 0, rendered_ = 0;
    bool begins_ = false;
    std::array<Frame, 2> lines_{};
};

} // namespace chronus::patterns
