#include "engine/rt/ducking.h"

#include <algorithm>

namespace chronus::rt {

namespace {

constexpr std::uint16_t kRows = static_cast<std::uint16_t>(rows::kDuck.size());

/// The parameter of duck `n` that duck 1 has at `of_duck1`.
constexpr ParamId of_duck(ParamId of_duck1, std::size_t n) noexcept {
    return {static_cast<std::uint16_t>(of_duck1.index + n * kRows)};
}

} // namespace

Ducking::Ducking(SampleRate fs) CHRONUS_RT : ducks_{Duck{fs}, Duck{fs}, Duck{fs}, Duck{fs}} {
    static_assert(kDucks == 4);
}

void Ducking::update(const Controls &c) CHRONUS_RT {
    for (std::size_t n = 0; n < kDucks; ++n) {
        if (!c.touched(static_cast<std::uint16_t>(module_index("duck1") + n))) continue;
        const auto now = [&](ParamId of_duck1) { return c.now(of_duck(of_duck1, n)); };
        wanted_[n] = {.source = static_cast<std::uint8_t>(now(param("duck1/source"))),
                      .target =
                          static_cast<DuckTarget>(static_cast<int>(now(param("duck1/target")))),
                      .voice = static_cast<std::uint8_t>(now(param("duck1/voice")))};
        ducks_[n].set(now(param("duck1/depth")), {.attack_s = now(param("duck1/attack")),
                                                  .hold_s = now(param("duck1/hold")),
                                                  .release_s = now(param("duck1/release"))});
        rewire(n);
    }
}

void Ducking::rewire(std::size_t n) CHRONUS_RT {
    if (wanted_[n] == wires_[n]) return;
    if (!ducks_[n].idle()) return ducks_[n].let_go();
    if ((active_ & 1u << n) == 0) wires_[n] = wanted_[n]; // else its gains are still to be applied
}

void Ducking::strike(std::uint8_t voice) CHRONUS_RT {
    for (std::size_t n = 0; n < kDucks; ++n) {
        rewire(n);
        if (wires_[n].source == voice + 1) ducks_[n].strike();
    }
}

void Ducking::advance(std::uint32_t begin, std::uint32_t end) CHRONUS_RT {
    for (std::size_t n = 0; n < kDucks; ++n) {
        if (ducks_[n].idle()) continue;
        if ((active_ & 1u << n) == 0) gains_[n].fill(1.0f);
        active_ |= 1u << n;
        ducks_[n].generate(std::span{gains_[n]}.subspan(begin, end - begin));
    }
}

bool Ducking::active(DuckTarget target) const CHRONUS_RT {
    for (std::size_t n = 0; n < kDucks && active(); ++n)
        if ((active_ & 1u << n) != 0 && wires_[n].target == target) return true;
    return false;
}

bool Ducking::acts_on(const Wires &wires, std::size_t voice) const CHRONUS_RT {
    if (wires.target == DuckTarget::others) return voice + 1 != wires.source;
    return wires.target == DuckTarget::voice && voice + 1 == wires.voice;
}

void Ducking::apply(dsp::VoiceBank &bank, std::size_t b, std::uint32_t begin,
                    std::uint32_t end) const CHRONUS_RT {
    for (std::size_t n = 0; n < kDucks; ++n) {
        if ((active_ & 1u << n) == 0) continue;
        for (std::size_t lane = 0; lane < dsp::kLanes; ++lane) {
            if (!acts_on(wires_[n], b * dsp::kLanes + lane)) continue;
            for (std::uint32_t i = begin; i < end; ++i)
                bank.filtered(lane, i - begin) *= gains_[n][i];
        }
    }
}

void Ducking::apply(DuckTarget target, const StereoBlock &bus) const CHRONUS_RT {
    if (!active()) return;
    for (std::size_t n = 0; n < kDucks; ++n) {
        if ((active_ & 1u << n) == 0 || wires_[n].target != target) continue;
        for (std::size_t i = 0; i < bus.frames(); ++i) {
            bus.left[i] *= gains_[n][i];
            bus.right[i] *= gains_[n][i];
        }
    }
}

bool Ducking::heal() CHRONUS_RT {
    bool healed = false;
    for (Duck &duck : ducks_) healed |= duck.heal();
    return healed;
}

} // namespace chronus::rt
