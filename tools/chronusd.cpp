#include "tools/chronusd/options.h"

#include "engine/host/device_supervisor.h"
#include "engine/host/privileges.h"
#include "engine/host/recorder.h"
#include "engine/host/session.h"
#include "osc/context.h"
#include "osc/discovery.h"
#include "osc/kept_progress.h"
#include "osc/recording.h"
#include "osc/server.h"
#include "patterns/history/item_keeper.h"
#include "patterns/history/journal.h"
#include "patterns/store/slot_format.h"
#include "patterns/store/state_lock.h"

#include <fmt/format.h>

#include <malloc.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <thread>
#include <utility>

using namespace chronus;

namespace {

/// Exit codes as in sysexits.h.
enum Exit { kUsage = 64, kUnavailable = 69, kCannotCreate = 73, kAlreadyRunning = 75 };

[[noreturn]] void fail(int code, const Error &error) {
    fmt::print(stderr, "chronusd: {}\n", error.what);
    if (!error.hint.empty()) fmt::print(stderr, "chronusd: try {}\n", error.hint);
    std::exit(code);
}

int exit_code(const Error &error) {
    switch (error.code) {
    case Errc::busy:
        return kAlreadyRunning;
    case Errc::bad_type:
    case Errc::out_of_range:
        return kUsage;
    case Errc::unsupported:
        return kUnavailable;
    default:
        return kCannotCreate;
    }
}

/// The value, or the end of the program.
template <class T>
T value_or_exit(Result<T> result, int code = 0) {
    if (!result) fail(code != 0 ? code : exit_code(result.error()), result.error());
    return std::move(*result);
}

/// SIGINT and SIGTERM as something to poll. Blocked here, before any thread is made, and so in all.
int quit_signals() {
    sigset_t quit;
    sigemptyset(&quit);
    sigaddset(&quit, SIGINT);
    sigaddset(&quit, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &quit, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return ::signalfd(-1, &quit, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// Scenes, half a megabyte each, go back to the system as soon as they are freed. Left alone, glibc
/// keeps what it once got.
void keep_memory_small() {
#ifdef M_MMAP_THRESHOLD
    ::mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
}

std::int64_t unix_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// Other machines need one; on this one nobody does.
osc::Tokens tokens_of(const Options &options) {
    const bool wide =
        options.bind != "127.0.0.1" && options.bind != "::1" && options.bind != "localhost";
    if (wide) {
        const auto made = osc::create_tokens(options.state);
        if (!made && made.error().code != Errc::conflict) fail(kCannotCreate, made.error());
        fmt::print("open to other machines, which need a token of {}\n",
                   (options.state / osc::kTokensFile).string());
    }
    auto tokens = osc::load_tokens(options.state);
    if (!tokens && tokens.error().code == Errc::not_found) return {};
    return value_or_exit(std::move(tokens), kCannotCreate);
}

/// A port that was asked for is had whole or not at all; without the Unix socket the daemon runs.
void open_doors(const Options &options, const osc::UdpSocket &socket, osc::Streams &streams) {
    auto tcp = osc::StreamListener::bind_tcp(options.bind, socket.local().port);
    if (tcp || options.port != 0) streams.listen(value_or_exit(std::move(tcp), kUnavailable));
    auto local = osc::StreamListener::bind_local(osc::socket_path(::getpid()));
    if (local)
        streams.listen(*std::move(local));
    else
        fmt::print(stderr, "chronusd: {}\n", local.error().what);
}

void say_what_runs(const Options &options, const osc::UdpSocket &socket,
                   const DeviceSupervisor &device) {
    const DeviceInfo &info = device.info();
    fmt::print("chronusd {}: {} voices on {} \"{}\" at {} Hz in blocks of {}; state in {}\n",
               CHRONUS_VERSION, options.voices, word_of(info.kind), info.name, info.sample_rate,
               info.block_frames, options.state.string());
    if (const std::string note = device.status().note; !note.empty()) fmt::print("{}\n", note);
    fmt::print("listening on {}\n", socket.local().text());
    std::fflush(stdout);
}

/// A history that was damaged, or cannot be had: the daemon plays all the same.
void say_what_became(const patterns::HistoryThread &history) {
    const patterns::HistoryStatus status = history.status();
    for (const std::string &text : {status.note, status.error})
        if (!text.empty()) fmt::print(stderr, "chronusd: {}\n", text);
}

/// From the first frame on: the tape is asked for before anything else is.
void record_all(const Options &options, Recorder &recorder, Session &session) {
    if (options.record.empty()) return;
    (void)value_or_exit(
        recorder.start_at(options.record,
                          osc::recording_format(options.record.string(), options.record_format)),
        kCannotCreate);
    (void)value_or_exit(session.tape(true), kCannotCreate);
}

/// Sound ends with a ramp, and what was played is on the disk, before the device goes.
void wind_down(Session &session, Recorder &recorder, DeviceSupervisor &device) {
    (void)session.panic();
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    device.stop();
    if (recorder.status().active) (void)recorder.finish();
}

} // namespace

int main(int argc, char **argv) {
    keep_memory_small();
    const Options options = parse_options(argc, argv);
    const int quit = quit_signals();
    const Grant memory = lock_memory();

    auto state = value_or_exit(patterns::StateDir::open(options.state));
    auto socket = value_or_exit(osc::UdpSocket::bind(options.bind, options.port), kUnavailable);
    auto device = value_or_exit(DeviceSupervisor::open(options.device, options.request));

    const SampleRate rate{static_cast<float>(device->info().sample_rate)};
    Recorder recorder{rate, options.state / "recordings"};
    Session session{{rate, static_cast<std::uint16_t>(options.voices), options.seed},
                    recorder.tape()};
    patterns::JobRunner jobs{state.disk(), patterns::inspect_slot,
                             static_cast<std::uint32_t>(::getpid())};
    const std::size_t swept = value_or_exit(jobs.start(), kCannotCreate);
    auto saver = value_or_exit(
        patterns::Saver::start([&](const patterns::Job &job) { return jobs.run(job); }),
        kCannotCreate);
    patterns::Slots slots{state.disk(), patterns::inspect_slot};

    patterns::Journal journal{options.state / "history.journal"};
    patterns::ItemKeeper keeper{journal};
    const auto progress = value_or_exit(
        osc::KeptProgress::open(options.state, {unix_ms, monotonic_ns},
                                [&](patterns::Database &db) { return keeper.drain(db); }));
    say_what_became(progress->history());
    if (swept > 0)
        progress->put_in_order(
            "sweep", fmt::format("{} of unfinished writes removed", osc::counted(swept, "file")));
    osc::Observer observer{session, &journal, progress->history(), unix_ms};
    observer.begin(CHRONUS_VERSION);

    osc::Streams streams;
    open_doors(options, socket, streams);

    record_all(options, recorder, session);
    device->start(render_call_of(session.engine()));

    patterns::Studio studio{progress->store(), options.state / "renders"};
    osc::Subscriptions subscriptions{session.config().voices};
    osc::Context context{.session = session,
                         .device = *device,
                         .recorder = recorder,
                         .slots = slots,
                         .saver = *saver,
                         .presets = patterns::Presets{state.disk()},
                         .studio = studio,
                         .sets = patterns::Setlists{state.disk()},
                         .subscriptions = subscriptions,
                         .progress = progress->store(),
                         .history = progress->history(),
                         .observer = observer,
                         .now_ms = unix_ms,
                         .now_ns = monotonic_ns,
                         .latency_ms = options.latency_ms,
                         .access = osc::Access{tokens_of(options)},
                         .memory = memory,
                         .record_samples = options.record_format,
                         .listens_on = socket.local().text()};
    std::optional<osc::Visuals> visuals;
    if (options.viz_port != 0)
        visuals.emplace(socket, session,
                        value_or_exit(osc::resolve("127.0.0.1", options.viz_port), kUnavailable));
    const auto announced =
        osc::Announcement::publish({::getpid(), options.bind, socket.local().port,
                                    options.state.string(), osc::socket_path(::getpid()).string()});
    if (!announced) fmt::print(stderr, "chronusd: {}\n", announced.error().what);

    say_what_runs(options, socket, *device);
    osc::Server{socket, streams, context, visuals ? &*visuals : nullptr, quit}.run();
    wind_down(session, recorder, *device);
    return 0;
}
