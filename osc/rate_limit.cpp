#include "osc/rate_limit.h"

#include <fmt/format.h>

#include <algorithm>

namespace chronus::osc {

namespace {

constexpr std::int64_t kParts = 1000; // of a packet or byte: what a rate of 1/s gives in 1 ms
constexpr std::int64_t kReportMs = 1000;
constexpr std::size_t kMostStrangersTold = 16; // one by one: they decide how long the log gets

Peer source_of(const Peer &peer, Trust trust) {
    return trust == Trust::stranger ? machine_of(peer) : peer;
}

/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t number) {
    std::string text = fmt::format("{}", number);
    for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
    return text;
}

} // namespace

std::string Drops::text() const {
    const auto whole = [](std::int64_t n) { return grouped(static_cast<std::uint64_t>(n)); };
    return fmt::format(
        "rate: {} packet{} dropped in the last second; limit {} packets/s and {} kB/s",
        grouped(packets), packets == 1 ? "" : "s", whole(limit.packets_s),
        whole(limit.bytes_s / 1000));
}

void RateLimit::Buckets::refill(const Rate &rate, std::int64_t now_ms) noexcept {
    if (now_ms == last_ms_) return;                  // as for most packets of a flood
    constexpr std::int64_t kLongest = 1'000'000'000; // ms; keeps the products below 2^63
    const std::int64_t passed = std::clamp<std::int64_t>(now_ms - last_ms_, 0, kLongest);
    packets_ = std::max<std::int64_t>(0, packets_ - passed * rate.packets_s);
    bytes_ = std::max<std::int64_t>(0, bytes_ - passed * rate.bytes_s);
    last_ms_ = std::max(last_ms_, now_ms);
}

bool RateLimit::Buckets::take(const Rate &rate, std::size_t bytes, std::int64_t now_ms) noexcept {
    refill(rate, now_ms);
    const std::int64_t packets_after = packets_ + kParts;
    const std::int64_t bytes_after = bytes_ + static_cast<std::int64_t>(bytes) * kParts;
    if (packets_after > rate.packets_at_once * kParts || bytes_after > rate.bytes_at_once * kParts)
        return false;
    packets_ = packets_after;
    bytes_ = bytes_after;
    return true;
}

bool RateLimit::Buckets::full(const Rate &rate, std::int64_t now_ms) noexcept {
    refill(rate, now_ms);
    return packets_ == 0 && bytes_ == 0;
}

RateLimit::RateLimit(const RateLimits &limits)
    : kinds_{Kind{limits.stranger, SourceTable<Source>{limits.sources}},
             Kind{limits.proven, SourceTable<Source>{limits.sources}},
             Kind{limits.local, SourceTable<Source>{limits.sources}}},
      strangers_(limits.strangers) {}

bool RateLimit::admit(const Peer &from, Trust trust, std::size_t bytes, std::int64_t now_ms) {
    Kind &kind = kind_of(trust);
    const auto heard = [&](const Peer &one) -> Source & {
        return kind.sources.heard(one, [&](Source &oldest) {
            return oldest.dropped == 0 && oldest.buckets.full(kind.rate, now_ms);
        });
    };
    Source &source = trust == Trust::stranger ? heard(machine_of(from)) : heard(from);
    if (source.buckets.take(kind.rate, bytes, now_ms) &&
        (trust != Trust::stranger || all_strangers_.take(strangers_, bytes, now_ms)))
        return true;
    count_drop(source, from, trust, now_ms);
    return false;
}

void RateLimit::count_drop(Source &source, const Peer &from, Trust trust, std::int64_t now_ms) {
    ++dropped_;
    ++source.dropped;
    source.several =
        source.several || (source.from && source_of(*source.from, trust) != source_of(from, trust));
    source.from = from;
    if (!first_drop_ms_) first_drop_ms_ = now_ms;
}

std::vector<Drops> RateLimit::taken_drops(Kind &kind) {
    std::vector<Drops> out;
    kind.sources.for_each([&](Source &source) {
        if (source.dropped == 0) return;
        out.push_back({source.several ? std::nullopt : source.from, source.dropped, kind.rate});
        source.dropped = 0;
        source.from.reset();
        source.several = false;
    });
    return out;
}

std::vector<Drops> RateLimit::report(std::int64_t now_ms) {
    if (!first_drop_ms_ || now_ms - *first_drop_ms_ < kReportMs) return {};
    first_drop_ms_.reset();
    std::vector<Drops> out = taken_drops(kind_of(Trust::stranger));
    if (out.size() > kMostStrangersTold) {
        Drops sum{std::nullopt, 0, strangers_};
        for (const Drops &drops : out) sum.packets += drops.packets;
        out = {sum};
    }
    for (const Trust trust : {Trust::proven, Trust::local})
        for (const Drops &drops : taken_drops(kind_of(trust))) out.push_back(drops);
    return out;
}

} // namespace chronus::osc
