#pragma once

#include "engine/result.h"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::osc {

/// Whether an address means several: it has one of `?`, `*`, `[`, `{` or `//`.
bool has_pattern(std::string_view address) noexcept;

/// Many addresses in one text: `?` is any character, `*` any run of them, `[a-z0]` one of these,
/// `[!a-z]` one of the others, `{freq,amp}` one of these texts, and `//` any number of levels, none
/// included. Only `//` reaches over a `/`.
///
/// In brackets `-` between two characters is a range, whichever of them comes first, and at an end
/// itself; `!` anywhere but at the start is itself. In braces `?`, `*` and brackets mean what they
/// mean outside; a text may be empty.
/// Thread: control. Characters are bytes: no address of ours has others than ASCII.
/// Source: OSC 1.0, "OSC Message Dispatching and Pattern Matching"; OSC 1.1 for `//`.
class AddressPattern {
public:
    static constexpr std::size_t kMostChars = 255;

    /// Errors: bad_type - a bracket or brace that is never closed or closes nothing, brackets
    ///         without a character, nothing after a `/`. too_big - over `kMostChars`. Both name
    ///         the column, from 1; the hint is a pattern.
    static Result<AddressPattern> parse(std::string_view text);

    /// O(pattern x address), whatever the two are; takes no memory.
    bool matches(std::string_view address) const noexcept;
    /// As `matches`, adding its work to `work`.
    bool matches(std::string_view address, std::size_t &work) const noexcept {
        return run(address, work);
    }

    /// How often `matches` looks at an item for this address: what bounds its time.
    std::size_t work(std::string_view address) const noexcept;

private:
    friend class AddressPatternReader;

    /// One place a match can have come to. All ways of reading the address are followed at once,
    /// as a set of places, so none is ever gone back to.
    enum class Kind : std::uint8_t {
        one,  ///< takes one character, then the next item
        many, ///< takes any number
        gap,  ///< takes any number, the last of them a '/'
        fork, ///< takes nothing: the next item and `target`
        jump, ///< takes nothing: `target`
    };
    struct Item {
        Kind kind = Kind::one;
        std::uint16_t target = 0;
        std::bitset<256> takes = {};
    };
    class Places;

    bool run(std::string_view address, std::size_t &work) const noexcept;
    void spread(Places &places, std::size_t &work) const noexcept;
    void take(std::size_t place, char c, Places &next) const noexcept;

    std::string front_; ///< plain text before the first item
    std::vector<Item> items_;
};

} // namespace chronus::osc
