#include "tests/support/director_rig.h"

#include "osc/packet.h"

#include <poll.h>

#include <chrono>
#include <cmath>
#include <stdexcept>
#include <thread>
#include <utility>

namespace chronus::test {

namespace {

template <class T>
T value_of(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().what);
    return std::move(*result);
}

osc::Tokens tokens_of(const std::string &text) { return value_of(osc::Tokens::parse(text)); }

} // namespace

DirectorRig::DirectorRig(DirectorRigConfig config)
    : state_(value_of(patterns::StateDir::open(folder_.path))),
      device_({made(hand_), {}},
              []() -> Result<std::unique_ptr<AudioDevice>> {
                  return Error{Errc::unsupported, "hand: there is one"};
              }),
      recorder_(SampleRate{48000}, folder_.path / "recordings"),
      jobs_(state_.disk(), patterns::inspect_slot, 1),
      saver_(value_of(
          patterns::Saver::start([this](const patterns::Job &job) { return jobs_.run(job); }))),
      slots_(state_.disk(), patterns::inspect_slot), session({}, recorder_.tape()),
      kept_(value_of(osc::KeptProgress::open(
          folder_.path, {[this] { return now_ms(); }, [this] { return now_ns.load(); }},
          [this](patterns::Database &db) { return keeper_.drain(db); }))),
      observer(session, config.observed ? &journal_ : nullptr, kept_->history(),
               [this] { return now_ms(); }),
      context{.session = session,
              .device = device_,
              .recorder = recorder_,
              .slots = slots_,
              .saver = *saver_,
              .presets = patterns::Presets{state_.disk()},
              .studio = studio,
              .sets = patterns::Setlists{state_.disk()},
              .subscriptions = subscriptions,
              .progress = progress,
              .history = kept_->history(),
              .observer = observer,
              .now_ms = [this] { return now_ms(); },
              .now_ns = [this] { return now_ns.load(); },
              .latency_ms = config.latency_ms,
              .access = osc::Access{tokens_of(config.tokens)},
              .memory = {},
              .record_samples = {}},
      director(context, [this](const osc::Peer &to, std::span<const std::byte> packet) {
          for (const auto &timed : value_of(osc::decode(packet, osc::kStreamLimits)))
              sent.push_back({to, timed.message, packet.size()});
          return true;
      }) {
    observer.begin(CHRONUS_VERSION);
    (void)value_of(jobs_.start());
    device_.start(render_call_of(listener));
    run(1); // the clock knows its first block
}

std::unique_ptr<AudioDevice> DirectorRig::made(HandDevice *&device) {
    auto hand = std::make_unique<HandDevice>(kBlock);
    device = hand.get();
    return hand;
}

DirectorRig::Messages DirectorRig::take(std::span<const std::byte> packet, const osc::Peer &from) {
    seen_ = sent.size();
    director.take(packet, from, now_ns);
    return told();
}

DirectorRig::Messages DirectorRig::say(const osc::Message &message, const osc::Peer &from) {
    return take(osc::encode(message), from);
}

DirectorRig::Messages DirectorRig::say_together(const Messages &messages, std::uint64_t timetag,
                                                const osc::Peer &from) {
    return take(osc::encode_bundle({timetag}, messages), from);
}

DirectorRig::Messages DirectorRig::told() {
    Messages out;
    for (; seen_ < sent.size(); ++seen_) out.push_back(sent[seen_].message);
    return out;
}

std::int64_t DirectorRig::ns_of(Frame frame) const {
    return first_ns_ + std::llround(static_cast<double>(frame) * kNsPerFrame);
}

std::uint64_t DirectorRig::tag_of(Frame frame) const {
    return WallClock{}.ntp_of(ns_of(frame)).tag;
}

/// As the server's loop does, which never sleeps past what is due.
void DirectorRig::look_after(std::int64_t until_ns) {
    for (int n = 0; n < 100; ++n) {
        const auto due = director.next_due_ns();
        if (!due || *due > until_ns) break;
        now_ns = std::max(now_ns.load(), *due);
        director.run_due();
    }
    now_ns = until_ns;
}

void DirectorRig::run(std::uint64_t blocks) {
    for (; blocks > 0; --blocks) {
        look_after(ns_of(rendered()));
        hand_->turn(ns_of(rendered()));
        director.run_due();
        director.hear_engine();
    }
}

void DirectorRig::stall(std::uint64_t blocks) {
    for (; blocks > 0; --blocks) {
        look_after(now_ns + std::llround(kBlock * kNsPerFrame));
        director.hear_engine();
    }
}

void DirectorRig::change_device(std::uint32_t block, Missed missed) {
    Rendering rendering = hand_->rendering();
    hand_->stop();
    rendering.clock->stop();
    if (missed == Missed::lost) {
        first_ns_ += std::max<std::int64_t>(0, now_ns - ns_of(rendered()));
        rendering.fade_in_frames = 2400;
    }
    other_ = std::make_unique<HandDevice>(block);
    hand_ = other_.get();
    hand_->start(rendering);
    while (ns_of(rendered()) < now_ns) hand_->turn(ns_of(rendered()));
}

void DirectorRig::wait_for_disk() {
    while (saver_->waiting() > 0) {
        pollfd readable{saver_->fd(), POLLIN, 0};
        if (::poll(&readable, 1, 20'000) != 1) throw std::runtime_error("the disk does nothing");
        director.finish_jobs();
    }
    director.finish_jobs();
    wait_for_history();
}

void DirectorRig::wait_for_history() {
    for (int n = 0; !context.history.idle(); ++n) {
        if (n > 20'000) throw std::runtime_error("the history does nothing");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        director.hear_history();
    }
}

const osc::Message *answer_to(const std::vector<osc::Message> &messages, std::string_view address) {
    for (const osc::Message &m : messages)
        if ((m.address == "/reply" || m.address == "/error") && arg(m, 0) == address) return &m;
    return nullptr;
}

std::string outcome_of(const std::vector<osc::Message> &messages, std::string_view address) {
    const osc::Message *answer = answer_to(messages, address);
    if (answer == nullptr) return "";
    return answer->address == "/reply" ? "/reply" : arg(*answer, 3);
}

std::string arg(const osc::Message &message, std::size_t i) {
    if (i >= message.args.size()) return "";
    const auto text = osc::to_text(message.args[i], "argument");
    return text ? *text : "";
}

} // namespace chronus::test
