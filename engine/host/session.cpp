#include "engine/host/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

namespace chronus {

namespace {

Error no_track(std::string_view name, const Scene &scene) {
    std::string known;
    for (const Track &track : scene.playing())
        known += fmt::format("{}{}", known.empty() ? "" : ", ", track.name.view());
    return {Errc::not_found,
            fmt::format("track \"{}\": there is none; {}", name,
                        known.empty() ? "no track has been added yet" : "there are " + known)};
}

Error out_of_choices(ParamId id, float value) {
    const ParamSpec &spec = spec_of(id);
    return {Errc::out_of_range,
            fmt::format("{}: {} is not in {}..{}{}", path_of(id).view(), value, spec.min, spec.max,
                        spec.choices.empty() ? "" : fmt::format(" ({})", spec.choices)),
            fmt::format("/mod/{} {}", path_of(id).view(), clamped(id, value))};
}

Error queue_is_full() {
    return {Errc::queue_full, "the engine's queue is full; nothing was done, send it again",
            "/engine/health"};
}

} // namespace

rt::Kernels fastest_kernels() noexcept {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return rt::Kernels::avx2;
#endif
    return rt::Kernels::plain;
}

Session::Session(SessionConfig config, Tape &tape, std::unique_ptr<Scene> first)
    : config_(config), scene_(std::move(first)) {
    const std::size_t floats = rt::Engine::memory_needed(config.fs);
    memory_.reset(static_cast<float *>(std::calloc(floats, sizeof(float))));
    number_tracks(*scene_);
    const auto loan = loans_.lend(*scene_);
    engine_ = std::make_unique<rt::Engine>(
        rt::EngineConfig{config.fs, config.voices, config.seed, config.kernels},
        rt::EngineMail{messages_.inbox(), reports_.outbox(), tape, telemetry_, &alarm_},
        Edit{loan.value, loan.epoch}, std::span{memory_.get(), floats});
}

/// Every track that enters gets a number of its own, so that the engine tells it from others.
void Session::number_tracks(Scene &scene) {
    for (Track &track : scene.playing()) track.uid = track.notes_uid = ++now_.last_uid;
}

/// The switch has taken place, or will before anything that is sent from now on.
void Session::take_waiting() {
    keep_scene();
    *scene_ = now_.waiting->scene;
    now_.lineage = now_.waiting->lineage;
    now_.waiting.reset();
    now_.tracks_revision = ++now_.revision;
}

const Scene &Session::scene() {
    follow();
    return *scene_;
}

bool Session::switch_waits() {
    follow();
    return now_.waiting != nullptr;
}

const Track *Session::find_track(std::string_view name) {
    const auto tracks = scene().playing();
    const auto found =
        std::ranges::find(tracks, name, [](const Track &t) { return t.name.view(); });
    return found == tracks.end() ? nullptr : &*found;
}

void Session::begin() {
    follow();
    open_ = true;
    before_.state = now_;
}

/// A panic at the end is the alarm alone, which needs no room in the queue.
Outcome Session::commit() {
    lend_edit();
    const std::size_t after = gathered_.size() - alarmed_;
    if (alarmed_ > 0 && after == 0) gathered_.pop_back();
    const bool fits = gathered_.empty() || outbox_.send_all(gathered_);
    if (!fits) {
        rollback();
        return queue_is_full();
    }
    if (!gathered_.empty()) bear_witness(gathered_);
    if (alarmed_ > 0 && after == 0) alarm_.raise(outbox_.sent());
    if (alarmed_ > 0 && after > 0) alarm_.hurry(outbox_.sent() - after);
    open_ = false;
    alarmed_ = 0;
    before_ = {};
    gathered_.clear();
    return Done{};
}

void Session::rollback() {
    if (!open_) return;
    if (before_.scene) scene_ = std::move(before_.scene);
    for (auto set = before_.params.rbegin(); set != before_.params.rend(); ++set)
        scene_->params.set(set->first, set->second);
    now_ = before_.state;
    open_ = edited_ = false;
    alarmed_ = 0;
    before_ = {};
    gathered_.clear();
}

/// Alone, a change is a transaction of its own.
template <class F>
Outcome Session::changing(F change) {
    if (open_) return change();
    begin();
    if (auto done = change(); !done) {
        rollback();
        return done;
    }
    return commit();
}

/// False when the queue is full, which is not known before a transaction's end.
inline bool Session::post(Message message) {
    message.when = when_;
    message.wait = wait_;
    message.lineage = now_.lineage;
    if (open_) {
        gathered_.push_back(message);
        return true;
    }
    if (!outbox_.send(message)) return false;
    bear_witness({&message, 1});
    return true;
}

Outcome Session::send(const Message &message) {
    if (post(message)) return Done{};
    return queue_is_full();
}

Result<float> Session::set(ParamId id, float value) {
    follow();
    const float applied = clamped(id, value);
    if (!std::isfinite(value))
        return Error{Errc::out_of_range,
                     fmt::format("{}: {} is not a number", path_of(id).view(), value),
                     fmt::format("/mod/{} {}", path_of(id).view(), initial_of(id))};
    if (spec_of(id).kind != Kind::amount && applied != value) return out_of_choices(id, value);
    if (!put(id, applied)) return queue_is_full();
    return applied;
}

inline bool Session::put(ParamId id, float applied) {
    if (!post({SetParam{id, applied}})) return false;
    if (open_ && !before_.scene) before_.params.emplace_back(id, scene_->params.get(id));
    scene_->params.put(id, applied);
    ++now_.revision;
    return true;
}

bool Session::set_amount(ParamId id, float value) {
    follow();
    return put(id, clamped(id, value));
}

Outcome Session::gate(int voice, bool on) {
    if (voice < 1 || voice > config_.voices)
        return Error{
            Errc::out_of_range, fmt::format("voice {}: not in 1..{}", voice, config_.voices),
            fmt::format("/gate/voice{} {}", std::clamp<int>(voice, 1, config_.voices), on ? 1 : 0)};
    return send({SetGate{static_cast<std::uint8_t>(voice - 1), on}});
}

/// The scene as it was before a transaction changes more of it than parameters.
void Session::keep_scene() {
    if (open_ && !before_.scene) before_.scene = std::make_unique<Scene>(*scene_);
}

/// The scene to change; the engine gets it, once, when the transaction is done.
Scene &Session::edited() {
    keep_scene();
    edited_ = true;
    now_.tracks_revision = ++now_.revision;
    return *scene_;
}

void Session::lend_edit() {
    if (!std::exchange(edited_, false)) return;
    const auto loan = loans_.lend(*scene_);
    (void)send({Edit{loan.value, loan.epoch}}); // into what the transaction gathers
}

Outcome Session::put_track(Track track) {
    return changing([&]() -> Outcome {
        const Track *same = find_track(track.name.view());
        if (same == nullptr && scene_->track_count == kMaxTracks)
            return Error{Errc::out_of_range,
                         fmt::format("track \"{}\": there are {} already, the most a pattern holds",
                                     track.name.view(), kMaxTracks),
                         fmt::format("/seq/remove {}", scene_->playing().back().name.view())};
        const auto at = same != nullptr ? same - scene_->tracks.data() : scene_->track_count;
        track.uid = track.notes_uid = ++now_.last_uid;
        Scene &scene = edited();
        if (same == nullptr) ++scene.track_count;
        scene.tracks[static_cast<std::size_t>(at)] = track;
        return Done{};
    });
}

Outcome Session::edit_track(std::string_view name, const std::function<Outcome(Track &)> &change) {
    return changing([&]() -> Outcome {
        const Track *track = find_track(name);
        if (track == nullptr) return no_track(name, *scene_);
        Track changed = *track;
        if (auto done = change(changed); !done) return done;
        if (changed.notes_uid == 0 || changed.note_start != track->note_start)
            changed.notes_uid = ++now_.last_uid;
        edited().tracks[static_cast<std::size_t>(track - scene_->tracks.data())] = changed;
        return Done{};
    });
}

Outcome Session::remove_track(std::string_view name) {
    return changing([&]() -> Outcome {
        const Track *track = find_track(name);
        if (track == nullptr) return no_track(name, *scene_);
        const auto index = track - scene_->tracks.data();
        Scene &scene = edited();
        const auto first = scene.tracks.begin() + index;
        std::move(first + 1, scene.tracks.begin() + scene.track_count, first);
        scene.tracks[--scene.track_count] = Track{};
        return Done{}; // a note of its own still ends with its gate
    });
}

Outcome Session::clear_tracks() {
    return changing([&]() -> Outcome {
        Scene &scene = edited();
        scene.tracks = {};
        scene.track_count = 0;
        return send({Transport::release});
    });
}

Outcome Session::start() {
    if (now_.running) return Done{};
    if (auto sent = send({Transport::start}); !sent) return sent;
    now_.running = true;
    now_.started = std::max(when_.is_step() ? 0 : when_.number(),
                            telemetry_.frame.load(std::memory_order_relaxed));
    ++now_.revision;
    return Done{};
}

Outcome Session::stop() { return halt(Transport::stop); }
Outcome Session::silence() { return halt(Transport::panic); }

Outcome Session::panic() {
    return changing([&]() -> Outcome {
        lend_edit();
        (void)send({Transport::panic}); // for what the transaction does after it
        alarmed_ = gathered_.size();
        stand_still();
        return Done{};
    });
}

Outcome Session::fill(bool on) { return send({SetFill{on}}); }

Outcome Session::halt(Transport how) {
    return changing([&]() -> Outcome {
        lend_edit();
        (void)send({how});
        stand_still();
        return Done{};
    });
}

/// No bar line will come: what waits for one takes place.
void Session::stand_still() {
    now_.running = false;
    ++now_.revision;
    if (now_.waiting) take_waiting();
}

Outcome Session::switch_to(Scene scene, Boundary boundary) {
    number_tracks(scene);
    return switch_by({.boundary = boundary}, scene, boundary == Boundary::now || !now_.running);
}

Outcome Session::go_on_in(Scene scene) {
    return switch_by({.boundary = Boundary::now, .entry = Entry::goes_on}, scene, true);
}

Outcome Session::switch_by(Switch change, const Scene &scene, bool at_once) {
    return changing([&]() -> Outcome {
        lend_edit(); // what was edited before belongs to the music that is switched away from
        const auto loan = loans_.lend(scene);
        change.scene = loan.value;
        change.epoch = loan.epoch;
        const std::uint32_t lineage = ++now_.last_lineage;
        (void)send({change});
        gathered_.back().lineage = lineage;
        now_.waiting = std::make_shared<const Waiting>(Waiting{scene, lineage});
        if (at_once) take_waiting();
        ++now_.revision;
        return Done{};
    });
}

Outcome Session::tape(bool on) { return send({SetTape{on}}); }

} // namespace chronus
