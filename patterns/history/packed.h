#pragma once

#include "engine/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace chronus::patterns {

/// Text in few bytes: no more than what is not in `base`, from which it is read again.
std::string packed(std::string_view text, std::string_view base);

/// Errors: failed - no such bytes, or of another base or size.
Result<std::string> unpacked(std::string_view bytes, std::string_view base, std::size_t size);

} // namespace chronus::patterns
