#pragma once

/// Comes before every source of the audio floors when they are compiled the second time, for
/// machines with AVX2: the same text in namespaces of its own, so that no function exists in two
/// versions under one name. What is included here, and the standard library, is shared with the
/// rest of the program and stays compiled for every machine; scripts/check_rt.py looks that nothing
/// else is.

#include "engine/model/param_values.h"
#include "engine/model/scene.h"
#include "engine/rt/engine.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#define CHRONUS_WHOLE_LANES
#if !defined(__clang__) // which reads this only to check it
#pragma GCC target("avx2")
#endif

namespace chronus::dsp_avx2 {
using namespace dsp;
}
namespace chronus::rt_avx2 {
using namespace rt;
}
#define dsp dsp_avx2
#define rt rt_avx2
