#include "engine/host/score.h"

#include "dsp/block.h"
#include "engine/rt/sequencer.h"

#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace chronus {

namespace {

constexpr std::uint32_t kRate = 48000;
constexpr double kFramesPerStep = 6000; // at 120 BPM

/// Notes open when they are struck and end when they are let go or the next one is struck.
class Writer {
public:
    explicit Writer(std::size_t tracks) : notes_(tracks) {}

    void hear(const rt::Event &event, double now) {
        if (event.kind == rt::Event::Kind::switch_scene) return;
        end(event.voice, now);
        if (event.kind != rt::Event::Kind::note_on) return;
        auto &notes = notes_[event.track];
        open_[event.voice] = Place{event.track, notes.size()};
        notes.push_back({now, now, event.hit, event.slide, event.hz});
    }

    std::vector<std::vector<ScoreNote>> finish(double now) {
        for (std::size_t voice = 0; voice < kMaxVoices; ++voice) end(voice, now);
        return std::move(notes_);
    }

private:
    struct Place {
        std::size_t track, note;
    };

    void end(std::size_t voice, double now) {
        if (const auto open = std::exchange(open_[voice], std::nullopt))
            notes_[open->track][open->note].end = now;
    }

    std::vector<std::vector<ScoreNote>> notes_;
    std::array<std::optional<Place>, kMaxVoices> open_; // what each voice plays
};

} // namespace

std::vector<std::vector<ScoreNote>> score_of(const Scene &scene, std::uint32_t steps) {
    rt::Sequencer sequencer{kRate};
    sequencer.start();
    Writer writer{scene.track_count};
    const auto events = std::make_unique<rt::EventList>();
    const auto frames = static_cast<std::uint32_t>(steps * kFramesPerStep);
    for (std::uint32_t frame = 0; frame < frames; frame += kTick) {
        events->clear();
        sequencer.advance(scene, {120, scene.params.get(param("seq/swing"))}, {}, kTick, *events);
        for (const rt::Event &event : events->view())
            if (frame + event.frame < frames)
                writer.hear(event, (frame + event.frame) / kFramesPerStep);
    }
    return writer.finish(steps);
}

} // namespace chronus
