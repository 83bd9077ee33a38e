#pragma once

#include "engine/result.h"
#include "patterns/text/utf8.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace chronus::patterns {

/// What is wrong in a text, where, and what in its place would not be.
struct Fault {
    std::size_t at = 0, size = 0;
    std::string instead;
    Errc code = Errc::bad_type;
    std::string why;
};
using Found = std::optional<Fault>;

/// A text and how far it has been read.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool at_end() const { return at_ == text_.size(); }
    std::size_t at() const { return at_; }
    char peek() const { return at_end() ? '\0' : text_[at_]; }
    bool sees(char c) const { return !at_end() && text_[at_] == c; }
    bool take(char c) {
        if (!sees(c)) return false;
        ++at_;
        return true;
    }
    void skip(std::string_view any_of) {
        while (!at_end() && any_of.find(peek()) != std::string_view::npos) ++at_;
    }
    /// Takes what stands before the first of `any_of`, or all there is.
    std::string_view until(std::string_view any_of) {
        const std::string_view rest = text_.substr(at_);
        const std::string_view front = rest.substr(0, rest.find_first_of(any_of));
        at_ += front.size();
        return front;
    }
    std::string_view digits() {
        const std::string_view rest = text_.substr(at_);
        const std::string_view front = rest.substr(0, rest.find_first_not_of("0123456789"));
        at_ += front.size();
        return front;
    }
    std::string_view character() const { return front_character(text_.substr(at_)); }

    /// The next character is wrong.
    Fault here(std::string instead, std::string why) const {
        return {at_, character().size(), std::move(instead), Errc::bad_type, std::move(why)};
    }
    /// All from `begin` to here is wrong.
    Fault since(std::size_t begin, std::string instead, std::string why,
                Errc code = Errc::bad_type) const {
        return {begin, at_ - begin, std::move(instead), code, std::move(why)};
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

/// A whole number of `low` to `high`; else a fault that names them and mends to the nearest.
Found scan_whole(Scanner &in, std::string_view what, int low, int high, int &into);

} // namespace chronus::patterns
