#include "engine/host/deck.h"
#include "engine/host/render_call.h"
#include "engine/host/session.h"
#include "tests/support/duet.h"
#include "tests/support/random_player.h"
#include "tests/support/rt_guard.h"

#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

using namespace chronus;

namespace {

constexpr Frame kSecond = 48000;

struct Caught {
    std::uint64_t calls, system_calls;
    double sounding; ///< how much of the time
};

/// A session at work for so long: its engine behind `call` on a guarded thread, a random player and
/// the tape's reader on this one.
Caught perform(Session &session, Tape &tape, RenderCall call, Frame frames) {
    test::RandomPlayer player(session, 11);
    std::vector<float> taped(4096);
    bool trapped = true;
    std::uint64_t sounding = 0;
    player.make_noise();
    rt::forget();
    test::duet<rt::RtScope>(
        call, frames, [&] { trapped = !rt::kSeesSystemCalls || rt::trap_system_calls(); },
        [&] {
            player.act();
            if (session.telemetry().sounding > 0) ++sounding;
            tape.read(taped);
            session.drain_reports([](const Report &) {});
        });
    REQUIRE(trapped);
    INFO("last call " << rt::last_violation() << ", last system call " << rt::last_system_call());
    CHECK(player.acts() > frames / 1000); // blocks are shorter than that
    return {rt::violations(), rt::system_calls(),
            static_cast<double>(sounding) / static_cast<double>(player.acts())};
}

/// What stands in for the engine: it renders, and then does what it may not.
class Sinner {
public:
    Sinner(rt::Engine &engine, std::string sin) : engine_(engine), sin_(std::move(sin)) {}

    void render(StereoBlock out) noexcept {
        engine_.render(out);
        if (sin_ == "malloc") std::free(std::malloc(100));
        if (sin_ == "mutex") const std::scoped_lock lock(mutex_);
        if (sin_ == "printf") std::printf("%s", "");
    }

private:
    rt::Engine &engine_;
    std::string sin_;
    std::mutex mutex_;
};

struct Studio {
    std::vector<float> memory = std::vector<float>(2 * 65536);
    Tape tape{memory};
    Session session;
    explicit Studio(std::uint16_t voices) : session({.voices = voices}, tape) {}
};

} // namespace

TEST_CASE(
    "real time: a minute of render under every command takes no memory, lock or system call") {
    for (const std::uint16_t voices : {std::uint16_t{8}, kMaxVoices}) {
        Studio studio(voices);
        const Caught caught = perform(studio.session, studio.tape,
                                      render_call_of(studio.session.engine()), 60 * kSecond);
        CHECK(caught.calls == 0);
        CHECK(caught.system_calls == 0);
        CHECK(caught.sounding > 0.25);
    }
}

TEST_CASE("real time: what a render call may not do is caught when it does it") {
    for (const char *sin : {"malloc", "mutex", "printf"}) {
        if (!rt::kSeesCalls && std::string{sin} != "malloc") continue;
        Studio studio(8);
        Sinner sinner(studio.session.engine(), sin);
        const Caught caught =
            perform(studio.session, studio.tape, render_call_of(sinner), kSecond / 4);
        INFO(sin);
        CHECK(caught.calls >= 40); // one a block
    }
}

TEST_CASE("real time: memory that grows inside a render call enters the system, and is caught") {
    if (!rt::kSeesSystemCalls) return;
    struct Grower {
        rt::Engine &engine;
        void render(StereoBlock out) noexcept {
            engine.render(out);
            std::free(std::malloc(100 << 20));
        }
    };
    Studio studio(8);
    Grower grower{studio.session.engine()};
    const Caught caught = perform(studio.session, studio.tape, render_call_of(grower), kSecond / 4);
    CHECK(caught.system_calls >= 40);
}

TEST_CASE("real time: what is heard over the engine takes no memory, lock or system call") {
    struct Heard {
        rt::Engine &engine;
        Deck deck;
        void render(StereoBlock out) noexcept {
            engine.render(out);
            deck.add_to(out);
        }
    };
    Studio studio(8);
    const Alarm alarm;
    Reel reel{SampleRate{48000}, alarm};
    Heard heard{studio.session.engine(), {}};
    std::vector<float> sound(500, 0.1f);
    REQUIRE(heard.deck.put_on(reel));
    rt::forget();
    test::duet<rt::RtScope>(
        render_call_of(heard), 4 * kSecond, [] { (void)rt::trap_system_calls(); },
        [&] {
            if (reel.room() >= sound.size()) reel.write({sound, sound});
            if (reel.heard() > 3 * kSecond) reel.stop();
        });
    heard.deck.take_off();
    CHECK(rt::violations() == 0);
    CHECK(rt::system_calls() == 0);
    CHECK(reel.over());
}

TEST_CASE("real time: both ends of a mailbox take and give back no memory, full or empty") {
    Mailbox<Message> mail{100};
    auto outbox = mail.outbox();
    auto inbox = mail.inbox();
    std::uint64_t sent = 0, arrived = 0;
    CHECK(rt::violations_in([&] {
              for (int round = 0; round < 1000; ++round) {
                  while (outbox.send({})) ++sent;
                  inbox.drain([&](const Message &) { ++arrived; });
                  inbox.drain([&](const Message &) { ++arrived; });
              }
          }) == 0);
    CHECK(sent == arrived);
    CHECK(sent >= 100000);
}
