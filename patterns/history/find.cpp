#include "patterns/history/names.h"

#include "patterns/history/contents.h"
#include "patterns/text/hash.h"
#include "patterns/text/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

/// From what somebody calls a snapshot to the snapshot.
namespace chronus::patterns {

namespace {

constexpr std::size_t kLeastDigits = 4;

std::optional<std::int64_t> whole_in(std::string_view text) {
    std::int64_t out = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (text.empty() || wrong != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return out;
}

std::optional<std::int64_t> after(std::string_view name, std::string_view word) {
    return name.starts_with(word) ? whole_in(name.substr(word.size())) : std::nullopt;
}

struct Parts {
    std::string_view base;
    std::int64_t before = 0; ///< so many
};

std::optional<Parts> parts_of(std::string_view name) {
    const std::size_t at = name.find('~');
    if (at == name.npos) return Parts{name};
    const auto before = whole_in(name.substr(at + 1));
    if (!before || *before < 0) return std::nullopt;
    return Parts{name.substr(0, at), *before};
}

bool is_digits(std::string_view text) {
    return text.size() >= kLeastDigits && text.size() <= 64 &&
           text.find_first_not_of("0123456789abcdef") == text.npos;
}

Error none(Database &db, std::string_view name) {
    Error out{Errc::not_found, fmt::format("snapshot \"{}\": there is none", name),
              "/snapshot/list"};
    const auto known = names(db);
    if (!known) return known.error();
    std::vector<std::string_view> words;
    for (const Name &each : *known) words.push_back(each.name);
    if (words.empty())
        return {Errc::not_found, fmt::format("snapshot \"{}\": none has been taken yet", name),
                "/snapshot/take"};
    if (const auto near = nearest_of(name, words); !near.empty())
        out.hint = fmt::format("/snapshot/show {}", near);
    return out;
}

Result<std::optional<KeptSnapshot>> with_id(Database &db, Statement &asked) {
    const auto row = asked.next();
    if (!row) return row.error();
    if (!*row || asked.is_null(0)) return std::optional<KeptSnapshot>{};
    return snapshot_at(db, asked.whole(0));
}

Result<std::optional<KeptSnapshot>> by_name(Database &db, std::string_view name) {
    auto asked = db.prepare("SELECT snapshot FROM names WHERE name = ?");
    if (!asked) return asked.error();
    return with_id(db, asked->with(name));
}

Result<std::optional<KeptSnapshot>> by_digits(Database &db, std::string_view digits) {
    auto asked =
        db.prepare("SELECT id, hash FROM snapshots WHERE hash >= ? AND hash < ? ORDER BY hash"
                   " LIMIT 2");
    if (!asked) return asked.error();
    const std::string end = std::string{digits} + 'g';
    auto found = with_id(db, asked->with(digits, std::string_view{end}));
    if (!found || !*found) return found;
    const auto more = asked->next();
    if (!more) return more.error();
    if (*more)
        return Error{Errc::conflict,
                     fmt::format("snapshot \"{}\": several begin so, such as {} and {}", digits,
                                 short_hash((*found)->snapshot), asked->text(1).substr(0, 8)),
                     fmt::format("/snapshot/show {}", (*found)->snapshot.hash)};
    return found;
}

Result<std::optional<KeptSnapshot>> by_content(Database &db, std::string_view text) {
    auto asked = db.prepare("SELECT max(s.id) FROM snapshots s JOIN contents c ON c.id = s.content"
                            " WHERE c.hash = ?");
    if (!asked) return asked.error();
    const std::string hash = sha256_hex(text);
    return with_id(db, asked->with(std::string_view{hash}));
}

/// What was heard in a bar of this run: the last that was kept by then.
Result<std::optional<KeptSnapshot>> by_bar(Database &db, std::int64_t bar, const Here &here) {
    if (here.run == 0)
        return Error{Errc::not_now, fmt::format("bar {}: the sequencer stands", bar),
                     "/snapshot/log"};
    const std::int64_t wanted = bar < 0 ? here.bar + bar : bar;
    if (wanted < 1 || wanted > here.bar)
        return Error{Errc::out_of_range,
                     fmt::format("bar {}: not in 1..{}, which have begun", wanted, here.bar),
                     "/snapshot/show bar:1"};
    auto asked = db.prepare("SELECT id FROM snapshots WHERE run = ? AND bar <= ?"
                            " ORDER BY bar DESC, id DESC LIMIT 1");
    if (!asked) return asked.error();
    return with_id(db, asked->with(here.run, wanted));
}

Result<std::optional<KeptSnapshot>> by_base(Database &db, std::string_view base, const Here &here) {
    if (base == "HEAD") return head(db);
    if (slot_in(base)) return by_content(db, here.slot);
    if (const auto bar = after(base, "bar:")) return by_bar(db, *bar, here);
    auto found = by_name(db, base);
    if (!found || *found || !is_digits(base)) return found;
    return by_digits(db, base);
}

/// Lines close over what was dropped: who counts so many back along one is told, and gets no other
/// instead.
std::optional<Error> gap_in(const std::vector<KeptSnapshot> &line, std::string_view name,
                            std::size_t before) {
    for (std::size_t i = 0; i < std::min(line.size(), before); ++i) {
        const Snapshot &at = line[i].snapshot;
        const bool last = i + 1 == line.size();
        if (at.parents.empty()) return std::nullopt;
        if (!last && line[i + 1].snapshot.hash == at.parents.front()) continue;
        const std::string_view nearest = short_hash(last ? at : line[i + 1].snapshot);
        return Error{
            Errc::not_found,
            fmt::format("snapshot \"{}\": what was right before {} is kept no longer; {}{}", name,
                        short_hash(at),
                        last ? "nor is what was before that" : "the next before it is ",
                        last ? "" : nearest),
            fmt::format("/snapshot/show {}", nearest)};
    }
    return std::nullopt;
}

} // namespace

std::optional<std::int64_t> slot_in(std::string_view name) {
    return after(name.substr(0, name.find('~')), "slot:");
}

Result<KeptSnapshot> find(Database &db, std::string_view name, const Here &here) {
    const auto parts = parts_of(name);
    if (!parts) return none(db, name);
    auto base = by_base(db, parts->base, here);
    if (!base) return base.error();
    if (!*base && slot_in(name))
        return Error{
            Errc::not_found,
            fmt::format("snapshot \"{}\": none holds what the slot does; load it first", name),
            fmt::format("/pattern/load {}", *slot_in(name))};
    if (!*base) return none(db, name);
    const auto wanted = static_cast<std::size_t>(parts->before);
    const auto before = line(db, **base, wanted + 1);
    if (!before) return before.error();
    if (auto gap = gap_in(*before, name, wanted)) return *std::move(gap);
    if (before->size() <= wanted)
        return Error{Errc::out_of_range,
                     fmt::format("snapshot \"{}\": there are {} before {}", name,
                                 before->size() - 1, parts->base),
                     fmt::format("/snapshot/show {}~{}", parts->base, before->size() - 1)};
    return before->back();
}

} // namespace chronus::patterns
