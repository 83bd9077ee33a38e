#include "engine/rt/engine.h"

#include "engine/rt/instrument.h"

#include <algorithm>

#if defined(CHRONUS_AVX2)
namespace chronus::rt_avx2 {
extern const rt::InstrumentKind kInstrument;
}
#endif

namespace chronus::rt {

namespace {

constexpr std::size_t kAlignment = 64;

const InstrumentKind &kind_of([[maybe_unused]] Kernels kernels) noexcept {
#if defined(CHRONUS_AVX2)
    if (kernels == Kernels::avx2) return rt_avx2::kInstrument;
#endif
    return kInstrument;
}

/// Floats that an instrument takes up, and the rest of a line before it.
std::size_t room_for(const InstrumentKind &kind) noexcept {
    return (kind.bytes + 2 * kAlignment - 1) / kAlignment * kAlignment / sizeof(float);
}

float *aligned(float *memory) noexcept {
    const auto past = reinterpret_cast<std::uintptr_t>(memory) % kAlignment;
    return past == 0 ? memory : memory + (kAlignment - past) / sizeof(float);
}

} // namespace

Engine::Engine(const EngineConfig &config, EngineMail mail, const Edit &first,
               std::span<float> memory) noexcept
    : kind_(kind_of(config.kernels)), instrument_(aligned(memory.data())) {
    static_assert(alignof(Instrument) <= kAlignment);
    kind_.make(instrument_, config, std::move(mail), first, memory.subspan(room_for(kind_)));
}

std::size_t Engine::memory_needed(SampleRate fs) noexcept {
    const auto of = [fs](const InstrumentKind &kind) {
        return room_for(kind) + kind.memory_needed(fs);
    };
    return std::max(of(kind_of(Kernels::plain)), of(kind_of(Kernels::avx2)));
}

} // namespace chronus::rt
