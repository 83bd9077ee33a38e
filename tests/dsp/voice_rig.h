#pragma once

#include "dsp/voice_bank.h"
#include "tests/support/signals.h"

#include <functional>
#include <map>

namespace chronus::test {

/// Plays one bank, cut wherever an event falls and into calls of at most `call` frames.
struct VoiceRig {
    dsp::VoiceBank bank{kFs, 1};
    std::uint32_t call = kTick;
    std::map<std::uint32_t, std::function<void(dsp::VoiceBank &)>> events;

    struct Sound {
        Samples left, right, reverb, delay;
        std::array<Samples, dsp::kLanes> source, amplified, envelope;
    };

    Sound play(std::uint32_t frames) {
        Sound s;
        for (Samples *x : {&s.left, &s.right, &s.reverb, &s.delay}) x->assign(frames, 0.0f);
        Samples unused(frames);
        for (std::uint32_t now = 0; now < frames;) {
            if (const auto due = events.find(now); due != events.end()) due->second(bank);
            const auto next = events.upper_bound(now);
            std::uint32_t end = std::min(frames, now + call);
            if (next != events.end()) end = std::min(end, next->first);
            const std::uint32_t run = end - now;
            bank.generate(run);
            const auto at = [&](Samples &x) { return std::span(x).subspan(now, run); };
            dsp::Buses buses;
            bank.mix(buses, 0, run);
            dsp::add_up(buses.dry, {at(s.left), at(s.right)});
            dsp::add_up(buses.reverb, {at(s.reverb), at(unused)});
            dsp::add_up(buses.delay, {at(s.delay), at(unused)});
            for (std::size_t lane = 0; lane < dsp::kLanes; ++lane)
                for (std::uint32_t i = 0; i < run; ++i) {
                    s.source[lane].push_back(bank.source(lane, i));
                    s.envelope[lane].push_back(bank.envelope(lane, i));
                    s.amplified[lane].push_back(bank.filtered(lane, i) * bank.envelope(lane, i));
                }
            now = end;
        }
        return s;
    }
};

/// A voice whose filter and envelope leave the source as it is: open, flat, at once.
inline dsp::VoiceControls plain(dsp::Wave wave, float hz) {
    dsp::VoiceControls c;
    c.wave = wave, c.hz = hz;
    c.cutoff_hz = 20000, c.q = 0.70710678f;
    c.level = 1, c.attack_s = 0, c.decay_s = 0, c.sustain = 1, c.release_s = 0.01f;
    return c;
}

} // namespace chronus::test
