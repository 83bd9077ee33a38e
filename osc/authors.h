#pragma once

#include "engine/model/params.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>

namespace chronus::osc {

/// Who set which parameter since the last batch, so that nobody is told what he said himself.
///
/// Thread: control. A call costs a few instructions and takes no memory.
class Authors {
public:
    /// A subscriber by his number; 0 is anybody else.
    using Number = std::uint8_t;

    void wrote(ParamId id, float value, Number author) noexcept {
        Word &word = words_[id.index];
        const bool other = written_[id.index] && word.author != author;
        word = {value, author, word.disputed || other};
        written_.set(id.index);
    }

    /// `f(id, value, author, disputed)` for every parameter that was set; `disputed` where more
    /// than one author did, and the earlier ones believe in values that no longer hold.
    template <class F>
    void take_all(F &&f) {
        for (std::size_t i = written_._Find_first(); i < kParamCount; i = written_._Find_next(i)) {
            const Word word = words_[i];
            words_[i] = {};
            f(ParamId{static_cast<std::uint16_t>(i)}, word.value, word.author, word.disputed);
        }
        written_.reset();
    }

    /// Nobody has that number any more.
    void forget(Number author) noexcept {
        for (Word &word : words_)
            if (word.author == author) word.author = 0;
    }

private:
    struct Word {
        float value = 0;
        Number author = 0;
        bool disputed = false;
    };
    std::array<Word, kParamCount> words_{};
    std::bitset<kParamCount> written_;
};

} // namespace chronus::osc
