#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

enum class JsonStyle : std::uint8_t {
    compact,  ///< no blanks at all: what is sent, and what is hashed
    indented, ///< two blanks a level: what people read
};

/// Writes JSON front to back: the caller opens, fills and closes; commas are put where they belong.
///
/// What comes out can always be read: numbers are the shortest that read back the same, one that is
/// not finite becomes null, and bytes that are not UTF-8 become U+FFFD.
class JsonWriter {
public:
    explicit JsonWriter(JsonStyle style = JsonStyle::compact) : style_(style) {}

    JsonWriter &begin_object() { return open('{', style_); }
    JsonWriter &end_object() { return close('}'); }
    JsonWriter &begin_array() { return open('[', style_); }
    /// An array of which every element stays on the line.
    JsonWriter &begin_flat_array() { return open('[', JsonStyle::compact); }
    JsonWriter &end_array() { return close(']'); }
    JsonWriter &key(std::string_view name);

    JsonWriter &value(std::string_view text);
    JsonWriter &value(const char *text) { return value(std::string_view{text}); }
    JsonWriter &value(std::same_as<bool> auto on) { return raw(on ? "true" : "false"); }
    JsonWriter &value(std::signed_integral auto number) { return integer(std::int64_t{number}); }
    template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>) JsonWriter &value(T number) {
        return natural(std::uint64_t{number});
    }
    JsonWriter &value(float number);
    JsonWriter &value(double number);
    JsonWriter &null() { return raw("null"); }
    /// Text that is JSON already.
    JsonWriter &raw(std::string_view json);

    const std::string &text() const & { return out_; }
    std::string &&text() && { return std::move(out_); }

private:
    struct Level {
        JsonStyle style;
        bool empty = true;
    };
    JsonWriter &open(char bracket, JsonStyle style);
    JsonWriter &close(char bracket);
    JsonWriter &integer(std::int64_t number);
    JsonWriter &natural(std::uint64_t number);
    void separate();
    void new_line();
    void write_text(std::string_view text);

    JsonStyle style_;
    std::string out_;
    std::vector<Level> levels_;
    bool after_key_ = false;
};

} // namespace chronus::patterns
