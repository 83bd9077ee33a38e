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

/// A parameter moves to a value, over its glide.
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

/// Play this edited scene from the next tick on: the same music, changed.
struct Edit {
    const Scene *scene = nullptr;
    std::uint64_t epoch = 0;
};

/// Switch to this other scene, notes and sound together, at step 0. A later one replaces one that
/// still waits.
struct Switch {
    const Scene *scene = nullptr;
    std::uint64_t epoch = 0;
    Boundary boundary = Boundary::bar;
};

/// Copy the output to the tape from the next tick on, or stop doing so.
struct SetTape {
    bool on = false;
};

/// `lineage` counts the switches asked for when the control thread wrote the message: a change made
/// to music that has since been switched away from goes down with it.
struct Message {
    std::variant<SetParam, SetGate, Transport, SetFill, Edit, Switch, SetTape> what;
    std::uint32_t lineage = 0;
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

using Report = std::variant<SceneApplied, Healed, TapeChanged>;

static_assert(std::is_trivially_copyable_v<Message> && std::is_trivially_copyable_v<Report>);

} // namespace chronus
