// expect: std::chrono::_V2::steady_clock::now()
#include <chrono>

long planted() noexcept { return std::chrono::steady_clock::now().time_since_epoch().count(); }
