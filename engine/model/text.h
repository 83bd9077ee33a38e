#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chronus {

/// A short string held in place, so that the values that carry it stay plain.
///
/// Shapes: at most N - 1 bytes; `assign` cuts the rest off and says so.
template <std::size_t N>
class FixedText {
    static_assert(N <= 256);

public:
    constexpr FixedText() = default;
    constexpr FixedText(std::string_view text) { assign(text); }

    constexpr bool assign(std::string_view text) noexcept {
        size_ = static_cast<std::uint8_t>(std::min(text.size(), N - 1));
        bytes_ = {};
        std::copy_n(text.begin(), size_, bytes_.begin());
        return size_ == text.size();
    }
    constexpr FixedText &append(std::string_view text) noexcept {
        const std::size_t room = std::min(text.size(), N - 1 - size_);
        std::copy_n(text.begin(), room, bytes_.begin() + size_);
        size_ = static_cast<std::uint8_t>(size_ + room);
        return *this;
    }
    constexpr std::string_view view() const noexcept { return {bytes_.data(), size_}; }
    constexpr operator std::string_view() const noexcept { return view(); }
    static constexpr std::size_t capacity() noexcept { return N - 1; }

    friend constexpr bool operator==(const FixedText &, const FixedText &) = default;

private:
    std::array<char, N> bytes_{};
    std::uint8_t size_ = 0;
};

} // namespace chronus
