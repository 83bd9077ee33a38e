#include "osc/verbs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace chronus::osc {

namespace {

/// One word of `Verb::args`.
struct Slot {
    char type = 's';
    std::string_view name;
    bool optional = false;
};

struct Shape {
    std::vector<Slot> slots;
    bool open = false; // "..."
    std::size_t needed = 0;
};

Shape shape_of(std::string_view args) {
    Shape shape;
    while (!args.empty()) {
        const std::size_t blank = args.find(' ');
        std::string_view word = args.substr(0, blank);
        args = blank == std::string_view::npos ? "" : args.substr(blank + 1);
        if (word == "...") {
            shape.open = true;
            continue;
        }
        const bool optional = word.back() == '?';
        if (optional) word.remove_suffix(1);
        shape.slots.push_back({word[0], word.substr(2), optional});
        if (!optional) ++shape.needed;
    }
    return shape;
}

template <class T>
Result<Value> as_value(Result<T> got) {
    if (!got) return got.error();
    return Value{std::move(*got)};
}

Result<Value> coerce(const Slot &slot, const Value &value) {
    switch (slot.type) {
    case 'i':
        return as_value(to_int64(value, slot.name));
    case 'f':
        return as_value(to_float(value, slot.name));
    case 'b':
        return as_value(to_switch(value, slot.name));
    case 'v':
        return value;
    default:
        return as_value(to_text(value, slot.name));
    }
}

Error usage(const Verb &verb, std::string what) {
    return {Errc::bad_type,
            fmt::format("{}: {}; it takes {}", verb.address, what,
                        verb.args.empty() ? "nothing" : verb.args),
            std::string{verb.example}};
}

} // namespace

Result<std::vector<Value>> coerced(const Verb &verb, Args args) {
    const Shape shape = shape_of(verb.args);
    if (args.size() < shape.needed)
        return usage(verb, fmt::format("{} of {} arguments", args.size(), shape.needed));
    if (verb.extra == Extra::refused && !shape.open && args.size() > shape.slots.size())
        return usage(verb, fmt::format("{} arguments are too many", args.size()));
    std::vector<Value> out;
    for (std::size_t i = 0; i < shape.slots.size(); ++i) {
        const Slot &slot = shape.slots[i];
        const bool missing = i >= args.size() || std::holds_alternative<Nil>(args[i]);
        if (missing && !slot.optional) return usage(verb, fmt::format("{} is nil", slot.name));
        auto value = missing ? Result<Value>{Value{Nil{}}} : coerce(slot, args[i]);
        if (!value) {
            Error error = value.error();
            error.what = fmt::format("{}: {}", verb.address, error.what);
            if (error.hint.empty()) error.hint = verb.example;
            return error;
        }
        out.push_back(std::move(*value));
    }
    if (shape.open)
        for (std::size_t i = shape.slots.size(); i < args.size(); ++i) out.push_back(args[i]);
    return out;
}

Reply listed(std::string text, std::size_t count, std::string json) {
    constexpr std::size_t kOneArgument =
        3000; // bytes: well below what a datagram or a string holds
    if (json.size() > kOneArgument)
        return Reply{.text = std::move(text), .document = std::move(json)};
    return Reply{std::move(text), {static_cast<std::int32_t>(count), std::move(json)}};
}

std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::span<const Verb *const> all_verbs() {
    static const std::vector<const Verb *> sorted = [] {
        std::vector<const Verb *> all;
        for (const Subject &subject : kSubjects)
            for (const Verb &verb : subject.verbs()) all.push_back(&verb);
        std::ranges::sort(all, {}, &Verb::address);
        return all;
    }();
    return sorted;
}

const Verb *find_verb(std::string_view address) {
    const auto verbs = all_verbs();
    const auto found = std::ranges::lower_bound(verbs, address, {}, &Verb::address);
    return found != verbs.end() && (*found)->address == address ? *found : nullptr;
}

} // namespace chronus::osc
