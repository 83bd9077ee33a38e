#include "engine/rt/mixer.h"

#include <array>

/// The mixer's part that tells the effects what they are to do.
namespace chronus::rt {

namespace {

/// The delay's time: its own, or that of a note at the tempo.
float delay_seconds(const Controls &c) CHRONUS_RT {
    constexpr std::array kBeats{0.0f,     1.0f / 8, 1.0f / 6, 1.0f / 4, 1.0f / 3,
                                3.0f / 8, 1.0f / 2, 2.0f / 3, 3.0f / 4, 1.0f,
                                3.0f / 2, 2.0f,     4.0f};
    static_assert(choice_name(kNoteLengths, kBeats.size() - 1) == "1/1");
    const auto note = static_cast<std::size_t>(c.now(param("delay1/sync")));
    if (note == 0) return c.now(param("delay1/time"));
    float seconds = kBeats[note] * 60.0f / c.now(param("seq/bpm"));
    while (seconds > dsp::Delay::kLongest.value) seconds *= 0.5f;
    return seconds;
}

} // namespace

void Mixer::update_effects(const Controls &c) CHRONUS_RT {
    if (c.touched(module_index("dist1")))
        distortion_.set({.drive = c.now(param("dist1/drive")),
                         .mix = c.now(param("dist1/mix")),
                         .tone = c.now(param("dist1/tone"))});
    if (c.touched(module_index("reverb1")))
        reverb_.set({.mix = c.now(param("reverb1/mix")),
                     .room = c.now(param("reverb1/room")),
                     .damp = c.now(param("reverb1/damp")),
                     .low = c.now(param("reverb1/low")),
                     .pre_delay_s = c.now(param("reverb1/predelay")),
                     .size = c.now(param("reverb1/size")),
                     .motion = c.now(param("reverb1/motion")),
                     .freeze = c.now(param("reverb1/freeze")) >= 0.5f});
    if (c.touched(module_index("delay1")) || c.touched(module_index("seq")))
        delay_.set(
            {.time_s = delay_seconds(c),
             .feedback = c.now(param("delay1/feedback")),
             .mix = c.now(param("delay1/mix")),
             .low_cut_hz = c.now(param("delay1/lowcut")),
             .high_cut_hz = c.now(param("delay1/highcut")),
             .ping_pong = c.now(param("delay1/pingpong")),
             .saturation = c.now(param("delay1/saturation")),
             .mode = static_cast<dsp::DelayMode>(static_cast<int>(c.now(param("delay1/mode"))))});
    ducking_.update(c);
    if (c.touched(module_index("master"))) {
        limiter_.set({.ceiling_db = c.now(param("master/ceiling"))});
        level_.aim(c.now(param("master/level")));
    }
}

} // namespace chronus::rt
