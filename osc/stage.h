#pragma once

#include "engine/result.h"
#include "osc/context.h"
#include "osc/verbs.h"

#include <cstddef>
#include <string>
#include <string_view>

/// Slots, and putting what they hold in play.
namespace chronus::osc {

/// Errors: out_of_range - no slot; the hint is one that `verb` would take.
Result<int> slot_at(Context &context, Args args, std::size_t i, std::string_view verb);

/// What a slot holds, or is about to hold when a save of it is still on its way to the disk.
Result<std::string> bytes_of(Context &context, int slot, std::string_view verb);

/// A slot's pattern, read and found sound; as it was when asked for first, where what plays it had
/// to wait for its time.
Result<Pattern> pattern_in(Context &context, int slot, std::string_view verb);

/// The pattern alone.
patterns::KeptPattern kept(const Pattern &pattern);

/// Switches to a pattern, label and all.
Outcome put_in_play(Context &context, const Chain::Link &link, Boundary boundary);

/// What is heard is labelled so, while another pattern may wait for its bar.
const Label &label_heard(Context &context);

/// What waits for its bar does not come: an edit is taken back. The chain is as it was before; one
/// whose turn it was asks again.
void call_off(Context &context);

/// What plays goes on: no pattern that waits for its bar comes any more, and no chain plays.
Outcome stay_in_play(Context &context);

/// What waits for its bar does not come: it is cancelled. A chain whose turn it was ends; one that
/// a command was to end goes on.
Outcome cancel_switch(Context &context);

/// Lends the chain's next pattern when the last bar of the one in play has begun; behind the last
/// of a song comes what the set says.
void run_chain(Context &context);

} // namespace chronus::osc
