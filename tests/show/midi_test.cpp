#include "patterns/show/midi.h"

#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace chronus;
using namespace chronus::patterns;
using namespace chronus::test;

namespace {

struct Event {
    std::uint32_t tick = 0;
    int status = 0, type = 0; // type: of a meta event
    std::string data = {};
};

/// Reads the file as the standard has it, strictly: lengths must fit, nothing may be left over.
class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {
        REQUIRE(take(4) == "MThd");
        REQUIRE(number(4) == 6);
        CHECK(number(2) == 1);
        const auto tracks = number(2);
        CHECK(number(2) == 960);
        for (std::uint32_t i = 0; i < tracks; ++i) tracks_.push_back(track());
        CHECK(bytes_.empty());
    }
    const std::vector<std::vector<Event>> &tracks() const { return tracks_; }

private:
    std::string_view take(std::size_t count) {
        REQUIRE(bytes_.size() >= count);
        const auto out = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return out;
    }
    std::uint32_t number(std::size_t bytes) {
        std::uint32_t out = 0;
        for (const char c : take(bytes)) out = out << 8 | static_cast<unsigned char>(c);
        return out;
    }
    std::uint32_t variable() {
        std::uint32_t out = 0, byte = 0x80;
        while (byte & 0x80) out = out << 7 | ((byte = number(1)) & 0x7F);
        return out;
    }
    std::vector<Event> track() {
        REQUIRE(take(4) == "MTrk");
        const std::uint32_t length = number(4);
        const std::size_t rest = bytes_.size() - length;
        std::vector<Event> out;
        std::uint32_t tick = 0;
        while (bytes_.size() > rest) {
            Event event{.tick = tick += variable(), .status = static_cast<int>(number(1))};
            if (event.status == 0xFF) event.type = static_cast<int>(number(1));
            event.data = take(event.status == 0xFF ? variable() : 2);
            out.push_back(event);
        }
        CHECK(out.back().type == 0x2F);
        return out;
    }

    std::string_view bytes_;
    std::vector<std::vector<Event>> tracks_;
};

Part part(const Scene &scene, std::uint32_t bars) {
    return {std::make_shared<const Scene>(scene), bars};
}

std::vector<Event> of_kind(const std::vector<Event> &track, int kind) {
    std::vector<Event> out;
    for (const Event &event : track)
        if ((event.status & 0xF0) == kind && event.status != 0xFF) out.push_back(event);
    return out;
}

} // namespace

TEST_CASE("midi: hits fall on their ticks, with the velocity of their kind", "[show]") {
    const std::string bytes = midi_of(std::vector{part(scene({track("kick", 1, "X..o.x..")}), 1)});
    const Reader file{bytes};
    REQUIRE(file.tracks().size() == 2);
    const auto &kick = file.tracks()[1];
    CHECK(kick.front().type == 0x03);
    CHECK(kick.front().data == "kick");
    const auto on = of_kind(kick, 0x90);
    REQUIRE(on.size() == 6); // two rounds of eight steps
    const std::vector<std::uint32_t> ticks{0, 720, 1200, 1920, 2640, 3120};
    const std::vector<int> velocities{127, 44, 76, 127, 44, 76};
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(on[i].tick == ticks[i]);
        CHECK(on[i].data[1] == velocities[i]);
    }
    CHECK(of_kind(kick, 0x80).size() == on.size());
}

TEST_CASE("midi: a frequency is the nearest key, bent to where it is", "[show]") {
    const double quarter_tone = 440 * std::pow(2.0, 0.4 / 12);
    const std::string bytes = midi_of(std::vector{part(
        scene({track("a", 1, "x.x.x.x.", {440, 261.63f, static_cast<float>(quarter_tone)})}), 1)});
    const Reader file{bytes};
    const auto on = of_kind(file.tracks()[1], 0x90), bend = of_kind(file.tracks()[1], 0xE0);
    REQUIRE(on.size() >= 3);
    CHECK(on[0].data[0] == 69);
    CHECK(on[1].data[0] == 60);
    CHECK(on[2].data[0] == 69);
    const auto bent = [&](std::size_t i) { return bend[i].data[0] | bend[i].data[1] << 7; };
    CHECK(bent(0) == 8192);
    CHECK(std::abs(bent(1) - 8192) <= 2);
    CHECK(std::abs(bent(2) - (8192 + 0.4 * 4096)) <= 2);
}

TEST_CASE("midi: each part has its tempo, and a track of one name goes on", "[show]") {
    Scene slow = scene({track("a", 1, "X...............")}, 90);
    Scene fast = scene({track("b", 2, "X..............."), track("a", 1, "....X...........")}, 180);
    const std::string bytes = midi_of(std::vector{part(slow, 2), part(fast, 1)});
    const Reader file{bytes};
    REQUIRE(file.tracks().size() == 3);
    const auto &tempos = file.tracks()[0];
    CHECK(tempos[0].tick == 0);
    CHECK(tempos[1].tick == 2 * 16 * 240);
    CHECK(tempos[0].data == std::string{"\x0A\x2C\x2B", 3}); // 666,667 us
    const auto a = of_kind(file.tracks()[1], 0x90);
    REQUIRE(a.size() == 3);
    CHECK(a[2].tick == 2 * 16 * 240 + 4 * 240);
    CHECK((of_kind(file.tracks()[2], 0x90).front().status & 0x0F) == 1);
}
