#pragma once

namespace chronus::ctl {

/// From here on SIGINT, SIGTERM, SIGHUP and SIGQUIT only set a mark, so that what was begun can be
/// ended properly; SIGWINCH interrupts waiting.
void catch_interrupts();

/// True once one of them came.
bool interrupted();

/// The last one that came, 0 for none; from here on it counts as dealt with.
int take_interrupt();

} // namespace chronus::ctl
