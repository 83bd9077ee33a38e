#include "dsp/glide.h"
#include "dsp/lanes.h"
#include "dsp/loudest.h"
#include "dsp/reverb_state.h"
#include "dsp/rows.h"

#include <algorithm>

namespace chronus::dsp {
namespace {

using namespace plan;
using State = ReverbState;

constexpr std::size_t kRow = kTick + kWide; // what a vector begins within the tick it may end past
using Row = std::array<float, kRow>;
template <std::size_t N>
using Rows = std::array<Row, N>;
template <std::size_t N>
using Heads = std::array<const float *, N>;

/// 0, 1, 2 ... as floats: a conversion in the loops would keep them from running in lanes.
constexpr std::array<float, kRow + kTick> kFrames = [] {
    std::array<float, kRow + kTick> frames{};
    for (std::size_t i = 1; i < frames.size(); ++i) frames[i] = frames[i - 1] + 1.0f;
    return frames;
}();

/// One block on its way through. Its rows hold nothing of meaning past its frames.
struct Run {
    State &s;
    std::size_t frames;
    const float *places;    // in the tick, of every frame
    Heads<kTanks> heads;    // what leaves the tank lines
    Rows<kTanks> rows;      // and what is left of it
    Rows<kChannels> spread; // what left the diffuser
    Rows<2> early, late;    // left and right

    Run(State &state, std::size_t n) CHRONUS_RT : s(state),
                                                  frames(n),
                                                  places(kFrames.data() + state.frame) {}
    void take_in(StereoBlock in) CHRONUS_RT;
    template <bool kMoves>
    void diffuse() CHRONUS_RT;
    void read_tanks() CHRONUS_RT;
    template <bool kMoves>
    void lose() CHRONUS_RT;
    template <bool kMoves>
    void feed_back() CHRONUS_RT;
    template <bool kMoves>
    void deliver(StereoBlock out) CHRONUS_RT;
    void listen() CHRONUS_RT;
    void advance() CHRONUS_RT;
};

void Run::take_in(StereoBlock in) CHRONUS_RT {
    copy_frames(in.left.data(), frames, s.inputs[0].head());
    copy_frames(in.right.data(), frames, s.inputs[1].head());
}

/// Both of them, the second one taking over.
void cross(float *out, const float *a, const float *b, const Run &run) CHRONUS_RT {
    const float *const weights = run.s.weights.data() + run.s.frame;
    for (std::size_t i = 0; i < run.frames; ++i) out[i] = a[i] + weights[i] * (b[i] - a[i]);
}

/// Left to right: all mixed with all, and their signed sums for both ears.
CHRONUS_INLINE void hear(const std::array<Wide, kChannels> &v, Rows<2> &sides,
                         std::size_t i) CHRONUS_RT {
    Wide even{}, odd{};
#pragma GCC unroll 8
    for (std::size_t c = 0; c < kChannels; c += 2) {
        even = turned(kLeftSigns, c) ? even - v[c] : even + v[c];
        odd = turned(kLeftSigns, c + 1) ? odd - v[c + 1] : odd + v[c + 1];
    }
    store(sides[0].data() + i, even + odd);
    store(sides[1].data() + i, even - odd);
}

/// One step: losses and turned signs in the gains, then all mixed with all.
template <bool kMoves, bool kLast>
void mix_step(Run &run, std::size_t step, const Heads<kChannels> &from) CHRONUS_RT {
    const State::Eight &gain = run.s.now[State::kDiffuse + step];
    const State::Eight &slope = run.s.slope[State::kDiffuse + step];
    std::array<float *, kChannels> to;
    std::array<Wide, kChannels> gains;
    for (std::size_t c = 0; c < kChannels; ++c) {
        to[c] = kLast ? run.spread[c].data() : run.s.diffusers[step][c].head();
        gains[c] = Wide{} + gain[c];
    }
    for (std::size_t i = 0; i < run.frames; i += kWide) {
        std::array<Wide, kChannels> v;
#pragma GCC unroll 8
        for (std::size_t c = 0; c < kChannels; ++c)
            v[c] = load<Wide>(from[c] + i) *
                   (kMoves ? gains[c] + slope[c] * load<Wide>(run.places + i) : gains[c]);
        butterflies(v);
#pragma GCC unroll 8
        for (std::size_t c = 0; c < kChannels; ++c) store(to[c] + i, v[c]);
        if constexpr (kLast) hear(v, run.early, i);
    }
}

/// Where the channels of a step are read, the first step's in the two inputs.
template <std::size_t kStep>
CHRONUS_INLINE Heads<kChannels> heads_of(const State &s, const State::Place &place) CHRONUS_RT {
    Heads<kChannels> from;
    for (std::size_t c = 0; c < kChannels; ++c)
        if constexpr (kStep == 0)
            from[c] = s.inputs[c % 2].past(place.lengths.diffuser[0][c] + place.pre_delay);
        else
            from[c] = s.diffusers[kStep - 1][c].past(place.lengths.diffuser[kStep][c]);
    return from;
}

template <std::size_t kStep, bool kMoves>
void diffuse_step(Run &run) CHRONUS_RT {
    Heads<kChannels> from = heads_of<kStep>(run.s, run.s.from);
    Rows<kChannels> crossed;
    if (run.s.fades) {
        const Heads<kChannels> next = heads_of<kStep>(run.s, run.s.to);
        for (std::size_t c = 0; c < kChannels; ++c) {
            cross(crossed[c].data(), from[c], next[c], run);
            from[c] = crossed[c].data();
        }
    }
    mix_step<kMoves, kStep + 1 == kSteps>(run, kStep, from);
}

template <bool kMoves>
void Run::diffuse() CHRONUS_RT {
    diffuse_step<0, kMoves>(*this);
    diffuse_step<1, kMoves>(*this);
    diffuse_step<2, kMoves>(*this);
    diffuse_step<3, kMoves>(*this);
}

/// Lagrange through four points, its weights moving along with the delay.
const float *read_moving(const Run &run, std::size_t delay, std::size_t line,
                         float *out) CHRONUS_RT {
    const State::Swing &swing = run.s.swings[line / 4];
    const Ring &tank = run.s.tanks[line];
    // No more than the line has, whatever the state has become.
    const auto most =
        static_cast<float>(std::min(tank.size() - 2 * kTick - delay, delay - kTick - 8));
    const float from = bounded(swing.from, -most, most) + 1024.0f; // so that truncation is floor
    const auto whole = static_cast<std::size_t>(from);
    const float *const past = tank.past(delay + whole - 1024 + 2);
    const float start = from - static_cast<float>(whole);
    const float slope = (swing.to - swing.from) * (1.0f / static_cast<float>(kTick));
    for (std::size_t i = 0; i < run.frames; i += kWide) {
        const Wide f = start + slope * load<Wide>(run.places + i);
        const Wide before = f + 1.0f, after = f - 1.0f, far = f - 2.0f;
        const Wide outer = f * after * (1.0f / 6.0f), inner = before * far * 0.5f;
        store(out + i, before * outer * load<Wide>(past + i) -
                           f * inner * load<Wide>(past + i + 1) +
                           after * inner * load<Wide>(past + i + 2) -
                           far * outer * load<Wide>(past + i + 3));
    }
    return out;
}

void Run::read_tanks() CHRONUS_RT {
    for (std::size_t line = 0; line < kTanks; ++line) {
        const auto read = [&](const State::Place &place, float *out) {
            const std::size_t delay = place.lengths.tanks[line];
            return moves(line) ? read_moving(*this, delay, line, out) : s.tanks[line].past(delay);
        };
        heads[line] = read(s.from, rows[line].data());
        if (!s.fades) continue;
        Row next;
        cross(rows[line].data(), heads[line], read(s.to, next.data()), *this);
        heads[line] = rows[line].data();
    }
}

/// The low and the high shelf of eight lines at once.
struct Shelves {
    std::array<F8, 6> now, slope; // kLowNow, kLowPast, kLowKeep, and so on
    F8 low, high;

    template <bool kMoves>
    CHRONUS_INLINE F8 step(F8 x, float place) CHRONUS_RT {
        std::array<F8, 6> c = now;
        if constexpr (kMoves) {
            for (std::size_t i = 0; i < c.size(); ++i) c[i] = c[i] + slope[i] * place;
        }
        const F8 y = c[0] * x + low, z = c[3] * y + high;
        low = c[1] * x + c[2] * low;
        high = c[4] * y + c[5] * high;
        return z;
    }
};

template <bool kMoves>
void Run::lose() CHRONUS_RT {
    for (std::size_t half = 0; half < 2; ++half) {
        const float *const *const from = heads.data() + half * 8;
        Row *const to = rows.data() + half * 8;
        Shelves shelves;
        for (std::size_t i = 0; i < 6; ++i) {
            shelves.now[i] = load<F8>(s.now[2 * i + half].data());
            shelves.slope[i] = load<F8>(s.slope[2 * i + half].data());
        }
        shelves.low = load<F8>(s.low.data() + half * 8);
        shelves.high = load<F8>(s.high.data() + half * 8);
        for (std::size_t i = 0; i < frames; i += 4) {
            std::array<F8, 4> v; // four lines each; frame by frame once transposed
#pragma GCC unroll 4
            for (std::size_t r = 0; r < 4; ++r)
                v[r] = joined({load<F4>(from[r] + i), load<F4>(from[4 + r] + i)});
            transpose(v);
            const std::size_t count = std::min<std::size_t>(4, frames - i);
#pragma GCC unroll 4
            for (std::size_t j = 0; j < 4; ++j)
                if (j < count) v[j] = shelves.step<kMoves>(v[j], places[i + j]);
            transpose(v);
#pragma GCC unroll 4
            for (std::size_t r = 0; r < 4; ++r) {
                store(to[r].data() + i, halves(v[r]).low);
                store(to[4 + r].data() + i, halves(v[r]).high);
            }
        }
        store(s.low.data() + half * 8, shelves.low);
        store(s.high.data() + half * 8, shelves.high);
    }
}

/// What the lines hold is heard, mixed all with all, and joined by what is new.
template <bool kMoves>
void Run::feed_back() CHRONUS_RT {
    std::array<float *, kTanks> to;
    for (std::size_t line = 0; line < kTanks; ++line) to[line] = s.tanks[line].head();
    for (std::size_t i = 0; i < frames; i += kWide) {
        std::array<Wide, kTanks> v;
        Wide even{}, odd{};
#pragma GCC unroll 16
        for (std::size_t r = 0; r < kTanks; ++r) {
            v[r] = load<Wide>(rows[r].data() + i);
            Wide &sum = r % 2 == 0 ? even : odd;
            sum = turned(kLeftSigns, r) ? sum - v[r] : sum + v[r];
        }
        store(late[0].data() + i, even + odd);
        store(late[1].data() + i, even - odd);
        butterflies(v);
#pragma GCC unroll 16
        for (std::size_t r = 0; r < kTanks; ++r) {
            Wide fresh = load<Wide>(spread[r % kChannels].data() + i);
            if constexpr (kMoves)
                fresh *=
                    s.now[State::kLevels][2] + s.slope[State::kLevels][2] * load<Wide>(places + i);
            store(to[r] + i, turned(kFeedSigns, r) ? v[r] - fresh : v[r] + fresh);
        }
    }
}

template <bool kMoves>
void Run::deliver(StereoBlock out) CHRONUS_RT {
    const State::Eight now = s.now[State::kLevels], slope = s.slope[State::kLevels];
    for (std::size_t i = 0; i < frames; ++i) {
        const float early_level = kMoves ? now[0] + slope[0] * places[i] : now[0];
        const float late_level = kMoves ? now[1] + slope[1] * places[i] : now[1];
        out.left[i] += early_level * early[0][i] + late_level * late[0][i];
        out.right[i] += early_level * early[1][i] + late_level * late[1][i];
    }
}

/// How loud it was, before the levels.
void Run::listen() CHRONUS_RT {
    Loudest loudest;
    for (const Rows<2> *part : {&early, &late})
        for (const Row &row : *part) loudest.hear(row.data(), frames);
    s.loudest = std::max(s.loudest, loudest.bits());
}

void Run::advance() CHRONUS_RT {
    for (Ring &ring : s.inputs) ring.advance(frames);
    for (auto &step : s.diffusers)
        for (Ring &ring : step) ring.advance(frames);
    for (Ring &ring : s.tanks) ring.advance(frames);
}

template <bool kMoves>
void run_all(Run &run, StereoBlock out) CHRONUS_RT {
    run.diffuse<kMoves>();
    run.read_tanks();
    run.lose<kMoves>();
    run.feed_back<kMoves>();
    run.deliver<kMoves>(out);
}

} // namespace

void run_reverb(ReverbState &state, StereoBlock in, StereoBlock out) CHRONUS_RT {
    Run run(state, in.frames());
    run.take_in(in);
    if (state.moves)
        run_all<true>(run, out);
    else
        run_all<false>(run, out);
    run.listen();
    run.advance();
}

} // namespace chronus::dsp
