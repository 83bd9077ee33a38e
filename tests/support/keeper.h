#pragma once

#include "engine/host/replay.h"
#include "engine/host/witness.h"

#include <memory>
#include <variant>
#include <vector>

namespace chronus::test {

/// Keeps in memory all that a session does, to play it again.
class Keeper : public Witness {
public:
    /// Before the session was told anything.
    explicit Keeper(Session &session) : session_(session), first_(session.scene()) {
        session.tell(this);
    }

    void sent(std::span<const Message> messages, std::uint64_t last) override {
        const Frame frame = session_.telemetry().frame.load(std::memory_order_acquire);
        for (std::uint64_t n = last - messages.size(); const Message &message : messages)
            sent_.push_back({own(message), ++n, frame});
    }
    void hear(const Report &report) {
        if (const auto *late = std::get_if<CameLate>(&report)) late_.push_back(*late);
        if (const auto *alarm = std::get_if<Alarmed>(&report)) alarms_.push_back(*alarm);
        if (const auto *second = std::get_if<SecondOver>(&report)) seconds_.push_back(*second);
    }

    Doings doings() const { return {&first_, sent_, late_, alarms_}; }
    std::span<const SecondOver> seconds() const { return seconds_; }

private:
    /// With a scene that stays.
    Message own(Message message) {
        const auto keep = [this](const Scene *&scene) {
            scenes_.push_back(std::make_unique<const Scene>(*scene));
            scene = scenes_.back().get();
        };
        if (auto *edit = std::get_if<Edit>(&message.what)) keep(edit->scene);
        if (auto *change = std::get_if<Switch>(&message.what)) keep(change->scene);
        return message;
    }

    Session &session_;
    Scene first_;
    std::vector<std::unique_ptr<const Scene>> scenes_;
    std::vector<Sent> sent_;
    std::vector<CameLate> late_;
    std::vector<Alarmed> alarms_;
    std::vector<SecondOver> seconds_;
};

} // namespace chronus::test
