#pragma once

#include "osc/value.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace chronus::osc {

struct Context;

/// What subscribers are told of besides the values of parameters. One row is the whole truth.
///
/// `args` has the form of Verb::args, with the type tags that are sent. `tell` gives what holds
/// now, and nothing while there is nothing to tell; it is null for tracks, of which each is told by
/// itself.
struct Topic {
    std::string_view address, args, doc;
    std::vector<Value> (*tell)(Context &) = nullptr;
    std::int64_t period_ms = 0; ///< looked at no more often than this; 0 is at every chance
    bool at_once = false;       ///< does not wait for the next batch of values
};

namespace tell {
std::vector<Value> health(Context &context);
std::vector<Value> levels(Context &context);
std::vector<Value> meter(Context &context);
std::vector<Value> applied(Context &context);
std::vector<Value> position(Context &context);
std::vector<Value> progress(Context &context);
std::vector<Value> running(Context &context);
std::vector<Value> set_position(Context &context);
} // namespace tell

inline constexpr std::array kTopics{
    Topic{"/engine/health", "s:json", "Device, load, gaps in the sound and the disk, when changed.",
          tell::health, 1000},
    Topic{"/levels", "s:name f:momentary f:short_term f:rms f:peak f:true_peak ...",
          "How loud the master is, which is named \"\", and then each track, as /levels answers: "
          "LUFS and dB, every 100 ms. Silence has -200.",
          tell::levels, 100},
    Topic{"/meter", "b:levels",
          "Levels as one blob of big-endian numbers: int32 version (1), int32 count, then as many "
          "float32, the peaks: left, right, each voice. Behind them, of the master: momentary, "
          "short-term and integrated LUFS, the last since the sequencer started, RMS, peak and "
          "true peak in dB, the limiter's gain; of each voice: momentary and short-term LUFS, RMS, "
          "peak and true peak in dB. Silence has -200.",
          tell::meter},
    Topic{"/pattern/applied", "i:slot s:name h:frame",
          "A pattern has taken over, and the frame on which it was first heard.", tell::applied, 0,
          true},
    Topic{
        "/progress", "s:json",
        "What takes long, at most ten times a second: operations that wait or run, and those that "
        "were over last.",
        tell::progress, 100},
    Topic{"/seq/position", "i:bar i:beat i:step",
          "Each step as it is played; all count from 1, steps within the bar.", tell::position, 0,
          true},
    Topic{"/seq/running", "i:running", "1 while the sequencer plays.", tell::running, 0, true},
    Topic{"/seq/track", "s:name s:json ...",
          "A track that was added or changed, as in /seq/list, in several arguments where it is "
          "long; the JSON of one that is gone is empty."},
    Topic{"/setlist/position", "s:set i:song s:name i:part i:bar i:bars s:next",
          "Where in its set the music is: song and part count from 1, and so does the bar of the "
          "part, which has so many bars; the name of the song that comes next by itself. 0 and "
          "nothing where no song plays.",
          tell::set_position, 0, true},
};

/// A row of the table above.
struct TopicId {
    std::uint8_t index = 0;
    friend constexpr bool operator==(TopicId, TopicId) = default;
};

/// `topic("/seq/positon")` does not compile.
consteval TopicId topic(std::string_view address) {
    const auto row = std::ranges::find(kTopics, address, &Topic::address);
    if (row == kTopics.end()) throw "no such topic";
    return {static_cast<std::uint8_t>(row - kTopics.begin())};
}

static_assert(std::ranges::is_sorted(kTopics, {}, &Topic::address));
static_assert(std::ranges::all_of(kTopics, [](const Topic &t) {
    return t.address.starts_with('/') && !t.args.empty() && t.doc.ends_with('.');
}));

} // namespace chronus::osc
