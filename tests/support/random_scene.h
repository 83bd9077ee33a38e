#pragma once

#include "patterns/text/codec.h"

#include <cstdint>

/// Documents made by chance, for laws that must hold for every one: all values within their ranges,
/// tracks numbered from 1 with names of their own. Equal seeds give equal documents.
namespace chronus::test {

class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next();
    std::uint64_t below(std::uint64_t n) { return next() % n; }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
    /// Ends included, more often than chance would have it.
    float within(float min, float max);

private:
    std::uint64_t state_;
};

patterns::Document random_document(std::uint64_t seed);

} // namespace chronus::test
