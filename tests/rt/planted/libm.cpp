// expect: sinf
#include <cmath>

float planted(float x) noexcept { return std::sin(x); } // its bits differ between machines
