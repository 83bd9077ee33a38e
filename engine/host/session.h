#pragma once

#include "engine/host/loans.h"
#include "engine/host/witness.h"
#include "engine/model/alarm.h"
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
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chronus {

/// The fastest this machine has.
rt::Kernels fastest_kernels() noexcept;

struct SessionConfig {
    SampleRate fs{};
    std::uint16_t voices = 8;
    std::uint32_t seed = 1;
    rt::Kernels kernels = fastest_kernels();
};

/// The control side of the instrument: one Scene that commands edit, lent to the engine it owns.
///
/// Every call that changes something says so with a new `revision()`; a refused one changes
/// nothing. Calls between `begin` and `commit` reach the engine together, on one frame, or not at
/// all; once one of them is refused the rest is to be rolled back.
/// Thread: control, but for `engine()`, which the device's thread renders.
class Session {
public:
    Session(SessionConfig config, Tape &tape,
            std::unique_ptr<Scene> first = std::make_unique<Scene>());

    rt::Engine &engine() { return *engine_; }
    const Telemetry &telemetry() const { return telemetry_; }
    /// Raised by every panic but those that wait for their time.
    const Alarm &alarm() const { return alarm_; }
    /// Whether somebody looks at the voices' levels: they cost something.
    void watch(bool on) { telemetry_.watched.store(on, std::memory_order_relaxed); }
    const SessionConfig &config() const { return config_; }
    /// Who hears of every message from now on; nobody by null. To be called before the first.
    void tell(Witness *witness) { witness_ = witness; }
    std::uint64_t revision() const { return now_.revision; }
    /// The last revision that changed the tracks, or may have.
    std::uint64_t tracks_revision() const { return now_.tracks_revision; }

    /// When what is sent from now on acts. Ascends from one stamp to the next of its kind.
    void stamp(When when, Wait wait = Wait::in_line) {
        when_ = when;
        wait_ = wait;
    }

    void begin();
    /// Errors: queue_full - nothing was done.
    Outcome commit();
    void rollback();

    /// The scene as commands left it. A switch that took place meanwhile is taken in first.
    const Scene &scene();
    float get(ParamId id) { return scene().params.get(id); }
    const Track *find_track(std::string_view name);

    /// Sets a parameter; answers what was applied after clipping.
    ///
    /// Errors: out_of_range - NaN, or a choice or index the table does not have; queue_full.
    Result<float> set(ParamId id, float value);
    /// The same for an amount and a finite value, in a few steps. False: the queue is full.
    [[nodiscard]] bool set_amount(ParamId id, float value);

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
    /// Silence within 10 ms, before anything that still waits for its time.
    Outcome panic();
    /// The same when its time has come, as `stamp` has it.
    Outcome silence();
    bool running() const { return now_.running; }
    /// No frame before it is of the run that `running` tells of.
    Frame started() const { return now_.started; }

    /// Whether hits for fills only are played; no part of the scene.
    Outcome fill(bool on);

    /// Switches to another scene: at the next bar, or at once when stopped or asked for.
    Outcome switch_to(Scene scene, Boundary boundary);
    /// Goes on in another scene without starting anew, at once: an edit taken back.
    Outcome go_on_in(Scene scene);
    /// A switch that has not taken place yet.
    bool switch_waits();

    Outcome tape(bool on);

    /// Has the engine report when it gets here: `Marked{token}`.
    Outcome mark(std::uint32_t token) { return send({Mark{token}}); }

    /// Hands on what the engine reported since the last call, and frees what it no longer needs.
    void drain_reports(const std::function<void(const Report &)> &f) {
        reports_in_.drain(f);
        loans_.free_passed();
    }

private:
    struct FreeMemory {
        void operator()(float *p) const { std::free(p); }
    };
    struct Waiting {
        Scene scene;
        std::uint32_t lineage;
    };
    /// All that a command can change but the Scene and the queue.
    struct State {
        std::shared_ptr<const Waiting> waiting;
        std::uint32_t lineage = 0, last_lineage = 0, last_uid = 0;
        std::uint64_t revision = 1, tracks_revision = 1;
        bool running = false;
        Frame started = 0;
    };
    /// What a rollback brings back.
    struct Before {
        State state;
        std::unique_ptr<Scene> scene;                  ///< empty until it is edited or switched
        std::vector<std::pair<ParamId, float>> params; ///< set before that
    };

    /// A switch that took place meanwhile is taken in.
    void follow() {
        if (now_.waiting && !open_ &&
            telemetry_.lineage.load(std::memory_order_acquire) == now_.waiting->lineage)
            take_waiting();
    }
    void take_waiting();
    Outcome halt(Transport how);
    void stand_still();
    Outcome send(const Message &message);
    bool post(Message message);
    void bear_witness(std::span<const Message> messages) {
        if (witness_ != nullptr) witness_->sent(messages, outbox_.sent());
    }
    bool put(ParamId id, float applied);
    Outcome switch_by(Switch change, const Scene &scene, bool at_once);
    Scene &edited();
    void keep_scene();
    void lend_edit();
    void number_tracks(Scene &scene);
    template <class F>
    Outcome changing(F change);

    SessionConfig config_;
    Telemetry telemetry_;
    Alarm alarm_;
    rt::MessageMail messages_{rt::kMostMessages};
    Mailbox<Report> reports_{1024};
    rt::MessageMail::Outbox outbox_{messages_.outbox()};
    Mailbox<Report>::Inbox reports_in_{reports_.inbox()};
    Witness *witness_ = nullptr;
    Loans<Scene> loans_{telemetry_.needed};
    std::unique_ptr<Scene> scene_;
    State now_;
    When when_{};
    Wait wait_ = Wait::in_line;
    bool open_ = false;       // inside a transaction,
    bool edited_ = false;     // which has edited tracks
    std::size_t alarmed_ = 0; // messages it had gathered with its last panic; 0 without one
    Before before_;
    std::vector<Message> gathered_; // by the transaction
    std::unique_ptr<float[], FreeMemory> memory_;
    std::unique_ptr<rt::Engine> engine_;
};

} // namespace chronus
