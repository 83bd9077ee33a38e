#pragma once

#include "engine/host/device_supervisor.h"
#include "engine/host/privileges.h"
#include "engine/host/progress.h"
#include "engine/host/recorder.h"
#include "engine/host/session.h"
#include "osc/access.h"
#include "osc/answer_memory.h"
#include "osc/clients.h"
#include "osc/observer.h"
#include "osc/param_routes.h"
#include "osc/peer.h"
#include "osc/schedule.h"
#include "osc/subscriptions.h"
#include "osc/undo.h"
#include "osc/verbs.h"
#include "osc/versions.h"
#include "patterns/history/history_thread.h"
#include "patterns/history/recent_executions.h"
#include "patterns/show/render_record.h"
#include "patterns/show/studio.h"
#include "patterns/store/presets.h"
#include "patterns/store/saver.h"
#include "patterns/store/setlists.h"
#include "patterns/store/slots.h"
#include "patterns/text/codec.h"
#include "patterns/text/setlist.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace chronus::osc {

/// Who asked for what: where an answer goes, now or when the disk is done.
struct Caller {
    Peer peer;
    std::string address;
    std::string id = {}; ///< of `/req`; such a one is answered whatever the client's policy
};

/// When edits of tracks land.
enum class Quant : std::uint8_t { off, beat, bar };

using Pattern = std::shared_ptr<const patterns::Loaded>;

/// Patterns that follow each other: round and round, or, those of a song, once.
struct Chain {
    struct Link {
        int slot = 0;
        std::uint64_t bars = 1;
        patterns::KeptPattern pattern;
        SetPlace place = {};
    };
    std::vector<Link> links = {}; ///< empty: no chain plays
    std::size_t next = 0;         ///< the link that comes when the one in play has had its bars
    bool begun = false;           ///< the first has been put in play
    bool by_itself = false;       ///< the last was put in play because it was its turn

    bool is_song() const { return !links.empty() && !links.front().place.song.empty(); }
    /// Its last part is in play, or about to be.
    bool is_over() const { return next == links.size(); }
};

/// The set that is performed.
struct Stand {
    patterns::KeptSet set = {}; ///< none until one is opened
    bool advances = false;      ///< to the next song, at the end of one that does not say
};

/// A mark that the engine reports on its way, and who is to hear of it.
struct Awaited {
    std::uint32_t token = 0;
    Caller caller;
    std::optional<Frame> asked = {}; ///< told only when it came later; empty: a `/wait`
};

/// A job of the studio that begins once it is sure to.
struct StudioAsked {
    std::string name; ///< of its files
    std::string what; ///< "slot 12 is being rendered"
    std::function<Result<std::string>(patterns::Studio &)> begin;
    Caller caller = {};
    std::string said = {};                   ///< the command, as typed
    patterns::ExecutionBegin execution = {}; ///< what the history calls it, and what it is of;
    std::shared_ptr<const patterns::RenderRecord> record = {}; ///< none: nothing is made in it
};

/// Somebody who writes into the history, once it is sure that he does.
struct Writing {
    Caller caller;
    std::function<Result<Reply>(Context &)> write;
};

/// What commands change beside the session, and a refused bundle leaves as it was.
struct Desk {
    Label label = {}; ///< of the pattern in play, or of the one that waits for its bar
    Label stays = {}; ///< of the pattern in play while another waits
    Quant quant = Quant::off;
    Chain chain = {};
    Chain stays_chain = {}; ///< as it was before what waits for its bar
    Stand stand = {};
    std::vector<patterns::Job> jobs = {}; ///< for the disk, once all of the bundle is accepted
    std::vector<Caller> job_callers = {}; ///< who is answered when they are done
    std::vector<StudioAsked> studio_jobs = {};
    std::vector<Writing> writings = {};
    Switched switched = {};
    std::vector<Awaited> awaited = {}; ///< marks on their way to the engine
    std::vector<std::pair<std::string, Peer>> cancelled =
        {}; ///< names of what waits and is not to happen, and who says so
    std::vector<std::pair<std::string, std::string>> ended_jobs = {}; ///< ids, and who wants it
    UndoStack undo = {};
};

/// The pattern that took over last, and the frame on which it was first heard.
struct Applied {
    int slot = 0;
    std::string name;
    Frame frame = 0;
};

/// A recording on its way to its end: the engine takes the tape off, then the file is finished on a
/// thread of its own, then whoever asked is told.
struct RecordingEnd {
    bool asked = false;
    std::optional<Caller> caller = {}; ///< nobody when `/engine/stop` ended it
    std::future<Result<RecordingInfo>> finished = {};
    std::optional<Caller> next = {}; ///< who asked for the next one without waiting for this end
    std::string next_name = {};      ///< empty when it was called off since
};

/// A `/sync` that the disk has not caught up with.
struct SyncWait {
    Caller caller;
    std::int32_t number = 0;
    patterns::Ticket last = 0; ///< everything up to this one is waited for
};

/// Who asked how loud the tracks are. Voices are watched for this while; nobody waits for long.
struct LevelsAsked {
    std::vector<Caller> callers = {};
    std::int64_t watch_until_ns = 0, patience_until_ns = 0;
};

/// What has come in, and what of it was lost on the way.
struct Traffic {
    std::uint64_t packets = 0, messages = 0, bad_packets = 0, rate_limited = 0, kernel_drops = 0,
                  late = 0, queue_full = 0;
};

/// All that commands act on.
///
/// Thread: control.
struct Context {
    Session &session;
    DeviceSupervisor &device;
    Recorder &recorder;
    patterns::Slots &slots;
    patterns::Saver &saver;
    patterns::Presets presets;
    patterns::Studio &studio;
    patterns::Setlists sets;
    Subscriptions &subscriptions;
    ProgressStore &progress;
    patterns::HistoryThread &history;
    Observer &observer;
    std::function<std::int64_t()> now_ms; ///< Unix time, handed in
    std::function<std::int64_t()> now_ns; ///< monotonic, handed in
    double latency_ms = -1; ///< from a message's arrival to its act; below 0 one block, 0 at once
    Access access;          ///< who may do what
    Grant memory;           ///< whether memory is locked
    std::optional<SampleFormat> record_samples; ///< of recordings, unless their ending says no
    std::string listens_on = {};                ///< "127.0.0.1:5005"

    ParamRoutes routes = ParamRoutes{session.config().voices};
    Desk desk = {};
    Schedule schedule = {};
    Versions versions = {};
    Fetched fetched = {};                 ///< what the command at hand is to bring back
    Caller caller = {};                   ///< of the message being handled
    std::map<int, Pattern> prepared = {}; ///< by slot, for what was to wait for its time
    bool trial = false;         ///< what is being handled is taken back whatever comes of it
    bool timed = false;         ///< it has a time of its own,
    bool on_line = false;       ///< which is a line of the music
    std::uint64_t based_on = 0; ///< the revision before what is being handled
    std::optional<Applied> applied = {};
    std::map<patterns::Ticket, Caller> deferred = {};
    std::map<patterns::Ticket, ProgressScope> carried = {}; ///< sets on their way in and out
    std::vector<SyncWait> syncs = {};
    std::vector<std::pair<Caller, Result<Reply>>> history_told = {}; ///< answers to be given
    std::vector<Awaited> awaited = {};
    std::uint32_t last_token = 0;
    Clients clients = {};
    Client strangers = {}; ///< all who have yet to say who they are: they push out no client
    AnswerMemory answered = {};
    Frame tape_on = 0; ///< when the engine last switched its tape on
    RecordingEnd recording_end = {};
    LevelsAsked levels_asked = {};
    std::shared_ptr<patterns::RecentExecutions> recent =
        std::make_shared<patterns::RecentExecutions>(); ///< the history thread's
    Traffic traffic = {};
};

/// The line that ends with a caller's answer later: the engine says when it got there.
Result<Reply> await_mark(Context &context, std::optional<Frame> asked);
/// The frame whose moment is now; blocks that are late or computed ahead do not move it.
Frame frame_now(const Context &context);
/// Where the music is, in sixteenths, for what acts as soon as it can; empty while it stands.
std::optional<double> here(const Context &context);
/// Where the music is, of the run that was started last: it stands still while that start is on its
/// way, though the engine may still play on in the run before it.
Position position_in_run(const Context &context);
/// Frames from a message's arrival to its act.
Frame latency_of(const Context &context);

/// As it goes over the wire, where it has 31 bits.
constexpr std::int32_t shown_revision(std::uint64_t revision) {
    return static_cast<std::int32_t>(revision & 0x7fffffff);
}

/// What the caller of a job that the disk thread has done is told.
Result<Reply> saved_reply(const patterns::JobReport &report);

} // namespace chronus::osc
