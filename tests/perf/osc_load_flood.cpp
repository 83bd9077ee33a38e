// What a flood does to the music, and to whoever wants it to stop.

#include "osc/packet.h"
#include "tests/perf/osc_load.h"
#include "tests/perf/osc_load_sound.h"
#include "tests/perf/osc_load_wire.h"

#include <fmt/format.h>

#include <functional>
#include <random>
#include <thread>

namespace chronus::perf {

namespace {

constexpr double kFlood = 100'000; ///< packets a second

/// Good packets that nobody hears, as voice 8 is silent, and noise in turn.
class Nuisance {
public:
    void operator()(Packet &out) {
        if (++count_ % 2 == 0) {
            const float hz = 100.0f + static_cast<float>(count_ % 10'000);
            out = osc::encode({"/mod/voice8/filter/freq", {hz}});
        } else {
            out.resize(4 + dice_() % 60);
            for (std::byte &byte : out) byte = static_cast<std::byte>(dice_());
        }
    }

private:
    std::mt19937 dice_{7};
    std::uint64_t count_ = 0;
};

struct Run {
    std::vector<float> sound;
    Sent sent{};
    Health health{};
};

/// Plays the ruler while `meanwhile` happens.
Run ruled(const std::function<Sent(const Daemon &)> &meanwhile) {
    Daemon daemon(recording());
    osc::Client client = daemon.client();
    play_ruler(client);
    Run run;
    run.sent = meanwhile(daemon);
    run.health = health_of(daemon, client);
    run.sound = played_by(daemon, client);
    return run;
}

} // namespace

Figures flood(const Effort &effort) {
    const double seconds = effort.seconds.value_or(60);
    const Run calm = ruled([&](const Daemon &) {
        std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
        return Sent{};
    });
    const Run run = ruled([&](const Daemon &daemon) {
        return send_paced(Wire{daemon.port()}, {kFlood, seconds}, Nuisance{});
    });
    const Likeness like = compared(calm.sound, run.sound);
    const auto blocks = [](const Health &health) {
        return fmt::format("{} late, {} xruns", health.late, health.xruns);
    };
    return {{.what = fmt::format("a flood of {:.0f} packets/s for {:.0f} s", kFlood, seconds),
             .measured = fmt::format("{:.0f}/s sent, {} taken for noise, {} lost",
                                     run.sent.a_second(), run.health.bad_packets, run.health.lost)},
            {.what = "blocks without the flood", .measured = blocks(calm.health)},
            {.what = "blocks during it",
             .measured = blocks(run.health),
             .target = "as without",
             .verdict = run.health.late <= calm.health.late && run.health.xruns <= calm.health.xruns
                            ? Verdict::met
                            : Verdict::missed},
            law("what is heard during it, against without",
                fmt::format("{} notes, {} frames, {}", like.notes, like.frames,
                            like.same ? "all bits equal" : "not the same"),
                like.same)};
}

} // namespace chronus::perf
