#include "patterns/show/midi.h"

#include "engine/host/score.h"
#include "engine/model/params.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace chronus::patterns {

namespace {

constexpr std::uint32_t kTicksPerQuarter = 960, kTicksPerStep = kTicksPerQuarter / kStepsPerBeat;
constexpr int kBendCentre = 8192, kBendSemitones = 2; // what receivers start with

struct MidiEvent {
    std::uint32_t tick = 0;
    std::string bytes;
};

void put_number(std::string &out, std::uint32_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        out += static_cast<char>(value >> shift & 0xFF);
}

/// Seven bits a byte, the highest first.
void put_variable(std::string &out, std::uint32_t value) {
    for (int shift = 28; shift > 0; shift -= 7)
        if (value >> shift != 0) out += static_cast<char>((value >> shift & 0x7F) | 0x80);
    out += static_cast<char>(value & 0x7F);
}

std::string meta(int type, std::string_view content) {
    std::string out{'\xFF', static_cast<char>(type)};
    put_variable(out, static_cast<std::uint32_t>(content.size()));
    return out.append(content);
}

std::string chunk(std::string_view name, std::string_view content) {
    std::string out{name};
    put_number(out, static_cast<std::uint32_t>(content.size()), 4);
    return out.append(content);
}

/// In the order of their ticks; of one tick, in their own.
std::string track_chunk(std::vector<MidiEvent> events) {
    std::ranges::stable_sort(events, {}, &MidiEvent::tick);
    std::string out;
    std::uint32_t now = 0;
    for (const MidiEvent &event : events) {
        put_variable(out, event.tick - now);
        out += event.bytes;
        now = event.tick;
    }
    put_variable(out, 0);
    return chunk("MTrk", out + meta(0x2F, ""));
}

std::string tempo(float bpm) {
    std::string micros;
    put_number(micros, static_cast<std::uint32_t>(std::lround(60e6 / static_cast<double>(bpm))), 3);
    return meta(0x51, micros);
}

std::uint32_t tick_of(double steps) {
    return static_cast<std::uint32_t>(std::lround(steps * kTicksPerStep));
}

std::string message(int status, int channel, int first, int second) {
    return {static_cast<char>(status | channel), static_cast<char>(first),
            static_cast<char>(second)};
}

void put_note(std::vector<MidiEvent> &events, const ScoreNote &note, double from, int channel) {
    const double exact = 69 + 12 * std::log2(static_cast<double>(note.hz) / 440);
    const int key = std::clamp(static_cast<int>(std::lround(exact)), 0, 127);
    const double off = std::clamp(exact - key, -0.5, 0.5);
    const int bend =
        kBendCentre + static_cast<int>(std::lround(off * kBendCentre / kBendSemitones));
    const std::uint32_t begin = tick_of(from + note.begin);
    const std::uint32_t end = std::max(tick_of(from + note.end), begin + 1);
    events.push_back({begin, message(0xE0, channel, bend & 0x7F, bend >> 7)});
    events.push_back({begin, message(0x90, channel, key,
                                     static_cast<int>(std::lround(127 * velocity_of(note.hit))))});
    events.push_back({end, message(0x80, channel, key, 0)});
}

/// The tenth is for drums alone.
int channel_of(std::size_t track) {
    const int channel = static_cast<int>(track % 15);
    return channel < 9 ? channel : channel + 1;
}

/// Tracks in the order in which they first come.
class Tracks {
public:
    std::vector<MidiEvent> &events_of(std::string_view name) {
        const auto [at, is_new] = places_.try_emplace(std::string{name}, events_.size());
        if (is_new) events_.push_back({{0, meta(0x03, name)}});
        return events_[at->second];
    }
    int channel_of_track(std::string_view name) {
        return channel_of(places_.at(std::string{name}));
    }
    std::vector<std::vector<MidiEvent>> &all() { return events_; }

private:
    std::map<std::string, std::size_t> places_;
    std::vector<std::vector<MidiEvent>> events_;
};

void put_part(Tracks &tracks, const Part &part, double from) {
    const auto score = score_of(*part.scene, part.bars * kStepsPerBar);
    for (std::size_t i = 0; i < score.size(); ++i) {
        const std::string_view name = part.scene->tracks[i].name.view();
        auto &events = tracks.events_of(name);
        for (const ScoreNote &note : score[i])
            put_note(events, note, from, tracks.channel_of_track(name));
    }
}

} // namespace

std::string midi_of(std::span<const Part> parts) {
    std::vector<MidiEvent> tempos;
    Tracks tracks;
    double from = 0;
    for (const Part &part : parts) {
        tempos.push_back({tick_of(from), tempo(part.scene->params.get(param("seq/bpm")))});
        put_part(tracks, part, from);
        from += part.bars * kStepsPerBar;
    }
    std::string head;
    put_number(head, 1, 2);
    put_number(head, static_cast<std::uint32_t>(tracks.all().size()) + 1, 2);
    put_number(head, kTicksPerQuarter, 2);
    std::string out = chunk("MThd", head) + track_chunk(std::move(tempos));
    for (auto &events : tracks.all()) out += track_chunk(std::move(events));
    return out;
}

} // namespace chronus::patterns
