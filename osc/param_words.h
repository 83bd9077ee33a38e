#pragma once

#include "engine/model/params.h"
#include "osc/value.h"

#include <string>

namespace chronus::osc {

/// The value as people write it: a choice by its name, a target by its path.
std::string shown(ParamId id, float value);

/// The value as it is told on the parameter's own address: a target by its path, else the number.
Value told_value(ParamId id, float value);

} // namespace chronus::osc
