#pragma once

#include "osc/subscriptions.h"
#include "tests/support/listeners.h"
#include "tests/support/rig.h"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace chronus::test {

inline constexpr std::int64_t kMs = 1'000'000, kSecond = 1000 * kMs;

/// A session with subscribers, and time that goes on when told to.
struct Stage {
    explicit Stage(std::uint16_t voices = 8) : rig({}, {.voices = voices}), all(voices) {}

    void turn() {
        listeners.now_ns = now_ns;
        all.post(state());
        all.serve(now_ns, when, outlet);
    }
    /// As a server does: a turn whenever one is due.
    void pass(std::int64_t ns) {
        const std::int64_t end = now_ns + ns;
        for (turn(); all.next_ns(now_ns).value_or(end) < end; turn())
            now_ns = std::max(now_ns + 1, *all.next_ns(now_ns));
        now_ns = end;
    }
    osc::SceneState state() {
        const Scene &scene = rig.session.scene();
        return {scene, rig.session.revision(), rig.session.tracks_revision()};
    }
    const osc::Subscriber &subscribe(const osc::Peer &peer, std::string_view pattern,
                                     osc::Terms terms = {}) {
        const auto done = all.subscribe(peer, pattern, terms, now_ns);
        if (!done) throw std::logic_error(done.error().what);
        return **done;
    }
    /// Somebody turns a knob.
    void set(const osc::Peer &author, ParamId id, float value) {
        const auto applied = rig.session.set(id, value);
        if (applied) all.wrote(id, value, author);
    }
    std::vector<osc::Message> news(const osc::Peer &peer) { return listeners.take(peer); }

    Rig rig;
    osc::Subscriptions all;
    Listeners listeners;
    osc::Outlet outlet = listeners.outlet();
    std::int64_t now_ns = kSecond;
    osc::TimeTag when{};
};

} // namespace chronus::test
