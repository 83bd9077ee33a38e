#pragma once

#include "engine/host/loans.h"
#include "engine/model/mailbox.h"
#include "engine/model/messages.h"
#include "engine/model/scene.h"
#include "engine/model/tape.h"
#include "engine/model/telemetry.h"
#include "engine/result.h"
#include "engine/rt/engine.h"

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace chronus {

struct SessionConfig {
    SampleRate fs{};
    std::uint16_t voices = 8;
    std::uint32_t seed = 1;
};

/// The control side of the instrument: one Scene that commands edit, lent to the engine it owns.
///
/// Every call that changes something says so with a new `revision()`; a refused one changes
/// nothing. Thread: control, but for `engine()`, which the device's thread renders.
class Session {
public:
    Session(SessionConfig config, Tape &tape, const Scene &first = {});

    rt::Engine &engine() { return *engine_; }
    const Telemetry &telemetry() const { return telemetry_; }
    const SessionConfig &config() const { return config_; }
    std::uint64_t revision() const { return revision_; }

    /// The scene as commands left it. A switch that took place meanwhile is taken in first.
    const Scene &scene();
    float get(ParamId id) { return scene().params.get(id); }
    const Track *find_track(std::string_view name);

    /// Sets a parameter; answers what was applied after clipping.
    ///
    /// Errors: out_of_range - NaN, or a choice or index the table does not have; queue_full.
    Result<float> set(ParamId id, float value);

    /// Voices count from 1 here and must be among the engine's.
    Outcome gate(int voice, bool on);

    /// Adds the track, or replaces the one of the same name, which then starts its notes anew.
    ///
    /// Errors: out_of_range - a 65th track.
    Outcome put_track(Track track);
    /// Changes a track in place; it keeps its notes' place.
    Outcome edit_track(std::string_view name, const std::function<Outcome(Track &)> &change);
    Outcome remove_track(std::string_view name);
    Outcome clear_tracks();

    Outcome start();
    Outcome stop();
    Outcome panic();
    bool running() const { return running_; }

    /// Whether hits for fills only are played; no part of the scene.
    Outcome fill(bool on);

    /// Switches to another scene: at the next bar, or at once when stopped or asked for.
    Outcome switch_to(Scene scene, Boundary boundary);
    /// A switch that has not taken place yet.
    bool switch_waits();

    Outcome tape(bool on);

    /// Hands on what the engine reported since the last call.
    void drain_reports(const std::function<void(const Report &)> &f) { reports_in_.drain(f); }

private:
    struct FreeMemory {
        void operator()(float *p) const { std::free(p); }
    };
    struct Waiting {
        Scene scene;
        std::uint32_t lineage;
    };

    void follow();
    void take_waiting();
    Outcome stand_still();
    Outcome send(Message message);
    Outcome lend_edit(std::unique_ptr<Scene> edited);
    void number_tracks(Scene &scene);

    SessionConfig config_;
    Telemetry telemetry_;
    Alarm alarm_;
    rt::MessageMail messages_{rt::kMostMessages};
    Mailbox<Report> reports_{1024};
    rt::MessageMail::Outbox outbox_{messages_.outbox()};
    Mailbox<Report>::Inbox reports_in_{reports_.inbox()};
    Loans<Scene> loans_{telemetry_.needed};
    std::unique_ptr<Scene> scene_;
    std::unique_ptr<Waiting> waiting_;
    std::uint32_t lineage_ = 0, last_lineage_ = 0;
    std::uint32_t last_uid_ = 0;
    std::uint64_t revision_ = 1;
    bool running_ = false;
    std::unique_ptr<float[], FreeMemory> memory_;
    std::unique_ptr<rt::Engine> engine_;
};

} // namespace chronus
