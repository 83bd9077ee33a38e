#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace chronus::patterns {

/// SHA-256 of some bytes as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// The same of bytes that come in pieces.
class Sha256 {
public:
    Sha256();
    Sha256(Sha256 &&) noexcept;
    ~Sha256();
    void add(std::string_view bytes);
    /// Of all that was added; the next begins afresh.
    std::string hex();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace chronus::patterns
