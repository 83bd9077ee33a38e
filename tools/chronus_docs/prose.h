#pragma once

#include "engine/result.h"

#include <array>
#include <cstddef>
#include <string_view>

/// What the reference says around its tables.
namespace chronus::docs {

inline constexpr std::string_view kTop =
    R"(<!-- Made by chronus_docs from the tables of the program; do not edit. scripts/docs makes it anew. -->

# Reference

All that can be said to the daemon, what it answers, and every number it knows.
The daemon tells the same: `/schema` for machines, `chronusctl list` and `chronusctl describe ADDRESS`
for people. `chronusctl repl` takes all of it line by line and completes it with Tab; `chronusctl doctor`
says what keeps a daemon from playing as it should.

- [How to talk to it](#how-to-talk-to-it)
- [Commands](#commands)
- [Parameters](#parameters)
- [Presets](#presets)
- [What subscribers are told](#what-subscribers-are-told)
- [What a track can be told](#what-a-track-can-be-told)
- [Errors](#errors)

## How to talk to it

[Talking to Chronus](protocol.md) shows it with examples.

OSC 1.0 over UDP, port 5005 of 127.0.0.1 (`--port` and `--bind` change it). A program finds the
port of a daemon that runs in the file `$XDG_RUNTIME_DIR/chronus/PID`, which holds lines such as
`port 5005`. A packet is a message or a bundle. What comes acts a
constant delay (`--latency`) after its arrival; a bundle on the frame of its time tag, up to 60 s ahead.
All commands of a bundle act on one frame, or none does when one of them is refused.

**Streams** lose nothing and take packets of 60 KiB instead of 8: TCP on the same port, and a Unix
socket for its owner alone, which the same file names (`socket /...`) and which still answers when the
port is flooded. Packets are framed by SLIP, with an END on both sides, or by their length as int32
before them; the first byte tells which, and answers come in the same. A broken SLIP frame is passed
over, a wrong length ends the connection. Who leaves 128 KiB of answers unread is not read from
either, and is closed when it has read nothing for 30 s. Long answers come over as many turns as they
need. Each kind has room for 64 connections.

**Other machines** are heard when `--bind` says so. They say `/auth` and a token first, which gives them
a role; a connection without one gives way to others, and ends after 30 s.
[How to play over a network](how-to/network.md) tells the rest.

**Values.** A number may come as `i`, `h`, `f`, `d`, `T`, `F` or as text that spells one. A switch is
on for every number above 0, and for `on` and `true`. Whole numbers are never rounded: slot 1.5 is
refused. Amounts out of range clip, and the answer says to what. Slots and voices out of range are
refused. NaN and infinity are refused. Arguments too many are ignored, but not by commands that
remove something.

**Answers** go to where the message came from.

- Done: `/reply s:address s:text s:id i:revision [values...]`. The text is for people, the values
  for programs. The id is empty. The revision counts the changes made to the music.
- Refused: `/error s:address i:number s:text s:symbol s:id s:hint`. The text is one sentence. The
  hint is a message that would have been taken; for who has no role yet there is none.
- A parameter without arguments answers on its own address with its value alone.
- Long answers come in parts: values `i:index i:count s:part`.
- What has to reach the disk is answered when it is there: save, copy, delete, restore, the end of
  a recording.
- Moved controls and gates are not answered, unless something is wrong with them or the client
  asked for it with `/client/replies 2`.

**Levels** go to port 5006 of 127.0.0.1 ten times a second (`--viz-port` changes it, 0 sends none):
`/viz/levels`, one peak from 0 to 1 for each voice, and `/viz/spectrum`, eight bands at 63, 125, 250,
500, 1000, 2000, 4000 and 8000 Hz.
)";

inline constexpr std::string_view kCommands = R"(
## Commands

Arguments are written `type:name`: `s` text, `i` a whole number, `f` a number, `b` a switch, `v`
anything. `?` marks those that may be missing, `...` says that more may follow.

`/seq/add` takes after the pattern either values in a fixed order, `base_freq filter_freq notes`, or
`key=value` texts with the keys of [a track](#what-a-track-can-be-told), or both. A hint of `/error`
may be sent as it is. [Setlists](setlists.md) shows those of `/setlist` at work.
)";

inline constexpr std::string_view kParameters = R"(
## Parameters

`/mod/MODULE/PARAMETER value` moves one, without a value it asks. Continuous ones glide to their new
value within some 20 ms, so nothing clicks. A choice is told by its name or its number.

`/gate/voiceN 1` opens a voice's gate by hand and `/gate/voiceN 0` closes it; `/gate/acid1` stands
for the voice that the acid is on, and `/gate/N` for voice N. Names of the first generation still work:
`/mod/sine1/...`, `/mod/filter1/...`, `/mod/adsr1/...` and `/gate/adsr1` are voice1.

There are 8 voices unless the daemon was given another number with `--voices`.
"In files" is the name in a slot file below `modules.MODULE`, a dot for each level; `seq` is there
called `sequencer`.
)";

inline constexpr std::string_view kPresetsHead = R"(
## Presets

`/mod/voiceN/preset NAME` gives a voice the sound of that name; without a name it tells which of them
the voice sounds like. It acts like any parameter, alone, in bundles and with `/at`, and is one step of
`/undo`. Level, place and sends stay as they are, and so does the pitch, unless the preset names them.
[Sounds in one word](how-to/presets.md) shows how to keep your own.

)";

inline constexpr std::string_view kTopicsHead = R"(
## What subscribers are told

`/subscribe` asks for parameters, which come on their own addresses, and for the topics below.
[How to keep a display up to date](how-to/feedback.md) shows it. Each packet is a bundle that begins with
`/rev i:revision`.

)";

inline constexpr std::string_view kKeys = R"(
## What a track can be told

`/seq/set TRACK KEY VALUE` while it plays, or `KEY=VALUE` behind the pattern of `/seq/add`. What is
unset is the voice's own; `none` unsets it again.

)";

inline constexpr std::string_view kErrorsHead = R"(
## Errors

Numbers are never given a new meaning. Those above -100 are the ones of the Non Session Manager.

)";

/// By Errc.
inline constexpr std::array<std::string_view, static_cast<std::size_t>(Errc::failed) + 1>
    kErrorWords{
        "No command and no parameter has this address; the nearest ones are named.",
        "An argument is missing, too many, or of a type that cannot stand for what is wanted.",
        "The type is right, the value is outside what is allowed.",
        "The name is well formed and names nothing.",
        "An address pattern that matches nothing.",
        "Its time has passed.",
        "Its time is further off than is kept.",
        "No room just now; nothing was done.",
        "Made against what is no longer the newest.",
        "Held by somebody else.",
        "A file that is not what was written.",
        "The sender may not do this.",
        "Understood, but this build or machine cannot.",
        "The same thing is already going on.",
        "Written by a later Chronus; it is never guessed at.",
        "Over a size limit.",
        "Right, but not in this state.",
        "Called off while it was being done; nothing of it is left.",
        "The operating system refused; the text holds its words.",
        "Anything else.",
    };
static_assert(!kErrorWords.back().empty(), "every Errc has its sentence");

} // namespace chronus::docs
