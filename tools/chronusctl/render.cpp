#include "engine/host/host_clock.h"
#include "engine/host/progress.h"
#include "patterns/show/render_wishes.h"
#include "patterns/show/studio.h"
#include "patterns/text/codec.h"
#include "tools/chronusctl/job_view.h"
#include "tools/chronusctl/output.h"
#include "tools/chronusctl/performing.h"
#include "tools/chronusctl/signals.h"

#include <fmt/format.h>

#include <algorithm>
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

constexpr std::string_view kOfDaemon = "slot:";

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

Result<patterns::Loaded> load(const fs::path &file) {
    std::ifstream in{file, std::ios::binary};
    std::ostringstream bytes;
    if (!fs::is_regular_file(file) || !(bytes << in.rdbuf()))
        return Error{Errc::not_found, fmt::format("{}: no such file of a slot", file.string()),
                     "chronusctl pattern list"};
    return patterns::decode(std::move(bytes).str());
}

Result<fs::path> folder_of(const Call &call) {
    const auto given = call.options.find("out");
    const fs::path folder = given == call.options.end() ? "." : given->second;
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

int render_file(const Call &call) {
    const auto order = order_of(call);
    if (!order) return report(refusal_of(order.error()), call.settings);
    const auto folder = folder_of(call);
    if (!folder) return report(refusal_of(folder.error()), call.settings);
    ProgressStore progress{{unix_ms, monotonic_ns}};
    patterns::Studio studio{progress, *folder};
    const auto job = studio.render(*order, order->name);
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

/// Asks again until the job is over.
int wait_for(Link &link, const std::string &job, const Settings &settings) {
    JobLine line{settings};
    for (bool cancelled = false;; std::this_thread::sleep_for(milliseconds{50})) {
        if (interrupted() && !std::exchange(cancelled, true))
            (void)link.ask({"/job/cancel", {job}});
        const Heard heard = link.ask({"/render/report", {job}});
        const auto *refusal = std::get_if<Refusal>(&heard);
        if (refusal != nullptr && refusal->symbol == "NOT_NOW") {
            if (line.shown()) line.show(link.ask({"/progress/show", {job}}));
            continue;
        }
        line.clear();
        if (refusal != nullptr) return report(heard, settings);
        return finish(std::get<Answer>(heard).document, settings);
    }
}

int render_slot(const Call &call, const std::string &slot) {
    if (call.options.contains("out"))
        return report_usage("--out is for files: what a daemon renders is in its state folder",
                            fmt::format("chronusctl render slot:{}", slot), call.settings);
    osc::Message question{"/render/slot", {slot}};
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

} // namespace

int run_render(const Call &call) {
    if (call.words.size() != 1)
        return report_usage("render takes one file of a slot, or slot:12 of a running daemon",
                            "chronusctl render --help", call.settings);
    catch_interrupts();
    const std::string &source = call.words.front();
    if (source.starts_with(kOfDaemon)) return render_slot(call, source.substr(kOfDaemon.size()));
    return render_file(call);
}

} // namespace chronus::ctl
