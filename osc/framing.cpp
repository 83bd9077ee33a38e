#include "osc/framing.h"

#include <fmt/format.h>

#include <algorithm>

namespace chronus::osc {

namespace {

constexpr std::byte kEnd{0xC0}, kEsc{0xDB}, kEscapedEnd{0xDC}, kEscapedEsc{0xDD};
constexpr int kLengthBytes = 4;

constexpr bool is_special(std::byte b) { return b == kEnd || b == kEsc; }

void append_slip(std::span<const std::byte> packet, std::vector<std::byte> &out) {
    out.push_back(kEnd);
    for (const std::byte b : packet) {
        if (is_special(b)) out.push_back(kEsc);
        out.push_back(b == kEnd ? kEscapedEnd : b == kEsc ? kEscapedEsc : b);
    }
    out.push_back(kEnd);
}

void append_length(std::span<const std::byte> packet, std::vector<std::byte> &out) {
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::byte>(packet.size() >> shift));
    out.insert(out.end(), packet.begin(), packet.end());
}

Outcome check_length(std::uint32_t length, std::size_t most) {
    constexpr auto kElse = "frames begin with their length as int32, or with 0xC0 (SLIP)";
    if (length > most)
        return Error{Errc::too_big, fmt::format("frame: a length of {} bytes is over the {} "
                                                "allowed; {}",
                                                length, most, kElse)};
    if (length == 0 || length % 4 != 0)
        return Error{Errc::corrupt, fmt::format("frame: a length of {} bytes, where packets have a "
                                                "multiple of 4; {}",
                                                length, kElse)};
    return Done{};
}

} // namespace

void append_frame(Framing framing, std::span<const std::byte> packet, std::vector<std::byte> &out) {
    framing == Framing::slip ? append_slip(packet, out) : append_length(packet, out);
}

FrameReader::Found FrameReader::next(std::span<const std::byte> &bytes) {
    if (delivered_) forget_frame();
    if (bytes.empty()) return std::optional<Packet>{};
    if (!framing_) framing_ = framing_of(bytes.front());
    return *framing_ == Framing::slip ? next_slip(bytes) : next_length(bytes);
}

/// Keeps the room that small packets need, and no more: most streams rest most of the time.
void FrameReader::forget_frame() {
    constexpr std::size_t kKept = 1024;
    delivered_ = false;
    frame_.clear();
    if (frame_.capacity() > kKept) std::vector<std::byte>{}.swap(frame_);
}

FrameReader::Found FrameReader::next_slip(std::span<const std::byte> &bytes) {
    while (!bytes.empty()) {
        if (const auto plain = take_plain(bytes); !plain) return plain.error();
        if (bytes.empty()) break;
        const std::byte special = bytes.front();
        bytes = bytes.subspan(1);
        if (const auto taken = take_special(special); !taken) return taken.error();
        if (special == kEnd && !frame_.empty()) {
            delivered_ = true;
            return std::optional{Packet{frame_}};
        }
    }
    return std::optional<Packet>{};
}

/// Moves what stands for itself into the frame, up to the next END or ESC; and the one byte that
/// an ESC before it gives a meaning.
Outcome FrameReader::take_plain(std::span<const std::byte> &bytes) {
    if (escaped_ && bytes.front() != kEnd) {
        const std::byte b = bytes.front();
        bytes = bytes.subspan(1);
        escaped_ = false;
        if (b != kEscapedEnd && b != kEscapedEsc)
            return broken_slip(
                {Errc::corrupt, fmt::format("SLIP frame: 0xDB before 0x{:02X}, where only 0xDC and "
                                            "0xDD may follow",
                                            static_cast<unsigned>(b))});
        frame_.push_back(b == kEscapedEnd ? kEnd : kEsc);
    }
    const auto plain =
        static_cast<std::size_t>(std::ranges::find_if(bytes, is_special) - bytes.begin());
    const std::size_t wanted = skipping_ ? 0 : std::min(plain, most_ + 1 - frame_.size());
    frame_.insert(frame_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(wanted));
    bytes = bytes.subspan(plain);
    if (frame_.size() > most_)
        return broken_slip(
            {Errc::too_big, fmt::format("SLIP frame: over the {} bytes allowed", most_)});
    return Done{};
}

Outcome FrameReader::take_special(std::byte special) {
    if (special == kEsc) {
        escaped_ = !skipping_;
        return Done{};
    }
    const bool cut_short = escaped_;
    escaped_ = skipping_ = false;
    if (!cut_short) return Done{};
    forget_frame();
    return Error{Errc::corrupt, "SLIP frame: ends behind 0xDB, where 0xDC or 0xDD must follow"};
}

/// The rest of the frame, up to its END, is read past.
Error FrameReader::broken_slip(Error why) {
    skipping_ = true;
    forget_frame();
    return why;
}

FrameReader::Found FrameReader::next_length(std::span<const std::byte> &bytes) {
    for (; !lost_ && length_bytes_ < kLengthBytes && !bytes.empty(); ++length_bytes_) {
        length_ = length_ << 8 | static_cast<std::uint32_t>(bytes.front());
        bytes = bytes.subspan(1);
        if (length_bytes_ + 1 < kLengthBytes) continue;
        const auto sound = check_length(length_, most_);
        lost_ = !sound;
        if (lost_) return sound.error();
    }
    const std::size_t missing = length_bytes_ < kLengthBytes ? 0 : length_ - frame_.size();
    const auto part = bytes.first(std::min(missing, bytes.size()));
    frame_.insert(frame_.end(), part.begin(), part.end());
    bytes = lost_ ? bytes.last(0) : bytes.subspan(part.size());
    if (part.size() < missing || length_bytes_ < kLengthBytes) return std::optional<Packet>{};
    length_bytes_ = 0;
    length_ = 0;
    delivered_ = true;
    return std::optional{Packet{frame_}};
}

} // namespace chronus::osc
