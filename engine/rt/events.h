#pragma once

#include "dsp/rt.h"
#include "engine/model/scene.h"

#include <array>
#include <cstdint>
#include <span>

namespace chronus::rt {

/// Something that strikes on one frame of a tick.
struct Event {
    enum class Kind : std::uint8_t { note_off, switch_scene, note_on };
    std::uint32_t frame = 0; ///< within the tick
    Kind kind = Kind::note_off;
    std::uint8_t voice = 0; ///< from 0
    std::uint8_t track = 0; ///< note_on: index in the scene that plays
    Hit hit = Hit::rest;    ///< note_on
    bool slide = false;     ///< note_on
    std::uint8_t locks = 0; ///< note_on: the track's lock set from 1, 0 none
    float hz = 0;           ///< note_on
};

/// The events of one tick, ascending by frame.
class EventList {
public:
    /// Notes beyond the list's room are not taken, and false is answered; the ends of those that
    /// were always are.
    bool push(const Event &event) CHRONUS_RT {
        const std::size_t kept_free = event.kind == Event::Kind::note_on ? kMaxVoices + 1 : 0;
        if (count_ + kept_free >= events_.size()) return false;
        events_[count_++] = event;
        return true;
    }
    void clear() CHRONUS_RT { count_ = 0; }
    std::span<const Event> view() const CHRONUS_RT { return {events_.data(), count_}; }

private:
    // Every track's chord, twice over when a switch falls into the tick. Only ratchets far shorter
    // than a tick need more.
    std::array<Event, 2 * (kMaxTracks * kMaxChord + kMaxVoices) + 2> events_{};
    std::size_t count_ = 0;
};

} // namespace chronus::rt
