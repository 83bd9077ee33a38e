#include "osc/param_routes.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace chronus::osc {

namespace {

template <class Word>
Word word_at(std::span<const std::byte> bytes, std::size_t at) {
    Word word;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    return word;
}

/// `f(word, n)` for each eight letters of an address, and for the four that may be left, as long as
/// it is true.
template <class F>
bool all_words(std::span<const std::byte> padded, F f) {
    std::size_t at = 0;
    for (; at + 8 <= padded.size(); at += 8)
        if (!f(word_at<std::uint64_t>(padded, at), at / 8)) return false;
    return at == padded.size() || f(word_at<std::uint32_t>(padded, at), at / 8);
}

/// So many bits. After Knuth's multiplicative hashing: all letters count in the highest ones.
std::size_t hash_of(std::span<const std::byte> padded, int bits) {
    constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
    std::uint64_t hash = padded.size();
    all_words(padded, [&](std::uint64_t word, std::size_t) {
        hash = (hash ^ word) * kGolden;
        return true;
    });
    return hash >> (64 - bits);
}

} // namespace

std::string_view ParamRoutes::address_of(ParamId id) const {
    const auto found = std::ranges::lower_bound(addresses_, id.index, {},
                                                [](const Address &a) { return a.id.index; });
    if (found == addresses_.end() || found->id != id) return {};
    const auto *text = reinterpret_cast<const char *>(found->words.data());
    return {text, ::strnlen(text, found->size)};
}

ParamRoutes::ParamRoutes(std::uint16_t voices) {
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        const ParamPlace place = place_of({i});
        if (place.module == 0 && place.instance >= voices) continue;
        if (spec_of({i}).kind != Kind::amount) continue;
        std::string text = "/mod/" + std::string{path_of({i}).view()};
        text.resize(text.size() / 4 * 4 + 4);
        const auto padded = std::as_bytes(std::span{text});
        Address address{.words = {}, .size = static_cast<std::uint32_t>(padded.size()), .id = {i}};
        all_words(padded, [&](std::uint64_t word, std::size_t n) {
            address.words.at(n) = word;
            return true;
        });
        addresses_.push_back(address);
        std::size_t at = hash_of(padded, kPlaceBits);
        while (places_[at] != 0) at = (at + 1) % kPlaces;
        places_[at] = static_cast<std::uint16_t>(addresses_.size());
    }
}

bool ParamRoutes::same(const Address &known, std::span<const std::byte> padded) {
    return known.size == padded.size() && all_words(padded, [&](std::uint64_t word, std::size_t n) {
               return word == known.words[n];
           });
}

std::optional<ParamId> ParamRoutes::find(std::span<const std::byte> padded) const {
    if (padded.size() % 4 != 0) return std::nullopt;
    for (std::size_t at = hash_of(padded, kPlaceBits); places_[at] != 0; at = (at + 1) % kPlaces)
        if (same(addresses_[places_[at] - 1u], padded)) return addresses_[places_[at] - 1u].id;
    return std::nullopt;
}

} // namespace chronus::osc
