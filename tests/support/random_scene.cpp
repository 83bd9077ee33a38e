#include "tests/support/random_scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>

namespace chronus::test {

namespace {

constexpr std::array<std::string_view, 6> kTexts{
    "kick", "", "a \"b\" \\ c", "\xc3\xbc\xe2\x99\xaa", "line\nbreak", "\x01\x7f"};

constexpr std::array<StepLength, 6> kDivs{{{1, 1}, {1, 1}, {2, 1}, {1, 8}, {3, 4}, {64, 63}}};

std::string text(Chance &chance) { return std::string{kTexts[chance.below(kTexts.size())]}; }

std::optional<float> maybe(Chance &chance, float min, float max) {
    if (chance.one_in(2)) return std::nullopt;
    return chance.within(min, max);
}

std::uint8_t number(Chance &chance, int low, int high) {
    return static_cast<std::uint8_t>(
        low + static_cast<int>(chance.below(static_cast<std::uint64_t>(high - low + 1))));
}

LockSet lock_set(Chance &chance) {
    LockSet set;
    for (std::uint64_t n = chance.below(kMaxLocks + 1); n > 0; --n) {
        const LockTarget target{number(chance, 0, LockTarget::kCount - 1)};
        const ParamSpec &spec = target.spec();
        const float value = chance.within(spec.min, spec.max);
        if (spec.kind == Kind::count) continue;
        set.add({target, spec.kind == Kind::choice ? std::trunc(value) : value});
    }
    return set;
}

/// A hit, and on one in three something of each kind.
Step hit(Chance &chance, Hit kind, LockSets &locks) {
    Step s{kind, chance.one_in(4)};
    s.fill = chance.one_in(8);
    if (chance.one_in(3)) s.ratchet = number(chance, 1, kMaxRatchet);
    if (chance.one_in(3)) s.chance = number(chance, 1, 100);
    if (chance.one_in(3)) s.cycle = number(chance, 1, kMaxCycle);
    s.nth = number(chance, 1, s.cycle);
    if (chance.one_in(3))
        s.shift = static_cast<std::int8_t>(number(chance, 0, 2 * kMaxShift) - kMaxShift);
    if (chance.one_in(3))
        s.locks = static_cast<std::uint8_t>(std::max(0, locks.add(lock_set(chance))));
    return s;
}

Step step(Chance &chance, bool sounds, LockSets &locks) {
    const auto kind = static_cast<Hit>(chance.below(sounds ? 5 : 4));
    return strikes(kind) ? hit(chance, kind, locks) : Step{kind};
}

/// A note, a rest, or one more note of a chord.
Note note(Chance &chance, std::span<const Note> before) {
    std::size_t chord = 0;
    while (chord < before.size() && before[before.size() - 1 - chord].with_last) ++chord;
    const bool after_note = !before.empty() && before.back().hz > 0;
    if (after_note && chord + 1 < kMaxChord && chance.one_in(4))
        return {chance.within(8, 20000), true};
    return {chance.one_in(8) ? 0.0f : chance.within(8, 20000), false};
}

Track track(Chance &chance, std::uint32_t uid) {
    Track t;
    t.name.assign("t" + std::to_string(uid * 7 % 64) + (chance.one_in(3) ? "\xc3\xa9 =\"" : ""));
    t.uid = uid;
    t.voice = static_cast<std::uint8_t>(1 + chance.below(kMaxVoices));
    t.length = static_cast<std::uint16_t>(1 + chance.below(chance.one_in(8) ? kMaxSteps : 32));
    for (std::size_t i = 0; i < t.length; ++i)
        t.steps[i] = step(chance, i > 0 && t.steps[i - 1].hit != Hit::rest, t.locks);
    t.note_count = static_cast<std::uint16_t>(chance.below(chance.one_in(8) ? kMaxNotes + 1 : 6));
    for (std::size_t i = 0; i < t.note_count; ++i)
        t.note_list[i] = note(chance, std::span{t.note_list}.first(i));
    t.note_start = static_cast<std::uint16_t>(chance.below(kMaxNotes));
    t.base_freq = chance.within(20, 20000);
    t.accent_boost = chance.within(0, 20000);
    t.gate = chance.within(0.01f, 16);
    t.amp = maybe(chance, 0, 1);
    t.filter_freq = maybe(chance, 20, 20000);
    t.reverb_send = maybe(chance, 0, 1);
    t.delay_send = maybe(chance, 0, 1);
    t.pan = maybe(chance, -1, 1);
    t.mute = chance.one_in(2);
    t.solo = chance.one_in(2);
    t.div = kDivs[chance.below(kDivs.size())];
    t.chance = number(chance, 0, 100);
    t.seed = static_cast<std::uint16_t>(chance.below(65536));
    return t;
}

float value(Chance &chance, ParamId id) {
    const ParamSpec &spec = spec_of(id);
    if (spec.kind != Kind::target) return chance.within(spec.min, spec.max);
    const auto index = static_cast<std::uint16_t>(chance.below(kParamCount));
    return spec_of({index}).kind == Kind::amount ? static_cast<float>(index) : -1.0f;
}

patterns::Metadata metadata(Chance &chance) {
    patterns::Metadata m{text(chance), text(chance), text(chance), text(chance), {}};
    for (std::uint64_t n = chance.below(4); n > 0; --n) m.tags.push_back(text(chance));
    return m;
}

} // namespace

/// splitmix64, as published by S. Vigna.
std::uint64_t Chance::next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

float Chance::within(float min, float max) {
    if (one_in(8)) return one_in(2) ? min : max;
    const float share = static_cast<float>(below(1u << 24)) / static_cast<float>(1u << 24);
    return std::clamp(min + share * (max - min), min, max);
}

patterns::Document random_document(std::uint64_t seed) {
    Chance chance{seed};
    patterns::Document d;
    d.voices = static_cast<std::uint16_t>(1 + chance.below(kMaxVoices));
    for (std::uint64_t n = chance.below(200); n > 0; --n) {
        const ParamId id{static_cast<std::uint16_t>(chance.below(kParamCount))};
        d.scene.params.set(id, value(chance, id));
    }
    d.scene.seed = chance.next();
    d.scene.track_count =
        static_cast<std::uint16_t>(chance.below(chance.one_in(8) ? kMaxTracks + 1 : 8));
    for (std::uint16_t i = 0; i < d.scene.track_count; ++i)
        d.scene.tracks[i] = track(chance, i + 1u);
    d.metadata = metadata(chance);
    d.timestamp = static_cast<double>(chance.below(4'000'000'000'000)) / 1000;
    d.running = chance.one_in(2);
    d.global_step = chance.one_in(4) ? chance.next() : chance.below(100000);
    if (chance.one_in(3))
        d.unknown = R"({"future":[1,{"a":null}],"modules":{"grain1":{"size":0.5}}})";
    return d;
}

} // namespace chronus::test
