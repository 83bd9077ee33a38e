#include "dsp/blep.h"

namespace chronus::dsp {

namespace {

constexpr F8 all(float x) noexcept {
#if defined(CHRONUS_WHOLE_LANES)
    return {F8::Part{x, x, x, x, x, x, x, x}};
#else
    return {F8::Part{x, x, x, x}, F8::Part{x, x, x, x}};
#endif
}

} // namespace

// The tables of blep8-coefficients.json are in v = 2 (x^2 - 1/2), and of a step of height 1.
constinit const F8 kStepPowers[11] = {all(1.37170815f),  all(-1.16934514f), all(1.95944667f),
                                      all(-5.98547173f), all(16.4925804f),  all(-32.9318657f),
                                      all(48.0497704f),  all(-50.0247841f), all(40.4573517f),
                                      all(-37.1074371f), all(24.6795464f)};
constinit const F8 kCornerPowers[11] = {all(0.643789887f), all(-0.601725638f), all(0.91111517f),
                                        all(-1.4956553f),  all(2.24312782f),   all(-2.83699608f),
                                        all(2.92967153f),  all(-2.42721581f),  all(1.72788298f),
                                        all(-1.20813525f), all(0.560898781f)};

} // namespace chronus::dsp
