// A link that loses, doubles and reorders: whoever sends until answered ends where all arrived.

#include "osc/packet.h"
#include "tests/perf/osc_load.h"
#include "tests/perf/osc_load_daemon.h"
#include "tests/perf/osc_load_wire.h"

#include <fmt/format.h>

#include <poll.h>
#include <random>
#include <stdexcept>

namespace chronus::perf {

namespace {

/// How many packets in a thousand meet each fate, either way.
struct Link {
    unsigned lost = 0, doubled = 0, delayed = 0;
};
constexpr Link kGood{}, kBad{50, 50, 50};

/// Commands in a fixed order, of which each leaves another scene when done again after others.
std::vector<osc::Message> performance(std::size_t count) {
    std::mt19937 dice(11);
    std::vector<osc::Message> out;
    while (out.size() < count) {
        const auto track = fmt::format("t{}", dice() % 6);
        const auto number = static_cast<float>(dice() % 1000) / 1000;
        switch (dice() % 6) {
        case 0:
            out.push_back({"/seq/add",
                           {track, fmt::format("voice{}", 1 + dice() % 8), std::string{"x.X."},
                            55.0f * (1 + number)}});
            break;
        case 1:
            out.push_back({"/seq/remove", {track}});
            break;
        case 2:
            out.push_back({"/seq/set", {track, std::string{"pan"}, number}});
            break;
        case 3:
            out.push_back(
                {"/seq/update/notes", {track, static_cast<std::int32_t>(36 + dice() % 48)}});
            break;
        default:
            out.push_back({fmt::format("/mod/voice{}/amp", 1 + dice() % 8), {number}});
        }
    }
    return out;
}

const std::string *id_of(const osc::Message &message) {
    const std::size_t at = message.address == "/reply" ? 2 : message.address == "/error" ? 4 : 99;
    return at < message.args.size() ? std::get_if<std::string>(&message.args[at]) : nullptr;
}

/// Sends each command under an id of its own until that is answered.
class Stubborn {
public:
    Stubborn(std::uint16_t port, Link link) : wire_(port), link_(link) {}

    void perform(const osc::Message &command) {
        const std::string id = fmt::format("c{}", ++count_);
        osc::Message wrapped{"/req", {id, command.address}};
        wrapped.args.insert(wrapped.args.end(), command.args.begin(), command.args.end());
        const Packet packet = osc::encode(wrapped);
        for (int n = 0; n < 200; ++n) {
            send(packet);
            if (answered(id)) return;
        }
        throw std::runtime_error(command.address + ": not answered in 200 tries");
    }
    std::size_t sent() const { return sent_; }

private:
    bool happens(unsigned of_a_thousand) { return dice_() % 1000 < of_a_thousand; }

    void send(const Packet &packet) {
        ++sent_;
        if (happens(link_.lost)) return;
        if (happens(link_.delayed)) {
            late_.push_back(packet);
            return;
        }
        wire_.send(packet);
        if (happens(link_.doubled)) late_.push_back(packet);
        if (late_.size() > 3) { // a few commands later
            wire_.send(late_.front());
            late_.erase(late_.begin());
        }
    }

    bool answered(const std::string &id) {
        const std::int64_t end = now_ns() + 20'000'000;
        std::vector<std::byte> buffer(65536);
        while (now_ns() < end) {
            pollfd waiting{wire_.fd(), POLLIN, 0};
            if (::poll(&waiting, 1, 5) <= 0) continue;
            const std::size_t size = wire_.receive(buffer);
            if (happens(link_.lost)) continue;
            const auto messages = osc::decode(std::span{buffer}.first(size), osc::kStreamLimits);
            if (!messages) continue;
            for (const auto &timed : *messages)
                if (const auto *got = id_of(timed.message); got != nullptr && *got == id)
                    return true;
        }
        return false;
    }

    Wire wire_;
    Link link_;
    std::mt19937 dice_{5};
    std::vector<Packet> late_;
    std::size_t count_ = 0, sent_ = 0;
};

/// A document that comes in numbered parts.
std::string document(osc::Client &client, const osc::Message &question) {
    std::string out;
    const auto answer = client.ask(question, 5s, [&](const osc::Message &part) {
        if (!osc::is_answer(question, part) || part.args.size() < 7) return false;
        out += std::get<std::string>(part.args[6]);
        return std::get<std::int32_t>(part.args[4]) + 1 == std::get<std::int32_t>(part.args[5]);
    });
    if (!answer) throw std::runtime_error(answer.error().what);
    return out;
}

struct Ending {
    std::string scene;
    std::size_t sent = 0;
};

Ending performed(Link link, std::size_t count) {
    Daemon daemon;
    Stubborn player(daemon.port(), link);
    for (const osc::Message &command : performance(count)) player.perform(command);
    osc::Client client = daemon.client();
    const osc::Message tracks = asked(client, {"/seq/list"});
    return {std::get<std::string>(tracks.args.at(5)) + document(client, {"/schema"}),
            player.sent()};
}

} // namespace

Figures lossy(const Effort &effort) {
    const std::string what = "a link that loses, doubles and delays 5 % each";
    {
        Daemon daemon;
        osc::Client client = daemon.client();
        if (!knows(client, {"/req", {std::string{"a"}, std::string{"/status"}}}))
            return {not_here(what, "no such command as /req")};
    }
    const auto count = static_cast<std::size_t>(100 * effort.seconds.value_or(10));
    const Ending good = performed(kGood, count), bad = performed(kBad, count);
    return {law(what,
                fmt::format("{} commands, {} packets sent; {}", count, bad.sent,
                            good.scene == bad.scene ? "the same scene" : "another scene"),
                good.scene == bad.scene)};
}

} // namespace chronus::perf
