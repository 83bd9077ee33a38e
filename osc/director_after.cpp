#include "osc/director.h"
#include "osc/recording.h"
#include "osc/set_shelf.h"
#include "osc/track_levels.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

/// The director's part that hears what became of what was done: from the disk, the engine, the
/// recorder.
namespace chronus::osc {

void Director::finish_jobs() {
    context_.saver.drain([this](const patterns::JobReport &report) {
        if (auto scope = context_.carried.extract(report.ticket))
            end_carrying(scope.mapped(), report);
        const auto caller = context_.deferred.find(report.ticket);
        if (caller == context_.deferred.end()) return;
        answer(caller->second, {caller->second.address, saved_reply(report)});
        context_.deferred.erase(caller);
    });
    std::erase_if(context_.syncs, [this](const SyncWait &sync) {
        for (const auto &[ticket, caller] : context_.deferred)
            if (caller.peer == sync.caller.peer && ticket <= sync.last) return false;
        const Reply done{.text = {}, .values = {sync.number}, .on = "/synced"};
        answers_.give(sync.caller, {sync.caller.address, done});
        return true;
    });
}

void Director::hear_engine() {
    context_.session.drain_reports([this](const Report &report) {
        context_.observer.hear(report);
        if (const auto *tape = std::get_if<TapeChanged>(&report)) hear(*tape);
        if (const auto *mark = std::get_if<Marked>(&report)) hear(*mark);
        if (const auto *applied = std::get_if<SceneApplied>(&report)) hear(*applied);
    });
    context_.observer.hand_on();
    if (context_.session.switch_waits()) waiting_ = context_.desk.label;
}

void Director::hear_history() {
    context_.history.drain();
    for (auto &[caller, result] : std::exchange(context_.history_told, {}))
        answer(caller, {caller.address, std::move(result)});
}

void Director::hear_levels() {
    for (const Caller &caller : take_level_callers(context_))
        answer(caller, {caller.address, levels_reply(context_)});
}

/// While the next pattern waits already, the desk is labelled for that one.
void Director::hear(const SceneApplied &applied) {
    if (!applied.switched) return;
    const Label &label = context_.session.switch_waits() ? waiting_ : context_.desk.label;
    context_.applied = Applied{label.slot, label.metadata.name, applied.frame};
    note_switch();
}

/// The history hears of it once, before anything that is written there after it.
void Director::note_switch() {
    if (auto by = std::exchange(context_.desk.switched, {}); !by.note.empty())
        context_.versions.taken_over(context_, std::move(by));
}

/// Engine and control agree on when the tape was on, so that a file holds exactly that.
void Director::hear(const TapeChanged &tape) {
    if (tape.on) {
        context_.tape_on = tape.frame;
        return;
    }
    const Frame frames = tape.frame - context_.tape_on;
    context_.recording_end.finished =
        std::async(std::launch::async,
                   [&recorder = context_.recorder, frames] { return recorder.finish(frames); });
}

/// The moment somebody waited for; or how late something was that had a frame of its own.
void Director::hear(const Marked &mark) {
    const auto found = std::ranges::find(context_.awaited, mark.token, &Awaited::token);
    if (found == context_.awaited.end()) return;
    const Awaited awaited = *found;
    context_.awaited.erase(found);
    if (!awaited.asked) return answers_.give(awaited.caller, {awaited.caller.address, come(mark)});
    if (mark.frame <= *awaited.asked) return;
    ++context_.traffic.late;
    const auto fs = static_cast<float>(context_.session.config().fs.hz);
    answers_.tell(awaited.caller.peer, {"/late",
                                        {awaited.caller.address, awaited.caller.id,
                                         static_cast<float>(mark.frame - *awaited.asked) / fs}});
}

Reply Director::come(const Marked &mark) const {
    const Position at = context_.session.telemetry().position.look();
    std::uint64_t step = 0;
    if (at.per_step != 0) {
        const Phase since = (at.frame - std::min(at.frame, mark.frame)) * at.per_frame;
        step = (at.phase - std::min(at.phase, since) + at.per_step / 2) / at.per_step;
    }
    return {fmt::format("frame {}, bar {}, step {}", mark.frame, step / kStepsPerBar + 1,
                        step % kStepsPerBar + 1),
            {shortest(static_cast<std::int64_t>(mark.frame)),
             static_cast<std::int32_t>(step / kStepsPerBar + 1),
             static_cast<std::int32_t>(step % kStepsPerBar / kStepsPerBeat + 1),
             static_cast<std::int32_t>(step % kStepsPerBar + 1)}};
}

void Director::finish_recording() {
    RecordingEnd &end = context_.recording_end;
    if (!end.finished.valid() ||
        end.finished.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        return;
    const auto info = end.finished.get();
    keep_recording(context_, info);
    if (end.caller) answer(*end.caller, {end.caller->address, recorded_reply(info)});
    const auto ended = std::exchange(end, {});
    if (ended.next)
        answer(*ended.next, {ended.next->address, begin_next(context_, ended.next_name)});
}

} // namespace chronus::osc
