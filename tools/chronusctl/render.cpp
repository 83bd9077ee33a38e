#include "patterns/show/render.h"

#include "patterns/text/codec.h"
#include "patterns/text/number.h"
#include "tools/chronusctl/output.h"
#include "tools/chronusctl/performing.h"
#include "tools/chronusctl/signals.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace chronus::ctl {

namespace {

namespace fs = std::filesystem;

/// A whole number an option gives, or `usual`.
Result<std::uint32_t> count_in(const Call &call, const std::string &option, std::uint32_t usual,
                               std::pair<std::uint32_t, std::uint32_t> range) {
    const auto given = call.options.find(option);
    if (given == call.options.end()) return usual;
    const auto number = patterns::parse_number(given->second);
    const auto [least, most] = range;
    if (number && *number >= least && *number <= most && std::floor(*number) == *number)
        return static_cast<std::uint32_t>(*number);
    return Error{
        Errc::out_of_range,
        fmt::format("--{} {}: not a whole number in {}..{}", option, given->second, least, most),
        fmt::format("--{} {}", option, usual)};
}

Result<Tail> tail_in(const Call &call) {
    const auto given = call.options.find("tail");
    if (given == call.options.end()) return Tail{};
    const auto seconds = patterns::parse_number(given->second);
    if (seconds && *seconds >= 0 && *seconds <= 600) return Tail{.most_s = *seconds};
    return Error{Errc::out_of_range,
                 fmt::format("--tail {}: not a number of seconds in 0..600", given->second),
                 "--tail 20"};
}

std::string option_or(const Call &call, const std::string &option, std::string usual) {
    const auto given = call.options.find(option);
    return given == call.options.end() ? std::move(usual) : given->second;
}

Result<patterns::Loaded> load(const fs::path &file) {
    std::ifstream in{file, std::ios::binary};
    std::ostringstream bytes;
    if (!fs::is_regular_file(file) || !(bytes << in.rdbuf()))
        return Error{Errc::not_found, fmt::format("{}: no such file of a slot", file.string()),
                     "chronusctl pattern list"};
    return patterns::decode(std::move(bytes).str());
}

Result<fs::path> folder_of(const Call &call) {
    const fs::path folder = option_or(call, "out", ".");
    std::error_code why;
    fs::create_directories(folder, why);
    if (why) return Error{Errc::io, fmt::format("--out {}: {}", folder.string(), why.message())};
    return folder;
}

Result<patterns::RenderOrder> order_of(const Call &call) {
    auto loaded = load(call.words.front());
    if (!loaded) return loaded.error();
    for (const std::string &note : loaded->notes) fmt::print(stderr, "note: {}\n", printable(note));
    const patterns::Document &document = loaded->document;
    const auto bars = count_in(call, "bars", 8, {1, 100'000});
    if (!bars) return bars.error();
    const auto rate = count_in(call, "rate", 48'000, {8'000, 192'000});
    if (!rate) return rate.error();
    const auto tail = tail_in(call);
    if (!tail) return tail.error();
    auto outputs = patterns::parse_outputs(option_or(call, "outputs", "wav24"));
    if (!outputs) return outputs.error();
    auto folder = folder_of(call);
    if (!folder) return folder.error();
    return patterns::RenderOrder{.parts = {{std::make_shared<const Scene>(document.scene), *bars}},
                                 .config = {SampleRate{static_cast<float>(*rate)}, document.voices},
                                 .tail = *tail,
                                 .outputs = *std::move(outputs),
                                 .folder = *std::move(folder),
                                 .name = fs::path{call.words.front()}.stem().string()};
}

/// On a terminal, how far it is; anywhere, an end when interrupted.
patterns::Watch watch_over(std::stop_source &stop, bool shown) {
    return {stop.get_token(), [&stop, shown](std::string_view what, double part) {
                if (interrupted()) stop.request_stop();
                if (shown) fmt::print(stderr, "\r\033[K{} {:.0f} %", what, 100 * part);
            }};
}

std::string told(const patterns::RenderOrder &order, const patterns::RenderReport &report) {
    std::string out = fmt::format("{:.2f} s of music and what rings on\n", report.seconds);
    for (const patterns::MadeOutput &made : report.outputs) {
        for (const patterns::MadeFile &file : made.files)
            out += fmt::format("  {}  {} bytes\n", (order.folder / file.name).string(), file.bytes);
        if (made.blocked)
            out += fmt::format("  {}: {}\n", spec_of(made.output).word, made.blocked->what);
    }
    const patterns::SoundFacts &facts = report.outputs.front().facts;
    return out +
           fmt::format("  {:.1f} LUFS, true peak {:.1f} dBTP", facts.lufs, facts.true_peak_db);
}

bool all_made(const patterns::RenderReport &report) {
    for (const patterns::MadeOutput &made : report.outputs)
        if (made.files.empty()) return false;
    return true;
}

} // namespace

int run_render(const Call &call) {
    if (call.words.size() != 1)
        return report_usage("render takes one file of a slot", "chronusctl render --help",
                            call.settings);
    const auto order = order_of(call);
    if (!order) return report(refusal_of(order.error()), call.settings);
    catch_interrupts();
    std::stop_source stop;
    const bool shown = ::isatty(STDERR_FILENO) == 1 && !call.settings.json;
    const auto made = patterns::render(*order, watch_over(stop, shown));
    if (shown) fmt::print(stderr, "\r\033[K");
    if (!made) return report(refusal_of(made.error()), call.settings);
    report(Answer{.address = "/render",
                  .text = told(*order, *made),
                  .document = call.settings.json ? patterns::to_json(*made) : std::string{}},
           call.settings);
    return all_made(*made) ? kDone : kRefused;
}

} // namespace chronus::ctl
