#include "osc/address_pattern.h"

#include "patterns/text/scanner.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <utility>

namespace chronus::osc {

using patterns::Fault;
using patterns::Found;
using patterns::Scanner;

bool has_pattern(std::string_view address) noexcept {
    return address.find_first_of("?*[{") != address.npos || address.find("//") != address.npos;
}

/// From text to items, with the first fault there is.
class AddressPatternReader {
public:
    explicit AddressPatternReader(std::string_view text) : in_(text), size_(text.size()) {}

    Found read() {
        constexpr std::size_t kMost = AddressPattern::kMostChars;
        if (size_ > kMost)
            return Fault{kMost, std::string::npos, "", Errc::too_big,
                         fmt::format("{} characters; {} are allowed", size_, kMost)};
        if (!in_.sees('/')) return in_.at_end() ? wrong("/*", "empty") : wrong("/", "no '/'");
        while (in_.take('/')) {
            literal('/');
            if (in_.take('/')) levels();
            if (in_.sees('/')) return in_.here("", "a third '/'");
            if (in_.at_end()) return wrong("*", "nothing stands after the '/'");
            while (!ends_part())
                if (auto fault = in_.sees('{') ? alternatives() : item()) return fault;
        }
        return std::nullopt;
    }

    AddressPattern pattern;

private:
    using Kind = AddressPattern::Kind;
    using Set = std::bitset<256>;

    bool ends_part() const { return in_.at_end() || in_.sees('/'); }
    /// Something is missing here.
    Fault wrong(std::string instead, std::string why) const {
        return {in_.at(), 0, std::move(instead), Errc::bad_type, std::move(why)};
    }
    static std::size_t index(char c) { return static_cast<unsigned char>(c); }
    static Set any() { return Set{}.set().reset(index('/')); }

    std::size_t add(Kind kind, const Set &takes = {}) {
        pattern.items_.push_back({kind, 0, takes});
        return pattern.items_.size() - 1;
    }
    void aim(std::size_t item, std::size_t target) {
        pattern.items_[item].target = static_cast<std::uint16_t>(target);
    }
    void literal(char c) {
        if (pattern.items_.empty())
            pattern.front_ += c;
        else
            add(Kind::one, Set{}.set(index(c)));
    }
    void levels() {
        const std::size_t fork = add(Kind::fork);
        aim(fork, add(Kind::gap, Set{}.set()) + 1);
    }

    /// Anything but braces.
    Found item() {
        if (in_.sees('[')) return set();
        const char c = in_.peek();
        if (c == ']' || c == '}') return in_.here("", fmt::format("'{}' closes nothing", c));
        in_.take(c);
        if (c == '*')
            add(Kind::many, any());
        else if (c == '?')
            add(Kind::one, any());
        else
            literal(c);
        return std::nullopt;
    }

    Found set() {
        const std::size_t begin = in_.at();
        in_.take('[');
        const bool others = in_.take('!');
        Set chosen;
        while (!in_.take(']')) {
            if (ends_part()) return wrong("]", "'[' is never closed");
            range(chosen);
        }
        if (chosen.none()) return in_.since(begin, "?", "brackets without a character");
        add(Kind::one, (others ? ~chosen : chosen) & any());
        return std::nullopt;
    }

    /// One character, or all from one to another.
    void range(Set &chosen) {
        const auto next = [this] {
            const char c = in_.peek();
            in_.take(c);
            return index(c);
        };
        std::size_t low = next(), high = low;
        if (in_.take('-')) {
            const bool last = in_.sees(']') || ends_part();
            if (last) chosen.set(index('-'));
            if (!last) high = next();
        }
        if (high < low) std::swap(low, high);
        for (std::size_t c = low; c <= high; ++c) chosen.set(c);
    }

    Found alternatives() {
        in_.take('{');
        std::vector<std::size_t> jumps;
        for (bool more = true; more;) {
            const std::size_t fork = add(Kind::fork);
            while (!in_.sees(',') && !in_.sees('}')) {
                if (ends_part()) return wrong("}", "'{' is never closed");
                if (in_.sees('{')) return in_.here("", "'{' inside '{'");
                if (auto fault = item()) return fault;
            }
            more = in_.take(',');
            if (more) jumps.push_back(add(Kind::jump));
            aim(fork, more ? pattern.items_.size() : fork + 1);
        }
        in_.take('}');
        for (const std::size_t jump : jumps) aim(jump, pattern.items_.size());
        return std::nullopt;
    }

    Scanner in_;
    std::size_t size_;
};

namespace {

/// The text with one fault after the other replaced, until it can be read.
std::string mended(std::string_view wrong) {
    std::string text{wrong.substr(0, AddressPattern::kMostChars)};
    for (std::size_t repairs = 0; repairs <= AddressPattern::kMostChars; ++repairs) {
        const Found fault = AddressPatternReader{text}.read();
        if (!fault) return text;
        text.replace(fault->at, fault->size, fault->instead);
    }
    return "/mod/voice*/amp";
}

} // namespace

Result<AddressPattern> AddressPattern::parse(std::string_view text) {
    AddressPatternReader reader{text};
    const Found fault = reader.read();
    if (!fault) return std::move(reader.pattern);
    return Error{fault->code, fmt::format("address: column {}: {}", fault->at + 1, fault->why),
                 mended(text)};
}

/// Places in a pattern: its items, and one past the last for a match.
class AddressPattern::Places {
public:
    static constexpr std::size_t kMost = 512;
    static_assert(kMost > 2 * kMostChars, "a character makes two items at most");

    void add(std::size_t place) noexcept { words_[place / 64] |= bit(place); }
    bool has(std::size_t place) const noexcept { return (words_[place / 64] & bit(place)) != 0; }
    /// The first from `place` on, or `end`.
    std::size_t first(std::size_t place, std::size_t end) const noexcept {
        while (place < end) {
            const std::uint64_t rest = words_[place / 64] >> place % 64;
            if (rest != 0) return place + static_cast<std::size_t>(std::countr_zero(rest));
            place = (place / 64 + 1) * 64;
        }
        return end;
    }

private:
    static std::uint64_t bit(std::size_t place) noexcept { return std::uint64_t{1} << place % 64; }
    std::array<std::uint64_t, kMost / 64> words_{};
};

/// Adds what can be come to without a character. Forks and jumps only lead forward, so one pass
/// sees all.
void AddressPattern::spread(Places &places, std::size_t &work) const noexcept {
    const std::size_t end = items_.size();
    for (std::size_t i = places.first(0, end); i < end; i = places.first(i + 1, end)) {
        const Item &item = items_[i];
        ++work;
        if (item.kind == Kind::many || item.kind == Kind::fork) places.add(i + 1);
        if (item.kind == Kind::fork || item.kind == Kind::jump) places.add(item.target);
    }
}

void AddressPattern::take(std::size_t place, char c, Places &next) const noexcept {
    const Item &item = items_[place];
    if (!item.takes[static_cast<unsigned char>(c)]) return;
    next.add(item.kind == Kind::one ? place + 1 : place);
    if (item.kind == Kind::gap && c == '/') next.add(place + 1);
}

bool AddressPattern::run(std::string_view address, std::size_t &work) const noexcept {
    if (!address.starts_with(front_)) return false;
    const std::size_t end = items_.size();
    Places here;
    here.add(0);
    spread(here, work);
    for (const char c : address.substr(front_.size())) {
        Places next;
        for (std::size_t i = here.first(0, end); i < end; i = here.first(i + 1, end)) {
            ++work;
            take(i, c, next);
        }
        if (next.first(0, end + 1) > end) return false;
        here = next;
        spread(here, work);
    }
    return here.has(end);
}

bool AddressPattern::matches(std::string_view address) const noexcept {
    std::size_t ignored = 0;
    return run(address, ignored);
}

std::size_t AddressPattern::work(std::string_view address) const noexcept {
    std::size_t work = 0;
    run(address, work);
    return work;
}

} // namespace chronus::osc
