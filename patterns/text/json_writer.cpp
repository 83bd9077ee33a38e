#include "patterns/text/json_writer.h"

#include "patterns/text/number.h"
#include "patterns/text/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace chronus::patterns {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd"; // U+FFFD

struct Escape {
    char byte;
    std::string_view text;
};
constexpr std::array kEscapes{Escape{'"', "\\\""}, Escape{'\\', "\\\\"}, Escape{'\n', "\\n"},
                              Escape{'\r', "\\r"}, Escape{'\t', "\\t"}};

std::string escaped(char byte) {
    const auto *known = std::ranges::find(kEscapes, byte, &Escape::byte);
    if (known != kEscapes.end()) return std::string{known->text};
    return static_cast<unsigned char>(byte) < 0x20 ? fmt::format("\\u{:04x}", byte)
                                                   : std::string{byte};
}

} // namespace

void JsonWriter::new_line() { out_.append("\n").append(2 * levels_.size(), ' '); }

/// What stands before an element: nothing after its key, else the comma and the line.
void JsonWriter::separate() {
    if (after_key_ || levels_.empty()) {
        after_key_ = false;
        return;
    }
    Level &level = levels_.back();
    if (!level.empty) out_ += ',';
    if (level.style == JsonStyle::indented)
        new_line();
    else if (style_ == JsonStyle::indented && !level.empty)
        out_ += ' ';
    level.empty = false;
}

JsonWriter &JsonWriter::open(char bracket, JsonStyle style) {
    separate();
    out_ += bracket;
    const bool flat = !levels_.empty() && levels_.back().style == JsonStyle::compact;
    levels_.push_back({flat ? JsonStyle::compact : style});
    return *this;
}

JsonWriter &JsonWriter::close(char bracket) {
    const Level level = levels_.back();
    levels_.pop_back();
    if (level.style == JsonStyle::indented && !level.empty) new_line();
    out_ += bracket;
    return *this;
}

JsonWriter &JsonWriter::key(std::string_view name) {
    separate();
    write_text(name);
    out_ += style_ == JsonStyle::indented ? ": " : ":";
    after_key_ = true;
    return *this;
}

JsonWriter &JsonWriter::value(std::string_view text) {
    separate();
    write_text(text);
    return *this;
}

JsonWriter &JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

JsonWriter &JsonWriter::integer(std::int64_t number) { return raw(fmt::format("{}", number)); }
JsonWriter &JsonWriter::natural(std::uint64_t number) { return raw(fmt::format("{}", number)); }

JsonWriter &JsonWriter::value(float number) {
    return std::isfinite(number) ? value(widened(number)) : null();
}

JsonWriter &JsonWriter::value(double number) {
    if (!std::isfinite(number)) return null();
    const std::string text = fmt::format("{}", number);
    return raw(text == "-0" ? "-0.0" : text); // "-0" would be read as the whole number 0
}

void JsonWriter::write_text(std::string_view text) {
    out_ += '"';
    while (!text.empty()) {
        const std::size_t size = utf8_front_size(text);
        if (size == 1)
            out_ += escaped(text[0]);
        else
            out_ += size == 0 ? kReplacement : text.substr(0, size);
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    out_ += '"';
}

} // namespace chronus::patterns
