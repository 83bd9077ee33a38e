#pragma once

namespace chronus {

/// Gives an Ogg file of one stream a serial number that follows from its content. Encoders draw one
/// by chance, and equal sounds would be unequal files.
///
/// Answers 0, or the system's number of what it refused. What is behind the last whole page stays.
/// Thread: any, never audio. `fd` is open for reading and writing.
/// Source: RFC 3533, section 6.
int settle_ogg_serial(int fd) noexcept;

} // namespace chronus
