#pragma once

#include "engine/result.h"
#include "osc/peer.h"
#include "osc/role.h"
#include "osc/source_table.h"
#include "osc/tokens.h"
#include "osc/trust.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace chronus::osc {

/// Who may do what: local clients all of it, others what the token they sent gives them.
///
/// A datagram's sender can be made up, and whoever listens in reads tokens: over UDP this is a
/// fence and no lock.
/// Thread: control. Time is handed in: milliseconds of a clock that never goes back.
class Access {
public:
    static constexpr std::size_t kWrongTokens = 5; ///< a machine may send in `kWindowMs`, as
                                                   ///< datagrams, and as many over connections
    static constexpr std::int64_t kWindowMs = 60'000;
    static constexpr std::size_t kMachines = 1024; ///< whose wrong tokens are told apart
    static constexpr std::size_t kClients = 256;   ///< with a role; the longest unheard goes
    static constexpr std::int64_t kSilentMs = 12 * 3'600'000; ///< a role outlives such a silence

    explicit Access(Tokens tokens) : tokens_(std::move(tokens)) {}

    /// `/auth token`: from now on the client has the token's role, be it more or less than before.
    /// Errors: auth - a wrong token; or too many were sent from there, and then a right one is
    ///         refused too. A role had before stays.
    Result<Role> authenticate(const Peer &peer, std::string_view token, std::int64_t now_ms);

    /// The role a client has, who is heard of now; nothing for one who has yet to send a token.
    std::optional<Role> role_of(const Peer &peer, std::int64_t now_ms);

    /// Whether the client has a role, heard of or not.
    bool knows(const Peer &peer) const { return peer.is_loopback() || clients_.contains(peer); }

    /// Whether the client may do what needs this role.
    /// Errors: auth - what names what it wanted to do.
    Outcome check(const Peer &peer, Role needed, std::string_view address, std::int64_t now_ms);

    /// How far the sender's address can be believed. A connection proves it without a token.
    Trust trust_of(const Peer &peer, std::int64_t now_ms) {
        return peer.is_loopback() ? Trust::local : trust_of_other(peer, now_ms);
    }

    /// The client is gone.
    void forget(const Peer &peer) { clients_.erase(peer); }

private:
    Trust trust_of_other(const Peer &peer, std::int64_t now_ms);

    struct Client {
        Role role = Role::observe;
        std::int64_t heard_ms = 0;
    };
    /// When a machine sent its last wrong tokens, the next to be overwritten first.
    class Wrongs {
    public:
        void add(std::int64_t now_ms) noexcept;
        /// How long until one more may come; 0 when it may now.
        std::int64_t wait_ms(std::int64_t now_ms) const noexcept;
        bool none(std::int64_t now_ms) const noexcept;

    private:
        std::array<std::optional<std::int64_t>, kWrongTokens> at_ms_{};
        std::size_t next_ = 0;
    };

    void admit(const Peer &peer, Role role, std::int64_t now_ms);

    Tokens tokens_;
    std::map<Peer, Client> clients_;
    SourceTable<Wrongs> wrongs_{kMachines};
};

} // namespace chronus::osc
