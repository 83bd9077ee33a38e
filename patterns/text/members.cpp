#include "patterns/text/members.h"

#include "patterns/text/utf8.h"

#include <fmt/format.h>

#include <cmath>

namespace chronus::patterns {

namespace {

template <class T>
bool take_list(const Json &json, std::vector<T> &into) {
    const auto *array = json.as<JsonArray>();
    if (array == nullptr) return false;
    std::vector<T> list(array->size());
    for (std::size_t i = 0; i < list.size(); ++i)
        if (!take_as((*array)[i], list[i])) return false;
    into = std::move(list);
    return true;
}

} // namespace

void Reading::note(std::string text) {
    if (notes_.size() < kMostNotes)
        notes_.push_back(std::move(text));
    else
        ++left_out_;
}

void Reading::refuse(const Json &json, std::string_view path, std::string_view wanted) {
    refuse(json.line, fmt::format("{} is {}, not {}", path, kind_of(json), wanted));
}

void Reading::refuse(std::uint32_t line, std::string_view why) {
    if (error_) return;
    error_ =
        Error{Errc::corrupt, line == 0 ? std::string{why} : fmt::format("line {}: {}", line, why)};
}

std::vector<std::string> Reading::notes() && {
    if (left_out_ > 0) notes_.push_back(fmt::format("and {} more", left_out_));
    return std::move(notes_);
}

std::string path_below(std::string_view path, std::string_view key) {
    std::string shown = in_quotes(key);
    shown = shown.substr(1, shown.size() - 2);
    return path.empty() ? shown : fmt::format("{}.{}", path, shown);
}

bool take_as(const Json &json, bool &into) {
    const bool *on = json.as<bool>();
    if (on != nullptr) into = *on;
    return on != nullptr;
}

bool take_as(const Json &json, double &into) {
    if (const auto *number = json.as<double>()) into = *number;
    if (const auto *number = json.as<std::int64_t>()) into = static_cast<double>(*number);
    if (const auto *number = json.as<std::uint64_t>()) into = static_cast<double>(*number);
    return json.is_number();
}

bool take_as(const Json &json, std::uint64_t &into) {
    constexpr double exact = 9007199254740992.0; // 2^53: beyond it a double skips whole numbers
    const auto *whole = json.as<std::uint64_t>();
    const auto *real = json.as<double>();
    if (whole != nullptr)
        into = *whole;
    else if (real != nullptr && *real >= 0 && *real <= exact && *real == std::floor(*real))
        into = static_cast<std::uint64_t>(*real);
    else
        return false;
    return true;
}

bool take_as(const Json &json, std::string &into) {
    const auto *text = json.as<std::string>();
    if (text != nullptr) into = *text;
    return text != nullptr;
}

bool take_as(const Json &json, std::vector<std::string> &into) { return take_list(json, into); }
bool take_as(const Json &json, std::vector<double> &into) { return take_list(json, into); }

Members::~Members() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < object_.size(); ++i) {
        if (taken_[i]) continue;
        if (kept != i) object_[kept] = std::move(object_[i]);
        ++kept;
    }
    object_.resize(kept);
}

std::optional<std::size_t> Members::index_of(std::string_view key) const {
    for (std::size_t i = 0; i < object_.size(); ++i)
        if (!taken_[i] && object_[i].key == key) return i;
    return std::nullopt;
}

const Json *Members::take(std::string_view key) {
    const auto i = index_of(key);
    if (!i) return nullptr;
    taken_[*i] = true;
    const Json &json = object_[*i].value;
    return json.is_null() ? nullptr : &json;
}

} // namespace chronus::patterns
