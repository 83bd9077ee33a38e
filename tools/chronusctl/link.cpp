#include "tools/chronusctl/link.h"

#include "osc/discovery.h"
#include "osc/errors.h"
#include "tools/chronusctl/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

namespace chronus::ctl {

using osc::Message;
using osc::Value;
using std::chrono::milliseconds;

namespace {

constexpr std::uint16_t kPort = 5005;
constexpr double kTimeout_s = 2;

template <class T>
std::optional<T> arg(const Message &message, std::size_t i) {
    const auto *value = i < message.args.size() ? std::get_if<T>(&message.args[i]) : nullptr;
    return value != nullptr ? std::optional<T>{*value} : std::nullopt;
}

std::string text_arg(const Message &message, std::size_t i) {
    return arg<std::string>(message, i).value_or("");
}

/// One part of a text too long for a datagram: `/reply address text id rev index count part`.
struct Part {
    std::int32_t index, count;
    std::string text;
};

std::optional<Part> part_of(const Message &message) {
    if (message.address != "/reply" || osc::type_tags(message.args) != "sssiiis")
        return std::nullopt;
    return Part{*arg<std::int32_t>(message, 4), *arg<std::int32_t>(message, 5),
                text_arg(message, 6)};
}

/// A packet the daemon could not read is refused without an address, for it has none.
bool refuses_packet(const Message &message) {
    return message.address == "/error" && text_arg(message, 0).empty();
}

bool moves_control(const Message &message) {
    const bool waits = message.address == "/at" && message.args.size() > 2;
    const auto *inside = waits ? std::get_if<std::string>(&message.args[1]) : nullptr;
    const std::string_view address = inside != nullptr ? *inside : message.address;
    return !message.args.empty() && (address.starts_with("/mod/") || address.starts_with("/gate/"));
}

/// A stranger is told the number alone, where its message was short.
Refusal refusal_in(const Message &message) {
    if (message.args.size() == 2) {
        const std::int32_t code = arg<std::int32_t>(message, 1).value_or(-1);
        const auto row = std::ranges::find(osc::kErrors, code, &osc::ErrorRow::number);
        const std::string symbol{row != osc::kErrors.end() ? row->symbol : ""};
        return {.code = code,
                .symbol = symbol,
                .message = fmt::format("{}: refused ({}): the environment variable CHRONUS_TOKEN "
                                       "holds no token",
                                       text_arg(message, 0), symbol)};
    }
    return {.code = arg<std::int32_t>(message, 1).value_or(-1),
            .symbol = text_arg(message, 3),
            .message = text_arg(message, 2),
            .hint = text_arg(message, 5)};
}

bool is_document(const Value &value) {
    const auto *text = std::get_if<std::string>(&value);
    return text != nullptr && document_in(*text).has_value();
}

Answer answer_in(const Message &message) {
    if (message.address != "/reply") return {message.address, "", 0, message.args};
    Answer out{text_arg(message, 0), text_arg(message, 1),
               arg<std::int32_t>(message, 3).value_or(0)};
    for (std::size_t i = 4; i < message.args.size(); ++i) {
        out.values.push_back(message.args[i]);
        if (is_document(message.args[i])) out.document = text_arg(message, i);
    }
    return out;
}

Answer joined(const Message &last, const std::map<std::int32_t, std::string> &parts) {
    Answer out = answer_in(last);
    out.in_parts = true;
    out.document.clear();
    for (const auto &[index, text] : parts) out.document += text;
    out.values = {out.document};
    return out;
}

/// Waits for one answer, however many parts it has; puts aside what is none.
Heard gather(osc::Client &client, const Message &question, milliseconds timeout,
             std::deque<Message> &unasked) {
    std::map<std::int32_t, std::string> parts;
    const auto messages = client.ask(question, timeout, [&](const Message &message) {
        if (refuses_packet(message)) return true;
        if (!osc::is_answer(question, message)) {
            unasked.push_back(message);
            return false;
        }
        const auto part = part_of(message);
        if (!part) return true;
        parts[part->index] = part->text;
        return parts.size() == static_cast<std::size_t>(part->count);
    });
    if (!messages && messages.error().code == Errc::io) return no_daemon(messages.error().what);
    if (!messages) return refusal_of({messages.error().code, messages.error().what});
    const Message &last = messages->back();
    if (last.address == "/error") return refusal_in(last);
    return parts.empty() ? answer_in(last) : joined(last, parts);
}

/// Where to send; a daemon that listens everywhere is met on this machine.
struct Place {
    std::string host = "127.0.0.1";
    std::uint16_t port = kPort;
    std::string socket = {};
};

std::optional<Place> place_of(const Settings &settings) {
    Place place;
    if (settings.host) place.host = *settings.host;
    if (settings.port) place.port = *settings.port;
    if (settings.host || settings.port) return place;
    const auto daemons = osc::running_daemons();
    if (daemons.empty()) return std::nullopt;
    const osc::RunningDaemon &newest = daemons[0];
    if (!newest.host.empty() && newest.host != "0.0.0.0") place.host = newest.host;
    place.port = newest.port;
    place.socket = newest.socket;
    return place;
}

Result<osc::Client> connected(const Settings &settings) {
    const auto place = place_of(settings);
    if (!place) return Error{Errc::io, "no daemon is running (start chronusd, or give --port)"};
    if (settings.lane == Lane::any && !place->socket.empty())
        if (auto client = osc::Client::open_local(place->socket)) return client;
    if (settings.lane == Lane::tcp) return osc::Client::open_tcp(place->host, place->port);
    return osc::Client::open(place->host, place->port);
}

} // namespace

Refusal refusal_of(const Error &error) {
    const osc::ErrorRow &row = osc::error_row(error.code);
    return {.code = row.number,
            .symbol = std::string{row.symbol},
            .message = error.what,
            .hint = error.hint};
}

Refusal no_daemon(std::string message) {
    return {.exit = kNoDaemon,
            .symbol = "NO_DAEMON",
            .message = std::move(message),
            .hint = "chronusd"};
}

std::variant<Link, Refusal> Link::open(const Settings &settings) {
    auto client = connected(settings);
    if (!client) return no_daemon(client.error().what);
    const double seconds = settings.timeout_s.value_or(kTimeout_s);
    return Link{settings, *std::move(client),
                milliseconds{static_cast<milliseconds::rep>(seconds * 1000)}};
}

Heard Link::ask(const Message &question, milliseconds timeout) {
    if (lost_) {
        auto client = connected(settings_);
        if (!client) return no_daemon(client.error().what);
        client_ = *std::move(client);
        every_answer_ = introduced_ = named_ = false;
    }
    if (const char *token = std::getenv("CHRONUS_TOKEN"); token && settings_.host && !introduced_) {
        Heard heard = gather({"/auth", {std::string{token}}}, timeout);
        if (std::holds_alternative<Refusal>(heard)) return heard;
        introduced_ = true;
    }
    if (!named_) {
        (void)gather({"/client/name", {"chronusctl"}}, timeout); // an older daemon knows no names
        named_ = true;
    }
    if (moves_control(question) && !every_answer_) {
        const Message wish{"/client/replies", {std::int32_t{2}}};
        const Heard heard = gather(wish, timeout);
        if (std::holds_alternative<Refusal>(heard)) return heard;
        every_answer_ = true;
    }
    return gather(question, timeout);
}

Heard Link::gather(const Message &question, milliseconds timeout) {
    Heard heard = ctl::gather(client_, question, timeout, unasked_);
    const auto *refusal = std::get_if<Refusal>(&heard);
    lost_ = refusal != nullptr && refusal->exit == kNoDaemon;
    return heard;
}

std::optional<Message> Link::unasked() {
    if (unasked_.empty()) {
        auto message = client_.receive(milliseconds{0});
        lost_ = !message && message.error().code == Errc::io;
        return message ? *std::move(message) : std::nullopt;
    }
    std::optional<Message> first{std::move(unasked_.front())};
    unasked_.pop_front();
    return first;
}

} // namespace chronus::ctl
