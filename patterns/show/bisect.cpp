#include "patterns/show/bisect.h"

#include "patterns/show/replay_job.h"
#include "patterns/show/replay_source.h"
#include "patterns/text/iso_time.h"
#include "patterns/text/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace chronus::patterns {

namespace {

constexpr double kAfter_s = 1;    // longer than it first took, with fewer changes
constexpr std::size_t kTell = 64; // ticks: a few ms of work

/// The messages and panics that acted by then, as one number.
std::uint64_t place_of(const Change &change) {
    return 2 * change.before + (change.is_alarm ? 0 : 1);
}

Performance up_to(const Performance &all, std::uint64_t place) {
    Performance out = all;
    std::erase_if(out.messages,
                  [&](const KeptMessage &kept) { return 2 * kept.sent.n + 1 > place; });
    std::erase_if(out.alarms, [&](const AlarmHeard &alarm) { return 2 * alarm.sent > place; });
    return out;
}

/// What was heard of it.
struct Heard {
    std::optional<Frame> held = {}; ///< where it first held
    double value = 0;               ///< there; else where it was to be looked at
    bool has_not_held = false;
    std::uint64_t bar = 0; ///< in which that is
};

/// The bar that a position is in, from 1; 0 while the sequencer stands.
std::uint64_t bar_of(const Position &at) {
    if (at.per_frame == 0 || at.per_step == 0) return 0;
    return static_cast<std::uint64_t>(at.phase / at.per_step) / kStepsPerBar + 1;
}

class Search {
public:
    Search(const BisectOrder &order, ProgressScope &level)
        : order_(order), level_(level), all_(*order.performance) {}

    Result<Bisected> run() {
        const Execution &execution = all_.execution;
        const auto whole = play("all of it", all_, execution.end_frame.value_or(0) + kTick, {});
        if (!whole) return whole.error();
        if (!whole->held) {
            out_.from_the_beginning = !whole->has_not_held;
            return out_;
        }
        out_.held = whole->held;
        out_.bar = whole->bar;
        out_.after = whole->value;
        until_ = *out_.held + static_cast<Frame>(kAfter_s * all_.session.rate);
        return look_for_it();
    }

private:
    /// Those of which one may be it.
    std::vector<std::size_t> candidates() const {
        std::vector<std::size_t> out;
        const auto start = std::ranges::find(order_.changes, true, &Change::starts);
        const auto from = start == order_.changes.end() ? order_.changes.begin() : start + 1;
        for (auto change = from; change != order_.changes.end(); ++change)
            if (change->frame <= *out_.held)
                out.push_back(static_cast<std::size_t>(change - order_.changes.begin()));
        return out;
    }

    /// All that is before the first of them.
    std::uint64_t place_before(const std::vector<std::size_t> &those) const {
        return those.empty() ? 0 : place_of(order_.changes[those.front()]) - 1;
    }

    Result<Bisected> look_for_it() {
        const std::vector<std::size_t> those = candidates();
        const auto with = [&](std::size_t count, std::optional<Frame> at) {
            const std::uint64_t place =
                count == 0 ? place_before(those) : place_of(order_.changes[those[count - 1]]);
            return play(fmt::format("{} of {} changes", count, those.size()), up_to(all_, place),
                        until_, at);
        };
        std::size_t without = 0, holds = those.size();
        if (those.empty()) return out_;
        auto played = with(0, {});
        if (!played) return played.error();
        if (played->held) return out_;
        while (holds - without > 1) {
            const std::size_t middle = std::midpoint(without, holds);
            played = with(middle, {});
            if (!played) return played.error();
            (played->held ? holds : without) = middle;
        }
        return measured(with, holds, those[holds - 1]);
    }

    /// With it and without it, where it holds.
    template <class With>
    Result<Bisected> measured(With with, std::size_t count, std::size_t change) {
        out_.change = change;
        const auto after = with(count, {});
        if (!after) return after.error();
        mark_ = order_.changes[change].frame;
        const auto before = with(count - 1, after->held.value_or(*out_.held));
        if (!before) return before.error();
        out_.after = after->value;
        out_.before = before->value;
        return out_;
    }

    /// Until it holds, or to the end; or, without looking whether it does, to `at`.
    Result<Heard> play(const std::string &name, const Performance &performance, Frame end,
                       std::optional<Frame> at) {
        ++out_.played;
        ProgressScope part = level_.part("listen", name, static_cast<double>(at.value_or(end)));
        return part.run([&] { return listen(performance, at.value_or(end), !at, part); });
    }

    Result<Heard> listen(const Performance &performance, Frame end, bool looks,
                         ProgressScope &part) {
        const auto stop = part.stop();
        const DoneThen done{performance};
        Replay replay{done.config(), done.doings()};
        Listening listening{order_.predicate, done.config().fs};
        std::array<float, kTick> left{}, right{};
        const Frame late = replay.latency(), start = all_.execution.start_frame + late;
        Heard out;
        for (std::size_t n = 0; replay.now() < end + late && !out.held; ++n) {
            if (n % kTell == 0) {
                if (stop.stop_requested()) return Error{Errc::cancelled, "cancelled"};
                part.at(static_cast<double>(std::min(replay.now(), end)));
            }
            replay.render({left, right});
            if (replay.now() <= start) continue;
            listening.hear({left, right});
            if (mark_ && out_.change_bar == 0 && replay.now() >= *mark_)
                out_.change_bar = bar_of(replay.position());
            if (looks && listening.holds()) out.held = replay.now() - late;
        }
        out.value = listening.value();
        out.has_not_held = listening.has_not_held();
        out.bar = bar_of(replay.position());
        return out;
    }

    const BisectOrder &order_;
    ProgressScope &level_;
    const Performance &all_;
    Bisected out_;
    Frame until_ = 0;
    std::optional<Frame> mark_; // whose bar is wanted
};

double seconds_into(const BisectOrder &order, Frame frame) {
    const Performance &performance = *order.performance;
    const Frame start = std::min(performance.execution.start_frame, frame);
    return static_cast<double>(frame - start) / performance.session.rate;
}

std::string words_of(const BisectOrder &order, const Bisected &found) {
    const std::int64_t id = order.performance->execution.id;
    if (found.from_the_beginning)
        return fmt::format("execution {}: {} held from the beginning on", id, order.words);
    if (!found.held) return fmt::format("execution {}: {} never held", id, order.words);
    std::string out = fmt::format("execution {}: {} first held {:.1f} s after its start, in bar {}",
                                  id, order.words, seconds_into(order, *found.held), found.bar);
    if (!found.change) return out + "; no change made it so: the music came to it by itself";
    const Change &change = order.changes[*found.change];
    out += fmt::format(", because of item {}: {}\n", change.seq,
                       change.command.empty() ? change.applied : change.command);
    out += change.author.empty() ? "  by itself" : fmt::format("  by {}", change.author);
    out += fmt::format(", {}, {:.1f} s after the start, in bar {}\n", iso_time_ms(change.time_ms),
                       seconds_into(order, change.frame), found.change_bar);
    return out + fmt::format("  {:.1f} {} without it, {:.1f} with it", found.before,
                             order.predicate.unit(), found.after);
}

void write_change(JsonWriter &json, const BisectOrder &order, const Bisected &found) {
    const Change &change = order.changes[*found.change];
    json.begin_object().key("seq").value(change.seq);
    json.key("time").value(iso_time_ms(change.time_ms));
    json.key("frame").value(change.frame).key("bar").value(found.change_bar);
    json.key("author").value(change.author).key("command").value(change.command);
    json.key("applied").value(change.applied);
    json.key("before").value(found.before).key("after").value(found.after);
    json.key("unit").value(order.predicate.unit()).end_object();
}

std::string to_json(const BisectOrder &order, const Bisected &found) {
    JsonWriter json;
    json.begin_object().key("text").value(words_of(order, found));
    json.key("execution").value(order.performance->execution.id);
    json.key("predicate").value(order.words).key("held");
    if (found.held) {
        json.begin_object().key("frame").value(*found.held);
        json.key("seconds").value(seconds_into(order, *found.held));
        json.key("bar").value(found.bar).end_object();
    } else {
        json.null();
    }
    json.key("from_the_beginning").value(found.from_the_beginning).key("change");
    found.change ? write_change(json, order, found) : (void)json.null();
    json.key("played").value(found.played);
    return std::move(json.end_object()).text();
}

} // namespace

Result<Bisected> bisect(const BisectOrder &order, ProgressScope &level) {
    if (auto objection = objection_to(*order.performance)) return *std::move(objection);
    return Search{order, level}.run();
}

Result<StudioReport> bisected(const BisectOrder &order, ProgressScope &level) {
    const auto found = bisect(order, level);
    if (!found) return found.error();
    return StudioReport{words_of(order, *found), to_json(order, *found)};
}

} // namespace chronus::patterns
