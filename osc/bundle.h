#pragma once

#include "osc/value.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chronus::osc {

/// A bundle of messages that are bytes already, up to a size.
///
/// Thread: control. Takes no memory once its buffer has grown.
class BundleWriter {
public:
    /// What `buffer` held is gone.
    BundleWriter(std::vector<std::byte> &buffer, std::size_t most) : buffer_(buffer), most_(most) {}

    /// An empty bundle for that moment, but for the message it always begins with.
    void begin(TimeTag when, std::span<const std::byte> first);
    /// False when the bundle would grow past its size; then it is as it was. One message beside the
    /// first always has room.
    bool add(std::span<const std::byte> message);

    std::span<const std::byte> bytes() const { return buffer_; }

private:
    void big_endian(std::uint64_t number, int bytes);
    void put(std::span<const std::byte> message);

    std::vector<std::byte> &buffer_;
    std::size_t most_;
    bool begun_ = false; ///< holds the first message and no other
};

} // namespace chronus::osc
