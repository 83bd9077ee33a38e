#pragma once

#include "patterns/history/records.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

/// The fields of a record, one after the other: numbers as they are in memory, for the file never
/// leaves the machine; a text, or a list, after its length.
namespace chronus::patterns {

/// Of an item whose content is an address and a number, put together where there is time.
inline constexpr std::uint16_t kMoveKind = 1000;

template <class T>
concept PlainField = std::is_arithmetic_v<T> || std::is_enum_v<T>;

template <PlainField T>
constexpr std::size_t field_bytes(T) {
    return sizeof(T);
}
inline std::size_t field_bytes(std::string_view text) {
    return sizeof(std::uint32_t) + text.size();
}
inline std::size_t field_bytes(const std::vector<TrackUids> &uids) {
    return sizeof(std::uint32_t) + uids.size() * sizeof(TrackUids);
}

/// Writes where there is room for them.
class FieldWriter {
public:
    explicit FieldWriter(std::byte *room) : at_(room) {}

    template <PlainField T>
    void put(T value) {
        put_bytes(&value, sizeof(value));
    }
    void put(std::string_view text) {
        put(static_cast<std::uint32_t>(text.size()));
        put_bytes(text.data(), text.size());
    }
    void put(const std::vector<TrackUids> &uids) {
        put(static_cast<std::uint32_t>(uids.size()));
        put_bytes(uids.data(), uids.size() * sizeof(TrackUids));
    }

private:
    void put_bytes(const void *bytes, std::size_t size) {
        if (size == 0) return; // of an empty list there is no address
        std::memcpy(at_, bytes, size);
        at_ += size;
    }
    std::byte *at_;
};

/// Reads them again. Once one is not there, or is no value of its kind, all is `wrong`.
class FieldReader {
public:
    explicit FieldReader(std::span<const std::byte> bytes) : left_(bytes) {}

    bool wrong() const { return wrong_; }
    /// Nothing is left over either.
    bool done() const { return !wrong_ && left_.empty(); }

    template <class... T>
    void take_each(T &...values) {
        (take(values), ...);
    }
    template <PlainField T>
    void take(T &value) {
        take_bytes(&value, sizeof(value));
    }
    void take(bool &value) {
        std::uint8_t byte = 0;
        take(byte);
        wrong_ = wrong_ || byte > 1;
        value = byte == 1;
    }
    void take(std::string &text) {
        text.resize(length(1));
        take_bytes(text.data(), text.size());
    }
    void take(std::vector<TrackUids> &uids) {
        uids.resize(length(sizeof(TrackUids)));
        take_bytes(uids.data(), uids.size() * sizeof(TrackUids));
    }

private:
    std::size_t length(std::size_t of_one) {
        std::uint32_t count = 0;
        take(count);
        wrong_ = wrong_ || count > left_.size() / of_one;
        return wrong_ ? 0 : count;
    }
    void take_bytes(void *into, std::size_t size) {
        wrong_ = wrong_ || size > left_.size();
        if (wrong_ || size == 0) return;
        std::memcpy(into, left_.data(), size);
        left_ = left_.subspan(size);
    }
    std::span<const std::byte> left_;
    bool wrong_ = false;
};

} // namespace chronus::patterns
