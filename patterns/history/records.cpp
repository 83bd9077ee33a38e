#include "patterns/history/records.h"

#include "patterns/history/packed.h"
#include "patterns/history/record_fields.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <utility>

namespace chronus::patterns {

namespace {

/// No pattern's text is longer.
constexpr std::uint32_t kMostText = 8 * 1024 * 1024;

/// A content that may have been packed.
bool take_content(FieldReader &in, std::string &content) {
    std::uint32_t size = 0;
    in.take_each(size, content);
    if (size == 0) return true;
    if (in.wrong() || size > kMostText) return false;
    auto text = unpacked(content, "", size);
    if (!text) return false;
    content = *std::move(text);
    return true;
}

bool read(FieldReader &in, RecordsLost &l) {
    in.take(l.count);
    return true;
}
bool read(FieldReader &in, ItemRecord &r) {
    Item &i = r.item;
    in.take_each(r.run, i.type, i.time_ms, i.frame, i.output, i.author, i.content, i.file,
                 i.request, i.metadata);
    return find_item_row(static_cast<std::int64_t>(i.type)) != nullptr;
}
bool read(FieldReader &in, LentScene &s) {
    in.take_each(s.epoch, s.uids);
    return take_content(in, s.content);
}
bool read(FieldReader &in, LateMessages &l) {
    in.take_each(l.frame, l.from, l.to, l.time_ms);
    return true;
}
bool read(FieldReader &in, AlarmHeard &a) {
    in.take_each(a.frame, a.sent, a.silences, a.time_ms);
    return true;
}
bool read(FieldReader &in, SecondHeard &s) {
    in.take_each(s.frame, s.hash, s.time_ms);
    return true;
}
bool read(FieldReader &in, SessionBegin &s) {
    in.take_each(s.version, s.rate, s.voices, s.seed, s.time_ms, s.uids);
    return take_content(in, s.content);
}
bool read(FieldReader &in, SessionEnd &s) {
    in.take_each(s.time_ms, s.frame);
    return true;
}
bool read(FieldReader &in, ExecutionBegin &e) {
    in.take_each(e.run, e.kind, e.slot, e.time_ms, e.frame, e.name, e.setlist, e.song, e.author,
                 e.snapshot);
    return e.kind <= ExecutionKind::pause;
}
bool read(FieldReader &in, ExecutionEnd &e) {
    in.take_each(e.run, e.status, e.time_ms, e.frame, e.why);
    return e.status <= ExecutionStatus::killed;
}

/// Bytes that are not yet known to be one.
bool is_bool(const bool &value) {
    unsigned char byte = 0;
    std::memcpy(&byte, &value, 1);
    return byte <= 1;
}

bool is_sound(const SetParam &m) { return m.id.index < kParamCount && std::isfinite(m.value); }
bool is_sound(const SetGate &m) { return is_bool(m.on); }
bool is_sound(const Transport &m) { return m <= Transport::panic; }
bool is_sound(const SetFill &m) { return is_bool(m.on); }
bool is_sound(const Edit &) { return true; }
bool is_sound(const Switch &m) { return m.boundary <= Boundary::bar && m.entry <= Entry::goes_on; }
bool is_sound(const SetTape &m) { return is_bool(m.on); }
bool is_sound(const Mark &) { return true; }

/// What it points at was another process's, or may be gone.
void forget_scene(Message &message) {
    if (auto *edit = std::get_if<Edit>(&message.what)) edit->scene = nullptr;
    if (auto *other = std::get_if<Switch>(&message.what)) other->scene = nullptr;
}

std::optional<Record> message_of(std::span<const std::byte> payload) {
    SentMessage sent;
    if (payload.size() != sizeof(sent)) return std::nullopt;
    std::memcpy(&sent, payload.data(), sizeof(sent));
    Message &message = sent.message;
    if (message.what.index() >= std::variant_size_v<decltype(message.what)>) return std::nullopt;
    if (message.wait > Wait::aside) return std::nullopt;
    if (!std::visit([](const auto &what) { return is_sound(what); }, message.what))
        return std::nullopt;
    forget_scene(message);
    return sent;
}

std::optional<Record> move_of(std::span<const std::byte> payload) {
    FieldReader in{payload};
    Item item;
    std::string address;
    float value = 0;
    in.take_each(item.type, item.time_ms, item.frame, item.author, address, value);
    if (!in.done() || find_item_row(static_cast<std::int64_t>(item.type)) == nullptr)
        return std::nullopt;
    std::array<char, 32> digits{};
    char *const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    item.content = address + " " + std::string{digits.data(), end};
    return ItemRecord{.item = std::move(item)};
}

template <class T>
std::optional<Record> one_of(std::span<const std::byte> payload) {
    if constexpr (std::is_same_v<T, SentMessage>) {
        return message_of(payload);
    } else {
        FieldReader in{payload};
        T record;
        if (!read(in, record) || !in.done()) return std::nullopt;
        return Record{std::move(record)};
    }
}

template <class... Each>
std::optional<Record> any_of(std::variant<Each...> *, std::uint16_t kind,
                             std::span<const std::byte> payload) {
    std::optional<Record> out;
    ((kind == kKind<Each> ? void(out = one_of<Each>(payload)) : void()), ...);
    return out;
}

} // namespace

std::optional<Record> record_of(std::uint16_t kind, std::span<const std::byte> payload) {
    if (kind == kMoveKind) return move_of(payload);
    return any_of(static_cast<Record *>(nullptr), kind, payload);
}

} // namespace chronus::patterns
