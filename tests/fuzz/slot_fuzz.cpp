// Bytes from anywhere as a slot file: they are refused, or what they say survives being saved.
#include "patterns/text/codec.h"

#include <cstdint>
#include <cstdlib>

using namespace chronus::patterns;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char *>(data), size};
    const auto loaded = decode(bytes);
    if (!loaded) {
        if (loaded.error().what.empty() || loaded.error().what.size() > 1024) std::abort();
        return 0;
    }
    const std::string text = encode(loaded->document);
    const auto again = decode(text);
    if (!again || !(again->document == loaded->document) || encode(again->document) != text)
        std::abort();
    return 0;
}
