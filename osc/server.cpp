#include "osc/server.h"

#include "osc/errors.h"
#include "osc/packet.h"
#include "patterns/text/utf8.h"

#include <fmt/format.h>

#include <poll.h>

#include <algorithm>
#include <array>

namespace chronus::osc {

namespace {

/// Datagrams taken before the loop looks after everything else again.
constexpr int kDatagramsATurn = 64;
/// Sources remembered; more than that and the oldest story is not worth the memory.
constexpr std::size_t kMostSources = 256;

Message reply_message(const std::string &address, const Reply &reply, std::uint64_t revision) {
    Message out{"/reply",
                {address, reply.text, std::string{}, static_cast<std::int32_t>(revision)}};
    out.args.insert(out.args.end(), reply.values.begin(), reply.values.end());
    return out;
}

/// A long text in parts that fit a datagram everywhere, never cut inside a letter.
std::vector<std::string> parts_of(std::string_view text) {
    constexpr std::size_t kPart = 1200;
    std::vector<std::string> parts;
    while (!text.empty()) {
        parts.emplace_back(patterns::utf8_front(text, kPart));
        text.remove_prefix(parts.back().size());
    }
    return parts;
}

Message error_message(const std::string &address, const Error &error) {
    const ErrorRow &row = error_row(error.code);
    return {"/error",
            {address, row.number, error.what, std::string{row.symbol}, std::string{}, error.hint}};
}

/// What a refused packet calls itself, when it calls itself anything.
std::string address_of(std::span<const std::byte> packet) {
    std::string address;
    for (const std::byte byte : packet.first(std::min<std::size_t>(packet.size(), 64))) {
        const char c = static_cast<char>(byte);
        if (c == 0) return address.starts_with('/') ? address : "";
        if (c < 0x21 || c > 0x7e) return "";
        address += c;
    }
    return "";
}

/// A packet that loopback cannot have come from is not answered: no daemon is a reflector.
bool may_answer(const Peer &peer) { return peer.is_loopback() && peer.port != 0; }

} // namespace

void Server::run() {
    for (;;) {
        std::array<pollfd, 3> fds{pollfd{socket_.fd(), POLLIN, 0},
                                  pollfd{context_.saver.fd(), POLLIN, 0},
                                  pollfd{stop_fd_, POLLIN, 0}};
        ::poll(fds.data(), fds.size(), wait_ms());
        if (fds[2].revents != 0) return;
        if (fds[0].revents != 0) receive();
        if (fds[1].revents != 0) finish_jobs();
        hear_engine();
        finish_recording();
        if (visuals_ != nullptr && Clock::now() >= next_visuals_) {
            visuals_->send();
            next_visuals_ = Clock::now() + std::chrono::milliseconds(Visuals::kPeriodMs);
        }
    }
}

/// Engine and control agree on when the tape was on, so that a file holds exactly that.
void Server::hear_engine() {
    context_.session.drain_reports([this](const Report &report) {
        const auto *tape = std::get_if<TapeChanged>(&report);
        if (tape == nullptr) return;
        if (tape->on) {
            context_.tape_on = tape->frame;
            return;
        }
        const Frame frames = tape->frame - context_.tape_on;
        context_.recording_end.finished =
            std::async(std::launch::async,
                       [&recorder = context_.recorder, frames] { return recorder.finish(frames); });
    });
}

void Server::finish_recording() {
    RecordingEnd &end = context_.recording_end;
    if (!end.finished.valid() ||
        end.finished.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        return;
    const auto info = end.finished.get();
    if (end.caller) answer(*end.caller, {end.caller->address, recorded_reply(info)});
    end = {};
}

int Server::wait_ms() const {
    if (context_.recording_end.caller || context_.recording_end.finished.valid()) return 5;
    if (visuals_ == nullptr) return 1000;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_visuals_ - Clock::now());
    return std::clamp(static_cast<int>(left.count()), 0, Visuals::kPeriodMs);
}

void Server::receive() {
    for (int n = 0; n < kDatagramsATurn; ++n) {
        const auto got = socket_.receive(buffer_);
        if (!got || !*got) return;
        const Datagram &datagram = **got;
        if (datagram.from == socket_.local()) continue; // our own, sent back at us
        if (datagram.truncated)
            refuse_packet(datagram.from, {},
                          {Errc::too_big, "packet: larger than a datagram may be"});
        else
            handle(datagram.bytes, datagram.from);
    }
}

void Server::handle(std::span<const std::byte> packet, const Peer &from) {
    const auto messages = decode(packet, kDatagramLimits);
    if (!messages) return refuse_packet(from, packet, messages.error());
    for (const TimedMessage &timed : *messages) {
        // What daemons say to their clients is no command: two of them set at each other fall
        // silent.
        if (timed.message.address == "/reply" || timed.message.address == "/error") continue;
        context_.caller = {from, timed.message.address};
        answer(context_.caller, dispatch(context_, timed.message));
    }
}

void Server::answer(const Caller &to, const Answered &answered) {
    const auto client = context_.clients.find(to.peer);
    const int policy =
        client == context_.clients.end() ? ClientPrefs{}.replies : client->second.replies;
    if (policy == 0 || !may_answer(to.peer)) return;
    if (!answered.result) return send(to.peer, error_message(to.address, answered.result.error()));
    const Reply &reply = *answered.result;
    if (reply.later || (answered.quiet && policy < 2)) return;
    if (answered.on_itself) return send(to.peer, {to.address, reply.values});
    if (reply.document.empty())
        return send(to.peer, reply_message(to.address, reply, context_.session.revision()));
    const auto parts = parts_of(reply.document);
    for (std::size_t i = 0; i < parts.size(); ++i)
        send(to.peer, reply_message(to.address,
                                    {reply.text,
                                     {static_cast<std::int32_t>(i),
                                      static_cast<std::int32_t>(parts.size()), parts[i]}},
                                    context_.session.revision()));
}

/// Once a second a source is told what is wrong with its packets; the rest is counted.
void Server::refuse_packet(const Peer &from, std::span<const std::byte> packet, const Error &why) {
    ++context_.bad_packets;
    if (refused_.size() >= kMostSources) refused_.clear();
    Clock::time_point &last = refused_[from];
    const auto now = Clock::now();
    if (!may_answer(from) || (last != Clock::time_point{} && now - last < std::chrono::seconds(1)))
        return;
    last = now;
    send(from, error_message(address_of(packet), why));
}

void Server::finish_jobs() {
    context_.saver.drain([this](const patterns::JobReport &report) {
        const auto caller = context_.deferred.find(report.ticket);
        if (caller == context_.deferred.end()) return;
        answer(caller->second, {caller->second.address, saved_reply(report)});
        context_.deferred.erase(caller);
    });
}

void Server::send(const Peer &to, const Message &message) {
    (void)socket_.send_to(to, encode(message)); // a client that is gone misses nothing
}

} // namespace chronus::osc
