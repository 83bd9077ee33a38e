#include "tools/chronusctl/json.h"

#include "patterns/text/json_gate.h"

#include <fmt/format.h>

#include <algorithm>

namespace chronus::ctl {

using patterns::JsonArray;
using patterns::JsonObject;
using patterns::JsonWriter;

namespace {

/// Writes an OSC argument.
struct ToJson {
    JsonWriter &json;

    void operator()(const std::string &text) const { json.value(text); }
    void operator()(const osc::Blob &blob) const {
        std::string hex;
        for (const std::byte b : blob) hex += fmt::format("{:02x}", static_cast<unsigned>(b));
        json.value(hex);
    }
    void operator()(osc::TimeTag tag) const { json.value(tag.ntp); }
    void operator()(osc::Nil) const { json.null(); }
    void operator()(osc::Impulse) const { json.value(true); }
    template <class T>
    void operator()(T value) const {
        json.value(value);
    }
};

struct ToPlain {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(const std::string &text) const { return text; }
    std::string operator()(const JsonArray &items) const {
        std::string out;
        for (const Json &item : items) out += (out.empty() ? "" : ",") + plain(item);
        return out;
    }
    std::string operator()(const JsonObject &members) const {
        std::string out;
        for (const auto &[key, value] : members)
            out += fmt::format("{}{}={}", out.empty() ? "" : " ", key, plain(value));
        return out;
    }
    template <class T>
    std::string operator()(T value) const {
        return fmt::format("{}", value);
    }
};

} // namespace

std::optional<Json> document_in(std::string_view text) {
    if (!text.starts_with('{') && !text.starts_with('[')) return std::nullopt;
    auto json = patterns::parse_json(text);
    if (!json) return std::nullopt;
    return *std::move(json);
}

const Json &member(const Json &json, std::string_view name) {
    static const Json none;
    const auto *object = json.as<JsonObject>();
    const Json *found = object != nullptr ? patterns::find(*object, name) : nullptr;
    return found != nullptr ? *found : none;
}

double number_of(const Json &json, double otherwise) {
    if (const auto *n = json.as<double>()) return *n;
    if (const auto *n = json.as<std::int64_t>()) return static_cast<double>(*n);
    if (const auto *n = json.as<std::uint64_t>()) return static_cast<double>(*n);
    return otherwise;
}

double number_of(const Json &json, std::string_view name, double otherwise) {
    return number_of(member(json, name), otherwise);
}

int whole_of(const Json &json, int otherwise) {
    constexpr double kMost = 1e9;
    return static_cast<int>(std::clamp(number_of(json, otherwise), -kMost, kMost));
}

bool truth_of(const Json &json, std::string_view name) {
    const auto *on = member(json, name).as<bool>();
    return on != nullptr && *on;
}

std::string text_of(const Json &json, std::string_view name) {
    const auto *text = member(json, name).as<std::string>();
    return text != nullptr ? *text : std::string{};
}

std::span<const Json> items_of(const Json &json) {
    const auto *array = json.as<JsonArray>();
    return array != nullptr ? std::span<const Json>{*array} : std::span<const Json>{};
}

std::string quoted(std::string_view text) { return JsonWriter{}.value(text).text(); }

std::string json_of(osc::Args values) {
    JsonWriter json;
    json.begin_array();
    for (const osc::Value &value : values) std::visit(ToJson{json}, value);
    json.end_array();
    return json.text();
}

std::string plain(const Json &json) { return std::visit(ToPlain{}, json.value); }

} // namespace chronus::ctl
