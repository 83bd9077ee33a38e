// A million datagrams of each kind that nobody should send.

#include "osc/gate.h"
#include "osc/packet.h"
#include "tests/perf/osc_load.h"
#include "tests/perf/osc_load_sound.h"
#include "tests/perf/osc_load_wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <random>
#include <string_view>
#include <thread>

namespace chronus::perf {

namespace {

constexpr std::size_t kAMillion = 1'000'000;
constexpr double kMostGrowth = 4;             ///< MiB
constexpr std::size_t kMostWords = 64 * 1024; ///< bytes of log a million packets may cause

/// Makes packets from good ones that reach nothing that sounds; the same for the same seed.
class Mangler {
public:
    explicit Mangler(std::uint32_t seed) : dice_(seed) {}

    void noise(Packet &out) {
        out.resize(dice_() % 200);
        for (std::byte &byte : out) byte = some_byte();
    }
    void mutated(Packet &out) {
        do {
            out = good();
            switch (dice_() % 4) {
            case 0:
                out.resize(dice_() % out.size());
                break;
            case 1:
                for (auto n = 1 + dice_() % 8; n > 0; --n) out.push_back(some_byte());
                break;
            default:
                for (auto n = 1 + dice_() % 3; n > 0; --n)
                    out[dice_() % out.size()] ^= static_cast<std::byte>(1u << dice_() % 8);
            }
        } while (may_be_heard(out));
    }
    void bad_bundle(Packet &out) {
        const std::array messages{osc::Message{"/mod/voice8/pan", {0.5f}},
                                  osc::Message{"/version"}};
        out = osc::encode_bundle({dice_()}, messages);
        switch (dice_() % 3) {
        case 0: // a size that is not
            for (std::size_t i = 16; i < 20; ++i) out[i] = some_byte();
            break;
        case 1: // too deep
            for (auto n = 4 + dice_() % 60; n > 0; --n) wrap(out);
            break;
        default:
            out.resize(17 + dice_() % (out.size() - 17));
        }
    }

private:
    static const std::vector<Packet> &all_good() {
        static const std::vector<Packet> all{
            osc::encode({"/mod/voice8/freq", {440.0f}}),
            osc::encode({"/mod/voice8/osc/type", {2}}),
            osc::encode({"/mod/voice8/adsr/attack", {std::string{"0.25"}}}),
            osc::encode({"/pattern/info", {1}}),
            osc::encode({"/status"}),
            osc::encode({"/seq/list"}),
            osc::encode({"/unheard/of", {1, 2.0f, std::string{"three"}, osc::Blob(9)}})};
        return all;
    }
    const Packet &good() { return all_good()[dice_() % all_good().size()]; }
    std::byte some_byte() { return static_cast<std::byte>(dice_()); }
    /// Turned bits may make another voice of the eighth.
    static bool may_be_heard(const Packet &packet) {
        const std::string_view text{reinterpret_cast<const char *>(packet.data()), packet.size()};
        return text.find("voice1/") != std::string_view::npos;
    }
    static void wrap(Packet &packet) {
        Packet out = osc::encode_bundle({1}, {});
        for (int shift = 24; shift >= 0; shift -= 8)
            out.push_back(static_cast<std::byte>(packet.size() >> shift));
        out.insert(out.end(), packet.begin(), packet.end());
        packet = std::move(out);
    }

    std::mt19937 dice_;
};

using Kind = void (Mangler::*)(Packet &);

/// As fast as it takes them: a question now and then, so that the kernel drops none.
void send_all(const Daemon &daemon, osc::Client &client, const std::function<void(Packet &)> &fill,
              std::size_t count) {
    const Wire wire(daemon.port());
    Batch batch;
    for (std::size_t n = 1; n <= count; ++n) {
        fill(batch.next());
        if (batch.size() == Batch::kMost || n == count) batch.send(wire);
        if (n % (4 * Batch::kMost) != 0 && n != count) continue;
        wire.drain();
        (void)asked(client, {"/version"}, 60s);
    }
}

Figures of_kind(const char *name, Kind kind, const Effort &effort, std::span<const float> calm) {
    const std::size_t count =
        effort.seconds ? static_cast<std::size_t>(20'000 * *effort.seconds) : kAMillion;
    Daemon daemon(recording());
    osc::Client client = daemon.client();
    play_ruler(client);
    Mangler mangler(3);
    const auto fill = [&](Packet &out) { (mangler.*kind)(out); };
    send_all(daemon, client, fill, count / 20); // what it takes once, it has
    const double before = daemon.resident_mib();
    send_all(daemon, client, fill, count - count / 20);
    std::this_thread::sleep_for(500ms); // some notes, however fast it was
    const double grown = daemon.resident_mib() - before;
    const Health health = health_of(client);
    const std::size_t words = daemon.said().size();
    const Likeness like = compared(calm, played_by(daemon, client));
    const std::string what = fmt::format("{} {}", count, name);
    return {
        law(what + ": what is heard, against without",
            fmt::format("{} notes, {}", like.notes, like.same ? "all bits equal" : "not the same"),
            like.same),
        law(what + ": refused, unfetched, log, memory",
            fmt::format("{}, {}, {} bytes, {:+.1f} MiB", health.bad_packets, health.unfetched,
                        words, grown),
            health.bad_packets > count / 2 && words < kMostWords && grown < kMostGrowth)};
}

std::vector<float> calm_take(double seconds) {
    Daemon daemon(recording());
    osc::Client client = daemon.client();
    play_ruler(client);
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    return played_by(daemon, client);
}

} // namespace

Figures malformed(const Effort &effort) {
    const auto calm = calm_take(effort.seconds.value_or(60));
    Figures out;
    for (const auto &[name, kind] :
         {std::pair{"datagrams of noise", &Mangler::noise},
          std::pair{"good ones with turned, missing or more bits", &Mangler::mutated},
          std::pair{"bad bundles", &Mangler::bad_bundle}}) {
        const Figures more = of_kind(name, kind, effort, calm);
        out.insert(out.end(), more.begin(), more.end());
    }
    return out;
}

} // namespace chronus::perf
