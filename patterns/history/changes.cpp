#include "patterns/history/changes.h"

#include "patterns/history/item_row.h"
#include "patterns/history/message_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>

namespace chronus::patterns {

namespace {

constexpr std::size_t kMostSaid = 1000; // that are looked through for what something came of

/// The parameter it is of, as it is in a command; else empty.
std::string path_in(const Message &message) {
    const auto *set = std::get_if<SetParam>(&message.what);
    return set != nullptr ? std::string{path_of(set->id).view()} : std::string{};
}

/// What it came of: said in the same moment, or before with a time of its own; of several, the one
/// that speaks of what was changed. Patterns follow each other by themselves: such a one has none
/// but of its moment.
const Item *said_for(const std::vector<Item> &said, const Item &item, const Message &message) {
    const std::string path = path_in(message);
    const bool may_wait = !std::holds_alternative<Switch>(message.what);
    const Item *out = nullptr;
    auto each = std::ranges::upper_bound(said, item.time_ms, {}, &Item::time_ms);
    for (std::size_t n = 0; each != said.begin() && n < kMostSaid; ++n) {
        --each;
        const bool waited = may_wait && each->content.starts_with("/at ");
        if (each->time_ms != item.time_ms && !waited) continue;
        if (!path.empty() && each->content.find(path) != std::string::npos) return &*each;
        if (out == nullptr && each->seq < item.seq) out = &*each;
    }
    return out;
}

/// Nothing for an alarm that only hurries a message, which is the change.
Result<std::optional<Change>> change_of(const Item &item, const std::vector<Item> &said) {
    const auto applied = applied_of(item);
    if (!applied) return applied.error();
    Change out{
        .seq = item.seq, .time_ms = item.time_ms, .frame = item.frame, .applied = item.content};
    const Item *word = nullptr;
    if (const auto *alarm = std::get_if<AlarmHeard>(&applied->what)) {
        if (!alarm->silences) return std::optional<Change>{};
        out.before = alarm->sent;
        out.is_alarm = true;
        word = said_for(said, item, {Transport::panic});
    } else if (const auto *sent = std::get_if<SentMessage>(&applied->what)) {
        out.before = sent->n;
        const auto *transport = std::get_if<Transport>(&sent->message.what);
        out.starts = transport != nullptr && *transport == Transport::start;
        word = said_for(said, item, sent->message);
    } else {
        return std::optional<Change>{};
    }
    if (word != nullptr) {
        out.command = word->content;
        out.author = word->author;
    }
    return std::optional{std::move(out)};
}

} // namespace

Result<std::vector<Change>> changes(Database &db, std::int64_t execution) {
    auto asked = db.prepare(fmt::format(
        "{} WHERE i.execution = ? AND i.type IN ({}, {}, {}, {}, {}) ORDER BY i.seq", kItemColumns,
        static_cast<int>(ItemType::user_input_osc), static_cast<int>(ItemType::user_input_cli),
        static_cast<int>(ItemType::user_input_agent), static_cast<int>(ItemType::user_input_file),
        static_cast<int>(ItemType::applied)));
    if (!asked) return asked.error();
    asked->with(execution);
    std::vector<Item> said, applied;
    for (;;) {
        const auto row = asked->next();
        if (!row) return row.error();
        if (!*row) break;
        Item item = item_of(*asked);
        (item.type == ItemType::applied ? applied : said).push_back(std::move(item));
    }
    std::vector<Change> out;
    for (const Item &item : applied) {
        auto change = change_of(item, said);
        if (!change) return change.error();
        if (*change) out.push_back(std::move(**change));
    }
    std::ranges::stable_sort(out, {}, [](const Change &change) {
        return std::tuple{change.before, !change.is_alarm};
    });
    return out;
}

} // namespace chronus::patterns
