#include "tests/support/random_player.h"

namespace chronus::test {

namespace {

/// Of the parameters an engine of so many voices has.
ParamId some_param(Chance &chance, std::uint16_t voices) {
    const std::size_t rows = kModules[0].params.size();
    const std::uint64_t others = kParamCount - kModuleStart[1];
    const std::uint64_t n = chance.below(voices * rows + others);
    const std::uint64_t index = n < others ? kModuleStart[1] + n : n - others;
    return {static_cast<std::uint16_t>(index)};
}

/// Mostly allowed; sometimes far outside, which is clipped or refused.
float some_value(Chance &chance, ParamId id) {
    const ParamSpec &spec = spec_of(id);
    if (spec.kind == Kind::target) {
        const auto index = static_cast<std::uint16_t>(chance.below(kParamCount));
        return spec_of({index}).kind == Kind::amount ? static_cast<float>(index) : -1.0f;
    }
    if (chance.one_in(30)) return chance.within(-1e6f, 1e6f);
    return chance.within(spec.min, spec.max);
}

} // namespace

void RandomPlayer::act() {
    ++acts_;
    switch (chance_.below(16)) {
    case 0:
    case 1:
        (void)session_.gate(1 + static_cast<int>(chance_.below(session_.config().voices)),
                            !chance_.one_in(3));
        return;
    case 2:
    case 3:
        return touch_track();
    case 4:
        (void)(chance_.one_in(2) ? session_.start() : session_.stop());
        return;
    case 5:
        if (chance_.one_in(3)) (void)session_.panic();
        return (void)session_.start();
    case 6:
        return switch_scene();
    case 7:
        (void)session_.tape(chance_.one_in(2));
        return;
    case 8:
        return turn_knobs(500); // a flood
    default:
        return turn_knobs(1);
    }
}

void RandomPlayer::turn_knobs(std::uint64_t count) {
    for (; count > 0; --count) {
        const ParamId id = some_param(chance_, session_.config().voices);
        (void)session_.set(id, some_value(chance_, id));
    }
}

Track RandomPlayer::random_track() {
    Track t = random_document(chance_.next()).scene.tracks[0];
    t.name.assign(some_name());
    t.voice = static_cast<std::uint8_t>(1 + chance_.below(session_.config().voices));
    if (t.length == 0) t.steps[t.length++].hit = Hit::accent;
    t.mute = t.solo = false;
    return t;
}

void RandomPlayer::touch_track() {
    switch (chance_.below(8)) {
    case 0:
        (void)session_.clear_tracks();
        return;
    case 1:
    case 2:
        (void)session_.remove_track(some_name());
        return;
    case 3:
    case 4:
        (void)session_.edit_track(some_name(), [this](Track &t) -> Outcome {
            t.mute = !t.mute;
            t.gate = chance_.within(0.01f, 16);
            return Done{};
        });
        return;
    default:
        (void)session_.put_track(random_track());
    }
}

void RandomPlayer::switch_scene() {
    Scene scene = random_document(chance_.next()).scene;
    for (Track &t : scene.playing())
        t.voice = static_cast<std::uint8_t>(1 + t.voice % session_.config().voices);
    (void)session_.switch_to(scene, chance_.one_in(2) ? Boundary::bar : Boundary::now);
}

void RandomPlayer::make_noise() {
    for (int v = 1; v <= session_.config().voices; ++v) (void)session_.gate(v, true);
    (void)session_.start();
}

} // namespace chronus::test
