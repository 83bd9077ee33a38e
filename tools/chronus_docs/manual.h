#pragma once

#include "tools/chronus_docs/help_text.h"

#include <string>
#include <string_view>

namespace chronus::docs {

/// Manual pages in roff, from what the programs print for --help.
std::string daemon_manual(std::string_view help);
std::string client_manual(std::string_view help);

} // namespace chronus::docs
