#include "tools/chronusctl/performing.h"

#include "tools/chronusctl/arguments.h"
#include "tools/chronusctl/link.h"
#include "tools/chronusctl/output.h"
#include "tools/chronusctl/signals.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

namespace chronus::ctl {

using osc::Message;
using osc::Value;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

/// Runs `f` on a link, or says why there is none.
template <class F>
int with_link(const Call &call, F f) {
    auto link = Link::open(call.settings);
    if (const auto *refusal = std::get_if<Refusal>(&link)) return report(*refusal, call.settings);
    return f(std::get<Link>(link));
}

/// Sleeps as long as nobody interrupts the program.
void rest(milliseconds time) {
    const auto end = Clock::now() + time;
    while (!interrupted() && Clock::now() < end) std::this_thread::sleep_for(milliseconds{5});
}

/// Where the music is, as `/status` says it.
struct Position {
    bool running = false;
    int bar = 1, step = 1;
    double bpm = 120;
};

template <class T>
T value_at(const Answer &answer, std::size_t i, T otherwise) {
    const auto *value = i < answer.values.size() ? std::get_if<T>(&answer.values[i]) : nullptr;
    return value != nullptr ? *value : otherwise;
}

Position position_in(const Answer &answer) {
    return {value_at(answer, 0, false), value_at(answer, 1, std::int32_t{1}),
            value_at(answer, 2, std::int32_t{1}), static_cast<double>(value_at(answer, 3, 120.0f))};
}

/// How long to leave the daemon alone: short of the bar, for the tempo may rise.
milliseconds patience(const Position &at, int bar) {
    const double steps = (bar - at.bar) * 16.0 - (at.step - 1);
    const double ms = steps * 15000.0 / std::max(at.bpm, 1.0);
    return milliseconds{static_cast<milliseconds::rep>(std::clamp(ms * 0.8 - 10.0, 4.0, 200.0))};
}

Refusal not_now(std::string message, std::string hint) {
    return {
        .code = -8, .symbol = "NOT_NOW", .message = std::move(message), .hint = std::move(hint)};
}

Refusal too_late(const Position &at, int bar, double seconds) {
    return {.code = -104,
            .symbol = "LATE",
            .message =
                fmt::format("bar {} did not come within {} s: bar {} plays", bar, seconds, at.bar)};
}

int arrived(const Position &at, const Settings &settings) {
    return report(Answer{.address = "/status",
                         .text = fmt::format("bar {} plays", at.bar),
                         .values = {at.bar}},
                  settings);
}

/// Asks where the music is until it is there. A start that was answered a moment ago may not have
/// reached the audio yet, and the position still be the old one: the first look only tells whether
/// it runs.
int wait_for_bar(Link &link, int bar, const Settings &settings) {
    const auto began = Clock::now();
    for (bool first = true; !interrupted(); first = false) {
        const Heard heard = link.ask({"/status"}, milliseconds{2000});
        if (std::holds_alternative<Refusal>(heard)) return report(heard, settings);
        const Position at = position_in(std::get<Answer>(heard));
        if (!at.running)
            return report(
                not_now(fmt::format("the sequencer is stopped: bar {} will not come", bar),
                        "/seq/start"),
                settings);
        if (!first && at.bar >= bar) return arrived(at, settings);
        const double waited = std::chrono::duration<double>(Clock::now() - began).count();
        if (settings.timeout_s && waited >= *settings.timeout_s)
            return report(too_late(at, bar, *settings.timeout_s), settings);
        rest(first ? milliseconds{40} : patience(at, bar));
    }
    return kRefused;
}

} // namespace

int run_message(const Call &call) {
    const auto message = message_for(call);
    if (!message) return report_usage(message.error().what, message.error().hint, call.settings);
    return with_link(call, [&](Link &link) { return report(link.ask(*message), call.settings); });
}

int run_setlist_file(const Call &call) {
    Call whole = call;
    const std::size_t file = call.command->args.starts_with("s:FILE") ? 0 : 1;
    if (file < whole.words.size())
        whole.words[file] = std::filesystem::absolute(whole.words[file]).lexically_normal();
    return run_message(whole);
}

int run_schema(const Call &call) {
    const auto format = call.options.find("format");
    auto message = message_for(call);
    if (!message) return report_usage(message.error().what, message.error().hint, call.settings);
    if (format != call.options.end() && !call.words.empty())
        return report_usage("schema: --format is for the whole schema",
                            "chronusctl schema --format json", call.settings);
    if (format != call.options.end()) *message = {"/engine/schema", {format->second}};
    return with_link(call, [&](Link &link) { return report(link.ask(*message), call.settings); });
}

int run_test(const Call &call) {
    return with_link(call, [&](Link &link) {
        catch_interrupts();
        const std::string gate = "/gate/voice1";
        for (const Message &message : {Message{"/mod/voice1/freq", {440.0f}}, {gate, {1}}}) {
            const Heard heard = link.ask(message);
            if (std::holds_alternative<Refusal>(heard)) return report(heard, call.settings);
        }
        rest(milliseconds{1000});
        Heard closed = link.ask({gate, {0}});
        if (auto *answer = std::get_if<Answer>(&closed))
            answer->text = "voice1 played 440 Hz for 1 s";
        return report(closed, call.settings);
    });
}

int run_wait_bar(const Call &call) {
    const auto message = message_for(call);
    if (!message) return report_usage(message.error().what, message.error().hint, call.settings);
    const auto *bar = std::get_if<std::int32_t>(&message->args[0]);
    if (bar == nullptr || *bar < 1)
        return report_usage(
            fmt::format("wait-bar: \"{}\" is no bar: they are counted from 1", call.words[0]),
            "chronusctl wait-bar 9", call.settings);
    catch_interrupts();
    return with_link(call, [&](Link &link) { return wait_for_bar(link, *bar, call.settings); });
}

} // namespace chronus::ctl
