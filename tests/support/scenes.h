#pragma once

#include "engine/model/scene.h"

#include <initializer_list>
#include <string_view>

/// Scenes made in a line, without the notation's parser: tests of the engine stand on the model.
namespace chronus::test {

constexpr Hit hit_of(char c) {
    switch (c) {
    case 'X':
        return Hit::accent;
    case 'x':
        return Hit::normal;
    case 'o':
        return Hit::ghost;
    case '_':
        return Hit::tie;
    default:
        return Hit::rest;
    }
}

/// A track from a pattern of X x o . _ and ~ after slid hits, playing `notes` in turn.
inline Track track(std::string_view name, int voice, std::string_view pattern,
                   std::initializer_list<float> notes = {}) {
    static std::uint32_t uid = 1000;
    Track t;
    t.name.assign(name);
    t.uid = ++uid;
    t.voice = static_cast<std::uint8_t>(voice);
    for (const char c : pattern) {
        if (c == '~')
            t.steps[t.length - 1u].slide = true;
        else
            t.steps[t.length++].hit = hit_of(c);
    }
    for (const float hz : notes) t.note_list[t.note_count++].hz = hz;
    return t;
}

inline Scene scene(std::initializer_list<Track> tracks, float bpm = 120, float swing = 0) {
    Scene s;
    for (const Track &t : tracks) s.tracks[s.track_count++] = t;
    s.params.set(param("seq/bpm"), bpm);
    s.params.set(param("seq/swing"), swing);
    return s;
}

} // namespace chronus::test
