#include "osc/client.h"

#include "osc/packet.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <poll.h>
#include <utility>

namespace chronus::osc {

namespace {

using Clock = std::chrono::steady_clock;

/// How long a stream's daemon may leave unread what it is sent.
constexpr std::chrono::seconds kUnread{5};

const std::string *text_at(const Message &message, std::size_t index) {
    return index < message.args.size() ? std::get_if<std::string>(&message.args[index]) : nullptr;
}

/// Whether an address is that of the command asked for, or of what it came wrapped in: `/req s:id
/// s:address ...` and `/at s:when s:address ...`, one in the other or not.
bool asks(const Message &question, std::string_view address) {
    const std::string *asked = &question.address;
    for (std::size_t inner = 1; asked != nullptr; inner += 2) {
        if (*asked == address) return true;
        asked = *asked == "/req" || *asked == "/at" ? text_at(question, inner) : nullptr;
    }
    return false;
}

} // namespace

bool is_answer(const Message &question, const Message &message) {
    if (message.address == "/synced") return asks(question, "/sync");
    if (asks(question, message.address)) return true;
    if (message.address != "/reply" && message.address != "/error") return false;
    const std::string *const answered = text_at(message, 0);
    return answered != nullptr && asks(question, *answered);
}

Client::Client(Line line, std::string daemon) : line_(std::move(line)), daemon_(std::move(daemon)) {
    if (std::holds_alternative<Datagrams>(line_)) buffer_.resize(kStreamLimits.packet);
}

Result<Client> Client::open(const std::string &host, std::uint16_t port) {
    const auto daemon = resolve(host, port);
    if (!daemon) return daemon.error();
    auto socket = UdpSocket::connect(*daemon);
    if (!socket) return socket.error();
    return Client{Datagrams{*std::move(socket), *daemon}, daemon->text()};
}

Result<Client> Client::open_tcp(const std::string &host, std::uint16_t port) {
    const auto daemon = resolve(host, port);
    if (!daemon) return daemon.error();
    auto stream = StreamConnection::connect_tcp(*daemon);
    if (!stream) return stream.error();
    return Client{*std::move(stream), daemon->text()};
}

Result<Client> Client::open_local(const std::string &path) {
    auto stream = StreamConnection::connect_local(path);
    if (!stream) return stream.error();
    return Client{*std::move(stream), path};
}

Outcome Client::send(const Message &message) { return send_bytes(encode(message)); }

Outcome Client::send_bytes(std::span<const std::byte> packet) {
    if (auto *stream = std::get_if<StreamConnection>(&line_)) return send_stream(*stream, packet);
    auto &[socket, daemon] = std::get<Datagrams>(line_);
    const auto sent = socket.send_to(daemon, packet);
    if (!sent && sent.error().code == Errc::io) return nobody(sent.error().what);
    return sent;
}

/// Listens while it sends: a daemon whose answers nobody takes reads no more questions.
Outcome Client::send_stream(StreamConnection &stream, std::span<const std::byte> packet) {
    const auto sent = stream.send(packet);
    if (!sent && sent.error().code == Errc::io) return nobody(sent.error().what);
    if (!sent) return sent;
    stream.flush();
    while (stream.pending() > 0) {
        if (!wait_for(stream.events(), Clock::now() + kUnread))
            return nobody(fmt::format("it read nothing for {} s", kUnread.count()));
        stream.flush();
        if (const auto fetched = fetch_stream(stream); !fetched) return fetched;
    }
    return Done{};
}

int Client::fd() const noexcept {
    return std::visit([](const auto &line) { return line.fd(); }, line_);
}

bool Client::wait_for(short events, Clock::time_point deadline) const {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - Clock::now());
    pollfd wanted{fd(), events, 0};
    const auto patience = std::clamp<Milliseconds::rep>(left.count(), 0, 1'000'000);
    return ::poll(&wanted, 1, static_cast<int>(patience)) > 0;
}

/// Moves what waits, if anything does, into `arrived_`.
Outcome Client::fetch() {
    if (auto *stream = std::get_if<StreamConnection>(&line_)) return fetch_stream(*stream);
    return fetch_datagram(std::get<Datagrams>(line_).socket);
}

Outcome Client::fetch_datagram(UdpSocket &socket) {
    const auto got = socket.receive(buffer_);
    if (!got) return nobody(got.error().what);
    if (!*got) return Done{};
    return take((*got)->bytes);
}

Outcome Client::fetch_stream(StreamConnection &stream) {
    constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
    Outcome outcome = Done{};
    const auto note = [&](Outcome latest) {
        if (outcome) outcome = std::move(latest);
    };
    stream.receive(kAll, {[&](auto packet) { note(take(packet)); }, note});
    if (outcome && arrived_.empty() && stream.is_finished()) return nobody("it has hung up");
    return outcome;
}

Outcome Client::take(std::span<const std::byte> packet) {
    auto messages = decode(packet, kStreamLimits);
    if (!messages) return messages.error();
    for (TimedMessage &timed : *messages) arrived_.push_back(std::move(timed.message));
    return Done{};
}

Result<std::optional<Message>> Client::receive(Milliseconds timeout) {
    const auto deadline = Clock::now() + timeout;
    while (arrived_.empty()) {
        if (!wait_for(POLLIN, deadline) && Clock::now() >= deadline)
            return std::optional<Message>{};
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
    return {Errc::io, fmt::format("no daemon answers on {} ({})", daemon_, why)};
}

Error Client::no_answer(const Message &question, std::size_t others, Milliseconds timeout) const {
    if (others == 0) return nobody(fmt::format("nothing came within {} ms", timeout.count()));
    return {Errc::late,
            fmt::format("{} sent {} messages within {} ms, none of them an answer to {}", daemon_,
                        others, timeout.count(), question.address)};
}

} // namespace chronus::osc
