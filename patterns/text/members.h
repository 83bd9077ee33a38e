#pragma once

#include "engine/result.h"
#include "patterns/text/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// What reading a document has come across: things bent to fit, and the first thing that could not
/// be. Reading goes on after that, to no effect.
class Reading {
public:
    static constexpr std::size_t kMostNotes = 32;

    void note(std::string text);
    void refuse(const Json &json, std::string_view path, std::string_view wanted);
    /// Line 0 stands for none: what is missing has no line.
    void refuse(std::uint32_t line, std::string_view why);

    const std::optional<Error> &error() const { return error_; }
    /// At most kMostNotes of them and how many more there were.
    std::vector<std::string> notes() &&;

private:
    std::vector<std::string> notes_;
    std::size_t left_out_ = 0;
    std::optional<Error> error_;
};

/// "modules" + "voice1" -> "modules.voice1"; what cannot be shown is replaced.
std::string path_below(std::string_view path, std::string_view key);

// Each takes a value only as what it is: no text for a number, no fraction for a whole one.
bool take_as(const Json &json, bool &into);
bool take_as(const Json &json, double &into);
bool take_as(const Json &json, std::uint64_t &into);
bool take_as(const Json &json, std::string &into);
bool take_as(const Json &json, std::vector<std::string> &into);
bool take_as(const Json &json, std::vector<double> &into);

constexpr std::string_view wanted(const bool &) { return "true or false"; }
constexpr std::string_view wanted(const double &) { return "a number"; }
constexpr std::string_view wanted(const std::uint64_t &) { return "a whole number from 0"; }
constexpr std::string_view wanted(const std::string &) { return "text"; }
constexpr std::string_view wanted(const std::vector<std::string> &) { return "a list of texts"; }
constexpr std::string_view wanted(const std::vector<double> &) { return "a list of numbers"; }

/// Takes members out of an object by name. What nobody took is left in it when this goes: what the
/// file says and we do not know.
class Members {
public:
    Members(JsonObject &object, std::string path, Reading &reading)
        : object_(object), taken_(object.size()), path_(std::move(path)), reading_(reading) {}
    ~Members();
    Members(const Members &) = delete;
    Members &operator=(const Members &) = delete;

    /// Takes a value of any kind; nothing when there is none or null.
    const Json *take(std::string_view key);

    /// Reads a value; false, and `into` as it was, when there is none or it is of another kind,
    /// which is refused.
    template <class T>
    bool read(std::string_view key, T &into) {
        const Json *json = take(key);
        if (json == nullptr) return false;
        if (take_as(*json, into)) return true;
        reading_.refuse(*json, path(key), wanted(into));
        return false;
    }

    /// Calls `f(const std::string &)` for every key, which it may take.
    template <class F>
    void names(F &&f) {
        for (const JsonMember &member : object_) f(member.key);
    }

    /// Takes everything: it is known and not wanted.
    void drop() { taken_.assign(taken_.size(), true); }
    /// Not ours at all: stays where it is, even if nothing is in it.
    void keep() { kept_ = true; }

    /// Reads the object of that name, if there is one: `f(Members &)`. Taken when nothing is left.
    template <class F>
    void inside(std::string_view key, F &&f) {
        if (const auto i = index_of(key)) inside_at(*i, f);
    }
    /// Reads every member, which must all be objects: `f(key, Members &)`.
    template <class F>
    void each(F &&f) {
        for (std::size_t i = 0; i < object_.size(); ++i)
            inside_at(i, [&](Members &inner) { f(std::string_view{object_[i].key}, inner); });
    }

    /// Calls the member at that place otherwise, and with it what is left in it.
    void rename(std::size_t place, std::string_view key) { object_[place].key = key; }

    std::string path(std::string_view key) const { return path_below(path_, key); }
    const std::string &path() const { return path_; }
    Reading &reading() { return reading_; }

private:
    std::optional<std::size_t> index_of(std::string_view key) const;

    template <class F>
    void inside_at(std::size_t i, F &&f) {
        auto *object = object_[i].value.as<JsonObject>();
        if (object == nullptr)
            return reading_.refuse(object_[i].value, path(object_[i].key), "an object");
        bool kept = false;
        {
            Members inner{*object, path(object_[i].key), reading_};
            f(inner);
            kept = inner.kept_;
        }
        taken_[i] = object->empty() && !kept;
    }

    JsonObject &object_;
    std::vector<bool> taken_;
    bool kept_ = false;
    std::string path_;
    Reading &reading_;
};

} // namespace chronus::patterns
