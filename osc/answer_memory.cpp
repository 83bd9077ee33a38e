#include "osc/answer_memory.h"

#include <fmt/format.h>

namespace chronus::osc {

namespace {

constexpr std::size_t kCostOfOne =
    256; // bytes: the nodes of two maps, and what the allocator takes
constexpr std::size_t kCostOfPacket = 48;

} // namespace

const AnswerMemory::Entry *AnswerMemory::find(const Peer &peer, const std::string &id,
                                              std::int64_t now_ms) {
    expire(now_ms);
    const auto record = records_.find({peer, id});
    return record == records_.end() ? nullptr : &record->second.entry;
}

Outcome AnswerMemory::begin(const Peer &peer, const std::string &id, std::int64_t now_ms) {
    expire(now_ms);
    if (records_.contains({peer, id}))
        return Error{Errc::conflict, fmt::format("id {}: in use for another request", id)};
    if (!make_room_for_one_of(peer))
        return Error{Errc::queue_full,
                     fmt::format("id {}: {} requests of {} wait for their answers; no more may", id,
                                 limits_.ids_per_client, peer.text()),
                     "/sync 1"};
    const std::size_t cost = kCostOfOne + id.size();
    if (!make_room(cost))
        return Error{Errc::queue_full,
                     fmt::format("id {}: {} requests wait for their answers and fill the {} bytes "
                                 "there are for them",
                                 id, records_.size(), limits_.bytes),
                     "/sync 1"};
    records_[{peer, id}].bytes = cost;
    bytes_ += cost;
    return Done{};
}

void AnswerMemory::add_answer(const Peer &peer, const std::string &id, Packet answer,
                              std::int64_t now_ms) {
    const auto found = records_.find({peer, id});
    if (found == records_.end()) return;
    Record &record = found->second;
    Entry &entry = record.entry;
    answered_.erase(record.age); // so that it does not make room for itself
    const std::size_t cost = kCostOfPacket + answer.size();
    if (entry.state == State::too_big || !make_room(cost)) {
        const std::size_t bare = kCostOfOne + id.size();
        bytes_ -= record.bytes - bare;
        record.bytes = bare;
        entry = {State::too_big};
    } else {
        bytes_ += cost;
        record.bytes += cost;
        entry.state = State::answered;
        entry.answers.push_back(std::move(answer));
    }
    record.age = ++last_age_;
    record.answered_ms = now_ms;
    answered_.emplace(record.age, found);
}

void AnswerMemory::forget(const Peer &peer) {
    for (auto record = first_of(peer); record != records_.end() && record->first.first == peer;)
        drop(record++);
}

void AnswerMemory::expire(std::int64_t now_ms) {
    while (!answered_.empty()) {
        const auto oldest = answered_.begin()->second;
        if (now_ms - oldest->second.answered_ms < limits_.keep_ms) return;
        drop(oldest);
    }
}

/// Of this client's requests the one answered longest ago goes, when there are too many.
bool AnswerMemory::make_room_for_one_of(const Peer &peer) {
    std::size_t count = 0;
    auto oldest = records_.end();
    for (auto record = first_of(peer); record != records_.end() && record->first.first == peer;
         ++record, ++count) {
        const std::uint64_t age = record->second.age;
        if (age != 0 && (oldest == records_.end() || age < oldest->second.age)) oldest = record;
    }
    if (count < limits_.ids_per_client) return true;
    if (oldest == records_.end()) return false;
    drop(oldest);
    return true;
}

bool AnswerMemory::make_room(std::size_t bytes) {
    while (bytes_ + bytes > limits_.bytes && !answered_.empty()) drop(answered_.begin()->second);
    return bytes_ + bytes <= limits_.bytes;
}

void AnswerMemory::drop(Records::iterator record) {
    bytes_ -= record->second.bytes;
    answered_.erase(record->second.age);
    records_.erase(record);
}

} // namespace chronus::osc
