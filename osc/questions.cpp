#include "osc/questions.h"

#include <fmt/format.h>

#include <algorithm>

namespace chronus::osc {

Outcome Questions::add(const Peer &from, Request request) {
    const auto its = waiting_.find(from);
    const std::size_t of_one = its == waiting_.end() ? 0 : its->second.size();
    if (of_one >= kMostOfOne || size_ >= kMost)
        return Error{Errc::queue_full,
                     fmt::format("{}: {} questions wait for their answers already, of which {} are "
                                 "yours; ask again when they are answered",
                                 request.message.address, size_, of_one)};
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
