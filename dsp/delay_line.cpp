#include "dsp/delay_line.h"

namespace chronus::dsp {

void DelayLine::read(std::size_t delay, std::span<float> out) const CHRONUS_RT {
    const std::size_t from = at_ >= delay ? at_ - delay : at_ + size() - delay;
    const std::size_t first = std::min(out.size(), size() - from);
    const auto rest = std::copy_n(memory_.data() + from, first, out.data());
    std::copy_n(memory_.data(), out.size() - first, rest);
}

void DelayLine::write(std::span<const float> in) CHRONUS_RT {
    const std::size_t first = std::min(in.size(), size() - at_);
    std::copy_n(in.data(), first, memory_.data() + at_);
    std::copy_n(in.data() + first, in.size() - first, memory_.data());
    at_ += in.size();
    if (at_ >= size()) at_ -= size();
    written_ = std::min(written_ + in.size(), size());
}

void DelayLine::reset() CHRONUS_RT {
    std::fill_n(memory_.data(), written_, 0.0f); // it is filled from the start up
    at_ = written_ = 0;
}

} // namespace chronus::dsp
