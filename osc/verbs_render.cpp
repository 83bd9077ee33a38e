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

/// "key=value", each once or the last of them.
/// Errors: those of `set_wish`, with all of `command` in the hint; bad_type - no '='.
Outcome set_wishes(RenderWishes &wishes, Args pairs, std::string_view command) {
    for (const Value &pair : pairs) {
        const auto text = to_text(pair, "render option");
        const auto equals = text ? text->find('=') : std::string::npos;
        if (equals == std::string::npos)
            return Error{Errc::bad_type,
                         fmt::format("{}: \"{}\" is no option: they are written key=value", command,
                                     text ? *text : "?"),
                         fmt::format("{} {}", command, "bars=8")};
        const std::string key = text->substr(0, equals);
        if (auto set = patterns::set_wish(wishes, key, text->substr(equals + 1)); !set) {
            const Error &why = set.error();
            const bool whole = why.hint.find('=') != std::string::npos;
            return Error{why.code, fmt::format("{}: {}", command, why.what),
                         fmt::format("{} {}{}", command, whole ? "" : key + "=", why.hint)};
        }
    }
    return Done{};
}

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
    return ask_for(context,
                   {order_of((*pattern)->document, wishes), fmt::format("slot {}", *slot)});
}

constexpr std::array kVerbs{
    Verb{"/render/report", "s:job",
         "What came of a render: levels, files, sizes and hashes, as JSON. /progress/show tells of "
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
