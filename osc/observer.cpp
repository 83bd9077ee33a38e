#include "osc/observer.h"

#include "osc/context.h"
#include "osc/errors.h"
#include "osc/typed.h"
#include "patterns/history/content.h"
#include "patterns/text/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>
#include <vector>

namespace chronus::osc {

namespace {

using patterns::ItemType;
using patterns::ItemView;
using patterns::JsonWriter;

std::vector<patterns::TrackUids> uids_of(const Scene &scene) {
    std::vector<patterns::TrackUids> out;
    for (const Track &track : scene.playing()) out.push_back({track.uid, track.notes_uid});
    return out;
}

std::string text_of(const Scene &scene) { return patterns::content_text({.scene = scene}); }

constexpr Frame kLookEvery = 8192;

/// What must stay with who said it.
bool is_secret(std::string_view address) { return address == "/auth"; }

std::string_view unit_of(std::uint8_t unit) {
    constexpr std::array<std::string_view, 5> kUnits{"acid", "distortion", "reverb", "delay",
                                                     "master"};
    const std::size_t at = std::size_t{unit} - kMaxVoices;
    return unit < kMaxVoices ? "voice" : at < kUnits.size() ? kUnits[at] : "unit";
}

} // namespace

ItemType input_type(std::string_view author) {
    if (author.starts_with("agent")) return ItemType::user_input_agent;
    return author == "chronusctl" ? ItemType::user_input_cli : ItemType::user_input_osc;
}

Observer::~Observer() {
    if (!writes()) return;
    session_.tell(nullptr);
    (void)journal_->put(patterns::SessionEnd{now_ms_(), frame()});
    history_.hurry();
}

void Observer::begin(std::string_view version) {
    if (!writes()) return;
    look_at_clock();
    const SessionConfig &config = session_.config();
    (void)journal_->put(patterns::SessionBegin{.version = std::string{version},
                                               .rate = static_cast<std::uint32_t>(config.fs.hz),
                                               .voices = config.voices,
                                               .seed = config.seed,
                                               .time_ms = now_ms_(),
                                               .uids = uids_of(session_.scene()),
                                               .content = text_of(session_.scene())});
    session_.tell(this);
    history_.stir();
}

void Observer::note(ItemView item, std::uint64_t run) {
    if (!writes()) return;
    item.time_ms = time_ms_;
    item.frame = frame();
    (void)journal_->put(item, run);
    written_ = true;
}

void Observer::said(std::string_view author, std::string_view at, const osc::Message &message,
                    std::string_view request) {
    if (!writes()) return;
    std::string text =
        is_secret(message.address) ? message.address : typed(message.address, message.args);
    if (!at.empty()) text = fmt::format("/at {} {}", shell_word(at), text);
    note({.type = input_type(author), .author = author, .content = text, .request = request});
}

void Observer::moved(std::string_view author, const ParamRoutes &routes,
                     std::span<const Move> moves) {
    if (!writes()) return;
    if (author.empty()) author = kThisMachine;
    for (const Move &move : moves) moved(author, routes.address_of(move.id), move.value);
}

void Observer::moved(std::string_view author, std::string_view address, float value) {
    (void)journal_->put_move(
        {.type = input_type(author), .time_ms = time_ms_, .frame = frame(), .author = author},
        address, value);
    written_ = true;
}

void Observer::translated(std::string_view from, std::string_view to) {
    if (!writes()) return;
    JsonWriter json;
    json.begin_object().key("from").value(from).key("to").value(to).end_object();
    note({.type = ItemType::translation_result, .content = std::move(json).text()});
}

void Observer::read(const Reading &reading) {
    if (!writes()) return;
    JsonWriter json;
    json.begin_object().key("track").value(reading.track).key("key").value(reading.key);
    json.key("from").value(reading.from).key("to").value(reading.to).end_object();
    note({.type = ItemType::translation_result, .content = json.text()});
}

void Observer::clipped(std::string_view address, float asked, float applied) {
    if (!writes()) return;
    JsonWriter json;
    json.begin_object().key("address").value(address).key("clipped_from").value(asked);
    json.key("to").value(applied).end_object();
    note({.type = ItemType::stage1_check, .content = json.text()});
}

void Observer::refused(std::string_view address, const Error &why, std::string_view request) {
    if (!writes()) return;
    JsonWriter json;
    json.begin_object().key("address").value(address);
    json.key("code").value(error_row(why.code).symbol).key("reason").value(why.what).end_object();
    const std::string text = std::move(json).text();
    note({.type = ItemType::stage1_refused, .content = text, .request = request});
}

void Observer::recorded(std::string_view file, std::string_view content, Frame tape_on) {
    const bool over = run_ms_ == 0 && last_run_ms_ != 0 && stopped_ > tape_on;
    note({.type = ItemType::output_audio, .content = content, .file = file, .output = 1},
         over ? patterns::kLastPerformance : 0);
}

void Observer::begin_render(std::uint64_t run, patterns::ExecutionBegin what) {
    if (!writes()) return;
    what.run = run;
    what.kind = patterns::ExecutionKind::render;
    what.time_ms = time_ms_;
    what.frame = frame();
    if (journal_->put(what)) renders_.insert(run);
    written_ = true;
}

void Observer::note_render(std::uint64_t run, ItemView item) {
    if (renders_.contains(run)) note(item, run);
}

void Observer::end_render(std::uint64_t run, patterns::ExecutionStatus status,
                          std::string_view why) {
    if (renders_.erase(run) == 0) return;
    (void)journal_->put(patterns::ExecutionEnd{.run = run,
                                               .status = status,
                                               .time_ms = time_ms_,
                                               .frame = frame(),
                                               .why = std::string{why}});
    written_ = true;
}

/// A performance begins before the message that starts it, and ends after the one that stops it; a
/// panic that the engine has not told of yet, before the next one that starts.
void Observer::sent(std::span<const chronus::Message> messages, std::uint64_t last) {
    const Frame now = frame();
    for (std::uint64_t n = last - messages.size(); const chronus::Message &message : messages) {
        const auto *transport = std::get_if<Transport>(&message.what);
        const Frame on = message.when.is_step() ? now : std::max(now, message.when.number());
        if (transport != nullptr && *transport == Transport::start) {
            stop(on);
            start(on);
            started_ = n;
        }
        if (const auto *edit = std::get_if<Edit>(&message.what)) lend(*edit->scene, edit->epoch);
        if (const auto *change = std::get_if<Switch>(&message.what))
            lend(*change->scene, change->epoch);
        (void)journal_->put(patterns::SentMessage{n++, now, time_ms_, message});
        if (transport != nullptr &&
            (*transport == Transport::stop || *transport == Transport::panic))
            stop(on);
    }
    written_ = true;
}

void Observer::lend(const Scene &scene, std::uint64_t epoch) {
    (void)journal_->put(patterns::LentScene{epoch, uids_of(scene), text_of(scene)});
}

void Observer::start(Frame frame) {
    run_ms_ = last_run_ms_ = time_ms_;
    patterns::ExecutionBegin begin = what_plays_();
    begin.time_ms = run_ms_;
    begin.frame = frame;
    (void)journal_->put(begin);
}

void Observer::stop(Frame frame) {
    if (run_ms_ == 0) return;
    (void)journal_->put(patterns::ExecutionEnd{.time_ms = time_ms_, .frame = frame});
    run_ms_ = 0;
    stopped_ = frame;
}

void Observer::hear(const Report &report) {
    if (!writes()) return;
    const std::int64_t now = time_ms_;
    if (const auto *late = std::get_if<CameLate>(&report))
        (void)journal_->put(patterns::LateMessages{late->tick, late->from, late->to, now});
    if (const auto *second = std::get_if<SecondOver>(&report))
        (void)journal_->put(patterns::SecondHeard{second->frame, second->hash, now});
    if (const auto *alarm = std::get_if<Alarmed>(&report)) {
        (void)journal_->put(patterns::AlarmHeard{alarm->tick, alarm->sent, alarm->silences, now});
        if (alarm->silences && alarm->sent > started_) stop(alarm->tick);
    }
    if (const auto *applied = std::get_if<SceneApplied>(&report)) note(*applied);
    if (const auto *healed = std::get_if<Healed>(&report)) note(*healed);
    written_ = true;
}

void Observer::note(const SceneApplied &applied) {
    if (!applied.switched) return;
    note({.type = ItemType::scene_applied,
          .content = fmt::format(R"({{"epoch":{},"at":{}}})", applied.epoch, applied.frame)});
}

void Observer::note(const Healed &healed) {
    const int voice = healed.unit < kMaxVoices ? healed.unit + 1 : 0;
    note({.type = ItemType::heal,
          .content = voice > 0 ? fmt::format(R"({{"unit":"voice{}","at":{}}})", voice, healed.frame)
                               : fmt::format(R"({{"unit":"{}","at":{}}})", unit_of(healed.unit),
                                             healed.frame)});
}

void Observer::look(const DeviceSupervisor &supervisor, const Traffic &traffic) {
    look_at_clock();
    if (!writes() || frame() < looked_ + kLookEvery) return;
    looked_ = frame();
    const DeviceStatus device = supervisor.status();
    if (const auto since = device.xruns - std::exchange(xruns_, device.xruns); since > 0)
        note({.type = ItemType::xrun, .content = fmt::format(R"({{"count":{}}})", since)});
    if (device.lost > std::exchange(lost_devices_, device.lost))
        note({.type = ItemType::device_lost});
    if (std::exchange(device_, device.state) != device.state &&
        device.state == DeviceState::running)
        note({.type = ItemType::device_back});
    const std::uint64_t dropped = traffic.rate_limited + traffic.kernel_drops + traffic.queue_full;
    if (const auto since = dropped - std::exchange(dropped_, dropped); since > 0)
        note({.type = ItemType::dropped, .content = fmt::format(R"({{"count":{}}})", since)});
}

void Observer::hand_on() {
    if (!std::exchange(written_, false)) return;
    history_.stir();
    if (journal_->is_half_full()) history_.hurry();
}

} // namespace chronus::osc
