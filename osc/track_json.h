#pragma once

#include "engine/model/scene.h"

#include <string>

namespace chronus::osc {

/// A track as /seq/list tells it: its name, then its keys.
std::string track_json(const Track &track);

} // namespace chronus::osc
