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

Result<Schedule::Entry> Schedule::cancel(std::string_view name) {
    auto taken = take_if([&](const Entry &entry) { return entry.name == name; });
    if (taken.empty())
        return Error{Errc::not_found, fmt::format("\"{}\": nothing of that name waits", name),
                     "/next"};
    return std::move(taken.front());
}

void Schedule::forget(const Peer &from) {
    (void)take_if([&](const Entry &entry) { return entry.errand.from == from; });
}

} // namespace chronus::osc
