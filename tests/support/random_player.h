#pragma once

#include "engine/host/session.h"
#include "tests/support/random_scene.h"

#include <cstdint>
#include <string>

namespace chronus::test {

/// Somebody with many hands at a session: each time it is asked it does one thing by chance -
/// knobs, floods of knobs, gates, tracks, start and stop, panic, switches, the tape. Equal seeds do
/// equal things.
class RandomPlayer {
public:
    RandomPlayer(Session &session, std::uint64_t seed) : session_(session), chance_(seed) {}

    void act();
    /// Something loud, wherever chance has led: every voice struck, the sequencer on.
    void make_noise();

    Chance &chance() { return chance_; }
    std::uint64_t acts() const { return acts_; }

private:
    void turn_knobs(std::uint64_t count);
    void touch_track();
    void switch_scene();
    Track random_track();
    std::string some_name() { return "t" + std::to_string(chance_.below(70)); }

    Session &session_;
    Chance chance_;
    std::uint64_t acts_ = 0;
};

} // namespace chronus::test
