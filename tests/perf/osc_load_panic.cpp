// From /panic on the Unix socket to silence, while a flood comes in over UDP.

#include "tests/perf/osc_load.h"
#include "tests/perf/osc_load_sound.h"
#include "tests/perf/osc_load_wire.h"
#include "tests/support/rig.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <thread>

namespace chronus::perf {

namespace {

constexpr double kFramesPerNs = 48e-6;
constexpr std::size_t kQuiet = 20; ///< notes before the flood, by which frames are told from time
/// What the fastest of those notes was late: a block until it is played, and the constant delay.
constexpr double kFastest = 2 * 256;

struct Note {
    std::int64_t struck_ns = 0, panicked_ns = 0;
};

/// Strikes a note that goes on, panics, and waits for what was silent anyway.
Note struck_and_stopped(osc::Client &client, std::mt19937 &dice) {
    Note note{now_ns()};
    (void)client.send({"/gate/voice1", {1}});
    spin_until(note.struck_ns + 60'000'000 + static_cast<std::int64_t>(dice() % 20'000'000));
    note.panicked_ns = now_ns();
    (void)client.send({"/panic"});
    spin_until(note.panicked_ns + 170'000'000);
    return note;
}

std::vector<Note> all_notes(const Daemon &daemon, osc::Client &client, double seconds) {
    std::mt19937 dice(4);
    std::vector<Note> notes;
    while (notes.size() < kQuiet) notes.push_back(struck_and_stopped(client, dice));
    std::thread flood([&] { send_paced(Wire{daemon.port()}, {kFlood, seconds}, Nuisance{}); });
    const std::int64_t end = now_ns() + static_cast<std::int64_t>(seconds * 1e9) - 300'000'000;
    while (now_ns() < end) notes.push_back(struck_and_stopped(client, dice));
    flood.join();
    return notes;
}

/// The first frames of sounds, and the frames after their last.
struct Spans {
    std::vector<std::size_t> begin, end;
};
Spans spans_of(std::span<const float> sound) {
    constexpr float kSilence = 1e-3f;
    Spans out{test::onsets(sound, kSilence, 2400), {}};
    for (std::size_t i = 0; i < out.begin.size(); ++i) {
        std::size_t last = i + 1 < out.begin.size() ? out.begin[i + 1] : sound.size();
        while (std::abs(sound[last - 1]) <= kSilence) --last;
        out.end.push_back(last);
    }
    return out;
}

/// Milliseconds from each panic of the flood until nothing is heard.
std::vector<double> until_silence(std::span<const Note> notes, const Spans &heard) {
    double start = std::numeric_limits<double>::max(); // the frame at time 0, by the fastest note
    for (std::size_t i = 0; i < kQuiet; ++i)
        start = std::min(start, static_cast<double>(heard.begin[i]) -
                                    kFramesPerNs * static_cast<double>(notes[i].struck_ns));
    std::vector<double> out;
    for (std::size_t i = kQuiet; i < notes.size(); ++i) {
        const double frames = static_cast<double>(heard.end[i]) - start -
                              kFramesPerNs * static_cast<double>(notes[i].panicked_ns);
        out.push_back((frames + kFastest) / 48);
    }
    return out;
}

} // namespace

Figures panics(const Effort &effort) {
    Daemon daemon(recording());
    osc::Client client = daemon.local_client();
    for (const auto &[path, value] :
         {std::pair{"osc/type", 1.0f}, {"adsr/attack", 0.001f}, {"adsr/sustain", 1.0f}})
        (void)client.send({fmt::format("/mod/voice1/{}", path), {value}});
    const auto notes = all_notes(daemon, client, effort.seconds.value_or(60));
    const Spans heard = spans_of(played_by(daemon, client));
    const std::string what = "in the flood, from /panic on the Unix socket to silence";
    if (heard.begin.size() != notes.size())
        return {law(what,
                    fmt::format("{} notes struck, {} heard", notes.size(), heard.begin.size()),
                    false)};
    const Spread ms = spread_of(until_silence(notes, heard));
    return {
        {.what = fmt::format("{}, of {}", what, notes.size() - kQuiet),
         .measured = fmt::format("p50 {:.1f}, p99 {:.1f}, most {:.1f} ms", ms.p50, ms.p99, ms.most),
         .target = "p99 at most 100 ms",
         .verdict = ms.p99 <= 100 ? Verdict::met : Verdict::missed}};
}

} // namespace chronus::perf
