#pragma once

#include "dsp/block.h"
#include "engine/host/ring_out.h"
#include "engine/host/session.h"
#include "engine/host/sound_source.h"
#include "engine/model/scene.h"
#include "engine/model/tape.h"
#include "engine/model/time.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace chronus {

/// A stretch of a performance: a scene, played from its step 0 for so many bars.
struct Part {
    std::shared_ptr<const Scene> scene;
    std::uint32_t bars = 1;
};

/// A performance played by an engine of its own, as fast as the machine can: from the first frame
/// of the first bar on, what a listener of the live engine would hear, without the delay that the
/// limiter and the distortion bring. Tails of effects ring over from part to part.
///
/// Equal parts, config and tail make equal samples, however it is cut into blocks, on any machine.
/// Thread: any one at a time, never audio.
class Bounce final : public SoundSource {
public:
    /// Shapes: at least one part; each of at least one bar.
    Bounce(SessionConfig config, std::vector<Part> parts, Tail tail = {});

    /// Renders the next frames and answers how many: all that `out` has room for, fewer when the
    /// performance ends among them, none after it.
    std::size_t render(StereoBlock out) override;
    std::span<const Frame> lines() const override { return lines_; }

private:
    static constexpr std::size_t kChunk = 1024; // less than the shortest bar

    void plan_next();
    void skip_latency();
    std::size_t render_chunk(StereoBlock out);

    std::array<float, 2> tape_memory_{};
    Tape tape_{tape_memory_};
    std::vector<Part> parts_;
    Session session_;
    RingOut ring_out_;
    std::size_t begun_ = 0;  // the part that plays, or is about to
    std::uint64_t bars_ = 0; // of the parts begun
    std::vector<Frame> lines_{0};
    Frame rendered_ = 0;
};

} // namespace chronus
