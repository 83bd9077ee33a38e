#include "osc/history_filter.h"

#include "osc/time_ago.h"
#include "patterns/store/slot_files.h"
#include "patterns/text/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <vector>

namespace chronus::osc {

namespace {

using patterns::ItemPlace;

constexpr IntRange kLimits{1, 400}, kItemLimits{1, 1000},
    kIds{1, std::numeric_limits<std::int64_t>::max()},
    kSlots{patterns::kFirstSlot, patterns::kLastSlot};

constexpr unsigned kExecutions = 1, kItems = 2, kCounts = 4;

constexpr std::array<std::string_view, 3> kKinds{"performance", "render", "pause"};
constexpr std::array<std::string_view, 5> kStatuses{"running", "complete", "stopped", "failed",
                                                    "killed"};
constexpr auto kTypes = [] {
    std::array<std::string_view, patterns::kItemRows.size()> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = patterns::kItemRows[i].name;
    return out;
}();

/// "12", or "12.345".
std::optional<ItemPlace> place_of(std::string_view text, bool of_item) {
    ItemPlace out;
    const char *end = text.data() + text.size();
    const auto id = std::from_chars(text.data(), end, out.execution);
    if (id.ec != std::errc{} || out.execution < 1) return std::nullopt;
    if (!of_item) return id.ptr == end ? std::optional{out} : std::nullopt;
    if (id.ptr == end || *id.ptr != '.') return std::nullopt;
    const auto seq = std::from_chars(id.ptr + 1, end, out.seq);
    if (seq.ec != std::errc{} || seq.ptr != end) return std::nullopt;
    return out;
}

class Reader {
public:
    explicit Reader(const HistoryAsked &asked) : asked_(asked) {}

    Result<HistoryWords> read(Args words) {
        for (const Value &value : words) {
            const auto word = to_text(value, "filter");
            if (!word) return refused(word.error(), "limit=20");
            if (auto taken = take(*word); !taken) return taken.error();
        }
        return words_;
    }

private:
    struct Key {
        std::string_view word;
        unsigned of; ///< whom it chooses
        std::string_view example;
        Outcome (*take)(Reader &, const Key &, std::string_view value);
    };
    static const std::array<Key, 14> kKeys;

    bool is_mine(const Key &key) const {
        return (key.of & static_cast<unsigned>(asked_.chosen)) != 0;
    }

    Outcome take(const std::string &word) {
        const std::size_t sign = word.find('=');
        const std::string_view name{word.data(), std::min(sign, word.size())};
        const auto key =
            std::ranges::find_if(kKeys, [&](const Key &k) { return k.word == name && is_mine(k); });
        if (key == kKeys.end()) return no_such(word, name);
        const std::string_view value =
            sign == word.npos ? std::string_view{} : std::string_view{word}.substr(sign + 1);
        if (value.empty())
            return refused({Errc::bad_type, fmt::format("{}: nothing stands behind it", word)},
                           example(*key));
        return key->take(*this, *key, value);
    }

    Outcome no_such(const std::string &word, std::string_view name) const {
        std::vector<std::string_view> mine;
        for (const Key &key : kKeys)
            if (is_mine(key)) mine.push_back(key.word);
        const auto near = patterns::nearest_of(name, mine);
        const auto key = std::ranges::find(kKeys, near, &Key::word);
        return refused({Errc::bad_type, fmt::format("{}: what chooses is key=value, of {}", word,
                                                    fmt::join(mine, ", "))},
                       example(key == kKeys.end() ? kKeys.front() : *key));
    }

    std::string_view place_like() const { return asked_.chosen == Chosen::items ? "12.345" : "12"; }
    std::string example(const Key &key) const {
        return fmt::format("{}={}", key.word, key.example.empty() ? place_like() : key.example);
    }
    Error refused(const Error &why, std::string_view word) const {
        return {why.code, fmt::format("{}: {}", asked_.verb, why.what),
                fmt::format("{} {}", asked_.safe, word)};
    }

    template <class T>
    Outcome number(std::optional<T> &into, const Key &key, std::string_view value, IntRange range) {
        const auto got = to_index(Value{std::string{value}}, key.word, range);
        if (!got) return refused(got.error(), example(key));
        into = static_cast<T>(*got);
        return Done{};
    }
    template <class T, std::size_t N>
    Outcome one_of(std::optional<T> found, std::optional<T> &into, const Key &key,
                   std::string_view value, const std::array<std::string_view, N> &names) {
        into = found;
        if (found) return Done{};
        const auto near = patterns::nearest_of(value, names);
        return refused({Errc::out_of_range,
                        fmt::format("{} {}: there is none; near it is {}", key.word, value, near)},
                       fmt::format("{}={}", key.word, near));
    }
    Outcome time(std::optional<std::int64_t> &into, const Key &key, std::string_view value) {
        const auto got = time_ago(fmt::format("{}={}", key.word, value), value, asked_.now_ms);
        if (!got) return refused(got.error(), example(key));
        into = *got;
        return Done{};
    }
    Outcome place(const Key &key, std::string_view value) {
        words_.before = place_of(value, asked_.chosen == Chosen::items);
        if (words_.before) return Done{};
        return refused({Errc::bad_type, fmt::format("{} {}: where to go on is like {}, as the "
                                                    "answer before has it",
                                                    key.word, value, place_like())},
                       example(key));
    }
    template <std::string HistoryWords::*Member>
    static Outcome text(Reader &r, const Key &, std::string_view value) {
        r.words_.*Member = value;
        return Done{};
    }

    const HistoryAsked &asked_;
    HistoryWords words_;
};

constexpr std::array<Reader::Key, 14> Reader::kKeys{{
    {"limit", kExecutions | kItems, "20",
     [](Reader &r, const Key &k, std::string_view v) {
         const bool of_items = r.asked_.chosen == Chosen::items;
         return r.number(r.words_.limit, k, v, of_items ? kItemLimits : kLimits);
     }},
    {"execution", kItems | kCounts, "1",
     [](Reader &r, const Key &k, std::string_view v) {
         return r.number(r.words_.execution, k, v, kIds);
     }},
    {"kind", kExecutions, "performance",
     [](Reader &r, const Key &k, std::string_view v) {
         return r.one_of(patterns::find_kind(v), r.words_.kind, k, v, kKinds);
     }},
    {"status", kExecutions, "complete",
     [](Reader &r, const Key &k, std::string_view v) {
         return r.one_of(patterns::find_status(v), r.words_.status, k, v, kStatuses);
     }},
    {"type", kExecutions | kItems, "output_audio",
     [](Reader &r, const Key &k, std::string_view v) {
         const auto *row = patterns::find_item_row(v);
         return r.one_of(row != nullptr ? std::optional{row->type} : std::nullopt, r.words_.type, k,
                         v, kTypes);
     }},
    {"slot", kExecutions | kItems | kCounts, "1",
     [](Reader &r, const Key &k, std::string_view v) {
         return r.number(r.words_.slot, k, v, kSlots);
     }},
    {"set", kExecutions | kItems | kCounts, "friday", Reader::text<&HistoryWords::set>},
    {"song", kExecutions | kItems | kCounts, "intro", Reader::text<&HistoryWords::song>},
    {"author", kExecutions | kItems | kCounts, "me", Reader::text<&HistoryWords::author>},
    {"name", kExecutions, "beat", Reader::text<&HistoryWords::name>},
    {"text", kItems, "kick", Reader::text<&HistoryWords::text>},
    {"since", kExecutions | kItems | kCounts, "1h",
     [](Reader &r, const Key &k, std::string_view v) { return r.time(r.words_.since_ms, k, v); }},
    {"until", kExecutions | kItems | kCounts, "1h",
     [](Reader &r, const Key &k, std::string_view v) { return r.time(r.words_.until_ms, k, v); }},
    {"before", kExecutions | kItems, "",
     [](Reader &r, const Key &k, std::string_view v) { return r.place(k, v); }},
}};

} // namespace

Result<HistoryWords> history_words(const HistoryAsked &asked, Args words) {
    return Reader{asked}.read(words);
}

patterns::ExecutionFilter executions_of(const HistoryWords &words) {
    patterns::ExecutionFilter out{.kind = words.kind,
                                  .status = words.status,
                                  .slot = words.slot,
                                  .name = words.name,
                                  .setlist = words.set,
                                  .song = words.song,
                                  .author = words.author,
                                  .has = words.type,
                                  .since_ms = words.since_ms,
                                  .until_ms = words.until_ms};
    if (words.before) out.before = words.before->execution;
    return out;
}

patterns::ItemFilter items_of(const HistoryWords &words) {
    return {.execution = words.execution,
            .type = words.type,
            .author = words.author,
            .slot = words.slot,
            .setlist = words.set,
            .song = words.song,
            .text = words.text,
            .since_ms = words.since_ms,
            .until_ms = words.until_ms,
            .before = words.before};
}

patterns::StatisticsFilter counts_of(const HistoryWords &words) {
    return {.execution = words.execution,
            .slot = words.slot,
            .setlist = words.set,
            .song = words.song,
            .author = words.author,
            .since_ms = words.since_ms,
            .until_ms = words.until_ms};
}

} // namespace chronus::osc
