#pragma once

#include "engine/host/device_supervisor.h"
#include "engine/host/privileges.h"
#include "engine/host/recorder.h"
#include "engine/host/session.h"
#include "osc/peer.h"
#include "osc/verbs.h"
#include "patterns/store/saver.h"
#include "patterns/store/slots.h"
#include "patterns/text/codec.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <string>

namespace chronus::osc {

/// Who asked for what: where an answer goes, now or when the disk is done.
struct Caller {
    Peer peer;
    std::string address;
};

/// What clients have said about themselves, by where they send from.
struct ClientPrefs {
    int replies = 1;           ///< 0 none, 1 all but those of moved controls, 2 everything
    std::int64_t heard_ms = 0; ///< when it last said so
};

/// A recording on its way to its end: the engine takes the tape off, then the file is finished on a
/// thread of its own, then whoever asked is told.
struct RecordingEnd {
    std::optional<Caller> caller; ///< nobody while none is asked for
    std::future<Result<RecordingInfo>> finished = {};
};

/// All that commands act on, and what of the pattern in play the Scene does not hold.
///
/// Thread: control.
struct Context {
    Session &session;
    DeviceSupervisor &device;
    Recorder &recorder;
    patterns::Slots &slots;
    patterns::Saver &saver;
    std::function<std::int64_t()> now_ms;       ///< Unix time, handed in
    Grant memory;                               ///< whether memory is locked
    std::optional<SampleFormat> record_samples; ///< of recordings, unless their ending says no

    patterns::Document kept = {}; ///< name, tags and unknown members of the pattern in play
    int slot = 0;                 ///< it was loaded from or saved to; 0 none
    Caller caller = {};           ///< of the message being handled
    std::map<patterns::Ticket, Caller> deferred = {};
    std::map<Peer, ClientPrefs> clients = {};
    Frame tape_on = 0; ///< when the engine last switched its tape on
    RecordingEnd recording_end = {};
    std::uint64_t bad_packets = 0;
};

/// The container by the file's ending, the samples as told; nothing where the ending has none such,
/// and the recorder's own choice is right.
std::optional<SoundFormat> recording_format(std::string_view file,
                                            std::optional<SampleFormat> samples);
/// What the caller of a job that the disk thread has done is told.
Result<Reply> saved_reply(const patterns::JobReport &report);
/// What whoever ended a recording is told.
Result<Reply> recorded_reply(const Result<RecordingInfo> &info);

} // namespace chronus::osc
