#include "tools/chronusd/options.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdlib>

namespace chronus {

namespace fs = std::filesystem;

namespace {

constexpr int kUsage = 64;

/// `$XDG_STATE_HOME/chronus`, or where that is by default.
fs::path default_state() {
    if (const char *dir = std::getenv("XDG_STATE_HOME"); dir != nullptr && *dir == '/')
        return fs::path{dir} / "chronus";
    const char *home = std::getenv("HOME");
    return fs::path{home != nullptr ? home : "."} / ".local/state/chronus";
}

template <class T>
T or_exit(Result<T> result) {
    if (result) return std::move(*result);
    fmt::print(stderr, "chronusd: {}\n", result.error().what);
    if (!result.error().hint.empty()) fmt::print(stderr, "chronusd: try {}\n", result.error().hint);
    std::exit(kUsage);
}

/// Words of the command line that are not yet what they mean.
struct Words {
    std::string device = "auto", state, record, format;
};

void describe(CLI::App &app, Options &options, Words &words) {
    app.set_version_flag("--version", std::string{"chronusd "} + CHRONUS_VERSION);
    app.add_option("--device", words.device,
                   "Where sound goes: auto, jack, pulse, alsa, or null, which plays in real time "
                   "without a sound card")
        ->capture_default_str();
    app.add_option("--sample-rate", options.request.sample_rate,
                   "Frames a second, 8000..192000; the device's own when not given")
        ->envname("CHRONUS_SAMPLE_RATE");
    app.add_option("--block", options.request.block_frames,
                   "Frames a block, 16..8192; 256 or the device's own when not given")
        ->envname("CHRONUS_BUFFER_SIZE");
    app.add_option("--voices", options.voices, "Number of voices, 1..64")
        ->envname("CHRONUS_NUM_VOICES")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_option("--seed", options.seed, "Seed of the noise in it")->capture_default_str();
    app.add_option("--port", options.port, "UDP and TCP port for OSC; 0 takes a free one")
        ->capture_default_str();
    app.add_option("--bind", options.bind,
                   "Address to listen on. Beyond this machine (0.0.0.0, an address of a network "
                   "card) clients need a token of the file \"tokens\" in the state folder")
        ->capture_default_str();
    app.add_option("--viz-port", options.viz_port,
                   "Port on this machine that /viz/levels and /viz/spectrum go to; 0 sends none")
        ->capture_default_str();
    app.add_option("--latency", options.latency_ms,
                   "Milliseconds from a message's arrival to its act, 0..1000; 0 acts in the next "
                   "block, whenever that is [one block]")
        ->check(CLI::Range(0, 1000));
    app.add_option("--state", words.state,
                   "Folder of patterns and recordings [" + default_state().string() + "]");
    app.add_option("--record", words.record,
                   "Record all that is played to this file: .wav or .flac");
    app.add_option("--record-format", words.format,
                   "Samples of recordings: s16, s24 or f32 [f32 for .wav, s24 for .flac]")
        ->check(CLI::IsMember({"s16", "s24", "f32"}));
}

} // namespace

Options parse_options(int argc, char **argv) {
    Options options;
    Words words;
    CLI::App app{"chronusd, the Chronus daemon: a live-coding sequencer and synthesiser played "
                 "over OSC.\n\nExit codes: 0 ended as asked, 64 wrong option, 69 port or device "
                 "not to be had,\n73 state folder not to be written, 75 another daemon has it.",
                 "chronusd"};
    describe(app, options, words);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        std::exit(app.exit(error) == 0 ? 0 : kUsage);
    }
    options.device = or_exit(parse_device_kind(words.device));
    options.state = words.state.empty() ? default_state() : fs::path{words.state};
    options.record = words.record;
    if (!words.format.empty())
        options.record_format = or_exit(parse_sound_format("wav:" + words.format)).samples;
    return options;
}

} // namespace chronus
