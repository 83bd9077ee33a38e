#include "tests/rt/bench.h"
#include "tests/support/random_scene.h"
#include "tests/support/scenes.h"

#include <catch2/catch.hpp>

#include <deque>
#include <tuple>
#include <vector>

using namespace chronus;
using test::Bench;
using test::Chance;
using test::scene;
using test::Stereo;
using test::track;

namespace {

constexpr Frame kRun = 3 * 48000;

/// Messages for every frame and step of a run, with the scenes they lend; a mark before each.
class Script {
public:
    explicit Script(std::uint64_t seed) : chance_(seed), first(some_scene()) {
        add(Transport::start);
        for (Frame frame = 0; frame < kRun; frame += chance_.below(4) * chance_.below(700)) {
            const bool by_step = chance_.one_in(6);
            when_ = by_step ? When::step((frame - start_) / 9000 + chance_.below(3))
                            : When::frame(frame);
            frame_ = frame;
            for (std::uint64_t n = 1 + chance_.below(3); n > 0; --n) add_something();
        }
    }

private:
    Chance chance_;
    std::deque<Scene> scenes_;
    std::uint64_t epoch_ = 1;
    std::uint32_t lineage_ = 0;
    When when_;
    Frame frame_ = 0, start_ = 0; // about when, and when it last started

public:
    Scene first;
    std::vector<Message> messages;

private:
    Scene some_scene() {
        Scene s = test::random_document(chance_.next()).scene;
        for (Track &t : s.playing()) t.voice = static_cast<std::uint8_t>(1 + t.voice % 8);
        s.params.set(param("seq/bpm"), chance_.within(60, 200));
        return s;
    }
    const Scene *lend(const Scene &s) { return ++epoch_, &scenes_.emplace_back(s); }

    void add(decltype(Message::what) what) {
        messages.push_back({Mark{}, 0, Wait::in_line, when_});
        messages.push_back({what, lineage_, Wait::in_line, when_});
    }
    void add_something() {
        const auto voice = static_cast<std::uint8_t>(chance_.below(8));
        switch (chance_.below(12)) {
        case 0:
            if (chance_.one_in(3)) return add(Transport::stop);
            start_ = frame_;
            return add(Transport::start);
        case 1:
            return add(chance_.one_in(9) ? Transport::panic : Transport::release);
        case 2:
            return add(SetFill{chance_.one_in(2)});
        case 3:
            return add_scene();
        case 4:
            return add(SetTape{chance_.one_in(2)});
        case 5:
        case 6:
        case 7:
            return add(SetGate{voice, !chance_.one_in(3)});
        default:
            return add_param();
        }
    }
    void add_param() {
        const ParamId id{static_cast<std::uint16_t>(
            chance_.one_in(2) ? chance_.below(8 * rows::kVoice.size())
                              : kModuleStart[1] + chance_.below(kParamCount - kModuleStart[1]))};
        add(SetParam{id, clamped(id, chance_.within(spec_of(id).min, spec_of(id).max))});
    }
    void add_scene() {
        const Scene *lent = lend(scenes_.empty() || chance_.one_in(2) ? some_scene() : edited());
        if (chance_.one_in(2)) return add(Edit{lent, epoch_});
        ++lineage_;
        add(Switch{lent, epoch_, chance_.one_in(2) ? Boundary::bar : Boundary::now,
                   chance_.one_in(2) ? Entry::goes_on : Entry::from_start});
    }
    Scene edited() {
        Scene s = scenes_.back();
        for (Track &t : s.playing()) t.gate = chance_.within(0.1f, 2);
        return s;
    }
};

struct Performance {
    Stereo sound;
    std::vector<Frame> marks;
    std::vector<float> tape;
    std::vector<std::tuple<std::uint64_t, Frame, bool>> applied;
    std::uint64_t outdated = 0, unreported = 0;
    friend bool operator==(const Performance &, const Performance &) = default;
};

/// Before each block sends what is due in it, and by chance some that is due later. `due` is empty
/// when all is to be sent beforehand.
Performance perform(const Script &script, std::size_t block, const std::vector<Frame> &due,
                    std::uint64_t seed) {
    Bench bench{script.first};
    Chance chance(seed);
    Performance out;
    std::size_t sent = 0;
    std::vector<float> taped(2 * 65536);
    for (Frame at = 0; at < kRun; at += block) {
        const Frame end = (std::min(at + block, kRun) + kTick - 1) / kTick * kTick;
        const Frame ahead = end + (chance.one_in(3) ? chance.below(20000) : 0);
        while (sent < script.messages.size() && (due.empty() || due[sent / 2] < ahead))
            bench.send(script.messages[sent++]);
        const Stereo part = bench.render(std::min<Frame>(block, kRun - at), block);
        out.sound.left.insert(out.sound.left.end(), part.left.begin(), part.left.end());
        out.sound.right.insert(out.sound.right.end(), part.right.begin(), part.right.end());
        const std::size_t read = 2 * bench.tape.read(taped);
        out.tape.insert(out.tape.end(), taped.begin(),
                        taped.begin() + static_cast<std::ptrdiff_t>(read));
    }
    out.marks = bench.marks();
    for (const SceneApplied &a : bench.reported<SceneApplied>())
        out.applied.emplace_back(a.epoch, a.frame, a.switched);
    out.outdated = bench.telemetry.outdated;
    out.unreported = bench.telemetry.unreported;
    return out;
}

} // namespace

TEST_CASE("lane: neither blocks nor the moment a message came, in time, change a bit") {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        INFO("seed " << seed);
        const Script script(seed);
        const Performance all_at_once = perform(script, 480, {}, 0);
        CHECK(all_at_once.sound.peak() > 0.01f);
        CHECK(all_at_once.marks.size() > script.messages.size() / 4); // at least every second
        REQUIRE(all_at_once.unreported == 0);
        std::vector<Frame> due = all_at_once.marks;
        due.resize(script.messages.size() / 2, kRun); // the rest was not reached
        for (const std::size_t block : {1u, 37u, 480u, 4096u, 48000u}) {
            INFO("block " << block);
            CHECK(perform(script, block, due, seed) == all_at_once);
        }
    }
}

TEST_CASE("lane: an alarm passes what waits, and no note is heard after it that was sent before") {
    Bench bench{scene({track("a", 1, "x")})};
    bench.send(Transport::start);
    bench.send(SetGate{2, true});
    bench.render(24000);
    bench.send(Mark{1}, When::step(1000));
    bench.send(SetParam{param("seq/bpm"), 90}, When::frame(30000));
    bench.send(SetGate{4, true}, When::step(1001));
    bench.send(Transport::start, When::frame(1000000));
    bench.send(Mark{2});
    bench.alarm.raise(bench.outbox.sent());
    bench.render(480);
    CHECK(bench.marks() == std::vector<Frame>{24000, 24000});
    CHECK(bench.render(48000).peak() < 1e-5f);
    CHECK_FALSE(bench.telemetry.running);

    bench.send(SetGate{0, true}); // what is sent afterwards is heard
    bench.send(Mark{3}, When::frame(100000));
    CHECK(bench.render(48000).peak() > 0.05f);
    CHECK(bench.marks().back() == 100000);
}

TEST_CASE("lane: each alarm is heard, also one on the heels of another, and what came between") {
    Bench bench;
    for (int n = 0; n < 3; ++n) {
        bench.alarm.raise(bench.outbox.sent());
        bench.send(SetGate{0, true});
        bench.alarm.raise(bench.outbox.sent());
        bench.alarm.raise(bench.outbox.sent());
        bench.send(Transport::start);
        bench.render(480);
        CHECK(bench.telemetry.running);
        CHECK(bench.render(4800).peak() < 1e-5f);
        bench.alarm.raise(bench.outbox.sent());
        bench.render(32);
        CHECK_FALSE(bench.telemetry.running);
    }
}

TEST_CASE("lane: messages of one frame act together, however many") {
    Bench bench;
    std::vector<Message> bundle(kParamCount);
    for (std::uint16_t i = 0; i < kParamCount; ++i)
        bundle[i] = {SetParam{{i}, initial_of({i})}, 0, Wait::in_line, When::frame(1000)};
    bundle.front().what = Mark{1};
    bundle.back().what = Mark{2};
    REQUIRE(bench.outbox.send_all(bundle));
    bench.render(2000);
    CHECK(bench.marks() == std::vector<Frame>{1000, 1000});
}

TEST_CASE("lane: what waits aside is passed by what is in line, and acts on its own frame") {
    Bench bench;
    const auto aside = [&](std::uint32_t token, When when) {
        bench.send(Message{Mark{token}, 0, Wait::aside, when});
    };
    aside(1, When::frame(1000));
    aside(2, When::frame(2000));
    bench.send(Mark{3}, When::frame(500));
    bench.send(Mark{4}, When::frame(1500));
    bench.send(Mark{5});
    bench.render(3000, 37);
    CHECK(bench.marks() == std::vector<Frame>{500, 1000, 1500, 1500, 2000});
}

TEST_CASE("lane: more than can wait aside hold up the line and are not lost") {
    Bench bench;
    for (std::uint32_t i = 0; i < 1100; ++i)
        bench.send(Message{Mark{i}, 0, Wait::aside, When::frame(1000 + i)});
    bench.send(Mark{9999});
    bench.render(4000);
    const auto marks = bench.marks();
    REQUIRE(marks.size() == 1101);
    for (std::size_t i = 0; i < 1024; ++i) CHECK(marks[i] == 1000 + i);
    CHECK(std::ranges::is_sorted(marks));
}
