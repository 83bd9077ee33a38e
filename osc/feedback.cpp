#include "osc/feedback.h"

#include "engine/host/wall_clock.h"
#include "osc/packet.h"

#include <algorithm>

namespace chronus::osc {

void Feedback::turn() {
    Subscriptions &subscriptions = context_.subscriptions;
    const std::int64_t now_ns = context_.now_ns();
    context_.session.watch(subscriptions.wants(topic("/meter")) ||
                           subscriptions.wants(topic("/levels")) ||
                           now_ns < context_.levels_asked.watch_until_ns);
    if (subscriptions.none()) return;
    look(now_ns);
    subscriptions.serve(now_ns, when_of_step(), outlet_);
}

void Feedback::look(std::int64_t now_ns) {
    Session &session = context_.session;
    const Scene &scene = session.scene();
    context_.subscriptions.post({scene, session.revision(), session.tracks_revision()});
    for (std::uint8_t t = 0; t < kTopics.size(); ++t) {
        const Topic &topic = kTopics[t];
        if (topic.tell == nullptr || now_ns < next_look_ns_[t]) continue;
        if (!context_.subscriptions.wants(TopicId{t})) continue;
        next_look_ns_[t] = now_ns + topic.period_ms * 1'000'000;
        if (const auto told = topic.tell(context_); !told.empty())
            context_.subscriptions.post(TopicId{t}, told);
    }
}

/// When the line of the step that sounds was due; "now" while nothing sounds or no device plays.
TimeTag Feedback::when_of_step() const {
    const Position at = context_.session.telemetry().position.look();
    const auto fit = context_.device.clock().fit();
    if (!fit || at.per_frame == 0 || at.per_step == 0) return {};
    const float swing = context_.session.get(param("seq/swing"));
    const Phase line = line_of(at.phase / at.per_step, at.per_step, swing);
    const Frame since = at.phase > line ? (at.phase - line) / at.per_frame : 0;
    return {WallClock{}.ntp_of(fit->ns_at(at.frame - std::min(since, at.frame))).tag};
}

std::optional<std::int64_t> Feedback::next_ns() const {
    return context_.subscriptions.next_ns(context_.now_ns());
}

void Visuals::send() {
    const Telemetry &engine = session_.telemetry();
    Message levels{"/viz/levels"}, spectrum{"/viz/spectrum"};
    for (std::uint16_t v = 0; v < session_.config().voices; ++v)
        levels.args.emplace_back(std::clamp(engine.voice_peaks[v].load(), 0.0f, 1.0f));
    for (const auto &band : engine.bands)
        spectrum.args.emplace_back(std::clamp(band.load(), 0.0f, 1.0f));
    // Nobody need be listening: what cannot be sent is not missed.
    (void)socket_.send_to(to_, encode(levels));
    (void)socket_.send_to(to_, encode(spectrum));
}

} // namespace chronus::osc
