#pragma once

#include "osc/trust.h"

#include <cstddef>
#include <limits>

namespace chronus::osc {

/// How much may be sent in answer to one packet: to a stranger one packet of three times its bytes,
/// since the address it came from may be that of somebody who asked for nothing. To others all
/// there is.
///
/// Source: RFC 9000, 8.1: three times is what QUIC allows before an address is validated.
class ReplyBudget {
public:
    static constexpr std::size_t kTimes = 3;

    constexpr ReplyBudget(Trust trust, std::size_t request_bytes) noexcept
        : stranger_(trust == Trust::stranger),
          left_(stranger_ ? kTimes * request_bytes : std::numeric_limits<std::size_t>::max()) {}

    /// Whether a packet of so many bytes may be sent now.
    constexpr bool allows(std::size_t bytes) const noexcept { return bytes <= left_; }

    /// False when a packet of so many bytes is too much: it is not to be sent.
    [[nodiscard]] constexpr bool take(std::size_t bytes) noexcept {
        if (!allows(bytes)) return false;
        if (stranger_) left_ = 0;
        return true;
    }

private:
    bool stranger_;
    std::size_t left_;
};

} // namespace chronus::osc
