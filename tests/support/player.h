#pragma once

#include "engine/rt/sequencer.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace chronus::test {

struct Struck {
    Frame frame;
    rt::Event event;
};

/// Plays a scene for `frames` frames in windows of `window` and keeps what it did; at 48 kHz.
class Player {
public:
    explicit Player(const Scene &s) : scene(s) { sequencer.start(); }

    Player &run(Frame frames, std::uint32_t window = kTick, const Scene *next = nullptr) {
        lend();
        for (const Frame end = now + frames; now < end;) {
            const auto count = static_cast<std::uint32_t>(std::min<Frame>(window, end - now));
            rt::EventList events;
            sequencer.advance(*lent_, rt::tempo_of(*lent_), {next}, count, events);
            for (const rt::Event &e : events.view()) {
                struck.push_back({now + e.frame, e});
                if (e.kind == rt::Event::Kind::switch_scene) scene = *next, next = nullptr, lend();
            }
            now += count;
        }
        return *this;
    }

    std::vector<Frame> frames_of(rt::Event::Kind kind, int voice = -1) const {
        std::vector<Frame> out;
        for (const Struck &s : struck)
            if (s.event.kind == kind && (voice < 0 || s.event.voice == voice - 1))
                out.push_back(s.frame);
        return out;
    }
    std::vector<Frame> onsets(int voice = -1) const {
        return frames_of(rt::Event::Kind::note_on, voice);
    }
    /// What the hits played, in Hz.
    std::vector<float> notes(int voice = -1) const {
        std::vector<float> out;
        for (const Struck &s : struck)
            if (s.event.kind == rt::Event::Kind::note_on &&
                (voice < 0 || s.event.voice == voice - 1))
                out.push_back(s.event.hz);
        return out;
    }
    std::vector<Frame> ends(int voice = -1) const {
        return frames_of(rt::Event::Kind::note_off, voice);
    }

    Scene scene;
    rt::Sequencer sequencer{48000};
    Frame now = 0;
    std::vector<Struck> struck;

private:
    /// A scene stays as it is while it is lent; another one stands elsewhere.
    void lend() { std::make_unique<const Scene>(scene).swap(lent_); }

    std::unique_ptr<const Scene> lent_;
};

} // namespace chronus::test
