// Text from anywhere as an address pattern, up to the first line's end, and an address after it: it
// is refused with a hint that is not, or matched in bounded time.
#include "osc/address_pattern.h"

#include <cstdint>
#include <cstdlib>

using namespace chronus::osc;

namespace {

void try_match(const AddressPattern &pattern, std::string_view text, std::string_view address) {
    const bool matched = pattern.matches(address);
    if (pattern.work(address) > 4 * text.size() * (address.size() + 1)) std::abort();
    if (has_pattern(text)) return;
    if (matched != (address == text) || !pattern.matches(text)) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view input{reinterpret_cast<const char *>(data), size};
    const std::string_view text = input.substr(0, input.find('\n'));
    const auto pattern = AddressPattern::parse(text);
    if (!pattern) {
        const auto &error = pattern.error();
        if (error.what.size() > 512 || !AddressPattern::parse(error.hint)) std::abort();
        return 0;
    }
    try_match(*pattern, text, input.substr(text.size()));
    if (text.size() < input.size()) try_match(*pattern, text, input.substr(text.size() + 1));
    return 0;
}
