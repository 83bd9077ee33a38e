#pragma once

#include "engine/rt/engine.h"
#include "tests/support/rig.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

namespace chronus::test {

/// An engine at 48 kHz and the other ends of its mail, without a session in between.
class Bench {
public:
    explicit Bench(const Scene &first = {}) : first_(std::make_unique<Scene>(first)) {}

    void send(decltype(Message::what) what, When when = {}, std::uint32_t lineage = 0) {
        send(Message{what, lineage, Wait::in_line, when});
    }
    void send(const Message &message) { REQUIRE(outbox.send(message)); }

    /// Plays on, and hears what the engine reports.
    Stereo render(std::size_t frames, std::size_t block = 256) {
        Stereo out{std::vector<float>(frames), std::vector<float>(frames)};
        for (std::size_t at = 0; at < frames; at += block) {
            const std::size_t count = std::min(block, frames - at);
            engine.render(
                {std::span{out.left}.subspan(at, count), std::span{out.right}.subspan(at, count)});
            reports_in.drain([&](const Report &r) { reports.push_back(r); });
        }
        return out;
    }
    /// Of one kind, in order.
    template <class T>
    std::vector<T> reported() const {
        std::vector<T> out;
        for (const Report &r : reports)
            if (const T *kind = std::get_if<T>(&r)) out.push_back(*kind);
        return out;
    }
    /// Of every mark so far, in order.
    std::vector<Frame> marks() const {
        std::vector<Frame> out;
        for (const Marked &m : reported<Marked>()) out.push_back(m.frame);
        return out;
    }

private:
    std::unique_ptr<Scene> first_;
    std::vector<float> memory_ = std::vector<float>(rt::Engine::memory_needed({})),
                       tape_memory_ = std::vector<float>(2 * 65536);
    rt::MessageMail messages_{rt::kMostMessages};
    Mailbox<Report> reports_{32768};

public:
    Tape tape{tape_memory_};
    Telemetry telemetry;
    Alarm alarm;
    rt::MessageMail::Outbox outbox{messages_.outbox()};
    Mailbox<Report>::Inbox reports_in{reports_.inbox()};
    std::vector<Report> reports;
    rt::Engine engine{{},
                      {messages_.inbox(), reports_.outbox(), tape, telemetry, &alarm},
                      {first_.get(), 1},
                      memory_};
};

} // namespace chronus::test
