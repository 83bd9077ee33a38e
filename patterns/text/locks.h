#pragma once

#include "engine/model/step.h"
#include "patterns/text/scanner.h"

#include <string>

namespace chronus::patterns {

/// Reads what follows the '{' of a hit up to and with its '}': "cutoff=800,res=.7}". Names are
/// paths below the voice (osc/width), cutoff and res for its filter's, and "acid." before a
/// parameter of the acid filter. Amounts clip; a choice goes by name or number.
Found scan_locks(Scanner &in, LockSet &into);

/// With its braces, in the order of the tables; nothing without locks.
std::string print_locks(const LockSet &set);

} // namespace chronus::patterns
