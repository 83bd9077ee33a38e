#include "osc/gate.h"

#include "patterns/text/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <utility>

namespace chronus::osc {

namespace {

using namespace std::string_view_literals;
using Bytes = std::span<const std::byte>;
using Fault = std::optional<Error>; ///< nothing when all is well

constexpr std::string_view kBundleTag = "#bundle\0"sv;
constexpr std::size_t kBundleHead = 16; // the tag and a time tag
constexpr std::string_view kTakenTags = "ihfdsSbtcTFNI";

template <class T>
T big_endian(Bytes bytes) {
    T out = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        out = static_cast<T>(out << 8) | std::to_integer<T>(bytes[i]);
    return out;
}

std::string_view chars(Bytes bytes) {
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

bool all_zero(Bytes bytes) {
    for (const std::byte b : bytes)
        if (b != std::byte{0}) return false;
    return true;
}

/// Takes a message apart from front to back; `left_` is what nobody has looked at yet.
class MessageReader {
public:
    MessageReader(Bytes bytes, const Limits &limits) : limits_(limits), left_(bytes) {
        out_.bytes = bytes;
    }

    Result<CheckedMessage> read() {
        if (auto fault = read_address()) return *fault;
        if (left_.empty()) return out_;
        if (auto fault = read_tags()) return *fault;
        for (arg_ = 1; arg_ <= out_.tags.size(); ++arg_)
            if (auto fault = read_arg(out_.tags[arg_ - 1])) return *fault;
        if (!left_.empty())
            return Error{Errc::corrupt, fmt::format("{}: {} bytes after the last argument",
                                                    shown_address(), left_.size())};
        return out_;
    }

private:
    Fault read_address() {
        if (left_.empty() || left_.front() != std::byte{'/'})
            return Error{Errc::corrupt, "a message must begin with '/' or \"#bundle\""};
        std::string_view address;
        if (auto fault = read_text(address, limits_.string)) return fault;
        out_.address = address;
        return std::nullopt;
    }

    Fault read_tags() {
        if (left_.front() != std::byte{','}) return fail(Errc::corrupt, "does not begin with ','");
        std::string_view tags;
        if (auto fault = read_text(tags, limits_.string)) return fault;
        tags.remove_prefix(1);
        if (tags.size() > limits_.args)
            return fail(Errc::too_big,
                        fmt::format("names {} arguments, at most {}", tags.size(), limits_.args));
        out_.tags = tags;
        return std::nullopt;
    }

    Fault read_arg(char tag) {
        switch (tag) {
        case 'i':
            return skip(4);
        case 'h':
        case 't':
            return skip(8);
        case 'f':
            return read_real<std::uint32_t, float>();
        case 'd':
            return read_real<std::uint64_t, double>();
        case 'c':
            return read_char();
        case 's':
        case 'S':
            return read_string();
        case 'b':
            return read_blob();
        case 'T':
        case 'F':
        case 'N':
        case 'I':
            return std::nullopt;
        default:
            return unknown_tag(tag);
        }
    }

    Fault skip(std::size_t bytes) {
        if (left_.size() < bytes) return cut_short();
        left_ = left_.subspan(bytes);
        return std::nullopt;
    }

    template <class Bits, class Real>
    Fault read_real() {
        const Bytes bytes = left_;
        if (auto fault = skip(sizeof(Bits))) return fault;
        const auto real = std::bit_cast<Real>(big_endian<Bits>(bytes));
        if (!std::isfinite(real))
            return fail(Errc::out_of_range, fmt::format("is {}, not a finite number", real));
        return std::nullopt;
    }

    Fault read_char() {
        const Bytes bytes = left_;
        if (auto fault = skip(4)) return fault;
        const auto code = big_endian<std::uint32_t>(bytes);
        if (code < 0x20 || code > 0x7e)
            return fail(Errc::bad_type, fmt::format("is character {}, not printable ASCII", code));
        return std::nullopt;
    }

    Fault read_string() {
        std::string_view ignored;
        return read_text(ignored, limits_.string);
    }

    Fault read_blob() {
        const Bytes head = left_;
        if (auto fault = skip(4)) return fault;
        const std::size_t size = big_endian<std::uint32_t>(head);
        if (size > limits_.blob) return over("a blob", size, limits_.blob);
        const Bytes body = left_;
        const std::size_t padded = (size + 3) / 4 * 4;
        if (auto fault = skip(padded)) return fault;
        if (!all_zero(body.first(padded).subspan(size))) return bad_padding();
        return std::nullopt;
    }

    /// Text up to its NUL, then zeros to the next multiple of 4.
    Fault read_text(std::string_view &out, std::size_t limit) {
        const std::size_t size = chars(left_).find('\0');
        if (size == std::string_view::npos) return fail(Errc::corrupt, "lacks a NUL at its end");
        if (size > limit) return over("text", size, limit);
        const Bytes text = left_;
        const std::size_t padded = size / 4 * 4 + 4;
        if (auto fault = skip(padded)) return fault;
        if (!all_zero(text.first(padded).subspan(size))) return bad_padding();
        out = chars(text.first(size));
        if (!patterns::is_utf8(out)) return fail(Errc::bad_type, "is not UTF-8");
        return std::nullopt;
    }

    /// Says which part of the message it is.
    Error fail(Errc code, std::string_view why) const {
        if (out_.address.empty()) return {code, fmt::format("the address {}", why)};
        if (arg_ == 0) return {code, fmt::format("{}: the tag text {}", shown_address(), why)};
        return {code, fmt::format("{}: argument {} {}", shown_address(), arg_, why)};
    }
    std::string_view shown_address() const { return patterns::utf8_front(out_.address, 64); }
    Error cut_short() const { return fail(Errc::corrupt, "is cut short"); }
    Error bad_padding() const { return fail(Errc::corrupt, "is not padded with zeros"); }
    Error over(std::string_view what, std::size_t size, std::size_t limit) const {
        return fail(Errc::too_big, fmt::format("is {} of {} bytes, at most {}", what, size, limit));
    }
    Error unknown_tag(char tag) const {
        const bool printable = tag > ' ' && tag < '\x7f';
        const auto shown = printable ? fmt::format("'{}'", tag) : std::string("unprintable");
        return fail(Errc::bad_type, fmt::format("has type {}, not one of {}", shown, kTakenTags));
    }

    const Limits &limits_;
    Bytes left_;
    CheckedMessage out_;
    std::size_t arg_ = 0; ///< the argument being read, from 1; 0 before the first
};

/// Walks bundles with a stack of its own, as deep as the limit at most.
class PacketReader {
public:
    PacketReader(Bytes packet, const Limits &limits) : packet_(packet), limits_(limits) {}

    Result<std::vector<CheckedMessage>> read() {
        if (auto fault = check_size()) return *fault;
        if (auto fault = read_element(packet_, 1)) return *fault;
        while (!open_.empty()) {
            if (open_.back().left.empty())
                open_.pop_back();
            else if (auto fault = read_next())
                return *fault;
        }
        return std::move(out_);
    }

private:
    struct Bundle {
        Bytes left; ///< its elements not yet read
        std::uint64_t timetag;
    };

    Fault check_size() const {
        if (packet_.size() > limits_.packet)
            return Error{Errc::too_big, fmt::format("a packet of {} bytes, at most {}",
                                                    packet_.size(), limits_.packet)};
        if (packet_.empty() || packet_.size() % 4 != 0)
            return Error{
                Errc::corrupt,
                fmt::format("a packet of {} bytes: not a multiple of 4 above 0", packet_.size())};
        return std::nullopt;
    }

    /// Takes the next element of the innermost open bundle.
    Fault read_next() {
        Bytes &left = open_.back().left;
        if (left.size() < 4) return corrupt("ends inside a size");
        const std::size_t size = big_endian<std::uint32_t>(left);
        left = left.subspan(4);
        if (size == 0 || size % 4 != 0)
            return corrupt(fmt::format("has size {}: not a multiple of 4 above 0", size));
        if (size > left.size())
            return corrupt(fmt::format("has size {}, but {} bytes are left", size, left.size()));
        if (++elements_ > limits_.elements)
            return Error{Errc::too_big,
                         fmt::format("a bundle of more than {} elements", limits_.elements)};
        const Bytes element = left.first(size);
        left = left.subspan(size);
        return read_element(element, open_.back().timetag);
    }

    Fault read_element(Bytes element, std::uint64_t outer) {
        if (element.front() == std::byte{'#'}) return open_bundle(element, outer);
        auto message = MessageReader{element, limits_}.read();
        if (!message) return message.error();
        message->timetag = outer;
        out_.push_back(*message);
        return std::nullopt;
    }

    Fault open_bundle(Bytes element, std::uint64_t outer) {
        if (!chars(element).starts_with(kBundleTag) || element.size() < kBundleHead)
            return Error{Errc::corrupt, "a bundle must begin with \"#bundle\" and a time tag"};
        if (open_.size() == limits_.depth)
            return Error{Errc::too_big,
                         fmt::format("bundles nested deeper than {}", limits_.depth)};
        const auto own = big_endian<std::uint64_t>(element.subspan(kBundleTag.size()));
        open_.push_back({element.subspan(kBundleHead), std::max(outer, own)});
        return std::nullopt;
    }

    Error corrupt(std::string_view why) const {
        return {Errc::corrupt, fmt::format("bundle: element {} {}", elements_ + 1, why)};
    }

    Bytes packet_;
    const Limits &limits_;
    std::vector<Bundle> open_;
    std::size_t elements_ = 0;
    std::vector<CheckedMessage> out_;
};

} // namespace

Result<std::vector<CheckedMessage>> checked(Bytes packet, const Limits &limits) {
    return PacketReader{packet, limits}.read();
}

} // namespace chronus::osc
