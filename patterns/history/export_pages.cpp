#include "patterns/history/export_pages.h"

#include "patterns/history/contents.h"
#include "patterns/history/item_row.h"

#include <fmt/format.h>

#include <algorithm>

namespace chronus::patterns {

namespace {

constexpr std::size_t kPageBytes = 1 << 20, kHashDigits = 64;
constexpr std::string_view kDigits = "0123456789abcdef";

std::size_t bytes_of(const Item &item) {
    return item.content.size() + item.metadata.size() + item.file.size() + item.request.size();
}

Result<std::optional<std::int64_t>> content_of_snapshot(Database &db, std::string_view hash) {
    auto asked = db.prepare("SELECT content FROM snapshots WHERE hash = ?");
    if (!asked) return asked.error();
    const auto row = asked->with(hash).next();
    if (!row) return row.error();
    if (!*row) return std::optional<std::int64_t>{};
    return std::optional{asked->whole(0)};
}

Result<std::string> hash_of_content(Database &db, std::int64_t id) {
    auto asked = db.prepare("SELECT hash FROM contents WHERE id = ?");
    if (!asked) return asked.error();
    if (const auto row = asked->with(id).next(); !row) return row.error();
    return std::string{asked->text(0)};
}

} // namespace

Result<std::vector<Item>> items_after(Database &db, std::int64_t execution, std::uint64_t seq,
                                      std::size_t most) {
    auto asked = db.prepare(
        fmt::format("{} WHERE i.execution = ? AND i.seq > ? ORDER BY i.seq LIMIT ?", kItemColumns));
    if (!asked) return asked.error();
    asked->with(execution, static_cast<std::int64_t>(seq), static_cast<std::int64_t>(most));
    std::vector<Item> out;
    for (std::size_t bytes = 0; bytes < kPageBytes; bytes += bytes_of(out.back())) {
        const auto row = asked->next();
        if (!row) return row.error();
        if (!*row) break;
        out.push_back(item_of(*asked));
    }
    return out;
}

Result<std::optional<SessionFacts>> session_facts(Database &db, std::int64_t id) {
    auto asked = db.prepare("SELECT start_ms, end_ms, version, rate, voices, seed, c.hash"
                            " FROM sessions s LEFT JOIN contents c ON c.id = s.content"
                            " WHERE s.id = ?");
    if (!asked) return asked.error();
    const auto row = asked->with(id).next();
    if (!row) return row.error();
    if (!*row) return std::optional<SessionFacts>{};
    SessionFacts out{.id = id,
                     .start_ms = asked->whole(0),
                     .version = std::string{asked->text(2)},
                     .rate = static_cast<std::uint32_t>(asked->whole(3)),
                     .voices = static_cast<std::uint32_t>(asked->whole(4)),
                     .seed = static_cast<std::uint64_t>(asked->whole(5)),
                     .pattern = std::string{asked->text(6)}};
    if (!asked->is_null(1)) out.end_ms = asked->whole(1);
    return std::optional{std::move(out)};
}

Result<std::string> pattern_before(Database &db, const Execution &execution) {
    auto asked =
        db.prepare("SELECT i.content FROM executions e JOIN items i ON i.execution = e.id"
                   " WHERE e.session = ? AND e.id < ? AND e.kind <> 'render' AND i.type = ?"
                   " AND (instr(i.content, '\"edit\":') OR instr(i.content, '\"switch\":'))"
                   " ORDER BY i.execution DESC, i.seq DESC LIMIT 1");
    if (!asked) return asked.error();
    const auto row =
        asked->with(execution.session, execution.id, static_cast<std::int64_t>(ItemType::applied))
            .next();
    if (!row) return row.error();
    const auto hashes = *row ? hashes_in(asked->text(0)) : std::vector<std::string>{};
    return hashes.empty() ? std::string{} : hashes.front();
}

Result<std::optional<PatternText>> pattern_of_hash(Database &db, std::string_view hash) {
    auto id = find_content(db, hash);
    if (id && !*id) id = content_of_snapshot(db, hash);
    if (!id) return id.error();
    if (!*id) return std::optional<PatternText>{};
    auto its_hash = hash_of_content(db, **id);
    if (!its_hash) return its_hash.error();
    auto text = content(db, **id);
    if (!text) return text.error();
    return std::optional{PatternText{*std::move(its_hash), *std::move(text)}};
}

std::vector<std::string> hashes_in(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        text.remove_prefix(std::min(text.find_first_of(kDigits), text.size()));
        const std::size_t end = std::min(text.find_first_not_of(kDigits), text.size());
        if (end == kHashDigits) out.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return out;
}

} // namespace chronus::patterns
