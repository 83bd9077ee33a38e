// expect: nothing
#include <cmath>
#include <cstring>
#include <span>

void planted(std::span<float> io, std::span<const float> in) noexcept {
    std::memcpy(io.data(), in.data(), in.size_bytes());
    for (float &x : io) x = std::sqrt(x) * 0.5f;
}
