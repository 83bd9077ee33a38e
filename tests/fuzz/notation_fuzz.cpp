// Text from anywhere as a pattern and as notes: it is refused with a hint that is not, or what it
// says survives being said again.
#include "patterns/text/notation.h"
#include "patterns/text/notes.h"

#include <cstdint>
#include <cstdlib>

using namespace chronus::patterns;

namespace {

void try_pattern(std::string_view text) {
    const auto pattern = parse_pattern(text);
    if (!pattern) {
        if (pattern.error().what.size() > 512 || !parse_pattern(pattern.error().hint)) std::abort();
        return;
    }
    const auto again = parse_pattern(print_pattern(pattern->view()));
    if (!again || !(*again == *pattern)) std::abort();
}

void try_notes(std::string_view text) {
    const auto notes = parse_notes(text);
    if (!notes) {
        if (notes.error().what.size() > 512 || !parse_notes(notes.error().hint)) std::abort();
        return;
    }
    const auto again = parse_notes(print_notes(*notes));
    if (!again || *again != *notes) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char *>(data), size};
    try_pattern(text);
    try_notes(text);
    return 0;
}
