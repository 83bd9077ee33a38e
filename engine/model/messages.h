#pragma once

#include "engine/model/params.h"
#include "engine/model/scene.h"
#include "engine/model/time.h"

#include <cstdint>
#include <type_traits>
#include <variant>

/// What the control thread says to the audio thread, and back. All plain: none owns memory.
namespace chronus {

/// When a lent scene takes over.
enum class Boundary : std::uint8_t { now, bar };

/// How a lent scene is entered: from its step 0, or going on where the music is, as an edit does.
enum class Entry : std::uint8_t { from_start, goes_on };

/// A parameter moves to a value, over its glide: at once where nothing is heard of it, else from
/// the next tick of 32 frames on at the latest.
struct SetParam {
    ParamId id;
    float value = 0;
};

/// A voice is struck or let go by hand. Voices count from 0 here.
struct SetGate {
    std::uint8_t voice = 0;
    bool on = false;
};

enum class Transport : std::uint8_t {
    start,
    stop,    ///< and release every voice
    release, ///< every voice; the sequencer goes on
    panic,   ///< stop, and silence within 10 ms, tails and all
};

/// Hits for fills only are played, or no longer.
struct SetFill {
    bool on = false;
};

/// Play this edited scene: the same music, changed. Ignored when a later one plays already.
struct Edit {
    const Scene *scene = nullptr;
    std::uint64_t epoch = 0;
};

/// Switch to this other scene, notes and sound together. A later one replaces one that still waits.
struct Switch {
    const Scene *scene = nullptr;
    std::uint64_t epoch = 0;
    Boundary boundary = Boundary::bar;
    Entry entry = Entry::from_start;
};

/// Copy the output to the tape, or stop doing so.
struct SetTape {
    bool on = false;
};

/// Report the frame this is reached on.
struct Mark {
    std::uint32_t token = 0;
};

/// Whether a message is passed by others while it waits for its time.
enum class Wait : std::uint8_t {
    in_line, ///< none passes it: those behind it are later
    aside,   ///< sent ahead of its time; those behind it go on, but for those that wait aside too
};

/// Messages act in the order they are sent, each not before its `when`: to the frame if it is in
/// the mailbox when the tick of 32 frames begins in which it is due, at once when it comes later.
/// What waits for a step acts at once while the sequencer stands still, and when it stops.
///
/// `lineage` counts the switches asked for when the control thread wrote the message: a change made
/// to music that has since been switched away from goes down with it.
struct Message {
    std::variant<SetParam, SetGate, Transport, SetFill, Edit, Switch, SetTape, Mark> what;
    std::uint32_t lineage = 0;
    Wait wait = Wait::in_line;
    When when{};
};

/// A message as it went to the engine, the nth of its session, from 1.
struct Sent {
    Message message;
    std::uint64_t n = 0;
    Frame frame = 0; ///< rendered by then, or a few more
};

struct SceneApplied {
    std::uint64_t epoch = 0;
    Frame frame = 0; ///< on which it was first heard
    bool switched = false;
};
struct Healed {
    Frame frame = 0;
    std::uint8_t unit = 0; ///< 0..63 a voice, then the units of rt/mixer.h
};
struct TapeChanged {
    Frame frame = 0;
    bool on = false;
};
struct Marked {
    std::uint32_t token = 0;
    Frame frame = 0;
};

/// The messages after the first `from`, up to `to`, came with the tick that begins on this frame,
/// some of them too late for when they were to act. All others came before they mattered.
struct CameLate {
    Frame tick = 0;
    std::uint64_t from = 0, to = 0;
};
/// The alarm was heard at the tick that begins on this frame.
struct Alarmed {
    Frame tick = 0;
    std::uint64_t sent = 0; ///< messages that act before it
    bool silences = false;  ///< it is a panic itself; else one of those messages is
};
/// The output of a second, in whole ticks, up to this frame.
struct SecondOver {
    Frame frame = 0;
    std::uint64_t hash = 0; ///< of rt/audio_hash.h
};

using Report =
    std::variant<SceneApplied, Healed, TapeChanged, Marked, CameLate, Alarmed, SecondOver>;

static_assert(std::is_trivially_copyable_v<Message> && std::is_trivially_copyable_v<Report>);
static_assert(sizeof(Message) <= 48);

} // namespace chronus
