#pragma once

#include "engine/result.h"
#include "osc/gate.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace chronus::osc {

/// How packets are told apart in a stream of bytes.
///
/// Source: OSC 1.0 (a length before each packet) and OSC 1.1 (SLIP, RFC 1055, with an END on both
///         sides of each packet).
enum class Framing { length, slip };

/// Told from the first byte of a stream: 0xC0 begins a SLIP frame, and no length we take.
constexpr Framing framing_of(std::byte first) noexcept {
    return first == std::byte{0xC0} ? Framing::slip : Framing::length;
}

/// Writes the packet as one frame behind what `out` holds.
void append_frame(Framing framing, std::span<const std::byte> packet, std::vector<std::byte> &out);

/// Takes frames out of a stream, however it is cut.
///
/// It holds one frame of at most `most` bytes, and next to nothing between large ones.
/// Thread: one at a time. O(bytes).
class FrameReader {
public:
    using Packet = std::span<const std::byte>;

    explicit FrameReader(std::size_t most = kStreamLimits.packet) : most_(most) {}

    /// The next packet of the stream, or nothing while it is not whole.
    ///
    /// Shapes: what was used goes from the front of `bytes`; with nothing returned, all of it. The
    ///         packet is good until the next call. Empty SLIP frames are skipped.
    /// Errors: corrupt - a wrong SLIP escape; a length that is 0 or not a multiple of 4.
    ///         too_big - a frame over the limit. Once a frame, at its first wrong byte. SLIP goes
    ///         on at its next END; behind a wrong length nothing can be found again: see `lost`.
    Result<std::optional<Packet>> next(std::span<const std::byte> &bytes);

    /// The kind, once a byte has told it.
    std::optional<Framing> framing() const noexcept { return framing_; }

    /// True after a wrong length: all that follows is thrown away.
    bool lost() const noexcept { return lost_; }

    /// Units: bytes of memory held.
    std::size_t held() const noexcept { return frame_.capacity(); }

private:
    using Found = Result<std::optional<Packet>>;

    Found next_slip(std::span<const std::byte> &bytes);
    Found next_length(std::span<const std::byte> &bytes);
    Outcome take_plain(std::span<const std::byte> &bytes);
    Outcome take_special(std::byte special);
    void forget_frame();
    Error broken_slip(Error why);

    std::size_t most_;
    std::optional<Framing> framing_;
    std::vector<std::byte> frame_; ///< SLIP: without its escapes; length: behind its four bytes
    bool delivered_ = false;       ///< `frame_` is the packet of the last call
    bool escaped_ = false;         ///< SLIP: ESC was the last byte
    bool skipping_ = false;        ///< SLIP: the frame is broken, its END not yet seen
    bool lost_ = false;
    std::uint32_t length_ = 0;
    int length_bytes_ = 0; ///< how many of the four are known
};

} // namespace chronus::osc
