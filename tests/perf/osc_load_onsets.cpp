// How far from the moment they were meant for notes sound.

#include "osc/packet.h"
#include "tests/perf/osc_load.h"
#include "tests/perf/osc_load_sound.h"
#include "tests/perf/osc_load_wire.h"

#include <fmt/format.h>

#include <cmath>
#include <ctime>
#include <random>

namespace chronus::perf {

namespace {

constexpr double kRate = 48000;
constexpr double kGap = 0.09; ///< seconds between notes, on average
const osc::Message kOpen{"/gate/voice1", {1}}, kClose{"/gate/voice1", {0}};

/// When the notes of a run are meant, in seconds of some clock, and the frames they sounded on.
struct Heard {
    std::vector<double> meant, sounded;
};

std::size_t notes_in(const Effort &effort, double seconds) {
    return static_cast<std::size_t>(effort.seconds.value_or(seconds) / kGap) + 5;
}

/// Seconds from 0.06 to 0.12, so that a note has died away before the next.
double some_gap(std::mt19937 &dice) {
    return 0.06 + 0.06 * static_cast<double>(dice()) / static_cast<double>(std::mt19937::max());
}

std::vector<double> sounded_by(Daemon &daemon, osc::Client &client) {
    const auto sound = played_by(daemon, client);
    const auto onsets = onsets_of(sound);
    return {onsets.begin(), onsets.end()};
}

/// Plain messages from a sender that knows the moment of each to the microsecond.
Heard struck_at_random(Daemon &daemon, std::size_t notes) {
    osc::Client client = daemon.client();
    make_percussive(client);
    const Wire wire(daemon.port());
    const Packet open = osc::encode(kOpen), close = osc::encode(kClose);
    std::mt19937 dice(1);
    Heard heard;
    auto at = now_ns() + 500'000'000;
    for (std::size_t n = 0; n < notes; ++n) {
        spin_until(at);
        heard.meant.push_back(static_cast<double>(now_ns()) / 1e9);
        wire.send(open);
        spin_until(at + 20'000'000);
        wire.send(close);
        at += static_cast<std::int64_t>(some_gap(dice) * 1e9);
    }
    heard.sounded = sounded_by(daemon, client);
    return heard;
}

/// The OSC time of a moment of the computer's clock. Units: ns since 1970.
std::uint64_t time_tag(std::int64_t unix_ns) {
    constexpr std::uint64_t kSince1900 = 2'208'988'800, kSecond = 1'000'000'000;
    const auto ns = static_cast<std::uint64_t>(unix_ns);
    return (ns / kSecond + kSince1900) << 32 | ((ns % kSecond) << 32) / kSecond;
}

/// Bundles sent ahead of their tags by more than what any device renders at once.
Heard struck_by_tags(Daemon &daemon, std::size_t notes) {
    osc::Client client = daemon.client();
    make_percussive(client);
    const Wire wire(daemon.port());
    timespec unix_now{};
    clock_gettime(CLOCK_REALTIME, &unix_now);
    const std::int64_t to_unix = unix_now.tv_sec * 1'000'000'000 + unix_now.tv_nsec - now_ns();
    std::mt19937 dice(2);
    Heard heard;
    auto at = now_ns() + 2'000'000'000; // the daemon's clock has settled by then
    for (std::size_t n = 0; n < notes; ++n) {
        spin_until(at - 150'000'000);
        heard.meant.push_back(static_cast<double>(at) / 1e9);
        wire.send(osc::encode_bundle({time_tag(at + to_unix)}, std::span{&kOpen, 1}));
        wire.send(osc::encode_bundle({time_tag(at + 20'000'000 + to_unix)}, std::span{&kClose, 1}));
        at += static_cast<std::int64_t>(some_gap(dice) * 1e9);
    }
    spin_until(at);
    heard.sounded = sounded_by(daemon, client);
    return heard;
}

/// `/at step+1`, again and again: every note is to sound on a step's first frame.
Heard struck_on_steps(Daemon &daemon, std::size_t notes) {
    osc::Client client = daemon.client();
    make_percussive(client);
    (void)asked(client, {"/seq/start"});
    const Wire wire(daemon.port());
    const Packet open = osc::encode({"/at", {std::string{"step+1"}, kOpen.address, 1}});
    const Packet close = osc::encode(kClose);
    Heard heard;
    auto at = now_ns();
    for (std::size_t n = 0; n < notes; ++n, at += 250'000'000) { // two steps of 120 BPM
        wire.send(open);
        spin_until(at + 200'000'000);
        wire.send(close);
        spin_until(at + 250'000'000);
    }
    heard.sounded = sounded_by(daemon, client);
    for (const double frame : heard.sounded) heard.meant.push_back(frame - heard.sounded[0]);
    return heard;
}

using Strike = Heard (*)(Daemon &, std::size_t);

Heard played(Strike strike, std::size_t block, std::size_t notes) {
    Daemon daemon(recording({"--block", std::to_string(block)}));
    return strike(daemon, notes);
}

Figure unequal(std::string what, const Heard &heard) {
    return law(std::move(what),
               fmt::format("{} notes meant, {} heard", heard.meant.size(), heard.sounded.size()),
               false);
}

Figure plain(std::size_t block, const Effort &effort) {
    const Heard heard = played(struck_at_random, block, notes_in(effort, 30));
    auto what = fmt::format("plain messages in blocks of {}, onset error", block);
    if (heard.meant.size() != heard.sounded.size()) return unequal(std::move(what), heard);
    const Fit fit = fitted(heard.meant, heard.sounded);
    return {.what = std::move(what),
            .measured = fmt::format("std {:.2f}, most {:.1f} samples of {} notes", fit.deviation,
                                    fit.most, heard.meant.size()),
            .target = "std at most 10 samples",
            .verdict = fit.deviation <= 10 ? Verdict::met : Verdict::missed};
}

Figure tagged(std::size_t block, const Effort &effort) {
    const Heard heard = played(struck_by_tags, block, notes_in(effort, 10));
    auto what = fmt::format("time-tagged bundles in blocks of {}, onset error", block);
    if (heard.sounded.empty()) return not_here(std::move(what), "tags act at once");
    if (heard.meant.size() != heard.sounded.size()) return unequal(std::move(what), heard);
    const Fit fit = fitted(heard.meant, heard.sounded);
    return {.what = std::move(what),
            .measured = fmt::format("std {:.2f}, most {:.2f} samples of {} notes", fit.deviation,
                                    fit.most, heard.meant.size()),
            .target = "0.5 samples, and the rounding to frames",
            .verdict = fit.most <= 1.0 ? Verdict::met : Verdict::missed};
}

Figure on_steps(std::size_t block, const Effort &effort) {
    const Heard heard = played(struck_on_steps, block, notes_in(effort, 4) / 2);
    constexpr double kStep = 6000; // frames at 120 BPM
    double most = 0;
    for (const double frame : heard.meant)
        most = std::max(most, std::abs(std::remainder(frame, kStep)));
    return {.what = fmt::format("/at step+1 in blocks of {}, onset error", block),
            .measured = fmt::format("most {:.0f} samples of {} notes", most, heard.meant.size()),
            .target = "0 samples",
            .verdict = most == 0 && heard.meant.size() > 1 ? Verdict::met : Verdict::broken};
}

} // namespace

Figures onset_errors(const Effort &effort) {
    Figures out{plain(256, effort)};
    if (!effort.seconds) out.push_back(plain(1024, effort));
    bool at = false;
    {
        Daemon daemon;
        osc::Client client = daemon.client();
        at = knows(client, {"/at", {std::string{"now"}, std::string{"/version"}}});
    }
    for (const std::size_t block : {64, 128, 256, 512, 1024, 2048}) {
        if (effort.seconds && block != 256) continue;
        out.push_back(tagged(block, effort));
        if (at) out.push_back(on_steps(block, effort));
    }
    if (!at) out.push_back(not_here("/at step+1, onset error", "no such command"));
    return out;
}

} // namespace chronus::perf
