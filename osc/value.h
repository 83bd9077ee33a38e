#pragma once

#include "engine/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace chronus::osc {

/// An argument that is there and says nothing (`N`).
struct Nil {
    friend constexpr bool operator==(Nil, Nil) = default;
};

/// A trigger without a value (`I`).
struct Impulse {
    friend constexpr bool operator==(Impulse, Impulse) = default;
};

/// A moment as OSC writes it. Units: 2^-32 s since 1900; 1 means now.
struct TimeTag {
    std::uint64_t ntp = 1;
    friend constexpr bool operator==(TimeTag, TimeTag) = default;
};

using Blob = std::vector<std::byte>;

/// One argument as it came off the wire, unbent: `i h f d`, `T`/`F` as bool, `s` (also `S` and `c`,
/// which arrive as text), `b`, `t`, `N`, `I`.
using Value = std::variant<std::int32_t, std::int64_t, float, double, bool, std::string, Blob,
                           TimeTag, Nil, Impulse>;
using Args = std::span<const Value>;

/// What one OSC message says. `address` begins with '/'; text holds no NUL.
struct Message {
    std::string address;
    std::vector<Value> args = {};
    friend bool operator==(const Message &, const Message &) = default;
};

/// The type tag the value goes out under: one of `ihfdTFsbtNI`.
char type_tag(const Value &value) noexcept;

/// For answers: `i` where 32 bits hold it, else `h`, which ends the programs of some clients.
Value shortest(std::int64_t whole) noexcept;

/// The tags of all arguments, without the leading comma: "ifs".
std::string type_tags(Args args);

/// Whole numbers that are allowed, both ends included.
struct IntRange {
    std::int64_t min = 0;
    std::int64_t max = 0;
};

// Coercions: every kind of number, `T`/`F` (1 and 0) and numeric text may stand for a number, if
// the value survives. `name` is what the argument is called in the error ("slot"). Thread: control.

/// Errors: bad_type - not a number. out_of_range - NaN or infinite.
Result<double> to_double(const Value &value, std::string_view name);

/// As `to_double`, rounded to the nearest float.
/// Errors: also out_of_range - larger than any float.
Result<float> to_float(const Value &value, std::string_view name);

/// 3 and 3.0 and "3" are 3; 1.5 is refused, never rounded.
/// Errors: bad_type - not a number, or not a whole one. out_of_range - NaN, infinite or over 64
/// bits.
Result<std::int64_t> to_int64(const Value &value, std::string_view name);

/// As `to_int64`. Errors: also out_of_range - over 32 bits.
Result<std::int32_t> to_int(const Value &value, std::string_view name);

/// As `to_int64`, for slots, steps and voices: they are refused, never clipped.
/// Errors: also out_of_range - outside `range` ("slot 200: not in 1..128").
Result<std::int64_t> to_index(const Value &value, std::string_view name, IntRange range);

/// On for every number above 0, off for the others; "on", "off", "true" and "false" too.
/// Errors: bad_type - neither a number nor one of these words. out_of_range - NaN or infinite.
Result<bool> to_switch(const Value &value, std::string_view name);

/// Text as it is, numbers as a person writes them (41.2f is "41.2", 3.0 is "3"), `T` as "true".
/// Errors: bad_type - nil, impulse, blob or time tag. out_of_range - NaN or infinite.
Result<std::string> to_text(const Value &value, std::string_view name);

} // namespace chronus::osc
