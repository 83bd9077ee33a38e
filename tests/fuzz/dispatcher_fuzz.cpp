// A conversation with the daemon as it is but for its sockets: packets from anybody, a while of
// music between them. Whatever is said, laws hold.
#include "osc/errors.h"
#include "osc/feedback.h"
#include "osc/packet.h"
#include "osc/requests.h"
#include "osc/typed.h"
#include "patterns/text/codec.h"
#include "patterns/text/notation.h"
#include "patterns/text/notes.h"
#include "tests/fuzz/datagrams.h"
#include "tests/support/director_rig.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <string>

namespace chronus::osc {

namespace {

constexpr std::size_t kMostDatagrams = 32;
constexpr std::uint64_t kMostBlocks = 200; // rendered for one input

const std::string kToken(20, 't');

/// Says which law is broken and by what.
void law(bool holds, const char *words, std::string_view by = "") {
    if (holds) return;
    std::fprintf(stderr, "broken: %s: %.*s\n", words, static_cast<int>(by.size()), by.data());
    std::abort();
}

Peer sender_of(const test::Datagram &datagram) {
    return std::array{test::me(4000), test::me(4001), test::stranger(4002),
                      test::stranger(4003)}[static_cast<std::size_t>(datagram.sender())];
}

/// Bundles whose time tag is a small number are meant so many frames from now.
void set_time(std::vector<std::byte> &packet, const test::DirectorRig &rig) {
    if (packet.size() < 16 || packet[0] != std::byte{'#'}) return;
    std::uint64_t tag = 0;
    for (std::size_t i = 8; i < 16; ++i) tag = tag << 8 | std::to_integer<std::uint64_t>(packet[i]);
    if (tag <= 1 || tag >= 1'000'000) return;
    tag = rig.tag_of(rig.rendered() + tag);
    for (std::size_t i = 16; i > 8; tag >>= 8) packet[--i] = std::byte(tag & 0xff);
}

/// The commands of a packet out of what they came wrapped in; nothing for one that is refused.
std::vector<Request> requests_in(std::span<const std::byte> packet) {
    std::vector<Request> out;
    const auto messages = decode(packet, kDatagramLimits);
    if (!messages) return out;
    for (const auto &timed : *messages) {
        auto request = unwrapped(timed.message);
        out.push_back(request ? *std::move(request) : Request{timed.message});
    }
    return out;
}

class Conversation {
public:
    Conversation() { rig_.say({"/auth", {kToken}}, test::stranger(4002)); }

    void hear(const test::Datagram &datagram) {
        rest(datagram.pause());
        std::vector<std::byte> packet = datagram.bytes;
        packet.resize(std::min<std::size_t>(packet.size(), kDatagramLimits.packet));
        set_time(packet, rig_);
        const auto answered = ids_; // which hear again what was so then
        const auto told = take(packet, sender_of(datagram));
        const auto error = std::ranges::find_if(told, [&](const Message &m) {
            return m.address == "/error" && !answered.contains(test::arg(m, 4));
        });
        if (error != told.end())
            follow_hint(*error, sender_of(datagram)); // which may spoil the others'
    }

    void end() {
        rest(8);
        rig_.wait_for_disk();
        check_sound();
        check_scene();
    }

private:
    /// A packet, and the laws of what it leads to at once.
    std::vector<Message> take(std::span<const std::byte> packet, const Peer &from) {
        const Scene &scene = rig_.session.scene();
        std::memcpy(&before_, &scene, sizeof(Scene));
        const auto revision = rig_.session.revision();
        const auto sent = rig_.sent.size();
        const auto told = rig_.take(packet, from);
        std::size_t bytes = 0;
        for (std::size_t i = sent; i < rig_.sent.size(); ++i) {
            law(rig_.sent[i].to.port != 0, "nobody sends from port 0");
            if (rig_.sent[i].to == from) bytes += rig_.sent[i].bytes;
        }
        if (from == test::stranger(4003))
            law(bytes <= 3 * packet.size(), "three times a stranger's bytes");
        const auto said = requests_in(packet);
        check_count(said, told);
        const bool same = rig_.session.revision() == revision;
        law(!same || is_as_before(rig_.session.scene()), "a change has a new revision");
        law(same || !any_refused(said, told), "refused, and changed all the same");
        for (const Request &request : said)
            if (!request.id.empty()) ids_.insert(request.id);
        return told;
    }

    /// Bytes between members may differ, but hardly ever do.
    bool is_as_before(const Scene &scene) const {
        return std::memcmp(&before_, &scene, sizeof(Scene)) == 0 || scene == before_;
    }

    /// One answer a command at most, but for documents in parts and what is called off.
    static void check_count(const std::vector<Request> &said, const std::vector<Message> &told) {
        std::size_t answers = 0;
        for (const Message &message : told) {
            const bool part = message.address == "/reply" && message.args.size() == 7 &&
                              test::arg(message, 4) != "0" && !test::arg(message, 5).empty();
            answers += part ? 0 : 1;
            if (message.address == "/error") check_error(message);
        }
        const bool cancels = std::ranges::any_of(
            said, [](const Request &r) { return r.message.address == "/next/cancel"; });
        law(cancels || answers <= std::max<std::size_t>(said.size(), 1), "one answer a command");
    }

    static void check_error(const Message &error) {
        if (error.args.size() == 2) return; // to a stranger whose packet was short
        law(error.args.size() == 6, "an error has six arguments");
        const std::string what = test::arg(error, 2), symbol = test::arg(error, 3);
        const auto row = std::ranges::find(kErrors, symbol, &ErrorRow::symbol);
        law(row != kErrors.end(), "a symbol of the table", symbol);
        law(test::arg(error, 1) == std::to_string(row->number), "the symbol's number");
        law(!what.empty() && what.size() <= 1024, "one sentence", what);
    }

    /// Whether the packet was told no, other than for a question, which changes nothing anyhow, and
    /// for what was asked before.
    bool any_refused(const std::vector<Request> &said, const std::vector<Message> &told) const {
        return std::ranges::any_of(told, [&](const Message &m) {
            if (m.address != "/error" || ids_.contains(test::arg(m, 4))) return false;
            const auto asked = std::ranges::find(said, test::arg(m, 0), [](const Request &r) {
                return std::string_view{r.message.address};
            });
            return asked == said.end() || acts_of(asked->message) != Acts::asks;
        });
    }

    void follow_hint(const Message &error, const Peer &from) {
        if (!rig_.context.access.knows(from)) return;
        const std::string hint = test::arg(error, 5);
        law(!hint.empty(), "every error has a hint", test::arg(error, 2));
        const Message message = message_typed(hint);
        law(!message.address.empty(), "a hint is a message", hint);
        for (const Message &answer : take(encode(message), from))
            law(answer.address != "/error" ||
                    test::arg(answer, 2).starts_with("cancelled by /next/cancel"), // another
                "a hint works", test::arg(error, 2) + " | " + hint + " | " + test::arg(answer, 2));
    }

    void rest(std::uint64_t blocks) {
        blocks = std::min(blocks, kMostBlocks - std::min(kMostBlocks, blocks_));
        blocks_ += blocks;
        for (; blocks > 0; --blocks) {
            rig_.run(1);
            rig_.director.finish_jobs();
            rig_.director.finish_recording();
            feedback_.turn();
        }
    }

    void check_sound() const {
        for (const auto *channel : {&rig_.listener.heard.left, &rig_.listener.heard.right})
            for (const float x : *channel)
                law(std::abs(x) <= 1.0f, "every sample is a number, and none too loud");
    }

    /// It survives being said again, track by track, and being saved.
    void check_scene() {
        patterns::Document document{.scene = rig_.session.scene()};
        for (Track &track : document.scene.playing()) {
            const auto pattern = patterns::parse_pattern(patterns::print_pattern(track.pattern()));
            law(static_cast<bool>(pattern), "a pattern printed can be read", track.name.view());
            Track again = track;
            patterns::put_pattern(again, *pattern);
            law(std::ranges::equal(again.pattern().steps, track.pattern().steps), "the same steps",
                track.name.view());
            track.uid = static_cast<std::uint32_t>(&track - document.scene.tracks.data()) + 1;
            track.notes_uid = 0;
        }
        const std::string text = patterns::encode(document);
        const auto loaded = patterns::decode(text);
        law(static_cast<bool>(loaded), "what is saved can be read",
            loaded ? std::string_view{""} : std::string_view{loaded.error().what});
        law(loaded->notes.empty() && loaded->document == document, "what is saved is what it was",
            loaded->notes.empty() ? text : loaded->notes.front());
        law(static_cast<bool>(patterns::verify_slot(text)), "a saved state is a valid one");
    }

    test::DirectorRig rig_{{.latency_ms = -1, .tokens = "admin " + kToken + "\n"}};
    Feedback feedback_{rig_.context, [this](const Peer &, std::span<const std::byte> packet) {
                           law(static_cast<bool>(decode(packet, kStreamLimits)),
                               "feedback can be read");
                           return true;
                       }};
    std::uint64_t blocks_ = 0;
    std::set<std::string> ids_; // of requests that were answered
    Scene before_;              // the packet at hand
};

} // namespace

} // namespace chronus::osc

using namespace chronus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    auto datagrams = test::datagrams_in({data, size});
    datagrams.resize(std::min(datagrams.size(), osc::kMostDatagrams));
    const auto conversation = std::make_unique<osc::Conversation>();
    for (const auto &datagram : datagrams) conversation->hear(datagram);
    conversation->end();
    return 0;
}
