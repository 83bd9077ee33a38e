#pragma once

#include "engine/result.h"
#include "osc/gate.h"
#include "osc/value.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chronus::osc {

/// A message and when it is meant. Units: 2^-32 s since 1900; 1 is now.
struct TimedMessage {
    Message message;
    std::uint64_t timetag = 1;
    friend bool operator==(const TimedMessage &, const TimedMessage &) = default;
};

/// Every message of a packet in the order they were written, or the reason to take none of them.
///
/// Thread: control. O(bytes); liblo sees only what `checked` found sound.
/// Errors: those of `checked`.
Result<std::vector<TimedMessage>> decode(std::span<const std::byte> packet, const Limits &limits);

/// The message as one packet. Text ends at its first NUL. Knows no limits: the receiver has them.
std::vector<std::byte> encode(const Message &message);

/// The messages as one bundle, to happen together at `timetag`.
std::vector<std::byte> encode_bundle(TimeTag timetag, std::span<const Message> messages);

} // namespace chronus::osc
