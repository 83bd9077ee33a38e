#pragma once

#include "engine/result.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace chronus::osc {

/// How a refusal is spelled on the wire: `/error s:address i:number s:message s:symbol ...`.
struct ErrorRow {
    Errc code;
    std::string_view symbol;
    int number;
};

/// Every Errc once, in its own order. Clients keep these numbers: one is never used anew. Those
/// above -100 are the Non Session Manager's, where the meaning is the same.
inline constexpr std::array kErrors{
    ErrorRow{Errc::unknown_address, "UNKNOWN_ADDRESS", -100},
    ErrorRow{Errc::bad_type, "BAD_TYPE", -101},
    ErrorRow{Errc::out_of_range, "OUT_OF_RANGE", -102},
    ErrorRow{Errc::not_found, "NOT_FOUND", -5},
    ErrorRow{Errc::no_match, "NO_MATCH", -103},
    ErrorRow{Errc::late, "LATE", -104},
    ErrorRow{Errc::too_far_ahead, "TOO_FAR_AHEAD", -105},
    ErrorRow{Errc::queue_full, "QUEUE_FULL", -106},
    ErrorRow{Errc::conflict, "CONFLICT", -107},
    ErrorRow{Errc::locked, "LOCKED", -108},
    ErrorRow{Errc::corrupt, "CORRUPT", -109},
    ErrorRow{Errc::auth, "AUTH", -110},
    ErrorRow{Errc::unsupported, "UNSUPPORTED", -111},
    ErrorRow{Errc::busy, "BUSY", -112},
    ErrorRow{Errc::too_new, "TOO_NEW", -113},
    ErrorRow{Errc::too_big, "TOO_BIG", -114},
    ErrorRow{Errc::not_now, "NOT_NOW", -8},
    ErrorRow{Errc::cancelled, "CANCELLED", -115},
    ErrorRow{Errc::io, "CREATE_FAILED", -10},
    ErrorRow{Errc::failed, "GENERAL", -1},
};

/// The row of `code`. Thread: any.
constexpr const ErrorRow &error_row(Errc code) noexcept {
    return kErrors[static_cast<std::size_t>(code)];
}

/// The code behind a symbol off the wire; `failed` for one we do not know.
constexpr Errc errc_named(std::string_view symbol) noexcept {
    for (const ErrorRow &row : kErrors)
        if (row.symbol == symbol) return row.code;
    return Errc::failed;
}

namespace detail {
consteval bool errors_are_in_order_and_unique() {
    for (std::size_t i = 0; i < kErrors.size(); ++i) {
        if (kErrors[i].code != static_cast<Errc>(i)) return false;
        for (std::size_t k = 0; k < i; ++k)
            if (kErrors[k].symbol == kErrors[i].symbol || kErrors[k].number == kErrors[i].number)
                return false;
    }
    return true;
}
} // namespace detail

static_assert(kErrors.size() == static_cast<std::size_t>(Errc::failed) + 1,
              "every Errc has one row (failed is the last)");
static_assert(detail::errors_are_in_order_and_unique());

} // namespace chronus::osc
