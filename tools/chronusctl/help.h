#pragma once

#include <string>
#include <string_view>

namespace chronus::ctl {

/// The help for the whole program (no words), for a group ("seq") or for one command ("seq add").
std::string help(std::string_view words);

/// The nearest command to a word nobody knows; empty when nothing is near.
std::string meant(std::string_view words);

} // namespace chronus::ctl
