#pragma once

namespace chronus::ctl {

/// From here on SIGINT, SIGTERM, SIGHUP and SIGQUIT only set a mark, so that what was begun can be
/// ended properly; SIGWINCH interrupts waiting.
void catch_interrupts();

/// True once one of them came.
bool interrupted();

} // namespace chronus::ctl
