#pragma once

#include "osc/gate.h"
#include "osc/outlet.h"
#include "osc/packet.h"

#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace chronus::test {

/// A packet as it reached a client.
struct Heard {
    std::int64_t at_ns = 0;
    std::size_t bytes = 0;
    std::vector<osc::TimedMessage> messages;
};

/// Clients at the other end of an outlet: every packet is decoded by the same gate as those that
/// come in, and kept. One that is stalled has no room for anything.
class Listeners {
public:
    osc::Outlet outlet() {
        return [this](const osc::Peer &peer, std::span<const std::byte> bytes) {
            if (stalled.contains(peer)) return false;
            auto messages = osc::decode(bytes, osc::kStreamLimits);
            if (!messages) throw std::logic_error(messages.error().what);
            heard[peer].push_back({now_ns, bytes.size(), *std::move(messages)});
            return true;
        };
    }

    /// The messages a client got since this was last asked, without the revisions.
    std::vector<osc::Message> take(const osc::Peer &peer) {
        std::vector<osc::Message> all;
        for (const Heard &packet : heard[peer])
            for (const osc::TimedMessage &timed : packet.messages)
                if (timed.message.address != "/rev") all.push_back(timed.message);
        heard[peer].clear();
        return all;
    }

    std::int64_t now_ns = 0;
    std::set<osc::Peer> stalled;
    std::map<osc::Peer, std::vector<Heard>> heard;
};

/// What a client believes, from what it was told: values by address, tracks by name.
struct Belief {
    std::map<std::string, std::vector<osc::Value>> values;
    std::map<std::string, std::string> tracks;

    void take_in(const std::vector<osc::Message> &messages) {
        for (const osc::Message &message : messages) {
            if (message.address != "/seq/track") {
                values[message.address] = message.args;
                continue;
            }
            const auto &name = std::get<std::string>(message.args.at(0));
            std::string json = std::get<std::string>(message.args.at(1));
            for (std::size_t i = 2; i < message.args.size(); ++i)
                json += std::get<std::string>(message.args[i]);
            if (json.empty())
                tracks.erase(name);
            else
                tracks[name] = json;
        }
    }
};

inline osc::Peer client(std::uint16_t port) {
    osc::Peer peer;
    peer.ip = {127, 0, 0, 1};
    peer.port = port;
    return peer;
}

/// A connection to the Unix socket.
inline osc::Peer connection(std::uint32_t stream) {
    osc::Peer peer;
    peer.stream = stream;
    peer.local = true;
    return peer;
}

} // namespace chronus::test
