#include "osc/questions.h"

#include <fmt/format.h>

#include <algorithm>

namespace chronus::osc {

std::size_t Questions::room_for(const Peer &from) const {
    const auto its = waiting_.find(from);
    const std::size_t of_one = its == waiting_.end() ? 0 : its->second.size();
    return std::min(kMostOfOne - of_one, kMost - size_);
}

Error Questions::full(std::string_view address) const {
    return {Errc::queue_full, fmt::format("{}: {} questions wait for their answers already; at "
                                          "most {} of a client may, and {} in all",
                                          address, size_, kMostOfOne, kMost)};
}

Outcome Questions::add(const Peer &from, Request request) {
    if (room_for(from) == 0) return full(request.message.address);
    waiting_[from].push_back(std::move(request));
    ++size_;
    return Done{};
}

std::optional<std::pair<Peer, Request>>
Questions::take(const std::function<bool(const Peer &)> &may) {
    auto its = waiting_.upper_bound(last_);
    for (std::size_t n = 0; n < waiting_.size(); ++n, ++its) {
        if (its == waiting_.end()) its = waiting_.begin();
        if (!may(its->first)) continue;
        std::pair out{its->first, std::move(its->second.front())};
        last_ = its->first;
        its->second.pop_front();
        --size_;
        if (its->second.empty()) waiting_.erase(its);
        return out;
    }
    return std::nullopt;
}

bool Questions::any(const std::function<bool(const Peer &)> &may) const {
    return std::ranges::any_of(waiting_, [&](const auto &its) { return may(its.first); });
}

void Questions::forget(const Peer &from) {
    const auto its = waiting_.find(from);
    if (its == waiting_.end()) return;
    size_ -= its->second.size();
    waiting_.erase(its);
}

} // namespace chronus::osc
