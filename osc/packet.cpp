#include "osc/packet.h"

#include <lo/lo.h>

#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>

namespace chronus::osc {

namespace {

struct FreeMessage {
    void operator()(lo_message m) const { lo_message_free(m); }
};
using LoMessage = std::unique_ptr<std::remove_pointer_t<lo_message>, FreeMessage>;

struct FreeBundle {
    void operator()(lo_bundle b) const { lo_bundle_free_recursive(b); }
};
using LoBundle = std::unique_ptr<std::remove_pointer_t<lo_bundle>, FreeBundle>;

/// 64-bit arguments lie on 4-byte borders, so nothing is read through a typed pointer.
template <class T>
T loaded(const lo_arg *arg) {
    T out;
    std::memcpy(&out, arg, sizeof out);
    return out;
}

std::string text_of(const lo_arg *arg) { return reinterpret_cast<const char *>(arg); }

TimeTag timetag_of(const lo_arg *arg) {
    const auto tag = loaded<lo_timetag>(arg);
    return {std::uint64_t{tag.sec} << 32 | tag.frac};
}

lo_timetag lo_timetag_of(TimeTag tag) {
    return {static_cast<std::uint32_t>(tag.ntp >> 32), static_cast<std::uint32_t>(tag.ntp)};
}

/// In liblo's memory a blob is its size in host order, then its bytes.
Blob blob_of(const lo_arg *arg) {
    const auto size = loaded<std::uint32_t>(arg);
    const auto *const begin = reinterpret_cast<const std::byte *>(arg) + sizeof size;
    return {begin, begin + size};
}

Value value_of(char tag, const lo_arg *arg) {
    switch (tag) {
    case LO_INT32:
        return loaded<std::int32_t>(arg);
    case LO_INT64:
        return loaded<std::int64_t>(arg);
    case LO_FLOAT:
        return loaded<float>(arg);
    case LO_DOUBLE:
        return loaded<double>(arg);
    case LO_STRING:
    case LO_SYMBOL:
        return text_of(arg);
    case LO_CHAR:
        return std::string(1, static_cast<char>(loaded<std::int32_t>(arg)));
    case LO_BLOB:
        return blob_of(arg);
    case LO_TIMETAG:
        return timetag_of(arg);
    case LO_TRUE:
        return true;
    case LO_FALSE:
        return false;
    case LO_INFINITUM:
        return Impulse{};
    default:
        return Nil{};
    }
}

Result<TimedMessage> decoded(const CheckedMessage &checked) {
    TimedMessage out{{std::string(checked.address)}, checked.timetag};
    if (checked.tags.empty()) return out; // also the senders without type tags, whom liblo refuses
    std::vector<std::byte> bytes(checked.bytes.begin(), checked.bytes.end()); // it may write there
    int fault = 0;
    const LoMessage message{lo_message_deserialise(bytes.data(), bytes.size(), &fault)};
    if (!message) return Error{Errc::corrupt, out.message.address + ": not an OSC message"};
    lo_arg *const *const args = lo_message_get_argv(message.get());
    for (std::size_t i = 0; i < checked.tags.size(); ++i)
        out.message.args.push_back(value_of(checked.tags[i], args[i]));
    return out;
}

/// Appends one argument to a liblo message.
struct Appender {
    lo_message to;

    void operator()(std::int32_t i) const { lo_message_add_int32(to, i); }
    void operator()(std::int64_t h) const { lo_message_add_int64(to, h); }
    void operator()(float f) const { lo_message_add_float(to, f); }
    void operator()(double d) const { lo_message_add_double(to, d); }
    void operator()(bool on) const { on ? lo_message_add_true(to) : lo_message_add_false(to); }
    void operator()(const std::string &s) const { lo_message_add_string(to, s.c_str()); }
    void operator()(TimeTag t) const { lo_message_add_timetag(to, lo_timetag_of(t)); }
    void operator()(Nil) const { lo_message_add_nil(to); }
    void operator()(Impulse) const { lo_message_add_infinitum(to); }

    /// Built by hand: `lo_blob_new` makes none that is empty.
    void operator()(const Blob &blob) const {
        const auto size = static_cast<std::uint32_t>(blob.size());
        std::vector<std::byte> sized(sizeof size);
        std::memcpy(sized.data(), &size, sizeof size);
        sized.insert(sized.end(), blob.begin(), blob.end());
        lo_message_add_blob(to, sized.data());
    }
};

LoMessage lo_message_of(const Message &message) {
    LoMessage out{lo_message_new()};
    for (const Value &value : message.args) std::visit(Appender{out.get()}, value);
    return out;
}

} // namespace

Result<std::vector<TimedMessage>> decode(std::span<const std::byte> packet, const Limits &limits) {
    const auto sound = checked(packet, limits);
    if (!sound) return sound.error();
    std::vector<TimedMessage> out;
    out.reserve(sound->size());
    for (const CheckedMessage &message : *sound) {
        auto timed = decoded(message);
        if (!timed) return timed.error();
        out.push_back(*std::move(timed));
    }
    return out;
}

std::vector<std::byte> encode(const Message &message) {
    const LoMessage built = lo_message_of(message);
    std::vector<std::byte> out(lo_message_length(built.get(), message.address.c_str()));
    std::size_t size = 0;
    lo_message_serialise(built.get(), message.address.c_str(), out.data(), &size);
    return out;
}

std::vector<std::byte> encode_bundle(TimeTag timetag, std::span<const Message> messages) {
    const LoBundle bundle{lo_bundle_new(lo_timetag_of(timetag))};
    for (const Message &message : messages)
        lo_bundle_add_message(bundle.get(), message.address.c_str(),
                              lo_message_of(message).release());
    std::vector<std::byte> out(lo_bundle_length(bundle.get()));
    std::size_t size = 0;
    lo_bundle_serialise(bundle.get(), out.data(), &size);
    return out;
}

} // namespace chronus::osc
