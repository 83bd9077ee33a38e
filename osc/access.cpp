#include "osc/access.h"

#include <fmt/format.h>

#include <algorithm>

namespace chronus::osc {

void Access::Wrongs::add(std::int64_t now_ms) noexcept {
    at_ms_[next_] = now_ms;
    next_ = (next_ + 1) % at_ms_.size();
}

std::int64_t Access::Wrongs::wait_ms(std::int64_t now_ms) const noexcept {
    const auto oldest = at_ms_[next_];
    return oldest ? std::max<std::int64_t>(0, *oldest + kWindowMs - now_ms) : 0;
}

bool Access::Wrongs::none(std::int64_t now_ms) const noexcept {
    return std::ranges::none_of(
        at_ms_, [now_ms](const auto &at) { return at && now_ms - *at < kWindowMs; });
}

Result<Role> Access::authenticate(const Peer &peer, std::string_view token, std::int64_t now_ms) {
    // Datagrams may be others' in a machine's name: they do not keep its connections out.
    Peer from = machine_of(peer);
    from.stream = peer.stream != 0 ? 1 : 0;
    Wrongs &wrongs =
        wrongs_.heard(from, [now_ms](const Wrongs &oldest) { return oldest.none(now_ms); });
    if (const std::int64_t wait_ms = wrongs.wait_ms(now_ms); wait_ms > 0)
        return Error{Errc::auth, fmt::format("/auth: {} wrong tokens within a minute; the next may "
                                             "come in {} s",
                                             kWrongTokens, (wait_ms + 999) / 1000)};
    const auto role = tokens_.role_of(token);
    if (!role) {
        wrongs.add(now_ms);
        return Error{Errc::auth, "/auth: no such token; they stand in the daemon's state folder, "
                                 "in the file \"tokens\""};
    }
    admit(peer, *role, now_ms);
    return *role;
}

void Access::admit(const Peer &peer, Role role, std::int64_t now_ms) {
    if (!clients_.contains(peer) && clients_.size() >= kClients)
        clients_.erase(std::ranges::min_element(
            clients_, {}, [](const auto &client) { return client.second.heard_ms; }));
    clients_[peer] = {role, now_ms};
}

std::optional<Role> Access::role_of(const Peer &peer, std::int64_t now_ms) {
    if (peer.is_loopback()) return Role::admin;
    const auto client = clients_.find(peer);
    if (client == clients_.end()) return std::nullopt;
    if (now_ms - client->second.heard_ms >= kSilentMs) {
        clients_.erase(client);
        return std::nullopt;
    }
    client->second.heard_ms = now_ms;
    return client->second.role;
}

Outcome Access::check(const Peer &peer, Role needed, std::string_view address,
                      std::int64_t now_ms) {
    const auto role = role_of(peer, now_ms);
    if (role && *role >= needed) return Done{};
    return Error{Errc::auth,
                 fmt::format("{}: needs the role {}; {} has {}, and gets it with /auth and a token",
                             address, name_of(needed), peer.text(),
                             role ? name_of(*role) : "none")};
}

Trust Access::trust_of_other(const Peer &peer, std::int64_t now_ms) {
    return peer.stream != 0 || role_of(peer, now_ms) ? Trust::proven : Trust::stranger;
}

} // namespace chronus::osc
