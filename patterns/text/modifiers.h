#pragma once

#include "engine/model/step.h"
#include "patterns/text/scanner.h"

#include <string>

namespace chronus::patterns {

/// A step and what it locks, before the track's sets have it.
struct Element {
    Step step;
    LockSet locks;
};

/// Reads what hangs on a hit, in any order, each kind once: ~ slide, *3 ratchet, ?40 chance, %2:4
/// pass, ! fill only, >12 late, <12 early, {cutoff=800} locks.
Found scan_modifiers(Scanner &in, Element &into);

/// Whether a character belongs to a hit before it.
bool is_modifier(char c);

/// The fault of a modifier without a hit before it.
Fault lone_modifier(const Scanner &in);

/// In the order above.
std::string print_modifiers(const Element &element);

} // namespace chronus::patterns
