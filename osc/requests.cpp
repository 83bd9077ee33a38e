#include "osc/requests.h"

#include "osc/address_pattern.h"
#include "osc/topics.h"
#include "osc/typed.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace chronus::osc {

namespace {

/// Moves the word of a wrapper into `word` and leaves the message that it wraps.
Outcome unwrap(Request &request, std::string &word) {
    Message &message = request.message;
    const auto args = coerced(*find_verb(message.address), message.args);
    if (!args) return args.error();
    if (!word.empty())
        return Error{Errc::unsupported,
                     fmt::format("{} inside {}", message.address, message.address),
                     typed(text_at(*args, 1), Args{*args}.subspan(2))};
    word = text_at(*args, 0);
    message = {text_at(*args, 1), {args->begin() + 2, args->end()}};
    return Done{};
}

/// `/wait` is its own moment.
Result<Request> waiting(Request request) {
    const auto args = coerced(*find_verb("/wait"), request.message.args);
    if (!args) return args.error();
    if (!request.at.empty())
        return Error{Errc::unsupported, "/wait inside /at: the line to wait for is its argument",
                     typed("/wait", {request.at})};
    request.at = text_at(*args, 0);
    return request;
}

/// The next bar and now are the command's own business.
Request switching(Request request) {
    auto &args = request.message.args;
    const auto *when = args.size() > 1 ? std::get_if<std::string>(&args[1]) : nullptr;
    if (when == nullptr || *when == "now" || *when == "bar+1" || !request.at.empty())
        return request;
    request.at = *when;
    args.resize(1);
    return request;
}

/// When a snapshot is to be brought back may stand behind it; "now" is the verb's own.
Result<Request> restoring(Request request) {
    auto &args = request.message.args;
    const auto *when = args.size() > 1 ? std::get_if<std::string>(&args[1]) : nullptr;
    if (when == nullptr || *when == "now") return request;
    if (!request.at.empty())
        return Error{Errc::unsupported,
                     "/snapshot/restore inside /at: when it is to be has been said",
                     fmt::format("/at {} {}", request.at,
                                 typed(request.message.address, Args{args}.first(1)))};
    request.at = *when;
    args.resize(1);
    return request;
}

} // namespace

Result<Request> unwrapped(const Message &message) {
    Request request{message};
    for (;;) {
        if (request.message.address == "/wait") return waiting(std::move(request));
        if (request.message.address == "/setlist/switch") return switching(std::move(request));
        if (request.message.address == "/snapshot/restore") return restoring(std::move(request));
        const bool req = request.message.address == "/req";
        if (!req && request.message.address != "/at") return request;
        if (auto done = unwrap(request, req ? request.id : request.at); !done) return done.error();
    }
}

bool is_said_by_daemons(const Message &message) {
    static constexpr std::array<std::string_view, 5> kSaid{"/reply", "/error", "/synced", "/late",
                                                           "/rev"};
    const std::string &address = message.address;
    const bool topic = std::ranges::find(kTopics, address, &Topic::address) != kTopics.end();
    return std::ranges::find(kSaid, address) != kSaid.end() || address.starts_with("/viz/") ||
           (topic && !(message.args.empty() && find_verb(address) != nullptr));
}

Acts acts_of(const Message &message) {
    if (const Verb *verb = find_verb(message.address)) return verb->acts;
    const bool asks = message.args.empty() || std::holds_alternative<Nil>(message.args[0]);
    const bool can_be_asked = message.address.starts_with("/mod/") || has_pattern(message.address);
    return asks && can_be_asked ? Acts::asks : Acts::plays;
}

std::optional<Role> role_for(const Message &message) {
    if (message.address == "/auth") return std::nullopt;
    const Acts acts = acts_of(message);
    const bool is_verb = find_verb(message.address) != nullptr;
    if (acts == Acts::asks || (!is_verb && message.args.empty())) return Role::observe;
    const bool beyond = acts == Acts::outside || acts == Acts::removes || acts == Acts::reaches;
    return beyond ? Role::admin : Role::perform;
}

} // namespace chronus::osc
