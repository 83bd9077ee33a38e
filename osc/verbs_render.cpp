#include "osc/context.h"
#include "osc/rendering.h"
#include "osc/stage.h"
#include "osc/verbs.h"
#include "patterns/show/render_wishes.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

/// Commands that play kept things offline.
namespace chronus::osc {

namespace {

using patterns::RenderWishes;

patterns::RenderOrder order_of(const patterns::Document &document, const RenderWishes &wishes) {
    return {.parts = {{std::make_shared<const Scene>(document.scene), wishes.bars}},
            .config = {SampleRate{static_cast<float>(wishes.rate)}, document.voices},
            .tail = wishes.tail,
            .outputs = wishes.outputs,
            .name = wishes.name};
}

Result<Reply> render_slot(Context &context, Args args) {
    const auto slot = slot_at(context, args, 0, "/render/slot");
    if (!slot) return slot.error();
    RenderWishes wishes{.name = fmt::format("slot_{:03}", *slot)};
    const std::string command = fmt::format("/render/slot {}", *slot);
    if (auto set = set_wishes(wishes, args.subspan(1), command); !set) return set.error();
    const auto pattern = pattern_in(context, *slot, "/render/slot");
    if (!pattern) return pattern.error();
    const std::string name = fmt::format("slot {}", *slot);
    return ask_for(context,
                   {.name = wishes.name,
                    .what = name + " is being rendered",
                    .begin = [order = order_of((*pattern)->document, wishes), name](
                                 patterns::Studio &studio) { return studio.render(order, name); }});
}

constexpr std::array kVerbs{
    Verb{"/render/report", "s:job",
         "What came of a render, or of an export: levels, files, sizes and hashes, as JSON. "
         "/progress/show tells of "
         "one that goes on, /job/cancel ends it.",
         "/render/report 1", render_report},
    Verb{
        "/render/slot", "i:slot ...",
        "Play a slot offline, faster than it sounds, and keep what comes of it in the folder "
        "renders. More arguments are bars=8, outputs=wav24,stems (wav16, wav24, wav32f, flac, ogg, "
        "stems, midi, plot), name=take, rate=48000, tail=20: it rings on until it is silent, so "
        "many seconds at most. Answers s:job s:folder at once.",
        "/render/slot 1 bars=8 outputs=wav24,plot", render_slot, Acts::keeps},
};

} // namespace

std::span<const Verb> render_verbs() { return kVerbs; }

} // namespace chronus::osc
