#pragma once

#include "osc/trust.h"

#include <cstddef>
#include <limits>

namespace chronus::osc {

/// How much may be sent in answer to one packet: to a stranger three times its bytes, since the
/// address it came from may be that of somebody who asked for nothing. To others all there is.
///
/// Source: RFC 9000, 8.1: three times is what QUIC allows before an address is validated.
class ReplyBudget {
public:
    static constexpr std::size_t kTimes = 3;

    constexpr ReplyBudget(Trust trust, std::size_t request_bytes) noexcept
        : left_(trust == Trust::stranger ? kTimes * request_bytes
                                         : std::numeric_limits<std::size_t>::max()) {}

    /// False when so many bytes more are too many: they are not to be sent.
    [[nodiscard]] constexpr bool take(std::size_t bytes) noexcept {
        if (bytes > left_) return false;
        left_ -= bytes;
        return true;
    }

private:
    std::size_t left_;
};

} // namespace chronus::osc
