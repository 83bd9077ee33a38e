#pragma once

#include "engine/host/bounce.h"
#include "engine/result.h"
#include "patterns/show/outputs.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// How something is to be rendered.
struct RenderWishes {
    std::uint32_t bars = 8;
    std::uint32_t rate = 48'000;
    Tail tail{};
    std::vector<Output> outputs{Output::wav24};
    std::string name = {}; ///< of the files; empty: that of what is rendered
};

/// One of them, as one types it: "bars=8" in a message, "--bars 8" in a shell.
struct RenderKey {
    std::string_view word;
    std::string_view example; ///< a value that is taken
    Outcome (*set)(RenderWishes &, std::string_view value);
};

/// THE table of render keys, sorted.
std::span<const RenderKey> render_keys();

/// Errors: not_found - no such key; out_of_range, bad_type. The hint is a value that is taken,
///         or, where it is the key that is wrong, all of "key=value".
Outcome set_wish(RenderWishes &wishes, std::string_view key, std::string_view value);

/// Letters, digits, '_' and '-', the first a letter or a digit, 64 at most.
bool is_render_name(std::string_view name);

} // namespace chronus::patterns
