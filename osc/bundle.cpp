#include "osc/bundle.h"

#include <string_view>

namespace chronus::osc {

void BundleWriter::begin(TimeTag when, std::span<const std::byte> first) {
    buffer_.clear();
    for (const char c : std::string_view{"#bundle\0", 8}) buffer_.push_back(std::byte(c));
    big_endian(when.ntp, 8);
    put(first);
    begun_ = true;
}

bool BundleWriter::add(std::span<const std::byte> message) {
    if (!begun_ && buffer_.size() + 4 + message.size() > most_) return false;
    begun_ = false;
    put(message);
    return true;
}

void BundleWriter::put(std::span<const std::byte> message) {
    big_endian(message.size(), 4);
    buffer_.insert(buffer_.end(), message.begin(), message.end());
}

void BundleWriter::big_endian(std::uint64_t number, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        buffer_.push_back(std::byte(number >> shift & 0xff));
}

} // namespace chronus::osc
