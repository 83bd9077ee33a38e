#pragma once

namespace chronus::patterns {

/// Gives the system back what the work before took and nobody needs now: free heap, the stack far
/// below the caller, and the text of the libraries. It comes to two megabytes, and that work may be
/// the last for hours.
///
/// Thread: any but audio; it costs a fraction of a millisecond.
void give_back_memory();

} // namespace chronus::patterns
