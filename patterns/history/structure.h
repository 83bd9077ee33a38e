#pragma once

#include "patterns/text/codec.h"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace chronus::patterns {

/// Values by their names, each as JSON.
using Fields = std::map<std::string, std::string>;

/// What a pattern is made of, taken apart for people and for comparing.
struct Structure {
    std::map<std::string, Fields> nodes; ///< "track kick", "voice1", "reverb1", ...
    std::set<std::string> connections;   ///< "track kick > voice1", "voice1 > reverb1", ...
    Fields settings;                     ///< tempo, swing, seed, voices, rate
    Fields metadata;                     ///< the label: it changes nothing that sounds
    Fields variables, triggers;
    friend bool operator==(const Structure &, const Structure &) = default;
};

/// All but what a pattern does not hold: variables, triggers and the rate.
Structure structure_of(const Document &document);

inline constexpr std::string_view kTrackNode = "track ";

} // namespace chronus::patterns
