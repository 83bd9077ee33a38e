#include "tests/osc/random_performer.h"

#include <array>

namespace chronus::test {

void RandomPerformer::prepare() {
    rig_.say({"/seq/add", {"t0", "voice1", "X.x."}});
    for (std::int32_t slot = 1; slot <= 4; ++slot) {
        rig_.say({"/seq/add", {track(), "voice" + std::to_string(slot), pattern()}});
        rig_.say({"/seq/bpm", {chance_.within(120, 240)}});
        say({"/pattern/save", {slot, "by chance"}});
    }
    say({"/setlist/new", {"gig"}});
    for (int n = 1; n <= 3; ++n) {
        const std::string song = "song" + std::to_string(n);
        say({"/setlist/add", {"gig", song, n}});
        say({"/setlist/part", {"gig", song, slot(), 1}});
        say({"/setlist/part", {"gig", song, 0, 1, 2}});
    }
    say({"/setlist/override", {"gig", "song2", "voice1/amp", 0.4f}});
    say({"/setlist/open", {"gig"}});
    say({"/setlist/auto", {1}});
}

void RandomPerformer::say(const Message &message) {
    rig_.say(message, somebody());
    rig_.wait_for_disk();
}

void RandomPerformer::perform(Frame frames) {
    rig_.say({"/seq/start"});
    for (const Frame end = rig_.rendered() + frames; rig_.rendered() < end;) act();
    rig_.say({"/seq/stop"});
    rig_.run(4);
}

void RandomPerformer::act() {
    rig_.run(chance_.below(16));
    if (chance_.one_in(12)) rig_.wait_for_disk();
    if (chance_.one_in(60)) return lose_device();
    if (chance_.one_in(8)) return (void)rig_.say_together(several(), 1, somebody());
    if (chance_.one_in(8))
        return (void)rig_.say_together(several(), rig_.tag_of(rig_.rendered() + 4000), somebody());
    if (chance_.one_in(8)) {
        Message inner = command();
        std::vector<osc::Value> args{std::string{when()}, inner.address};
        args.insert(args.end(), inner.args.begin(), inner.args.end());
        return (void)rig_.say({"/at", args}, somebody());
    }
    rig_.say(command(), somebody());
}

/// It calls for nothing for up to half a second, while clients go on; then another takes over, and
/// now and then the time was lost. Some blocks later the first kind is back.
void RandomPerformer::lose_device() {
    ++lost_devices_;
    constexpr std::array<std::uint32_t, 5> kBlocks{48, 256, 441, 512, 1024};
    for (std::uint64_t n = chance_.below(6); n > 0; --n) {
        rig_.stall(chance_.below(16));
        rig_.say(command(), somebody());
    }
    using Missed = DirectorRig::Missed;
    rig_.change_device(kBlocks[chance_.below(kBlocks.size())],
                       chance_.one_in(3) ? Missed::lost : Missed::rendered);
    rig_.run(chance_.below(16));
    rig_.say(command(), somebody());
    rig_.change_device(DirectorRig::kBlock, Missed::lost);
}

std::vector<osc::Message> RandomPerformer::several() {
    std::vector<Message> out;
    for (std::uint64_t n = 2 + chance_.below(3); n > 0; --n) out.push_back(command());
    return out;
}

std::string_view RandomPerformer::when() {
    constexpr std::array<std::string_view, 4> kWhen{"step+1", "beat+1", "bar+1", "now"};
    return kWhen[chance_.below(kWhen.size())];
}

std::string RandomPerformer::pattern() {
    std::string out;
    for (std::uint64_t n = 4 + chance_.below(13); n > 0; --n) out += "X.x.o..."[chance_.below(8)];
    return out + "x";
}

osc::Message RandomPerformer::knob() {
    const ParamId id{static_cast<std::uint16_t>(chance_.below(kParamCount))};
    const ParamSpec &spec = spec_of(id);
    return {"/mod/" + std::string{path_of(id).view()}, {chance_.within(spec.min, spec.max)}};
}

osc::Message RandomPerformer::of_the_set() {
    ++switches_;
    switch (chance_.below(8)) {
    case 0:
        return {"/setlist/open", {"gig"}};
    case 1:
        return {"/setlist/auto", {static_cast<std::int32_t>(chance_.below(2))}};
    case 2:
        return {"/setlist/switch", {song()}};
    case 3:
        return {"/setlist/switch", {song(), std::string{when()}}};
    case 4:
        return {"/setlist/switch", {static_cast<std::int32_t>(1 + chance_.below(3)), "now"}};
    case 5:
        return {"/setlist/switch", {"prev", std::string{when()}}};
    default:
        return {"/setlist/switch", {"next", std::string{when()}}};
    }
}

osc::Message RandomPerformer::command() {
    const auto voice = [this] { return "voice" + std::to_string(1 + chance_.below(8)); };
    switch (chance_.below(24)) {
    case 0:
    case 1:
        return {"/seq/add", {track(), voice(), pattern()}};
    case 2:
        return {"/seq/update/pattern", {track(), pattern()}};
    case 3:
        return {"/seq/remove", {track()}};
    case 4:
        return {"/pattern/save", {slot(), "by chance"}};
    case 5:
    case 6:
        return {"/pattern/load", {slot()}};
    case 7:
        return {chance_.one_in(2) ? "/undo" : "/redo", {}};
    case 8:
        return {"/gate/" + voice(), {static_cast<std::int32_t>(chance_.below(2))}};
    case 9:
        return {"/seq/bpm", {chance_.within(60, 240)}};
    case 10:
        if (chance_.one_in(4)) return {"/panic", {}};
        return {"/seq/mute", {track(), static_cast<std::int32_t>(chance_.below(2))}};
    case 11:
        return {"/snapshot/take", {}};
    case 12:
        return {"/seq/clear", {}};
    case 13:
        return {"/seq/update/notes", {track(), "C2, E3, G2"}};
    case 14:
    case 15:
        return of_the_set();
    case 16:
        return {"/seq/start", {}}; // after a panic, or the last song
    default:
        return knob();
    }
}

} // namespace chronus::test
