#include "patterns/history/journal.h"

#include "patterns/history/packed.h"
#include "patterns/history/record_fields.h"

namespace chronus::patterns {

namespace {

/// Longer ones are packed, so that the largest pattern there is takes a part of the room.
constexpr std::size_t kLongText = 64 * 1024;

struct Packed {
    std::string bytes = {};
    std::string_view text = {}; ///< what is put
    std::uint32_t size = 0;     ///< of what was packed; 0 nothing was

    explicit Packed(const std::string &content) : text(content) {
        if (content.size() <= kLongText) return;
        bytes = packed(content, "");
        text = bytes;
        size = static_cast<std::uint32_t>(content.size());
    }
};

} // namespace

template <class... Fields>
bool Journal::put_fields(std::uint16_t kind, const Fields &...fields) {
    if (ring_.untold() != 0) tell_losses();
    const std::size_t size = (field_bytes(fields) + ... + 0);
    std::byte *room = ring_.reserve(size);
    if (room == nullptr) return false;
    FieldWriter out{room};
    (out.put(fields), ...);
    ring_.publish(kind, size);
    return true;
}

void Journal::tell_losses() {
    const std::uint64_t count = ring_.untold();
    if (!ring_.has_room(sizeof(count))) return;
    FieldWriter{ring_.reserve(sizeof(count))}.put(count);
    ring_.publish(kKind<RecordsLost>, sizeof(count));
    ring_.tell();
}

bool Journal::put(const ItemView &i, std::uint64_t run) {
    return put_fields(kKind<ItemRecord>, run, i.type, i.time_ms, i.frame, i.output, i.author,
                      i.content, i.file, i.request, i.metadata);
}
bool Journal::put_move(const ItemView &i, std::string_view address, float value) {
    return put_fields(kMoveKind, i.type, i.time_ms, i.frame, i.author, address, value);
}
bool Journal::put(const LentScene &s) {
    const Packed content{s.content};
    return put_fields(kKind<LentScene>, s.epoch, s.uids, content.size, content.text);
}
bool Journal::put(const LateMessages &l) {
    return put_fields(kKind<LateMessages>, l.frame, l.from, l.to, l.time_ms);
}
bool Journal::put(const AlarmHeard &a) {
    return put_fields(kKind<AlarmHeard>, a.frame, a.sent, a.silences, a.time_ms);
}
bool Journal::put(const SecondHeard &s) {
    return put_fields(kKind<SecondHeard>, s.frame, s.hash, s.time_ms);
}
bool Journal::put(const SessionBegin &s) {
    const Packed content{s.content};
    return put_fields(kKind<SessionBegin>, s.version, s.rate, s.voices, s.seed, s.time_ms, s.uids,
                      content.size, content.text);
}
bool Journal::put(const SessionEnd &s) { return put_fields(kKind<SessionEnd>, s.time_ms, s.frame); }
bool Journal::put(const ExecutionBegin &e) {
    return put_fields(kKind<ExecutionBegin>, e.run, e.kind, e.slot, e.time_ms, e.frame, e.name,
                      e.setlist, e.song, e.author, e.snapshot);
}
bool Journal::put(const ExecutionEnd &e) {
    return put_fields(kKind<ExecutionEnd>, e.run, e.status, e.time_ms, e.frame, e.why);
}

} // namespace chronus::patterns
