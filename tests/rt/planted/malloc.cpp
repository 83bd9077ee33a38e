// expect: malloc
#include <cstdlib>

void *planted(unsigned long size) noexcept { return std::malloc(size); }
