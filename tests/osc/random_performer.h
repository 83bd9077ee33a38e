#pragma once

#include "tests/support/director_rig.h"
#include "tests/support/random_scene.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::test {

/// Somebody who performs by chance, as three clients: all that can be heard, at once and later,
/// slots, a setlist, devices that are lost. Equal seeds do equal things.
class RandomPerformer {
public:
    RandomPerformer(DirectorRig &rig, std::uint64_t seed) : rig_(rig), chance_(seed) {}

    /// Four slots, and a set of three songs that is open.
    void prepare();
    /// Does one thing, and a little time goes by.
    void act();
    /// Starts, goes on until so many frames have been rendered, and stops.
    void perform(Frame frames);

    /// What it did that not every performance has.
    std::uint64_t lost_devices() const { return lost_devices_; }
    std::uint64_t switches() const { return switches_; }

private:
    using Message = osc::Message;

    osc::Peer somebody() { return me(static_cast<std::uint16_t>(4000 + chance_.below(3))); }
    void say(const Message &message);
    void lose_device();
    std::vector<Message> several();
    std::string_view when();
    std::string track() { return "t" + std::to_string(chance_.below(6)); }
    std::string pattern();
    std::int32_t slot() { return static_cast<std::int32_t>(1 + chance_.below(4)); }
    std::string song() { return "song" + std::to_string(1 + chance_.below(3)); }
    Message knob();
    Message of_the_set();
    Message command();

    DirectorRig &rig_;
    Chance chance_;
    std::uint64_t lost_devices_ = 0, switches_ = 0;
};

} // namespace chronus::test
