#include "osc/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace chronus::osc {

Result<std::string> Schedule::add(Entry entry) {
    if (size() >= kMost)
        return Error{
            Errc::queue_full,
            fmt::format("{} commands wait for their time already, the most there is room for",
                        kMost),
            "/next"};
    const auto &requests = entry.errand.requests;
    const auto named =
        std::ranges::find_if(requests, [](const Request &r) { return !r.id.empty(); });
    entry.name = named != requests.end() ? named->id : fmt::format("#{}", ++named_);
    const std::string name = entry.name;
    if (const Frame *frame = std::get_if<Frame>(&entry.due))
        by_frame_.emplace(*frame, std::move(entry));
    else
        by_step_.emplace(std::get<Moment>(entry.due).step, std::move(entry));
    return name;
}

template <class F>
std::vector<Schedule::Entry> Schedule::take_if(F wanted) {
    std::vector<Entry> out;
    const auto take_from = [&](auto &waiting) {
        for (auto at = waiting.begin(); at != waiting.end();) {
            if (wanted(at->second)) {
                out.push_back(std::move(at->second));
                at = waiting.erase(at);
            } else {
                ++at;
            }
        }
    };
    take_from(by_frame_);
    take_from(by_step_);
    return out;
}

std::vector<Schedule::Entry> Schedule::take(Frame frame, std::optional<std::uint64_t> step) {
    std::vector<Entry> out;
    const auto take_up_to = [&](auto &waiting, auto last) {
        while (!waiting.empty() && waiting.begin()->first <= last) {
            out.push_back(std::move(waiting.begin()->second));
            waiting.erase(waiting.begin());
        }
    };
    take_up_to(by_frame_, frame);
    if (step) take_up_to(by_step_, *step);
    return out;
}

std::vector<Schedule::Entry> Schedule::take_uncounted() {
    return take_if([](const Entry &entry) {
        const Moment *moment = std::get_if<Moment>(&entry.due);
        return moment != nullptr && !moment->counted;
    });
}

const Schedule::Entry *Schedule::find(std::string_view name, const Peer &by) const {
    const Entry *found = nullptr;
    const auto look_among = [&](const auto &waiting) {
        for (const auto &[time, entry] : waiting) {
            if (entry.name != name || (found != nullptr && found->errand.from == by)) continue;
            if (found == nullptr || entry.errand.from == by) found = &entry;
        }
    };
    look_among(by_frame_);
    look_among(by_step_);
    return found;
}

std::optional<Schedule::Entry> Schedule::cancel(std::string_view name, const Peer &by) {
    const Entry *found = find(name, by);
    auto taken = take_if([found](const Entry &entry) { return &entry == found; });
    if (taken.empty()) return std::nullopt;
    return std::move(taken.front());
}

void Schedule::forget(const Peer &from) {
    (void)take_if([&](const Entry &entry) { return entry.errand.from == from; });
}

} // namespace chronus::osc
