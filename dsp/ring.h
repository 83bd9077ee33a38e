#pragma once

#include "dsp/block.h"
#include "dsp/rows.h"
#include "dsp/rt.h"

#include <algorithm>
#include <cstddef>
#include <span>

namespace chronus::dsp {

/// A ring of past samples in memory handed in, of which any block can be read, and the next one
/// written, in one piece: its first two ticks are kept once more behind its end.
///
/// Shapes: blocks do not cross the ticks counted from the first sample written. What is read may
///         run on for `kOver` floats past the block, what is written for eight, all of no meaning.
/// Thread: audio.
class Ring {
public:
    static constexpr std::size_t kOver = 2 * kTick;

    /// Floats for delays up to `longest`, a block on top of them.
    static constexpr std::size_t floats(std::size_t longest) CHRONUS_RT {
        return (longest + kTick - 1) / kTick * kTick + 2 * kTick + kOver;
    }

    Ring() = default;
    /// `memory`, as much as `floats` says, is zero already and is not touched before it is written.
    explicit Ring(std::span<float> memory) : data_(memory.data()), size_(memory.size() - kOver) {}

    std::size_t size() const CHRONUS_RT { return size_; }
    /// [i]: what was written `delay` frames before the i-th of the block to come.
    const float *past(std::size_t delay) const CHRONUS_RT {
        return data_ + (at_ >= delay ? at_ - delay : at_ + size_ - delay);
    }
    /// Where the block to come is to be written.
    float *head() CHRONUS_RT { return data_ + at_; }
    /// It has been.
    void advance(std::size_t frames) CHRONUS_RT {
        if (at_ < kOver) copy_frames(data_ + at_, frames, data_ + size_ + at_);
        at_ += frames;
        if (at_ == size_) at_ = 0;
    }
    /// Back to silence, when no more than `written` frames have been written; a tick starts here.
    void clear(std::size_t written) CHRONUS_RT {
        if (written == 0) return;
        std::fill_n(data_, std::min(written + 8, size_), 0.0f);
        std::fill_n(data_ + size_, kOver, 0.0f);
        at_ = 0;
    }

private:
    float *data_ = nullptr;
    std::size_t size_ = 0, at_ = 0;
};

} // namespace chronus::dsp
