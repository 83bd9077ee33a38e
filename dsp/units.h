#pragma once

#include <compare>

/// Units at the door, floats in the loop.
namespace chronus {

struct SampleRate {
    float hz = 48000.0f;
    friend constexpr bool operator==(SampleRate, SampleRate) = default;
};

struct Hz {
    float value = 0.0f;
    friend constexpr auto operator<=>(Hz, Hz) = default;
};

struct Seconds {
    float value = 0.0f;
    friend constexpr auto operator<=>(Seconds, Seconds) = default;
    /// The same span counted in (fractional) frames.
    constexpr float frames(SampleRate fs) const noexcept { return value * fs.hz; }
};

struct Decibels {
    float value = 0.0f;
    friend constexpr auto operator<=>(Decibels, Decibels) = default;
};

namespace literals {
constexpr Hz operator""_Hz(long double v) { return {static_cast<float>(v)}; }
constexpr Hz operator""_Hz(unsigned long long v) { return {static_cast<float>(v)}; }
constexpr Seconds operator""_s(long double v) { return {static_cast<float>(v)}; }
constexpr Seconds operator""_s(unsigned long long v) { return {static_cast<float>(v)}; }
constexpr Seconds operator""_ms(long double v) { return {static_cast<float>(v / 1000)}; }
constexpr Seconds operator""_ms(unsigned long long v) { return {static_cast<float>(v) / 1000.0f}; }
constexpr Decibels operator""_dB(long double v) { return {static_cast<float>(v)}; }
} // namespace literals

} // namespace chronus
