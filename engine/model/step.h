#pragma once

#include "engine/model/params.h"

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string_view>

/// What a track is made of. All plain values, small enough for 256 of them in each of 64 tracks.
namespace chronus {

inline constexpr std::size_t kMaxSteps = 256;

enum class Hit : std::uint8_t { rest, ghost, normal, accent, tie };

/// Loudness of a hit against the track's level.
constexpr float velocity_of(Hit hit) noexcept {
    switch (hit) {
    case Hit::ghost:
        return 0.35f;
    case Hit::normal:
        return 0.6f;
    case Hit::accent:
        return 1.0f;
    default:
        return 0.0f;
    }
}
constexpr bool strikes(Hit hit) noexcept { return hit != Hit::rest && hit != Hit::tie; }

inline constexpr int kMaxRatchet = 8;
inline constexpr int kMaxCycle = 64;   ///< passes a condition can count
inline constexpr int kMaxShift = 47;   ///< in 1/96 of a step: less than half of one
inline constexpr int kShiftParts = 96; ///< a step has as many

/// One step of a track. A slid hit glides from the note before it, without a new attack. All but
/// the hit holds for hits only.
struct Step {
    Hit hit = Hit::rest;
    bool slide = false;
    bool fill = false;         ///< plays only while fills are on
    std::uint8_t ratchet = 1;  ///< strikes it is split into
    std::uint8_t chance = 100; ///< percent
    std::uint8_t nth = 1;      ///< plays in this one, from 1,
    std::uint8_t cycle = 1;    ///< of so many passes
    std::int8_t shift = 0;     ///< in 1/96 of a step; late above 0, early below
    std::uint8_t locks = 0;    ///< the track's lock set from 1, 0 none
    friend constexpr bool operator==(const Step &, const Step &) = default;
};

/// What a step can lock: a row of the voice table, or behind them one of the acid's.
struct LockTarget {
    std::uint8_t row = 0;

    static constexpr std::size_t kVoiceRows = rows::kVoice.size();
    static constexpr std::size_t kCount = kVoiceRows + rows::kAcid.size();
    constexpr bool of_acid() const noexcept { return row >= kVoiceRows; }
    constexpr const ParamSpec &spec() const noexcept {
        return of_acid() ? rows::kAcid[row - kVoiceRows] : rows::kVoice[row];
    }
    friend constexpr auto operator<=>(const LockTarget &, const LockTarget &) = default;
};

/// The lock target of "voice1/filter/freq" or "acid1/cutoff".
consteval LockTarget lock_target(std::string_view path_of_first) {
    const ParamPlace place = place_of(param(path_of_first));
    const bool acid = kModules[place.module].name == "acid";
    return {static_cast<std::uint8_t>(place.row + (acid ? LockTarget::kVoiceRows : 0))};
}

struct Lock {
    LockTarget target;
    float value = 0;
    friend constexpr bool operator==(const Lock &, const Lock &) = default;
};

inline constexpr std::size_t kMaxLocks = 4;     ///< of a step
inline constexpr std::size_t kMaxLockSets = 64; ///< of a track

/// Values that parameters have for one note, in the order of their targets.
struct LockSet {
    std::array<Lock, kMaxLocks> locks{};
    std::uint8_t count = 0;

    constexpr std::span<const Lock> view() const noexcept { return {locks.data(), count}; }
    /// Null when it leaves the parameter alone.
    constexpr const float *find(LockTarget target) const noexcept {
        for (std::size_t i = 0; i < count; ++i)
            if (locks[i].target == target) return &locks[i].value;
        return nullptr;
    }
    /// Keeps the order. Nothing, and false, when it is full or has that target already.
    constexpr bool add(Lock lock) noexcept {
        if (count == kMaxLocks || find(lock.target) != nullptr) return false;
        std::size_t at = count++;
        for (; at > 0 && lock.target < locks[at - 1].target; --at) locks[at] = locks[at - 1];
        locks[at] = lock;
        return true;
    }
    friend constexpr bool operator==(const LockSet &, const LockSet &) = default;
};

/// The lock sets of a track; equal ones are kept once.
struct LockSets {
    std::array<LockSet, kMaxLockSets> sets{};
    std::uint8_t count = 0;

    /// The set a step names, from 1; without locks for 0.
    constexpr LockSet of(std::uint8_t number) const noexcept {
        return number == 0 || number > count ? LockSet{} : sets[number - 1u];
    }
    /// What a step has to say to have this set; -1 when there are too many.
    constexpr int add(const LockSet &set) noexcept {
        if (set.count == 0) return 0;
        const auto known = std::find(sets.begin(), sets.begin() + count, set);
        if (known == sets.begin() + count && count == kMaxLockSets) return -1;
        if (known == sets.begin() + count) sets[count++] = set;
        return static_cast<int>(known - sets.begin()) + 1;
    }
    friend constexpr bool operator==(const LockSets &, const LockSets &) = default;
};

/// Steps with what they lock.
struct PatternView {
    std::span<const Step> steps;
    const LockSets *locks = nullptr; ///< null: none

    LockSet locks_of(const Step &step) const { return locks ? locks->of(step.locks) : LockSet{}; }
};

/// How long a track's step is, in sixteenths.
struct StepLength {
    std::uint8_t num = 1, den = 1;
    friend constexpr bool operator==(const StepLength &, const StepLength &) = default;
};

} // namespace chronus
