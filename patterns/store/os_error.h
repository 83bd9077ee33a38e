#pragma once

#include "engine/result.h"

#include <string_view>

namespace chronus::patterns {

/// What the operating system said no to: "patterns/slots: cannot list: Permission denied".
///
/// Errors: ENOENT is not_found; EEXIST is conflict; EFBIG is too_big; all others are io.
Error os_error(int number, std::string_view path, std::string_view action);

} // namespace chronus::patterns
