#pragma once

#include "engine/host/device_supervisor.h"
#include "engine/host/session.h"
#include "engine/host/witness.h"
#include "osc/param_routes.h"
#include "osc/plain_packet.h"
#include "osc/value.h"
#include "patterns/history/history_thread.h"
#include "patterns/history/journal.h"

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace chronus::osc {

struct Traffic;

/// Writes down all that is done and what comes of it, for the history to keep: who said what, every
/// message to the engine, what it reports, how the machine fared.
///
/// Nothing here waits for the disk. It goes before the session does. Thread: control.
class Observer final : public Witness {
public:
    /// `journal` may be null: nothing is written down.
    Observer(Session &session, patterns::Journal *journal, patterns::HistoryThread &history,
             std::function<std::int64_t()> now_ms)
        : session_(session), journal_(journal), history_(history), now_ms_(std::move(now_ms)) {}
    ~Observer() override;
    Observer(const Observer &) = delete;
    Observer &operator=(const Observer &) = delete;

    /// To be called before anything is asked of the session.
    void begin(std::string_view version);
    /// What a performance that begins now is of: its slot, set, song and author are asked for here.
    void ask_what_plays(std::function<patterns::ExecutionBegin()> what) {
        what_plays_ = std::move(what);
    }

    /// Somebody's command, before it is done. `author` is a name, never an address.
    /// `at` is when it is to be, as its sender says it, or empty.
    void said(std::string_view author, std::string_view at, const osc::Message &message,
              std::string_view request);
    /// Parameters that somebody on this machine moved, the plain way; an empty name is none.
    void moved(std::string_view author, const ParamRoutes &routes, std::span<const Move> moves);
    /// What a command was understood as, where it was said in other words.
    void translated(std::string_view from, std::string_view to);
    /// What the text of a track was read as.
    struct Reading {
        std::string_view track, key, from, to;
    };
    void read(const Reading &reading);
    /// A value beyond what it is for, and what it was taken as.
    void clipped(std::string_view address, float asked, float applied);
    void refused(std::string_view address, const Error &why, std::string_view request);
    /// A recording is over; `content` is JSON. It is of the performance that goes on, or else of
    /// the last one, if that had not ended when the tape was switched on.
    void recorded(std::string_view file, std::string_view content, Frame tape_on);

    /// Something is rendered beside what is on stage: all of it is written down under its number,
    /// which is above 0. Of a number that was not begun nothing is.
    void begin_render(std::uint64_t run, patterns::ExecutionBegin what);
    void note_render(std::uint64_t run, patterns::ItemView item);
    void end_render(std::uint64_t run, patterns::ExecutionStatus status, std::string_view why);

    void sent(std::span<const chronus::Message> messages, std::uint64_t last) override;
    void hear(const Report &report);
    /// What is written down from now on has this time.
    void look_at_clock() { time_ms_ = now_ms_(); }
    /// What became of the device and of packets; a few times a second.
    void look(const DeviceSupervisor &device, const Traffic &traffic);
    /// Has the history keep what was written down. Once a turn.
    void hand_on();

    /// When the sequencer was started, Unix ms; 0 while it stands.
    std::int64_t run_ms() const { return run_ms_; }
    /// When it was started last; 0 never.
    std::int64_t last_run_ms() const { return last_run_ms_; }

private:
    void moved(std::string_view author, std::string_view address, float value);
    void note(patterns::ItemView item, std::uint64_t run = 0);
    void note(const SceneApplied &applied);
    void note(const Healed &healed);
    void lend(const Scene &scene, std::uint64_t epoch);
    void start(Frame frame);
    void stop(Frame frame);
    bool writes() const { return journal_ != nullptr; }
    Frame frame() const { return session_.telemetry().frame.load(std::memory_order_relaxed); }

    Session &session_;
    patterns::Journal *journal_;
    patterns::HistoryThread &history_;
    std::function<std::int64_t()> now_ms_;
    std::function<patterns::ExecutionBegin()> what_plays_ = [] {
        return patterns::ExecutionBegin{};
    };
    std::int64_t run_ms_ = 0, last_run_ms_ = 0, time_ms_ = 0;
    Frame stopped_ = 0;                    // the sequencer, last
    std::uint64_t started_ = 0;            // the number of the message that did
    std::set<std::uint64_t> renders_ = {}; // that go on
    bool written_ = false;                 // since the last turn
    Frame looked_ = 0;                     // when at the device
    std::uint64_t xruns_ = 0, lost_devices_ = 0, dropped_ = 0;
    DeviceState device_ = DeviceState::running;
};

/// The kind of item somebody's commands are, by how they call themselves: `chronusctl`, or "agent"
/// and more.
patterns::ItemType input_type(std::string_view author);

} // namespace chronus::osc
