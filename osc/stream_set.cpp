#include "osc/stream_set.h"

#include "osc/errors.h"
#include "osc/packet.h"
#include "osc/trust.h"
#include "osc/turn.h"

#include <fmt/format.h>

#include <algorithm>
#include <sys/socket.h>

namespace chronus::osc {

namespace {

using std::chrono::milliseconds;

/// How long a peer that has sent its last may wait for answers.
constexpr milliseconds kFarewell{1000};
/// How long a listener rests when the system has no descriptor for a connection.
constexpr milliseconds kRest{100};
/// Connections accepted in one turn.
constexpr int kVisitorsATurn = 16;

Error too_many(bool local) {
    return {Errc::busy, fmt::format("the daemon has {} {} connections already, the most it takes",
                                    Streams::kMostOfAKind, local ? "Unix socket" : "TCP")};
}

/// A visitor's framing: what it has sent already tells, or else the habit of its kind.
Framing framing_for(const Visitor &visitor) {
    std::byte first{};
    if (::recv(visitor.fd.get(), &first, 1, MSG_PEEK) == 1) return framing_of(first);
    return visitor.peer.local ? Framing::slip : Framing::length;
}

/// Says why and hangs up. What it has sent so far is read, for the system takes the answer back
/// from a peer whose bytes nobody wanted.
void dismiss(StreamConnection &connection, const Error &why) {
    connection.receive(0, {});
    const ErrorRow &row = error_row(why.code);
    (void)connection.send(encode(
        {"/error",
         {std::string{}, row.number, why.what, std::string{row.symbol}, std::string{}, why.hint}}));
    connection.flush();
    connection.abort();
}

void turn_away(Visitor visitor, const Error &why) {
    const Framing framing = framing_for(visitor);
    StreamConnection connection{std::move(visitor.fd), framing};
    dismiss(connection, why);
}

} // namespace

bool Streams::Guest::is_gone(Clock::time_point now) const {
    return connection.is_dead() || (ends && now >= *ends && connection.pending() == 0);
}

void Streams::add_fds(std::vector<pollfd> &fds) {
    const auto now = Clock::now();
    for (const Door &door : listeners_)
        fds.push_back({door.rests_until > now ? -1 : door.listener.fd(), POLLIN, 0});
    for (Guest &guest : guests_) {
        guest.connection.flush();
        fds.push_back({guest.connection.fd(), guest.connection.events(), 0});
    }
}

int Streams::wait_ms(int most) const {
    const auto now = Clock::now();
    Clock::time_point next = now + milliseconds(most);
    for (const Door &door : listeners_)
        if (door.rests_until > now) next = std::min(next, door.rests_until);
    for (const Guest &guest : guests_) {
        if (guest.connection.is_ready() || guest.is_gone(now)) return 0;
        if (guest.ends && *guest.ends > now) next = std::min(next, *guest.ends);
        if (guest.stuck_until) next = std::min(next, std::max(now, *guest.stuck_until));
        if (guest.stranger_until) next = std::min(next, std::max(now, *guest.stranger_until));
    }
    return static_cast<int>(std::chrono::ceil<milliseconds>(next - now).count());
}

void Streams::serve(std::span<const pollfd> polled, const StreamHandler &handler) {
    serve_guests(polled.subspan(listeners_.size()), handler);
    look_at_strangers(handler);
    look_at_stuck();
    drop_gone(handler);
    for (std::size_t i = 0; i < listeners_.size(); ++i)
        if (polled[i].revents != 0) accept_from(listeners_[i], handler);
}

/// Whoever the time does not reach is served first in the next turn.
void Streams::serve_guests(std::span<const pollfd> polled, const StreamHandler &handler) {
    const std::size_t count = polled.size();
    const std::size_t share = kPacketsATurn / std::max<std::size_t>(count, 1);
    most_ = std::clamp<std::size_t>(share, 1, kPacketsAtOnce);
    enough_ = Clock::now() + kShareOfTurn;
    for (std::size_t n = 0; n < count; ++n) {
        const std::size_t i = (first_ + n) % count;
        serve_guest(guests_[i], polled[i], handler);
        if (Clock::now() < enough_) continue;
        first_ = i + 1;
        return;
    }
}

void Streams::serve_guest(Guest &guest, const pollfd &polled, const StreamHandler &handler) {
    StreamConnection &connection = guest.connection;
    if ((polled.revents & (POLLHUP | POLLERR)) != 0) connection.stop_writing();
    if ((polled.revents & POLLOUT) != 0) connection.flush();
    if ((polled.revents & ~POLLOUT) != 0 || connection.is_ready()) take_packets(guest, handler);
    if (!connection.is_finished() || handler.busy(guest.peer)) return;
    connection.flush();
    if (connection.is_lost() && connection.pending() == 0) connection.stop_writing();
    if (!guest.ends) guest.ends = Clock::now() + kFarewell;
}

void Streams::take_packets(Guest &guest, const StreamHandler &handler) {
    const StreamConnection::Sink sink{[&](auto packet) { handler.packet(packet, guest.peer); },
                                      [&](const Error &why) {
                                          ++counts_.broken;
                                          handler.broken(why, guest.peer);
                                      }};
    for (std::size_t n = 0; n < most_ && !handler.busy(guest.peer); ++n) {
        guest.connection.receive(1, sink);
        if (!guest.connection.is_ready() || Clock::now() >= enough_) return;
    }
}

/// Those that long have had no room, and took nothing.
void Streams::look_at_stuck() {
    const auto now = Clock::now();
    for (Guest &guest : guests_) {
        StreamConnection &connection = guest.connection;
        const bool moved = connection.took_some();
        if (moved || connection.has_room()) guest.stuck_until.reset();
        if (connection.has_room()) continue;
        if (!guest.stuck_until) guest.stuck_until = now + patience_;
        if (now < *guest.stuck_until) continue;
        ++counts_.stalled;
        connection.abort();
    }
}

void Streams::look_at_strangers(const StreamHandler &handler) {
    const auto now = Clock::now();
    for (Guest &guest : guests_) {
        if (!guest.stranger_until) continue;
        if (!handler.stranger(guest.peer)) guest.stranger_until.reset();
        if (!guest.stranger_until || now < *guest.stranger_until) continue;
        guest.stranger_until.reset();
        ++counts_.strangers;
        dismiss(
            guest.connection,
            {Errc::auth, fmt::format("no token within {} s",
                                     std::chrono::ceil<std::chrono::seconds>(patience_).count())});
    }
}

void Streams::drop_gone(const StreamHandler &handler) {
    const auto now = Clock::now();
    std::vector<Peer> gone;
    std::erase_if(guests_, [&](const Guest &guest) {
        if (guest.is_gone(now)) gone.push_back(guest.peer);
        return guest.is_gone(now);
    });
    for (const Peer &peer : gone) handler.closed(peer);
}

void Streams::accept_from(Door &door, const StreamHandler &handler) {
    for (int n = 0; n < kVisitorsATurn; ++n) {
        auto visitor = door.listener.accept();
        if (!visitor) door.rests_until = Clock::now() + kRest;
        if (!visitor || !*visitor) return;
        admit(**std::move(visitor), handler);
    }
}

void Streams::admit(Visitor visitor, const StreamHandler &handler) {
    const bool local = visitor.peer.local;
    const bool foreign = visitor.foreign;
    if (foreign || !make_room(local)) {
        ++counts_.refused;
        return turn_away(std::move(visitor),
                         foreign ? Error{Errc::auth, "the daemon runs for another user"}
                                 : too_many(local));
    }
    ++counts_.accepted;
    visitor.peer.stream = ++numbered_;
    const Framing framing = local ? Framing::slip : Framing::length;
    Guest &guest = guests_.emplace_back(Guest{{std::move(visitor.fd), framing}, visitor.peer});
    if (handler.stranger(guest.peer)) guest.stranger_until = Clock::now() + patience_;
}

/// True when there is a place.
bool Streams::make_room(bool local) {
    const auto present =
        std::ranges::count_if(guests_, [&, now = Clock::now()](const Guest &guest) {
            return guest.peer.local == local && !guest.is_gone(now);
        });
    if (static_cast<std::size_t>(present) < kMostOfAKind) return true;
    Guest *leaving = dispensable(local);
    if (leaving == nullptr) return false;
    if (!leaving->ends) {
        ++counts_.strangers;
        dismiss(leaving->connection, {Errc::busy, "another came, and you never sent a token"});
    }
    leaving->connection.abort();
    return true;
}

/// Who gives up its place: the first to have sent its last, else a stranger. Of those the first of
/// the machine that has most, so that one machine's crowd pushes out itself.
Streams::Guest *Streams::dispensable(bool local) {
    const auto now = Clock::now();
    Guest *leaving = nullptr, *stranger = nullptr;
    std::ptrdiff_t most = 0;
    for (Guest &guest : guests_) {
        if (guest.peer.local != local || guest.is_gone(now)) continue;
        if (guest.ends && (leaving == nullptr || guest.ends < leaving->ends)) leaving = &guest;
        if (!guest.stranger_until) continue;
        if (const auto count = strangers_of(machine_of(guest.peer)); count > most) {
            most = count;
            stranger = &guest;
        }
    }
    return leaving != nullptr ? leaving : stranger;
}

std::ptrdiff_t Streams::strangers_of(const Peer &machine) const {
    return std::ranges::count_if(guests_, [&, now = Clock::now()](const Guest &guest) {
        return guest.stranger_until && !guest.is_gone(now) && machine_of(guest.peer) == machine;
    });
}

Outcome Streams::send(const Peer &to, std::span<const std::byte> packet) {
    const auto guest = std::ranges::find(guests_, to, &Guest::peer);
    if (guest == guests_.end())
        return Error{Errc::io, fmt::format("{}: no such connection", to.text())};
    const auto sent = guest->connection.send(packet);
    if (!sent && sent.error().code == Errc::queue_full) {
        ++counts_.stalled;
        guest->connection.abort();
    }
    return sent;
}

bool Streams::is_clear(const Peer &to) const {
    const auto guest = std::ranges::find(guests_, to, &Guest::peer);
    return guest != guests_.end() && guest->connection.pending() == 0;
}

bool Streams::has_room(const Peer &to) const {
    const auto guest = std::ranges::find(guests_, to, &Guest::peer);
    return guest == guests_.end() || guest->connection.has_room();
}

std::size_t Streams::live() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        guests_, [now = Clock::now()](const Guest &guest) { return !guest.is_gone(now); }));
}

} // namespace chronus::osc
