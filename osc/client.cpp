#include "osc/client.h"

#include "osc/packet.h"

#include <fmt/format.h>

#include <algorithm>
#include <poll.h>
#include <utility>

namespace chronus::osc {

namespace {

using Clock = std::chrono::steady_clock;

const std::string *text_at(const Message &message, std::size_t index) {
    return index < message.args.size() ? std::get_if<std::string>(&message.args[index]) : nullptr;
}

/// `/req s:id s:address ...` asks under an id; the answer names the address.
const std::string &asked_address(const Message &question) {
    const std::string *const inner = question.address == "/req" ? text_at(question, 1) : nullptr;
    return inner != nullptr ? *inner : question.address;
}

} // namespace

bool is_answer(const Message &question, const Message &message) {
    const std::string &asked = asked_address(question);
    if (message.address == asked) return true;
    if (message.address != "/reply" && message.address != "/error") return false;
    const std::string *const answered = text_at(message, 0);
    return answered != nullptr && *answered == asked;
}

Client::Client(UdpSocket socket, const Peer &daemon)
    : socket_(std::move(socket)), daemon_(daemon), buffer_(kStreamLimits.packet) {}

Result<Client> Client::open(const std::string &host, std::uint16_t port) {
    const auto daemon = resolve(host, port);
    if (!daemon) return daemon.error();
    auto socket = UdpSocket::connect(*daemon);
    if (!socket) return socket.error();
    return Client{*std::move(socket), *daemon};
}

Outcome Client::send(const Message &message) { return send_bytes(encode(message)); }

Outcome Client::send_bytes(std::span<const std::byte> packet) {
    const auto sent = socket_.send_to(daemon_, packet);
    if (!sent && sent.error().code == Errc::io) return nobody(sent.error().what);
    return sent;
}

bool Client::wait_readable(Clock::time_point deadline) const {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - Clock::now());
    pollfd wanted{socket_.fd(), POLLIN, 0};
    const auto patience = std::clamp<Milliseconds::rep>(left.count(), 0, 1'000'000);
    return ::poll(&wanted, 1, static_cast<int>(patience)) > 0;
}

/// Moves one datagram, if one waits, into `arrived_`.
Outcome Client::fetch() {
    const auto got = socket_.receive(buffer_);
    if (!got) return nobody(got.error().what);
    if (!*got) return Done{};
    auto messages = decode((*got)->bytes, kStreamLimits);
    if (!messages) return messages.error();
    for (TimedMessage &timed : *messages) arrived_.push_back(std::move(timed.message));
    return Done{};
}

Result<std::optional<Message>> Client::receive(Milliseconds timeout) {
    const auto deadline = Clock::now() + timeout;
    while (arrived_.empty()) {
        if (!wait_readable(deadline) && Clock::now() >= deadline) return std::optional<Message>{};
        if (const auto fetched = fetch(); !fetched) return fetched.error();
    }
    std::optional<Message> first{std::move(arrived_.front())};
    arrived_.pop_front();
    return first;
}

Result<std::vector<Message>> Client::ask(const Message &question, Milliseconds timeout,
                                         const Until &until) {
    if (const auto sent = send(question); !sent) return sent.error();
    const auto deadline = Clock::now() + timeout;
    std::vector<Message> out;
    for (;;) {
        const auto left = std::chrono::ceil<Milliseconds>(deadline - Clock::now());
        auto message = receive(std::max(left, Milliseconds{0}));
        if (!message) return message.error();
        if (!*message) return no_answer(question, out.size(), timeout);
        out.push_back(*std::move(*message));
        if (until(out.back())) return out;
        if (Clock::now() >= deadline) return no_answer(question, out.size(), timeout);
    }
}

Result<std::vector<Message>> Client::ask(const Message &question, Milliseconds timeout) {
    return ask(question, timeout, [&](const Message &m) { return is_answer(question, m); });
}

Error Client::nobody(std::string_view why) const {
    return {Errc::io, fmt::format("no daemon answers on {} ({})", daemon_.text(), why)};
}

Error Client::no_answer(const Message &question, std::size_t others, Milliseconds timeout) const {
    if (others == 0) return nobody(fmt::format("nothing came within {} ms", timeout.count()));
    return {Errc::late,
            fmt::format("{} sent {} messages within {} ms, none of them an answer to {}",
                        daemon_.text(), others, timeout.count(), question.address)};
}

} // namespace chronus::osc
