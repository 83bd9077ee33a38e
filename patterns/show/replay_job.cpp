#include "patterns/show/replay_job.h"

#include "patterns/show/replay_live.h"
#include "patterns/show/replay_source.h"
#include "patterns/text/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace chronus::patterns {

namespace {

constexpr std::size_t kBlock = 8192; // frames: less than 100 ms of work on any machine

/// Those of the performance, and not of what was before it.
std::vector<SecondHeard> seconds_of(const Performance &performance) {
    std::vector<SecondHeard> out;
    for (const SecondHeard &second : performance.seconds)
        if (second.frame > performance.execution.start_frame) out.push_back(second);
    return out;
}

Compared compared(std::span<const SecondHeard> heard, std::span<const SecondOver> again) {
    Compared out{.seconds = heard.size()};
    for (const SecondHeard &second : heard) {
        const auto same = std::ranges::find(again, second.frame, &SecondOver::frame);
        if (same != again.end() && same->hash == second.hash)
            ++out.equal;
        else if (!out.first_other)
            out.first_other = second.frame;
    }
    return out;
}

/// Of all it had, each once.
std::vector<std::string> track_names(const Performance &performance) {
    std::vector<std::string> out;
    const auto add = [&](const Scene &scene) {
        for (const Track &track : scene.playing())
            if (std::ranges::find(out, track.name.view()) == out.end())
                out.emplace_back(track.name.view());
    };
    add(performance.session.first.scene);
    for (const KeptMessage &message : performance.messages)
        if (message.scene != nullptr) add(*message.scene);
    return out;
}

std::string words_of(const Compared &seconds) {
    return fmt::format("{} of {} seconds are equal", seconds.equal, seconds.seconds);
}

void write(JsonWriter &json, const Compared &seconds) {
    json.key("compared").begin_object();
    json.key("seconds").value(seconds.seconds).key("equal").value(seconds.equal);
    json.key("first_other");
    seconds.first_other ? json.value(*seconds.first_other) : json.null();
    json.end_object();
}

Result<RenderReport> outputs_of(const ReplayOrder &order, ProgressScope &level) {
    const auto &performance = order.performance;
    const Watch watch{.stop = level.stop()};
    const bool begins = ReplaySource{*performance, "", order.from_bar, order.tail, watch}.begins();
    if (auto going = watch.go_on(); !going) return going.error();
    if (!begins)
        return Error{Errc::out_of_range,
                     fmt::format("bar {}: execution {} was over before it", order.from_bar,
                                 performance->execution.id),
                     "from=1"};
    RenderOrder render_order{.parts = {},
                             .played =
                                 [&order, watch](std::string_view track) {
                                     return std::make_unique<ReplaySource>(*order.performance,
                                                                           track, order.from_bar,
                                                                           order.tail, watch);
                                 },
                             .tracks = track_names(*performance),
                             .config = DoneThen{*performance}.config(),
                             .tail = order.tail,
                             .outputs = order.outputs,
                             .folder = order.folder,
                             .name = order.name,
                             .told = order.told};
    return render(render_order, level);
}

/// Compared while it is heard.
Result<StudioReport> replay_live(const ReplayOrder &order, ProgressScope &level) {
    if (auto objection = objection_to(*order.performance)) return *std::move(objection);
    const auto listened = play_live(order, level);
    if (!listened) return listened.error();
    const auto seconds = [&](Frame frames) {
        return static_cast<double>(frames) / static_cast<double>(order.live->fs.hz);
    };
    const Compared same = compared(seconds_of(*order.performance), listened->seconds);
    StudioReport out{.summary = fmt::format("{}; {:.2f} s were heard", words_of(same),
                                            seconds(listened->frames)),
                     .json = {}};
    if (listened->missed > 0)
        out.summary += fmt::format(", with {:.2f} s of silence where the machine was too slow",
                                   seconds(listened->missed));
    JsonWriter json;
    json.begin_object().key("execution").value(order.performance->execution.id);
    write(json, same);
    json.key("live").begin_object().key("seconds").value(seconds(listened->frames));
    json.key("missed_s").value(seconds(listened->missed)).end_object();
    out.json = std::move(json.end_object()).text();
    return out;
}

} // namespace

std::optional<Error> objection_to(const Performance &performance) {
    if (performance.flaws.empty()) return std::nullopt;
    std::string why;
    for (const Flaw &flaw : performance.flaws)
        why += fmt::format("{}{}", why.empty() ? "" : "; ", flaw.what);
    return Error{Errc::failed, "it cannot be played again as it was: " + why, "/history/list"};
}

Result<Compared> compare(const Performance &performance, ProgressScope &whole) {
    if (auto objection = objection_to(performance)) return *std::move(objection);
    const auto heard = seconds_of(performance);
    const Frame end = heard.empty() ? 0 : heard.back().frame;
    ProgressScope level = whole.part("check", "seconds", static_cast<double>(end));
    const auto stop = level.stop();
    return level.run([&]() -> Result<Compared> {
        const DoneThen done{performance};
        Replay replay{done.config(), done.doings()};
        std::array<std::vector<float>, 2> sound{std::vector<float>(kBlock),
                                                std::vector<float>(kBlock)};
        while (replay.now() < end) {
            if (stop.stop_requested()) return Error{Errc::cancelled, "cancelled"};
            replay.render({sound[0], sound[1]});
            level.at(static_cast<double>(std::min(replay.now(), end)));
        }
        return compared(heard, replay.seconds());
    });
}

Result<StudioReport> replay(const ReplayOrder &order, ProgressScope &level) {
    if (order.live) return replay_live(order, level);
    const auto seconds = compare(*order.performance, level);
    if (!seconds) return seconds.error();
    StudioReport out{.summary = words_of(*seconds), .json = {}};
    JsonWriter json;
    json.begin_object().key("execution").value(order.performance->execution.id);
    write(json, *seconds);
    if (!order.outputs.empty()) {
        const auto made = outputs_of(order, level);
        if (!made) return made.error();
        out.summary += "; " + summary_of(*made);
        json.key("folder").value(order.folder.string());
        write_members(json, *made);
    }
    out.json = std::move(json.end_object()).text();
    return out;
}

} // namespace chronus::patterns
