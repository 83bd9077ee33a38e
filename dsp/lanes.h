#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

/// Eight floats as one value, made of two compiler vectors of four: those have registers on every
/// machine we build for, whereas gcc 12 takes comparisons and selections of 32-byte vectors apart
/// lane by lane where there is no AVX. The arithmetic is the plain IEEE kind, so the bits are the
/// same on all.
namespace chronus::dsp {

inline constexpr std::size_t kLanes = 8;

#define CHRONUS_INLINE inline __attribute__((always_inline))

/// Four of them: what one register holds.
template <class T>
struct FourOf;
template <>
struct FourOf<float> {
    using Type = float __attribute__((vector_size(16)));
};
template <>
struct FourOf<std::int32_t> {
    using Type = std::int32_t __attribute__((vector_size(16)));
};
template <>
struct FourOf<std::uint32_t> {
    using Type = std::uint32_t __attribute__((vector_size(16)));
};

/// Eight of one kind of number; operators work lane by lane, comparisons give -1 or 0.
template <class T>
struct alignas(32) Lanes {
    using Half = typename FourOf<T>::Type;
    Half low, high;

    T &operator[](std::size_t lane) noexcept { return reinterpret_cast<T *>(this)[lane]; }
    T operator[](std::size_t lane) const noexcept {
        return reinterpret_cast<const T *>(this)[lane];
    }
};

using F8 = Lanes<float>;
using I8 = Lanes<std::int32_t>;
using U8 = Lanes<std::uint32_t>;

CHRONUS_INLINE F8 splat(float x) noexcept { return {F8::Half{x, x, x, x}, F8::Half{x, x, x, x}}; }
/// Lane i holds the i-th argument.
CHRONUS_INLINE F8 lanes(float a, float b, float c, float d, float e, float f, float g,
                        float h) noexcept {
    return {F8::Half{a, b, c, d}, F8::Half{e, f, g, h}};
}

#define CHRONUS_LANES_OPERATOR(op)                                                                 \
    template <class T>                                                                             \
    CHRONUS_INLINE Lanes<T> operator op(Lanes<T> a, Lanes<T> b) noexcept {                         \
        return {a.low op b.low, a.high op b.high};                                                 \
    }                                                                                              \
    template <class T>                                                                             \
    CHRONUS_INLINE Lanes<T> operator op(Lanes<T> a, std::type_identity_t<T> b) noexcept {          \
        return {a.low op b, a.high op b};                                                          \
    }                                                                                              \
    template <class T>                                                                             \
    CHRONUS_INLINE Lanes<T> operator op(std::type_identity_t<T> a, Lanes<T> b) noexcept {          \
        return {a op b.low, a op b.high};                                                          \
    }
CHRONUS_LANES_OPERATOR(+)
CHRONUS_LANES_OPERATOR(-)
CHRONUS_LANES_OPERATOR(*)
CHRONUS_LANES_OPERATOR(/)
CHRONUS_LANES_OPERATOR(&)
CHRONUS_LANES_OPERATOR(|)
CHRONUS_LANES_OPERATOR(^)
#undef CHRONUS_LANES_OPERATOR

template <class T>
CHRONUS_INLINE Lanes<T> &operator+=(Lanes<T> &a, Lanes<T> b) noexcept {
    return a = a + b;
}

#define CHRONUS_LANES_COMPARISON(op)                                                               \
    CHRONUS_INLINE I8 operator op(F8 a, F8 b) noexcept {                                           \
        return {a.low op b.low, a.high op b.high};                                                 \
    }                                                                                              \
    CHRONUS_INLINE I8 operator op(F8 a, float b) noexcept { return a op splat(b); }
CHRONUS_LANES_COMPARISON(<)
CHRONUS_LANES_COMPARISON(<=)
CHRONUS_LANES_COMPARISON(>)
CHRONUS_LANES_COMPARISON(>=)
#undef CHRONUS_LANES_COMPARISON

template <class T>
CHRONUS_INLINE Lanes<T> operator-(Lanes<T> a) noexcept {
    return {-a.low, -a.high};
}
template <class T>
CHRONUS_INLINE Lanes<T> operator~(Lanes<T> a) noexcept {
    return {~a.low, ~a.high};
}
template <class T>
CHRONUS_INLINE Lanes<T> operator<<(Lanes<T> a, int bits) noexcept {
    return {a.low << bits, a.high << bits};
}
template <class T>
CHRONUS_INLINE Lanes<T> operator>>(Lanes<T> a, int bits) noexcept {
    return {a.low >> bits, a.high >> bits};
}

/// Toward zero, and back.
CHRONUS_INLINE I8 truncated(F8 x) noexcept {
    return {__builtin_convertvector(x.low, I8::Half), __builtin_convertvector(x.high, I8::Half)};
}
CHRONUS_INLINE F8 floated(I8 x) noexcept {
    return {__builtin_convertvector(x.low, F8::Half), __builtin_convertvector(x.high, F8::Half)};
}

/// Per lane: `yes` where the mask is set (-1), else `no`.
CHRONUS_INLINE F8 select(I8 mask, F8 yes, F8 no) noexcept {
    return {mask.low ? yes.low : no.low, mask.high ? yes.high : no.high};
}
CHRONUS_INLINE float select(bool mask, float yes, float no) noexcept { return mask ? yes : no; }

CHRONUS_INLINE F8 min(F8 a, F8 b) noexcept { return select(a < b, a, b); }
CHRONUS_INLINE F8 max(F8 a, F8 b) noexcept { return select(a > b, a, b); }
CHRONUS_INLINE F8 clamp(F8 x, float lo, float hi) noexcept {
    return min(max(x, splat(lo)), splat(hi));
}
CHRONUS_INLINE F8 abs(F8 x) noexcept {
    return std::bit_cast<F8>(std::bit_cast<U8>(x) & 0x7fffffffu);
}
/// |x| with the sign of s.
CHRONUS_INLINE F8 copysign(F8 x, F8 s) noexcept {
    return std::bit_cast<F8>((std::bit_cast<U8>(x) & 0x7fffffffu) |
                             (std::bit_cast<U8>(s) & 0x80000000u));
}

/// Sum of the lanes, always in this order: ((0+4)+(2+6)) + ((1+5)+(3+7)).
CHRONUS_INLINE float sum(F8 x) noexcept {
    return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

} // namespace chronus::dsp
