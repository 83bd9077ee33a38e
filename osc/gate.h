#pragma once

#include "engine/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace chronus::osc {

/// What a packet may hold at most. Units: bytes, without a string's padding; counts.
struct Limits {
    std::size_t packet = 8 * 1024;
    std::size_t depth = 4;      ///< bundles inside each other, the outermost counted
    std::size_t elements = 256; ///< messages and inner bundles of the whole packet
    std::size_t args = 64;
    std::size_t string = 4 * 1024;
    std::size_t blob = 32 * 1024;
};

inline constexpr Limits kDatagramLimits{};
inline constexpr Limits kStreamLimits{.packet = 60 * 1024};

/// A message found sound, still as bytes of the packet it came in.
struct CheckedMessage {
    std::span<const std::byte> bytes; ///< from its address to its last argument
    std::string_view address;
    std::string_view tags;     ///< without the comma
    std::uint64_t timetag = 1; ///< when it is meant: 2^-32 s since 1900, 1 is now
};

/// Reads a packet end to end, before any other code does, and finds it sound or refuses it whole.
///
/// An inner bundle happens no earlier than the one around it. A message that ends after its address
/// has no arguments: old senders leave the type tags out.
/// Shapes: the views point into `packet`. At most 256 entries, in the order they were written.
/// Thread: control. One pass, no recursion; O(bytes).
/// Errors: corrupt - not OSC. too_big - over a limit. bad_type - a type tag we do not take, or text
///         that is not UTF-8. out_of_range - a number that is NaN or infinite.
Result<std::vector<CheckedMessage>> checked(std::span<const std::byte> packet,
                                            const Limits &limits);

} // namespace chronus::osc
