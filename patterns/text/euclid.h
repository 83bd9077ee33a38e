#pragma once

#include <vector>

namespace chronus::patterns {

/// `hits` spread over `steps` as evenly as can be, the first on the first step; then the pattern
/// starts `rotation` steps later than that, and what it left out follows at its end.
///
/// Shapes: 0 <= hits <= steps, 1 <= steps, 0 <= rotation.
/// Source: Bjorklund's algorithm as in Toussaint, "The Euclidean Algorithm Generates Traditional
///         Musical Rhythms" (2005): E(3,8) is x..x..x. and E(5,8) is x.xx.xx.
std::vector<bool> euclid(int hits, int steps, int rotation);

} // namespace chronus::patterns
