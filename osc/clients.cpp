#include "osc/clients.h"

#include <algorithm>

namespace chronus::osc {

void Clients::look_up(const Peer &peer) {
    if (clients_.size() >= kMost && !clients_.contains(peer)) forget_longest_unheard();
    last_ = clients_.try_emplace(peer).first;
}

const Client *Clients::find(const Peer &peer) const {
    const auto found = clients_.find(peer);
    return found == clients_.end() ? nullptr : &found->second;
}

std::string_view Clients::author(const Peer &peer) const {
    if (const Client *client = find(peer); client != nullptr && !client->name.empty())
        return client->name;
    return peer.is_loopback() ? kThisMachine : kAnotherMachine;
}

void Clients::forget(const Peer &peer) {
    clients_.erase(peer);
    last_ = clients_.end();
}

void Clients::forget_longest_unheard() {
    clients_.erase(std::ranges::min_element(
        clients_, {}, [](const auto &client) { return client.second.heard_ns; }));
    last_ = clients_.end();
}

} // namespace chronus::osc
