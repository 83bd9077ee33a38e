// Bytes from anywhere: they are refused, or what they say survives being said again.
#include "osc/packet.h"

#include <cstdint>
#include <cstdlib>

using namespace chronus::osc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto got = decode(std::as_bytes(std::span(data, size)), kStreamLimits);
    if (!got) {
        if (got.error().what.empty() || got.error().what.size() > 512) std::abort();
        return 0;
    }
    for (const TimedMessage &timed : *got) {
        const auto again = decode(encode(timed.message), kStreamLimits);
        if (!again || again->size() != 1 || again->front().message != timed.message) std::abort();
    }
    return 0;
}
