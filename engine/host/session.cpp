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

} // namespace

Session::Session(SessionConfig config, Tape &tape, const Scene &first)
    : config_(config), scene_(std::make_unique<Scene>(first)) {
    const std::size_t floats = rt::Engine::memory_needed(config.fs);
    memory_.reset(static_cast<float *>(std::calloc(floats, sizeof(float))));
    number_tracks(*scene_);
    const auto loan = loans_.lend(*scene_);
    engine_ = std::make_unique<rt::Engine>(
        rt::EngineConfig{config.fs, config.voices, config.seed},
        rt::EngineMail{messages_.inbox(), reports_.outbox(), tape, telemetry_, &alarm_},
        Edit{loan.value, loan.epoch}, std::span{memory_.get(), floats});
}

/// Every track that enters gets a number of its own, so that the engine tells it from others.
void Session::number_tracks(Scene &scene) {
    for (Track &track : scene.playing()) track.uid = ++last_uid_;
}

void Session::follow() {
    if (waiting_ && telemetry_.lineage.load(std::memory_order_acquire) == waiting_->lineage)
        take_waiting();
}

/// The switch has taken place, or will before anything that is sent from now on.
void Session::take_waiting() {
    *scene_ = waiting_->scene;
    lineage_ = waiting_->lineage;
    waiting_.reset();
    ++revision_;
}

const Scene &Session::scene() {
    follow();
    return *scene_;
}

bool Session::switch_waits() {
    follow();
    return waiting_ != nullptr;
}

const Track *Session::find_track(std::string_view name) {
    const auto tracks = scene().playing();
    const auto found =
        std::ranges::find(tracks, name, [](const Track &t) { return t.name.view(); });
    return found == tracks.end() ? nullptr : &*found;
}

Outcome Session::send(Message message) {
    if (outbox_.send(message)) return Done{};
    return Error{Errc::queue_full, "the engine's queue is full; nothing was done, send it again"};
}

Result<float> Session::set(ParamId id, float value) {
    follow();
    const float applied = clamped(id, value);
    if (!std::isfinite(value))
        return Error{Errc::out_of_range,
                     fmt::format("{}: {} is not a number", path_of(id).view(), value),
                     fmt::format("/mod/{} {}", path_of(id).view(), initial_of(id))};
    if (spec_of(id).kind != Kind::amount && applied != value) return out_of_choices(id, value);
    const auto sent = send({SetParam{id, applied}, lineage_});
    if (!sent) return sent.error();
    scene_->params.set(id, applied);
    ++revision_;
    return applied;
}

Outcome Session::gate(int voice, bool on) {
    if (voice < 1 || voice > config_.voices)
        return Error{
            Errc::out_of_range, fmt::format("voice {}: not in 1..{}", voice, config_.voices),
            fmt::format("/gate/voice{} {}", std::clamp<int>(voice, 1, config_.voices), on ? 1 : 0)};
    return send({SetGate{static_cast<std::uint8_t>(voice - 1), on}});
}

/// The scene changes only when the engine has the new one on its way.
Outcome Session::lend_edit(std::unique_ptr<Scene> edited) {
    const auto loan = loans_.lend(*edited);
    if (auto sent = send({Edit{loan.value, loan.epoch}, lineage_}); !sent) return sent;
    scene_ = std::move(edited);
    ++revision_;
    return Done{};
}

Outcome Session::put_track(Track track) {
    auto edited = std::make_unique<Scene>(scene());
    const auto tracks = edited->playing();
    const auto same = std::ranges::find(tracks, track.name, &Track::name);
    if (same == tracks.end() && edited->track_count == kMaxTracks)
        return Error{Errc::out_of_range,
                     fmt::format("track \"{}\": there are {} already, the most a pattern holds",
                                 track.name.view(), kMaxTracks),
                     fmt::format("/seq/remove {}", tracks.back().name.view())};
    track.uid = ++last_uid_;
    if (same != tracks.end())
        *same = track;
    else
        edited->tracks[edited->track_count++] = track;
    return lend_edit(std::move(edited));
}

Outcome Session::edit_track(std::string_view name, const std::function<Outcome(Track &)> &change) {
    const Track *track = find_track(name);
    if (track == nullptr) return no_track(name, *scene_);
    auto edited = std::make_unique<Scene>(*scene_);
    const auto index = static_cast<std::size_t>(track - scene_->tracks.data());
    if (auto done = change(edited->tracks[index]); !done) return done;
    return lend_edit(std::move(edited));
}

Outcome Session::remove_track(std::string_view name) {
    const Track *track = find_track(name);
    if (track == nullptr) return no_track(name, *scene_);
    auto edited = std::make_unique<Scene>(*scene_);
    const auto first = edited->tracks.begin() + (track - scene_->tracks.data());
    std::move(first + 1, edited->tracks.begin() + edited->track_count, first);
    edited->tracks[--edited->track_count] = Track{};
    return lend_edit(std::move(edited)); // a note of its own still ends with its gate
}

Outcome Session::clear_tracks() {
    auto edited = std::make_unique<Scene>(scene());
    edited->tracks = {};
    edited->track_count = 0;
    if (auto lent = lend_edit(std::move(edited)); !lent) return lent;
    (void)send({Transport::release}); // finds it no room, the notes end with their gates
    return Done{};
}

Outcome Session::start() {
    if (running_) return Done{};
    if (auto sent = send({Transport::start}); !sent) return sent;
    running_ = true;
    ++revision_;
    return Done{};
}

Outcome Session::stop() {
    if (auto sent = send({Transport::stop}); !sent) return sent;
    return stand_still();
}

Outcome Session::panic() {
    alarm_.raise(outbox_.sent());
    return stand_still();
}

Outcome Session::fill(bool on) { return send({SetFill{on}}); }

/// No bar line will come: what waits for one takes place.
Outcome Session::stand_still() {
    running_ = false;
    ++revision_;
    if (waiting_) take_waiting();
    return Done{};
}

Outcome Session::switch_to(Scene scene, Boundary boundary) {
    follow();
    number_tracks(scene);
    const auto loan = loans_.lend(scene);
    const std::uint32_t lineage = last_lineage_ + 1;
    if (auto sent = send({Switch{loan.value, loan.epoch, boundary}, lineage}); !sent) return sent;
    last_lineage_ = lineage;
    waiting_ = std::make_unique<Waiting>(Waiting{scene, lineage});
    if (boundary == Boundary::now || !running_) take_waiting();
    ++revision_;
    return Done{};
}

Outcome Session::tape(bool on) { return send({SetTape{on}}); }

} // namespace chronus
