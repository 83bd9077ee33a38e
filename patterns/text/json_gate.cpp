#include "patterns/text/json_gate.h"

#include "patterns/text/utf8.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace chronus::patterns {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kMostOfAMessage = 120;

/// Reads the text and leaves word how far: the parser tells its handler no place.
class Tracer {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char *;
    using reference = const char &;

    Tracer(const char *at, const char **reached) : at_(at), reached_(reached) {}
    reference operator*() const { return *at_; }
    Tracer &operator++() {
        *reached_ = ++at_;
        return *this;
    }
    Tracer operator++(int) {
        const Tracer before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const Tracer &a, const Tracer &b) { return a.at_ == b.at_; }
    friend bool operator!=(const Tracer &a, const Tracer &b) { return a.at_ != b.at_; }

private:
    const char *at_;
    const char **reached_;
};

/// The parser's words without its own name and place: "[json.exception...] parse error at line 3,
/// column 1: syntax error ..." -> "syntax error ...".
std::string reason_of(std::string_view words) {
    if (const std::size_t name = words.find("] "); name != std::string_view::npos)
        words.remove_prefix(name + 2);
    if (const std::size_t column = words.find(", column "); column != std::string_view::npos)
        if (const std::size_t colon = words.find(": ", column); colon != std::string_view::npos)
            words.remove_prefix(colon + 2);
    std::string reason;
    while (!words.empty() && reason.size() < kMostOfAMessage) {
        const std::string_view character = front_character(words);
        reason += is_printable(character) ? character : "?";
        words.remove_prefix(character.size());
    }
    return reason;
}

/// Builds the value from the parser's events, and refuses what the parser would let through.
class Builder {
public:
    Builder(std::string_view text, std::size_t most_values)
        : line_from_(text.data()), most_values_(most_values), reached(text.data()) {}

    // The parser's events; false stops it.
    bool null() { return add(std::monostate{}); }
    bool boolean(bool on) { return add(on); }
    bool number_integer(std::int64_t number) { return add(number); }
    bool number_unsigned(std::uint64_t number) { return add(number); }
    bool number_float(double number, const std::string &spelled) {
        if (spelled.find_first_of(".eE") == std::string::npos)
            return refuse(fmt::format("{} is too large a whole number", in_quotes(spelled)));
        return add(number);
    }
    bool string(std::string &text) { return add(std::move(text)); }
    bool binary(const std::vector<std::uint8_t> &) { return refuse("binary"); }
    bool start_object(std::size_t) { return open(JsonObject{}); }
    bool start_array(std::size_t) { return open(JsonArray{}); }
    bool key(std::string &name) {
        key_ = std::move(name);
        return true;
    }
    bool end_object() {
        const auto twice = repeated_key(*open_.back()->as<JsonObject>());
        if (twice)
            return refuse_at(twice->second, fmt::format("{} twice", in_quotes(twice->first)));
        return close();
    }
    bool end_array() { return close(); }
    bool parse_error(std::size_t, const std::string &, const nlohmann::json::exception &e) {
        return refuse(reason_of(e.what()));
    }

    std::optional<Error> error;
    Json root;

private:
    bool refuse(std::string_view why) { return refuse_at(line(), why); }
    bool refuse_at(std::uint32_t at, std::string_view why, Errc code = Errc::corrupt) {
        error = Error{code, fmt::format("line {}: {}", at, why)};
        return false;
    }

    /// The line of the token just read. The parser may have looked one character further, which
    /// then is no part of it.
    std::uint32_t line() {
        if (reached == line_from_) return line_;
        const auto breaks = std::count(line_from_, reached - 1, '\n');
        line_from_ = reached - 1;
        return line_ += static_cast<std::uint32_t>(breaks);
    }

    bool add(Json::Value value) {
        if (++values_ > most_values_)
            return refuse_at(line(), fmt::format("more than {} values", most_values_),
                             Errc::too_big);
        Json made{std::move(value), line()};
        if (open_.empty())
            last_ = &(root = std::move(made));
        else if (auto *array = open_.back()->as<JsonArray>())
            last_ = &array->emplace_back(std::move(made));
        else
            last_ = &open_.back()
                         ->as<JsonObject>()
                         ->emplace_back(JsonMember{std::move(key_), std::move(made)})
                         .value;
        return true;
    }
    bool open(Json::Value container) {
        if (open_.size() == kMaxJsonDepth)
            return refuse(fmt::format("more than {} levels", kMaxJsonDepth));
        if (!add(std::move(container))) return false;
        open_.push_back(last_);
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    /// A key that occurs twice, and the line of its later value.
    static std::optional<std::pair<std::string, std::uint32_t>>
    repeated_key(const JsonObject &object) {
        std::vector<std::pair<std::string_view, std::uint32_t>> keys;
        for (const JsonMember &member : object) keys.emplace_back(member.key, member.value.line);
        std::ranges::sort(keys);
        const auto key = [](const auto &entry) { return entry.first; };
        const auto twice = std::ranges::adjacent_find(keys, {}, key);
        if (twice == keys.end()) return std::nullopt;
        return std::pair{std::string{twice->first}, std::next(twice)->second};
    }

    const char *line_from_;
    std::uint32_t line_ = 1;
    std::size_t most_values_, values_ = 0;
    std::string key_;
    std::vector<Json *> open_; // a value on it stays put: only the innermost one grows
    Json *last_ = nullptr;

public:
    const char *reached; ///< just past the last character the parser took
};

} // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
    if (text.size() > limits.bytes)
        return Error{Errc::too_big, fmt::format("{} bytes; at most {}", text.size(), limits.bytes)};
    if (text.starts_with(kByteOrderMark))
        return Error{Errc::corrupt, "line 1: a byte order mark before the text"};
    Builder builder{text, limits.values};
    const bool whole =
        nlohmann::json::sax_parse(Tracer{text.data(), &builder.reached},
                                  Tracer{text.data() + text.size(), nullptr}, &builder);
    if (whole) return std::move(builder.root);
    return builder.error.value_or(Error{Errc::corrupt, "line 1: not JSON"});
}

} // namespace chronus::patterns
