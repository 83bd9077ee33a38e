#pragma once

#include "patterns/text/json_writer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace chronus::patterns {

struct Json;
struct JsonMember;
using JsonArray = std::vector<Json>;
/// Members in the order of the text: files of the original keep the playing order of tracks so.
using JsonObject = std::vector<JsonMember>;

/// One JSON value and the line it was read from, 0 for one that was made.
///
/// Shapes: parse_json() makes none deeper than kMaxJsonDepth; the functions here recurse.
struct Json {
    using Value = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double,
                               std::string, JsonArray, JsonObject>;
    Value value; // begins as null; clang 14 wants no initialiser while JsonMember is incomplete
    std::uint32_t line = 0;

    // Out of line: inlined, gcc 12 takes the variant's moves for reads of what was never set.
    Json();
    explicit Json(Value v, std::uint32_t at = 0);
    Json(const Json &);
    Json(Json &&) noexcept;
    Json &operator=(const Json &);
    Json &operator=(Json &&) noexcept;
    ~Json();

    template <class T>
    T *as() {
        return std::get_if<T>(&value);
    }
    template <class T>
    const T *as() const {
        return std::get_if<T>(&value);
    }
    bool is_null() const { return as<std::monostate>() != nullptr; }
    bool is_number() const { return value.index() >= 2 && value.index() <= 4; }
};

struct JsonMember {
    std::string key;
    Json value;
};

/// "a list", "text", ...: for messages.
std::string_view kind_of(const Json &json);

Json *find(JsonObject &object, std::string_view key);
const Json *find(const JsonObject &object, std::string_view key);
/// Sets a member, which is added last when it is new.
void put(JsonObject &object, std::string_view key, Json::Value value);
void remove_member(JsonObject &object, std::string_view key);

/// The canonical text: members sorted by the bytes of their keys, numbers as JsonWriter has them.
/// In compact style it is what is hashed; equal values have equal texts.
std::string to_text(const Json &json, JsonStyle style);

} // namespace chronus::patterns
