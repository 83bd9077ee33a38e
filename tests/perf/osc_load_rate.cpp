// How many parameter messages a second it takes without losing one.

#include "tests/perf/osc_load.h"
#include "tests/perf/osc_load_daemon.h"
#include "tests/perf/osc_load_wire.h"

#include <fmt/format.h>

namespace chronus::perf {

namespace {

struct Load {
    const char *name;
    std::size_t bundled; ///< messages a packet
    double a_second;     ///< messages
};

struct Pressed {
    Sent sent;
    Health health;
    std::uint64_t asked_for = 0, lost = 0;
    std::size_t wrong = 0; ///< parameters that are not as sent, though nothing was lost
};

/// A daemon of its own for each rate, so that one drowned leaves nothing to the next.
Pressed pressed(const Load &load, double seconds) {
    Daemon daemon;
    osc::Client client = daemon.client();
    play_eight_voices(client);
    const Wire wire(daemon.port());
    Movements movements;
    const Pacing pacing{load.a_second / static_cast<double>(load.bundled), seconds};
    Pressed out;
    out.sent = send_paced(wire, pacing, [&](Packet &packet) {
        load.bundled == 1 ? movements.message(packet) : movements.bundle(packet, load.bundled);
    });
    out.asked_for = out.sent.packets * load.bundled;
    out.health = health_of(client);
    out.lost = out.asked_for - out.health.messages[wire.name()];
    out.wrong = out.lost == 0 ? movements.wrong(client) : 0;
    return out;
}

Figure figure_of(const Load &load, const Pressed &outcome) {
    const double achieved = outcome.sent.a_second() * static_cast<double>(load.bundled);
    const bool slow = achieved < 0.98 * load.a_second;
    return {.what = fmt::format("{} at {:.0f}/s for {:.0f} s", load.name, load.a_second,
                                outcome.sent.seconds),
            .measured =
                fmt::format("{:.0f}/s sent, {} of {} lost{}", achieved, outcome.lost,
                            outcome.asked_for, slow ? "; the sender could not do more" : ""),
            .target = "none lost",
            .verdict = outcome.wrong != 0           ? Verdict::broken
                       : outcome.lost == 0 && !slow ? Verdict::met
                                                    : Verdict::missed};
}

/// The rate that is asked for, then doubled until something is lost or the sender is at its end.
void climb(Load load, const Effort &effort, Figures &out) {
    for (int times : {1, 2, 4}) {
        Load now = load;
        now.a_second *= times;
        const Pressed outcome = pressed(now, effort.seconds.value_or(times == 1 ? 10 : 5));
        out.push_back(figure_of(now, outcome));
        if (outcome.wrong != 0)
            out.back().measured += fmt::format("; {} parameters are not as sent", outcome.wrong);
        if (times > 1) {
            out.back().target = "";
            if (out.back().verdict == Verdict::missed) out.back().verdict = Verdict::shown;
        }
        if (outcome.lost != 0) return;
    }
}

} // namespace

Figures rates(const Effort &effort) {
    Figures out;
    climb({"single messages", 1, 200'000}, effort, out);
    climb({"bundles of 20, messages", 20, 1'000'000}, effort, out);
    return out;
}

} // namespace chronus::perf
