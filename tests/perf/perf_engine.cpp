// What a frame costs. Plays one scene offline, in blocks of 256, and prints
//
//     frames N nanoseconds N
//
// for the stretch inside `chronus_measured`; scripts/perf runs it, under callgrind for
// instructions.

#include "tests/perf/scenes.h"
#include "tests/support/rig.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace {

using namespace chronus;

constexpr std::size_t kBlock = 256;
constexpr double kRate = 48000;

struct Measured {
    Scene scene;
    std::uint16_t voices = 8;
    bool plays = true, stops = false;
};

/// The session with everything at rest: what has rung is forgotten after 2 s.
void warm_up(Session &session, bool plays, std::span<float> left, std::span<float> right) {
    if (plays) (void)session.start();
    const double seconds = plays ? 0.5 : 12;
    for (double frames = 0; frames < seconds * kRate; frames += kBlock)
        session.engine().render({left, right});
}

Measured measured_from(std::string_view name) {
    if (name == "idle") return {.scene = {}, .plays = false};
    if (name == "demo") return {.scene = perf::scene_of(std::cin)};
    if (name == "effects" || name == "acid" || name == "tail") {
        Measured eight{.scene = perf::saws(8)};
        eight.scene.params.set(param("dist1/mix"), 0);
        if (name != "acid") eight.scene.params.set(param("acid1/source"), 0);
        eight.stops = name == "tail";
        return eight;
    }
    const int voices = std::atoi(std::string{name}.c_str());
    if (voices < 1 || voices > kMaxVoices) {
        std::cerr
            << "usage: perf_engine idle|demo|effects|acid|tail|1..64 [SECONDS [plain]]\n"
               "       demo reads commands from standard input; effects is eight saws with\n"
               "       reverb, delay and limiter, acid the same with the acid on one, tail what\n"
               "       is left of effects once it has stopped; a number\n"
               "       is so many saws with all of it and the distortion;\n"
               "       plain: with the kernels for every machine\n";
        std::exit(64);
    }
    const auto count = static_cast<std::uint16_t>(voices);
    return {.scene = perf::saws(count), .voices = count};
}

} // namespace

extern "C" [[gnu::noipa]] void chronus_measured(rt::Engine &engine, StereoBlock out,
                                                std::size_t blocks) {
    for (std::size_t i = 0; i < blocks; ++i) engine.render(out);
}

int main(int argc, char **argv) {
    const Measured what = measured_from(argc > 1 ? argv[1] : "");
    const double seconds = argc > 2 ? std::atof(argv[2]) : 10;
    const auto blocks = static_cast<std::size_t>(seconds * kRate / kBlock);
    const bool plain = argc > 3 && argv[3] == std::string_view{"plain"};
    test::Rig rig(what.scene, {.voices = what.voices,
                               .kernels = plain ? rt::Kernels::plain : fastest_kernels()});
    std::vector<float> left(kBlock), right(kBlock);
    warm_up(rig.session, what.plays, left, right);
    if (what.stops) (void)rig.session.stop();

    using Clock = std::chrono::steady_clock;
    const Clock::time_point begin = Clock::now();
    chronus_measured(rig.session.engine(), {left, right}, blocks);
    const std::chrono::nanoseconds took = Clock::now() - begin;
    std::cout << "frames " << blocks * kBlock << " nanoseconds " << took.count() << "\n";
}
