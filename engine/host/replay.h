#pragma once

#include "dsp/block.h"
#include "engine/host/session.h"
#include "engine/model/messages.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace chronus {

/// All that a session's sound depends on besides its config: where it began, every message in its
/// order, which of them came late, and when the alarm was heard.
///
/// Shapes: messages count from 1 without a gap, the others ascend. Scenes outlive it.
struct Doings {
    const Scene *first = nullptr; ///< with the uids of its tracks
    std::span<const Sent> sent;
    std::span<const CameLate> late;
    std::span<const Alarmed> alarms;
};

/// An engine of its own that is told what another was told, when it was: it makes the same samples.
///
/// Thread: any one at a time, never audio.
class Replay {
public:
    Replay(const SessionConfig &config, const Doings &doings);

    /// The next frames. Shapes: two channels of one length.
    void render(StereoBlock out);
    Frame now() const { return engine_->now(); }
    /// Frames by which what is heard comes after what is done.
    std::size_t latency() const { return engine_->latency(); }
    /// Where the music is, with the tick that was rendered last.
    Position position() const { return telemetry_.position.look(); }
    /// The hashes of all seconds that are over.
    std::span<const SecondOver> seconds() const { return seconds_; }

private:
    struct FreeMemory {
        void operator()(float *p) const;
    };

    void hand_over();
    std::size_t quiet_for() const;
    void hear();

    Doings doings_;
    std::size_t posted_ = 0, late_ = 0, alarms_ = 0; // handed over of each
    std::vector<SecondOver> seconds_;
    std::array<float, 2> tape_memory_{};
    Tape tape_{tape_memory_};
    Telemetry telemetry_;
    Alarm alarm_;
    rt::MessageMail messages_{rt::kMostMessages};
    Mailbox<Report> reports_{1024};
    rt::MessageMail::Outbox outbox_{messages_.outbox()};
    Mailbox<Report>::Inbox reports_in_{reports_.inbox()};
    std::unique_ptr<float[], FreeMemory> memory_;
    std::unique_ptr<rt::Engine> engine_;
};

} // namespace chronus
