#pragma once

#include "engine/host/wall_clock.h"
#include "osc/answers.h"
#include "osc/context.h"
#include "osc/gate.h"
#include "osc/packet.h"
#include "osc/plain_packet.h"
#include "osc/questions.h"
#include "osc/rate_limit.h"
#include "osc/requests.h"
#include "osc/routes.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chronus::osc {

/// From packets to acts: what comes in is given its time, done whole or not at all, and answered.
///
/// A packet's commands act on one frame, a constant delay after its arrival; those with a time of
/// their own wait in the schedule and go to the engine shortly before it.
/// Thread: control.
class Director {
public:
    /// Whether a client has read most of what it was sent, and may be sent a long answer.
    using HasRoom = std::function<bool(const Peer &)>;

    Director(
        Context &context, Outlet outlet, HasRoom has_room = [](const Peer &) { return true; })
        : context_(context), answers_(context, std::move(outlet)), has_room_(std::move(has_room)) {
        context_.observer.ask_what_plays([this] { return what_plays(); });
    }

    /// Units: `arrival_ns` monotonic.
    void take(std::span<const std::byte> packet, const Peer &from, std::int64_t arrival_ns);
    /// A packet that the gate would not have.
    void refuse(const Peer &from, std::span<const std::byte> packet, const Error &why);

    /// Does what is due by now, or soon enough that the engine must know of it.
    void run_due();
    /// Answers questions left over from earlier turns, while there is time.
    void answer_questions();
    /// When `run_due` and `answer_questions` are to be called next; empty when nothing waits.
    std::optional<std::int64_t> next_due_ns() const;
    /// Whether answers to what the client asked before are still to come.
    bool owes(const Peer &peer) const { return questions_.has(peer); }

    /// What the disk has done, what the engine reports, what the history knows, how loud tracks
    /// are, a recording at its end.
    void finish_jobs();
    void hear_engine();
    void hear_history();
    void hear_levels();
    void finish_recording();

    /// A connection is gone. What was promised to a program of this machine still happens: one that
    /// says a word and ends is how a shell plays.
    void forget(const Peer &peer);

private:
    /// Commands with one time.
    struct Group {
        Errand errand;
        std::uint64_t timetag = 1;
        std::string at = {};
    };
    /// How an errand acts.
    struct Timing {
        When when = {};
        std::optional<Frame> asked = {}; ///< by its sender, who is told when it comes later
        bool on_line = false;            ///< of the music, named by its sender
        bool answered = false;           ///< only what goes wrong is still to be told
    };
    using Given = std::vector<std::optional<Answered>>; // one for each request

    bool take_plain(std::span<const std::byte> packet, const Peer &from, Client &client,
                    std::int64_t arrival_ns);
    void take_any(std::span<const std::byte> packet, const Peer &from, Client &client,
                  std::int64_t arrival_ns);
    bool set_all();
    void end_song();
    void look_at_clock();
    void note_slack(const Peer &from, Frame due, std::int64_t arrival_ns);
    bool is_new(const Caller &caller);
    bool is_to_be_told(const Peer &from);
    void report_drops();
    std::vector<Group> groups_of(const std::vector<TimedMessage> &messages, const Peer &from);
    bool bring(Group group, std::int64_t arrival_ns);
    bool fetch(Group &group, std::int64_t arrival_ns);
    Result<std::optional<Due>> due_of(const Group &group) const;
    Result<std::optional<Due>> due_of_tag(std::uint64_t tag) const;
    Outcome near_enough(const Due &due, const Group &group) const;
    bool put_off(Group group, Due due);
    void write_down(const Group &group);
    patterns::ExecutionBegin what_plays() const;
    bool is_due(const Due &due) const;
    Timing timing_of(const Due &due);
    Frame lead() const;

    When arrival_time(std::int64_t arrival_ns, bool edits);
    std::optional<Frame> expected(const Due &due) const;

    bool act(const Errand &errand, const Timing &timing);
    std::optional<Error> change(const Errand &errand, const Timing &timing, Given &given);
    std::optional<Error> commit();
    std::optional<Error> try_out(const std::function<std::optional<Error>()> &attempt);
    std::optional<Error> try_at(const Errand &errand, const std::optional<Due> &due, Given &given);
    void try_what_waits(const Due &until);
    bool all_would_work(const std::vector<Group> &groups);
    void refuse_spoilt(const std::vector<TimedMessage> &messages, const Peer &from,
                       const std::string &spoiler, const Error &fault);
    void hand_over();
    void act_outside(const Errand &errand);
    Answered perform(const Errand &errand, const Request &request);
    bool turns_down(const std::vector<TimedMessage> &messages, const Peer &from);
    void ask(const Errand &errand, const Request &request, std::int64_t enough_ns);
    void keep_for_undo(const Errand &errand);
    void keep_for_undo();
    bool gesture_goes_on(Frame now) const;
    Frame change_frame() const;
    static Caller caller_of(const Errand &errand, const Request &request);
    void give(const Errand &errand, Given given);
    void refuse_all(const Errand &errand, const Error &error);
    void answer(const Caller &to, Answered answered);
    void tell(const Caller &to, const Answered &answered);
    Error with_hint(Error error, const Peer &to);
    std::optional<Error> try_hint(std::string_view hint, const Peer &from);

    void hear(const TapeChanged &tape);
    void hear(const Marked &mark);
    void hear(const SceneApplied &applied);
    void note_switch();
    Reply come(const Marked &mark) const;

    Context &context_;
    Answers answers_;
    HasRoom has_room_;
    Questions questions_;
    RateLimit rates_;
    std::vector<Move> moves_; // of the packet at hand
    WallClock wall_;
    std::optional<ClockFit> fit_; // of this turn
    Frame latency_ = 0;
    Label waiting_;         // of the pattern that waited for its bar when last looked at
    Frame last_frame_ = 0;  // of what was stamped by its arrival
    Frame sent_until_ = 0;  // of what was sent ahead of its time; no edit may overtake it
    Frame last_change_ = 0; // of a parameter, for undo
    const Frame half_second_ = static_cast<Frame>(context_.session.config().fs.hz / 2);
    std::map<Peer, std::int64_t> refused_; // when each source was last told of a bad packet
};

} // namespace chronus::osc
