#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

/// Eight floats as one value, for the arithmetic of eight voices at once. It is made of two
/// compiler vectors of four: those have registers on every machine we build for, whereas gcc 12
/// takes comparisons and selections of 32-byte vectors apart lane by lane where there is no AVX.
/// Where there is (engine/rt/avx2.h) it is one vector of eight. The arithmetic is the plain IEEE
/// kind, so the bits are the same on all.
namespace chronus::dsp {

inline constexpr std::size_t kLanes = 8;

#define CHRONUS_INLINE inline __attribute__((always_inline))

#if defined(CHRONUS_WHOLE_LANES)
inline constexpr std::size_t kPartLanes = 8;
#else
inline constexpr std::size_t kPartLanes = 4;
#endif

/// What one register holds.
template <class T>
struct PartOf;
template <>
struct PartOf<float> {
    using Type = float __attribute__((vector_size(4 * kPartLanes)));
};
template <>
struct PartOf<std::int32_t> {
    using Type = std::int32_t __attribute__((vector_size(4 * kPartLanes)));
};
template <>
struct PartOf<std::uint32_t> {
    using Type = std::uint32_t __attribute__((vector_size(4 * kPartLanes)));
};

/// Eight of one kind of number; operators work lane by lane, comparisons give -1 or 0.
template <class T>
struct alignas(32) Lanes {
    using Part = typename PartOf<T>::Type;
#if defined(CHRONUS_WHOLE_LANES)
    Part all;
#else
    Part low, high;
#endif

    T &operator[](std::size_t lane) noexcept { return reinterpret_cast<T *>(this)[lane]; }
    T operator[](std::size_t lane) const noexcept {
        return reinterpret_cast<const T *>(this)[lane];
    }
};

/// Lanes of `T` from `f` of each part of `x`.
template <class T, class F, class... X>
CHRONUS_INLINE Lanes<T> by_part(F f, const Lanes<X> &...x) noexcept {
#if defined(CHRONUS_WHOLE_LANES)
    return {f(x.all...)};
#else
    return {f(x.low...), f(x.high...)};
#endif
}
/// Calls `f` with each part of `x`: where eight floats are two registers, a long `f` finds room for
/// all its values in them only part by part.
template <class F, class... X>
CHRONUS_INLINE void each_part(F f, X &...x) noexcept {
#if defined(CHRONUS_WHOLE_LANES)
    f(x.all...);
#else
    f(x.low...);
    f(x.high...);
#endif
}
/// Marks the functions handed to both.
#if defined(__clang__)
#define CHRONUS_PART __attribute__((always_inline)) noexcept
#else
#define CHRONUS_PART noexcept __attribute__((always_inline))
#endif

using F8 = Lanes<float>;
using I8 = Lanes<std::int32_t>;
using U8 = Lanes<std::uint32_t>;

/// Lane i holds the i-th argument.
CHRONUS_INLINE F8 lanes(float a, float b, float c, float d, float e, float f, float g,
                        float h) noexcept {
#if defined(CHRONUS_WHOLE_LANES)
    return {F8::Part{a, b, c, d, e, f, g, h}};
#else
    return {F8::Part{a, b, c, d}, F8::Part{e, f, g, h}};
#endif
}
/// The first four lanes and the last.
using F4 = float __attribute__((vector_size(16)));
struct Halves {
    F4 low, high;
};
CHRONUS_INLINE F8 joined(Halves h) noexcept {
#if defined(CHRONUS_WHOLE_LANES)
    return {__builtin_shufflevector(h.low, h.high, 0, 1, 2, 3, 4, 5, 6, 7)};
#else
    return {h.low, h.high};
#endif
}
CHRONUS_INLINE Halves halves(F8 x) noexcept {
#if defined(CHRONUS_WHOLE_LANES)
    return {__builtin_shufflevector(x.all, x.all, 0, 1, 2, 3),
            __builtin_shufflevector(x.all, x.all, 4, 5, 6, 7)};
#else
    return {x.low, x.high};
#endif
}
CHRONUS_INLINE F8 splat(float x) noexcept { return lanes(x, x, x, x, x, x, x, x); }

#define CHRONUS_LANES_OPERATOR(op)                                                                 \
    template <class T>                                                                             \
    CHRONUS_INLINE Lanes<T> operator op(Lanes<T> a, Lanes<T> b) noexcept {                         \
        return by_part<T>([](auto x, auto y) CHRONUS_PART { return x op y; }, a, b);               \
    }                                                                                              \
    template <class T>                                                                             \
    CHRONUS_INLINE Lanes<T> operator op(Lanes<T> a, std::type_identity_t<T> b) noexcept {          \
        return by_part<T>([b](auto x) CHRONUS_PART { return x op b; }, a);                         \
    }                                                                                              \
    template <class T>                                                                             \
    CHRONUS_INLINE Lanes<T> operator op(std::type_identity_t<T> a, Lanes<T> b) noexcept {          \
        return by_part<T>([a](auto y) CHRONUS_PART { return a op y; }, b);                         \
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
        return by_part<std::int32_t>([](auto x, auto y) CHRONUS_PART { return x op y; }, a, b);    \
    }                                                                                              \
    CHRONUS_INLINE I8 operator op(F8 a, float b) noexcept { return a op splat(b); }
CHRONUS_LANES_COMPARISON(<)
CHRONUS_LANES_COMPARISON(<=)
CHRONUS_LANES_COMPARISON(>)
CHRONUS_LANES_COMPARISON(>=)
#undef CHRONUS_LANES_COMPARISON

template <class T>
CHRONUS_INLINE Lanes<T> operator-(Lanes<T> a) noexcept {
    return by_part<T>([](auto x) CHRONUS_PART { return -x; }, a);
}
template <class T>
CHRONUS_INLINE Lanes<T> operator~(Lanes<T> a) noexcept {
    return by_part<T>([](auto x) CHRONUS_PART { return ~x; }, a);
}
template <class T>
CHRONUS_INLINE Lanes<T> operator<<(Lanes<T> a, int bits) noexcept {
    return by_part<T>([bits](auto x) CHRONUS_PART { return x << bits; }, a);
}
template <class T>
CHRONUS_INLINE Lanes<T> operator>>(Lanes<T> a, int bits) noexcept {
    return by_part<T>([bits](auto x) CHRONUS_PART { return x >> bits; }, a);
}

/// Toward zero, and back.
CHRONUS_INLINE I8 truncated(F8 x) noexcept {
    return by_part<std::int32_t>(
        [](auto p) CHRONUS_PART { return __builtin_convertvector(p, I8::Part); }, x);
}
CHRONUS_INLINE F8 floated(I8 x) noexcept {
    return by_part<float>([](auto p) CHRONUS_PART { return __builtin_convertvector(p, F8::Part); },
                          x);
}

/// Per lane: `yes` where the mask is set (-1), else `no`.
CHRONUS_INLINE F8 select(I8 mask, F8 yes, F8 no) noexcept {
    return by_part<float>([](auto m, auto y, auto n) CHRONUS_PART { return m ? y : n; }, mask, yes,
                          no);
}
CHRONUS_INLINE float select(bool mask, float yes, float no) noexcept { return mask ? yes : no; }

/// Per lane: x where the mask is set, else 0, whatever x is there.
CHRONUS_INLINE F8 where(I8 mask, F8 x) noexcept {
    return std::bit_cast<F8>(std::bit_cast<I8>(x) & mask);
}
/// A bit for every lane of the mask that is set, lane 0 in the lowest.
CHRONUS_INLINE unsigned lane_bits(I8 mask) noexcept {
#if defined(__x86_64__) && !defined(__clang__) && defined(CHRONUS_WHOLE_LANES)
    return static_cast<unsigned>(__builtin_ia32_movmskps256(std::bit_cast<F8>(mask).all));
#elif defined(__x86_64__) && !defined(__clang__)
    const F8 signs = std::bit_cast<F8>(mask);
    return static_cast<unsigned>(__builtin_ia32_movmskps(signs.low) |
                                 __builtin_ia32_movmskps(signs.high) << 4);
#else
    unsigned bits = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) bits |= mask[lane] != 0 ? 1u << lane : 0u;
    return bits;
#endif
}
CHRONUS_INLINE bool any(I8 mask) noexcept {
#if defined(__x86_64__) && !defined(__clang__) && !defined(CHRONUS_WHOLE_LANES)
    return __builtin_ia32_movmskps(std::bit_cast<F8::Part>(mask.low | mask.high)) != 0;
#else
    return lane_bits(mask) != 0;
#endif
}

/// a < b ? a : b and a > b ? a : b, so b where one is not a number. gcc 12 takes four instructions
/// for what is one.
CHRONUS_INLINE F8 min(F8 a, F8 b) noexcept {
#if defined(__x86_64__) && !defined(__clang__) && defined(CHRONUS_WHOLE_LANES)
    return {__builtin_ia32_minps256(a.all, b.all)};
#elif defined(__x86_64__) && !defined(__clang__)
    return {__builtin_ia32_minps(a.low, b.low), __builtin_ia32_minps(a.high, b.high)};
#else
    return select(a < b, a, b);
#endif
}
CHRONUS_INLINE F8 max(F8 a, F8 b) noexcept {
#if defined(__x86_64__) && !defined(__clang__) && defined(CHRONUS_WHOLE_LANES)
    return {__builtin_ia32_maxps256(a.all, b.all)};
#elif defined(__x86_64__) && !defined(__clang__)
    return {__builtin_ia32_maxps(a.low, b.low), __builtin_ia32_maxps(a.high, b.high)};
#else
    return select(a > b, a, b);
#endif
}
CHRONUS_INLINE F4 min(F4 a, F4 b) noexcept {
#if defined(__x86_64__) && !defined(__clang__)
    return __builtin_ia32_minps(a, b);
#else
    return a < b ? a : b;
#endif
}
CHRONUS_INLINE F4 max(F4 a, F4 b) noexcept {
#if defined(__x86_64__) && !defined(__clang__)
    return __builtin_ia32_maxps(a, b);
#else
    return a > b ? a : b;
#endif
}
CHRONUS_INLINE F8 sqrt(F8 x) noexcept {
#if defined(__x86_64__) && !defined(__clang__) && defined(CHRONUS_WHOLE_LANES)
    return {__builtin_ia32_sqrtps256(x.all)};
#elif defined(__x86_64__) && !defined(__clang__)
    return {__builtin_ia32_sqrtps(x.low), __builtin_ia32_sqrtps(x.high)};
#else
    for (std::size_t lane = 0; lane < kLanes; ++lane) x[lane] = __builtin_sqrtf(x[lane]);
    return x;
#endif
}
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

/// x, with its sign turned where s is negative.
CHRONUS_INLINE F8 signed_as(F8 x, F8 s) noexcept {
    return std::bit_cast<F8>(std::bit_cast<U8>(x) ^ (std::bit_cast<U8>(s) & 0x80000000u));
}

/// Sum of the lanes, always in this order: ((0+4)+(2+6)) + ((1+5)+(3+7)).
CHRONUS_INLINE float sum(F8 x) noexcept {
    const Halves h = halves(x);
    const F4 four = h.low + h.high;
    return (four[0] + four[2]) + (four[1] + four[3]);
}

} // namespace chronus::dsp
