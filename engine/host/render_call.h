#pragma once

#include "dsp/block.h"
#include "dsp/rt.h"

namespace chronus {

/// All that a device knows of the engine: something that fills blocks.
///
/// Thread: made anywhere, called by one audio thread at a time; `engine` outlives the calls.
struct RenderCall {
    void *engine = nullptr;
    void (*render)(void *engine, StereoBlock out) noexcept = nullptr;

    void operator()(StereoBlock out) const CHRONUS_RT { render(engine, out); }
};

/// The call of anything with `void render(StereoBlock) noexcept`.
template <class E>
RenderCall render_call_of(E &engine) {
    static_assert(noexcept(engine.render(StereoBlock{})), "the audio thread never throws");
    return {&engine, [](void *e, StereoBlock out) noexcept { static_cast<E *>(e)->render(out); }};
}

} // namespace chronus
