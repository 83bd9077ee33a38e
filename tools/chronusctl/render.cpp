#include "engine/host/host_clock.h"
#include "engine/host/progress.h"
#include "patterns/show/render_wishes.h"
#include "patterns/show/studio.h"
#include "patterns/text/codec.h"
#include "patterns/text/setlist_text.h"
#include "tools/chronusctl/arguments.h"
#include "tools/chronusctl/job_view.h"
#include "tools/chronusctl/output.h"
#include "tools/chronusctl/performing.h"
#include "tools/chronusctl/signals.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>

namespace chronus::ctl {

namespace {

namespace fs = std::filesystem;
using patterns::RenderWishes;
using std::chrono::milliseconds;

/// What a daemon renders: "slot:3", or the word alone.
struct Source {
    std::string_view begin, address;
};
constexpr std::array kOfDaemon{
    Source{"execution:", "/render/execution"}, Source{"pattern", "/render/pattern"},
    Source{"set:", "/render/setlist"},         Source{"slot:", "/render/slot"},
    Source{"snapshot:", "/render/snapshot"},
};

/// The command for it; nothing where it names a file.
std::optional<osc::Message> asked_for(std::string_view source) {
    for (const Source &each : kOfDaemon) {
        const bool is_word = !each.begin.ends_with(':');
        if (is_word ? source == each.begin : source.starts_with(each.begin)) {
            osc::Message out{std::string{each.address}, {}};
            if (!is_word) out.args.emplace_back(std::string{source.substr(each.begin.size())});
            return out;
        }
    }
    return std::nullopt;
}

/// The options that say how to render, as they were typed: "bars" to "4".
std::map<std::string, std::string> wishes_typed(const Call &call) {
    std::map<std::string, std::string> out;
    for (const patterns::RenderKey &key : patterns::render_keys())
        if (const auto given = call.options.find(std::string{key.word});
            given != call.options.end())
            out.insert(*given);
    return out;
}

Result<RenderWishes> wishes_in(const Call &call) {
    RenderWishes wishes{.name = fs::path{call.words.front()}.stem().string()};
    for (const auto &[key, value] : wishes_typed(call))
        if (auto set = set_wish(wishes, key, value); !set)
            return Error{set.error().code, "--" + set.error().what,
                         fmt::format("--{} {}", key, set.error().hint)};
    return wishes;
}

Result<std::string> bytes_of(const fs::path &file) {
    std::ifstream in{file, std::ios::binary};
    std::ostringstream bytes;
    if (!fs::is_regular_file(file) || !(bytes << in.rdbuf()))
        return Error{Errc::not_found,
                     fmt::format("{}: no such file of a slot or a set", file.string()),
                     "chronusctl pattern list"};
    return std::move(bytes).str();
}

Result<fs::path> folder_of(const Call &call) {
    const auto given = call.options.find("out");
    const fs::path folder = given == call.options.end() ? "." : given->second;
    std::error_code why;
    fs::create_directories(folder, why);
    if (why) return Error{Errc::io, fmt::format("--out {}: {}", folder.string(), why.message())};
    return folder;
}

void tell_notes(const std::vector<std::string> &notes) {
    for (const std::string &note : notes) fmt::print(stderr, "note: {}\n", printable(note));
}

Result<patterns::RenderOrder> order_of(const Call &call, const std::string &bytes) {
    auto loaded = patterns::decode(bytes);
    if (!loaded) return loaded.error();
    tell_notes(loaded->notes);
    const patterns::Document &document = loaded->document;
    auto wishes = wishes_in(call);
    if (!wishes) return wishes.error();
    return patterns::RenderOrder{
        .parts = {{std::make_shared<const Scene>(document.scene), wishes->bars}},
        .config = {SampleRate{static_cast<float>(wishes->rate)}, document.voices},
        .tail = wishes->tail,
        .outputs = std::move(wishes->outputs),
        .name = std::move(wishes->name)};
}

std::int64_t unix_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

int finish(const std::string &report, const Settings &settings) {
    const Json document = document_in(report).value_or(Json{});
    ctl::report(Answer{.address = "/render/report",
                       .text = words_of_report(document),
                       .document = settings.json ? report : std::string{}},
                settings);
    return all_made(document) ? kDone : kRefused;
}

/// Has a studio of its own do it, and waits.
template <class F>
int in_studio(const Call &call, F begin) {
    const auto folder = folder_of(call);
    if (!folder) return report(refusal_of(folder.error()), call.settings);
    ProgressStore progress{{unix_ms, monotonic_ns}};
    patterns::Studio studio{progress, *folder};
    const Result<std::string> job = begin(studio);
    if (!job) return report(refusal_of(job.error()), call.settings);
    JobLine line{call.settings};
    for (auto level = progress.find(*job); level && !is_over(level->status);
         level = progress.find(*job)) {
        if (interrupted()) (void)progress.cancel(*job, "you");
        line.show(*level);
        std::this_thread::sleep_for(milliseconds{20});
    }
    line.clear();
    const auto made = studio.report(*job);
    if (!made) return report(refusal_of(made.error()), call.settings);
    return finish(made->json, call.settings);
}

int render_file(const Call &call, const std::string &bytes) {
    const auto order = order_of(call, bytes);
    if (!order) return report(refusal_of(order.error()), call.settings);
    return in_studio(call,
                     [&](patterns::Studio &studio) { return studio.render(*order, order->name); });
}

/// All of a set, or a share of it.
int render_set(const Call &call, const std::string &bytes) {
    const auto loaded = patterns::decode_setlist(bytes);
    if (!loaded) return report(refusal_of(loaded.error()), call.settings);
    tell_notes(loaded->notes);
    if (call.options.contains("bars") || call.options.contains("name"))
        return report_usage("--bars and --name are for slots: the songs of a set have their own",
                            "chronusctl render --help", call.settings);
    auto wishes = wishes_in(call);
    if (!wishes) return report(refusal_of(wishes.error()), call.settings);
    const auto given = call.options.find("shard");
    const auto share = given == call.options.end() ? Result<patterns::Share>{patterns::Share{}}
                                                   : patterns::parse_share(given->second);
    if (!share)
        return report(refusal_of({share.error().code, "--" + share.error().what,
                                  "--shard " + share.error().hint}),
                      call.settings);
    patterns::SetOrder order{.set = std::make_shared<const patterns::Setlist>(loaded->set),
                             .wishes = *std::move(wishes),
                             .now_s = static_cast<double>(unix_ms()) / 1000};
    return in_studio(call, [&](patterns::Studio &studio) { return studio.process(order, *share); });
}

/// Waits for what comes of a job.
int wait_for(Link &link, const std::string &job, const Settings &settings) {
    const Heard heard = wait_for_job(link, job, settings);
    if (const auto *answer = std::get_if<Answer>(&heard)) return finish(answer->document, settings);
    return report(heard, settings);
}

/// Has a daemon begin a job, with what was wished for, and waits for what comes of it.
int ask_and_wait(const Call &call, osc::Message question) {
    for (const auto &[key, value] : wishes_typed(call)) question.args.push_back(key + "=" + value);
    auto link = Link::open(call.settings);
    if (const auto *refusal = std::get_if<Refusal>(&link)) return report(*refusal, call.settings);
    const Heard heard = std::get<Link>(link).ask(question);
    const auto *answer = std::get_if<Answer>(&heard);
    const auto *job = answer == nullptr || answer->values.empty()
                          ? nullptr
                          : std::get_if<std::string>(&answer->values[0]);
    if (job == nullptr) return report(heard, call.settings);
    return wait_for(std::get<Link>(link), *job, call.settings);
}

int render_in_daemon(const Call &call, const osc::Message &question) {
    for (const char *option : {"out", "shard"})
        if (call.options.contains(option))
            return report_usage(
                fmt::format(
                    "--{} is for files: what a daemon renders is in its state folder, whole",
                    option),
                fmt::format("chronusctl render {}", call.words.front()), call.settings);
    return ask_and_wait(call, question);
}

} // namespace

int run_replay(const Call &call) {
    if (call.words.size() != 1)
        return report_usage("replay takes one performance, by its number", "chronusctl replay 1",
                            call.settings);
    catch_interrupts();
    osc::Message question{"/history/replay", {call.words.front()}};
    if (const auto from = call.options.find("from"); from != call.options.end())
        question.args.push_back("from=" + from->second);
    if (call.options.contains("live")) question.args.emplace_back("live");
    return ask_and_wait(call, std::move(question));
}

int run_bisect(const Call &call) {
    const auto message = message_for(call);
    if (!message) return report_usage(message.error().what, message.error().hint, call.settings);
    catch_interrupts();
    return ask_and_wait(call, *message);
}

int run_set_job(const Call &call) {
    if (call.words.size() != 1)
        return report_usage(fmt::format("{} takes one set", call.command->words),
                            fmt::format("chronusctl {}", call.command->example), call.settings);
    catch_interrupts();
    return ask_and_wait(call, {std::string{call.command->address}, {call.words.front()}});
}

int run_render(const Call &call) {
    if (call.words.size() != 1)
        return report_usage(
            "render takes one file of a slot or a set; or of a running daemon pattern, slot:12, "
            "snapshot:HEAD~3, execution:7 or set:friday",
            "chronusctl render --help", call.settings);
    catch_interrupts();
    const std::string &source = call.words.front();
    if (const auto question = asked_for(source)) return render_in_daemon(call, *question);
    const auto bytes = bytes_of(source);
    if (!bytes) return report(refusal_of(bytes.error()), call.settings);
    if (bytes->find("\"songs\":") != std::string::npos) return render_set(call, *bytes);
    if (!call.options.contains("shard")) return render_file(call, *bytes);
    return report_usage("--shard is for sets: a slot has no songs",
                        fmt::format("chronusctl render {}", source), call.settings);
}

} // namespace chronus::ctl
