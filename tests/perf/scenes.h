#pragma once

#include "engine/model/scene.h"

#include <cstdint>
#include <istream>
#include <string>

/// What the performance programs play.
namespace chronus::perf {

/// `voices` saws through resonant low-passes, struck on every second step and sent to the echo and
/// the reverb; voice 2 through the acid with slides; a little distortion. What the figures of other
/// synthesisers are taken with.
Scene saws(std::uint16_t voices);

/// The pattern that `chronusctl` commands build, one a line with its words between tabs: "set",
/// "seq bpm", "seq swing" and "seq add".
///
/// Errors: ends the program, naming the line: a measurement of something else is of no use.
Scene scene_of(std::istream &commands);

} // namespace chronus::perf
