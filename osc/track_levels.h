#pragma once

#include "engine/host/session.h"
#include "osc/peer.h"
#include "osc/value.h"
#include "osc/verbs.h"

#include <cstdint>
#include <vector>

/// How loud the tracks are: as the voices that play them, before the effects.
namespace chronus::osc {

struct Context;
struct Caller;

/// Of a sound, in dB and LUFS as dsp/loudness.h tells; -200 is silence.
struct SoundLevels {
    float momentary_lufs = -200, short_term_lufs = -200;
    float rms_db = -200, peak_db = -200, true_peak_db = -200;
};

/// The voices of a track, as bits: its own, and those on which the other notes of its chords
/// sounded last. Two tracks on one voice have it both.
std::uint64_t voices_of(const Track &track, const Session &session);

/// Loudness and RMS of all its voices together, as of sounds that have nothing to do with each
/// other: their powers add up. The peaks are those of the loudest.
SoundLevels levels_of(const Track &track, const Session &session);

/// Largest of what its voices show at all times, watched or not; 1 is full scale.
float peak_of(const Track &track, const Session &session);

/// Whether the voices have been watched for as long as a momentary loudness takes.
bool levels_known(const Session &session);

/// Of the master, named "", and of each track: its name, then as `SoundLevels` has them.
std::vector<Value> levels_told(Session &session);

/// All of it as JSON, rounded; silence is -120. Voices are watched for a while from now on; until
/// they have been for long enough, the caller waits.
Result<Reply> ask_levels(Context &context, Args);
/// Those who asked whose time has come; they wait no more.
std::vector<Caller> take_level_callers(Context &context);
Reply levels_reply(Context &context);

} // namespace chronus::osc
