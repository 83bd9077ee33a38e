#include "patterns/text/json.h"

#include <algorithm>
#include <array>

namespace chronus::patterns {

namespace {

void write(JsonWriter &out, const Json &json);

void write_value(JsonWriter &out, std::monostate) { out.null(); }

template <class T>
void write_value(JsonWriter &out, const T &scalar) {
    out.value(scalar);
}

void write_value(JsonWriter &out, const JsonArray &array) {
    const bool flat = std::ranges::none_of(array, [](const Json &element) {
        return element.as<JsonArray>() != nullptr || element.as<JsonObject>() != nullptr;
    });
    if (flat)
        out.begin_flat_array();
    else
        out.begin_array();
    for (const Json &element : array) write(out, element);
    out.end_array();
}

void write_value(JsonWriter &out, const JsonObject &object) {
    std::vector<const JsonMember *> sorted;
    for (const JsonMember &member : object) sorted.push_back(&member);
    std::ranges::sort(sorted, {}, [](const JsonMember *m) -> std::string_view { return m->key; });
    out.begin_object();
    for (const JsonMember *member : sorted) {
        out.key(member->key);
        write(out, member->value);
    }
    out.end_object();
}

void write(JsonWriter &out, const Json &json) {
    std::visit([&](const auto &value) { write_value(out, value); }, json.value);
}

} // namespace

Json::Json() = default;
Json::Json(Value v, std::uint32_t at) : value(std::move(v)), line(at) {}
Json::Json(const Json &) = default;
Json::Json(Json &&) noexcept = default;
Json &Json::operator=(const Json &) = default;
Json &Json::operator=(Json &&) noexcept = default;
Json::~Json() = default;

std::string_view kind_of(const Json &json) {
    constexpr std::array<std::string_view, 8> kinds{
        "null", "true or false", "a number", "a number", "a number", "text", "a list", "an object"};
    return kinds[json.value.index()];
}

const Json *find(const JsonObject &object, std::string_view key) {
    const auto member = std::ranges::find(object, key, &JsonMember::key);
    return member == object.end() ? nullptr : &member->value;
}

Json *find(JsonObject &object, std::string_view key) {
    const auto member = std::ranges::find(object, key, &JsonMember::key);
    return member == object.end() ? nullptr : &member->value;
}

void put(JsonObject &object, std::string_view key, Json::Value value) {
    if (Json *there = find(object, key))
        there->value = std::move(value);
    else
        object.push_back({std::string{key}, Json{std::move(value)}});
}

void remove_member(JsonObject &object, std::string_view key) {
    std::erase_if(object, [&](const JsonMember &member) { return member.key == key; });
}

std::string to_text(const Json &json, JsonStyle style) {
    JsonWriter out{style};
    write(out, json);
    return std::move(out).text();
}

} // namespace chronus::patterns
