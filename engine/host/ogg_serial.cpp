#include "engine/host/ogg_serial.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <sys/types.h>
#include <unistd.h>

namespace chronus {

namespace {

using Bytes = std::span<std::uint8_t>;

constexpr std::size_t kHeader = 27, kSerialAt = 14, kSumAt = 22, kCountAt = 26;
constexpr std::size_t kMostPage = kHeader + 255 + 255 * 255;

constexpr auto kTable = [] {
    std::array<std::uint32_t, 256> out{};
    for (std::uint32_t i = 0; i < out.size(); ++i) {
        std::uint32_t sum = i << 24;
        for (int bit = 0; bit < 8; ++bit) sum = sum << 1 ^ (sum >> 31 != 0 ? 0x04c11db7u : 0u);
        out[i] = sum;
    }
    return out;
}();

std::uint32_t sum_of(Bytes bytes, std::uint32_t sum) noexcept {
    for (const std::uint8_t byte : bytes) sum = sum << 8 ^ kTable[sum >> 24 ^ byte];
    return sum;
}

void put(Bytes page, std::size_t at, std::uint32_t value) noexcept {
    for (std::size_t i = 0; i < 4; ++i) page[at + i] = static_cast<std::uint8_t>(value >> 8 * i);
}

/// As much as there is from `at` on, up to the size of `into`; below 0 refused.
ssize_t read_at(int fd, off_t at, Bytes into) noexcept {
    std::size_t done = 0;
    while (done < into.size()) {
        const ssize_t n =
            ::pread(fd, into.data() + done, into.size() - done, at + static_cast<off_t>(done));
        if (n == 0) break;
        if (n > 0) done += static_cast<std::size_t>(n);
        if (n < 0 && errno != EINTR) return -1;
    }
    return static_cast<ssize_t>(done);
}

bool write_at(int fd, off_t at, Bytes bytes) noexcept {
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t n =
            ::pwrite(fd, bytes.data() + done, bytes.size() - done, at + static_cast<off_t>(done));
        if (n > 0) done += static_cast<std::size_t>(n);
        if (n == 0) errno = EIO;
        if (n == 0 || (n < 0 && errno != EINTR)) return false;
    }
    return true;
}

/// The length of the page that begins there; 0 when it is not there wholly.
std::size_t page_in(Bytes bytes) noexcept {
    if (bytes.size() < kHeader || std::memcmp(bytes.data(), "OggS", 4) != 0) return 0;
    const std::size_t count = bytes[kCountAt];
    std::size_t length = kHeader + count;
    if (bytes.size() < length) return 0;
    for (const std::uint8_t lace : bytes.subspan(kHeader, count)) length += lace;
    return length <= bytes.size() ? length : 0;
}

/// Hands on each page, without its serial number and sum, and where it stands.
/// False: the system refused something, or `f` did.
template <class F>
bool for_each_page(int fd, F f) noexcept {
    std::array<std::uint8_t, kMostPage> bytes{};
    for (off_t at = 0;;) {
        const ssize_t count = read_at(fd, at, bytes);
        if (count < 0) return false;
        const std::size_t length = page_in(Bytes{bytes}.first(static_cast<std::size_t>(count)));
        if (length == 0) return true;
        const Bytes page = Bytes{bytes}.first(length);
        put(page, kSerialAt, 0);
        put(page, kSumAt, 0);
        if (!f(at, page)) return false;
        at += static_cast<off_t>(length);
    }
}

} // namespace

int settle_ogg_serial(int fd) noexcept {
    std::uint32_t serial = 0;
    const bool read = for_each_page(fd, [&](off_t, Bytes page) {
        serial = sum_of(page, serial);
        return true;
    });
    const bool written = read && for_each_page(fd, [&](off_t at, Bytes page) {
                             put(page, kSerialAt, serial);
                             put(page, kSumAt, sum_of(page, 0));
                             return write_at(fd, at, page.first(kHeader));
                         });
    return written ? 0 : errno;
}

} // namespace chronus
