#include "patterns/history/contents.h"

#include "patterns/history/packed.h"
#include "patterns/text/hash.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace chronus::patterns {

namespace {

/// To read one, as many others have to be read at most.
constexpr std::int64_t kMostDepth = 16;

struct Link {
    std::string hash, bytes;
    std::size_t size = 0;
    std::int64_t depth = 0;
    std::optional<std::int64_t> base = {};
};

Result<Link> link(Database &db, std::int64_t id) {
    auto asked = db.prepare("SELECT hash, bytes, size, depth, base FROM contents WHERE id = ?");
    if (!asked) return asked.error();
    const auto row = asked->with(id).next();
    if (!row) return row.error();
    if (!*row) return Error{Errc::failed, fmt::format("content {}: there is none", id)};
    Link out{.hash = std::string{asked->text(0)},
             .bytes = std::string{asked->bytes(1)},
             .size = static_cast<std::size_t>(asked->whole(2)),
             .depth = asked->whole(3)};
    if (!asked->is_null(4)) out.base = asked->whole(4);
    return out;
}

/// It and its bases, the last one first.
Result<std::vector<Link>> links(Database &db, std::int64_t id) {
    std::vector<Link> out;
    for (std::optional<std::int64_t> at = id; at; at = out.back().base) {
        if (out.size() > static_cast<std::size_t>(kMostDepth))
            return Error{Errc::failed, fmt::format("content {}: on too many others", id)};
        auto next = link(db, *at);
        if (!next) return next.error();
        out.push_back(*std::move(next));
    }
    return out;
}

Outcome put(Database &db, const Link &link) {
    auto added = db.prepare("INSERT INTO contents (hash, base, depth, size, bytes)"
                            " VALUES (?, ?, ?, ?, ?)");
    if (!added) return added.error();
    return added
        ->with(std::string_view{link.hash}, link.base, link.depth,
               static_cast<std::int64_t>(link.size), Blob{link.bytes})
        .run();
}

/// Against the other where that saves half at least.
Result<Link> made(Database &db, std::string_view text, std::optional<std::int64_t> like) {
    Link alone{.hash = sha256_hex(text), .bytes = packed(text, ""), .size = text.size()};
    if (!like) return alone;
    const auto other = link(db, *like);
    if (!other) return other.error();
    if (other->depth >= kMostDepth) return alone;
    const auto base = content(db, *like);
    if (!base) return base.error();
    std::string bytes = packed(text, *base);
    if (bytes.size() * 2 > alone.bytes.size()) return alone;
    return Link{alone.hash, std::move(bytes), text.size(), other->depth + 1, like};
}

} // namespace

Result<KeptContent> keep_content(Database &db, std::string_view text,
                                 std::optional<std::int64_t> like) {
    const std::string hash = sha256_hex(text);
    auto known = find_content(db, hash);
    if (!known) return known.error();
    if (*known) return KeptContent{**known, hash};
    const auto link = made(db, text, like);
    if (!link) return link.error();
    if (const auto done = put(db, *link); !done) return done.error();
    known = find_content(db, hash);
    if (!known) return known.error();
    return KeptContent{known->value_or(0), hash};
}

Result<std::optional<std::int64_t>> find_content(Database &db, std::string_view hash) {
    auto asked = db.prepare("SELECT id FROM contents WHERE hash = ?");
    if (!asked) return asked.error();
    const auto row = asked->with(hash).next();
    if (!row) return row.error();
    return *row ? std::optional{asked->whole(0)} : std::nullopt;
}

Result<std::string> content(Database &db, std::int64_t id) {
    const auto all = links(db, id);
    if (!all) return all.error();
    std::string text;
    for (auto link = all->rbegin(); link != all->rend(); ++link) {
        auto next = unpacked(link->bytes, text, link->size);
        if (!next) return next.error();
        text = *std::move(next);
    }
    if (sha256_hex(text) != all->front().hash)
        return Error{Errc::failed, fmt::format("content {}: is not what was kept", id)};
    return text;
}

} // namespace chronus::patterns
