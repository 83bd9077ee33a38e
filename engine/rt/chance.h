#pragma once

#include "dsp/rt.h"
#include "engine/model/scene.h"

#include <cstdint>
#include <string_view>

/// What is left to chance. Every draw is a function of what it is for, so music of one seed is
/// always the same, wherever playing starts and whatever was loaded in between.
namespace chronus::rt {

/// Source: splitmix64, as published by S. Vigna.
constexpr std::uint64_t mixed(std::uint64_t x) noexcept {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/// Source: FNV-1a, 64 bits.
constexpr std::uint64_t hash_of(std::string_view text) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return hash;
}

/// What a draw is for besides the track and the step.
enum class Draw : std::uint8_t { step, track };

/// 0..99, all alike.
constexpr std::uint32_t percent_drawn(std::uint64_t scene_seed, const Track &track, std::uint64_t n,
                                      Draw what) noexcept {
    std::uint64_t x = mixed(scene_seed ^ hash_of(track.name.view()));
    x = mixed(x ^ (std::uint64_t{track.seed} << 8 | static_cast<std::uint64_t>(what)));
    return static_cast<std::uint32_t>((mixed(x ^ n) >> 32) * 100 >> 32);
}

/// Whether the hit of step `n`, counted from the pattern's start, is played.
constexpr bool plays(const Track &track, std::uint64_t n, std::uint64_t scene_seed,
                     bool fill) noexcept {
    const Step &step = track.steps[n % track.length];
    if (!strikes(step.hit) || (step.fill && !fill)) return false;
    if (n / track.length % step.cycle + 1 != step.nth) return false;
    const auto falls = [&](unsigned percent, Draw what) {
        return percent >= 100 || percent_drawn(scene_seed, track, n, what) < percent;
    };
    return falls(step.chance, Draw::step) && falls(track.chance, Draw::track);
}

} // namespace chronus::rt
