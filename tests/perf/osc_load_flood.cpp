// What a flood does to the music, and to whoever wants it to stop.

#include "tests/perf/osc_load.h"
#include "tests/perf/osc_load_sound.h"
#include "tests/perf/osc_load_wire.h"

#include <fmt/format.h>

#include <functional>
#include <thread>

namespace chronus::perf {

namespace {

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
    run.health = health_of(client);
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
             .measured = fmt::format("{:.0f}/s sent, {} taken for noise; {}", run.sent.a_second(),
                                     run.health.bad_packets, run.health.losses())},
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
