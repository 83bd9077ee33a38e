// expect in avx2: chronus::twice(float)
// An inline function of a header that both sets include: the linker keeps one of the two.
#pragma GCC target("avx2")

namespace chronus {

inline float twice(float x) { return x * 2.0f + 1.0f; }
float (*const kept)(float) = twice;

namespace dsp_avx2 {
float (*of_second())(float) { return kept; }
} // namespace dsp_avx2

} // namespace chronus
