#pragma once

#include "dsp/block.h"
#include "engine/host/session.h"
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

/// How long a performance may ring on after its last bar: until it has been silent for half a
/// second, or this long.
struct Tail {
    double most_s = 20;
};

/// A performance played by an engine of its own, as fast as the machine can: from the first frame
/// of the first bar on, what a listener of the live engine would hear, without the delay that the
/// limiter and the distortion bring. Tails of effects ring over from part to part.
///
/// Equal parts, config and tail make equal samples, however it is cut into blocks, on any machine.
/// Thread: any one at a time, never audio.
class Bounce {
public:
    /// Shapes: at least one part; each of at least one bar.
    Bounce(SessionConfig config, std::vector<Part> parts, Tail tail = {});

    /// Renders the next frames and answers how many: all that `out` has room for, fewer when the
    /// performance ends among them, none after it.
    std::size_t render(StereoBlock out);

    /// On which frame each part begins, and the last one ends; as far as they have been rendered.
    std::span<const Frame> lines() const { return lines_; }

private:
    static constexpr float kQuiet = 3.2e-5f; // -90 dBFS
    static constexpr double kRest_s = 0.5;
    static constexpr std::size_t kChunk = 1024; // less than the shortest bar

    void plan_next();
    void skip_latency();
    std::size_t render_chunk(StereoBlock out);
    static bool is_heard(StereoBlock out, std::size_t i);
    std::size_t pass(StereoBlock out);
    bool ends_with(bool heard);

    std::array<float, 2> tape_memory_{};
    Tape tape_{tape_memory_};
    std::vector<Part> parts_;
    Session session_;
    Frame rest_, most_tail_;
    std::size_t begun_ = 0;  // the part that plays, or is about to
    std::uint64_t bars_ = 0; // of the parts begun
    std::vector<Frame> lines_{0};
    Frame rendered_ = 0, quiet_ = 0; // quiet_: frames since it was last heard
    bool over_ = false;
};

} // namespace chronus
