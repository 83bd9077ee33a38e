#include "patterns/show/preflight.h"

#include "engine/host/bounce.h"
#include "patterns/show/render_levels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace chronus::patterns {

namespace {

constexpr SampleRate kRate{48000};
constexpr std::size_t kBlock = 8192;
constexpr double kMostSilence_s = 4, kMostStep_lu = 3, kMostTempoStep = 0.1, kMostLoad = 0.5;

double bpm_of(const Scene &scene) {
    return static_cast<double>(scene.params.get(param("seq/bpm")));
}

struct Performance {
    std::vector<Part> parts;
    SessionConfig config{kRate, 1};
};

Performance performance_of(const std::vector<PlayedPart> &played) {
    Performance out;
    for (const PlayedPart &part : played) {
        out.parts.push_back({part.pattern.scene(), part.bars});
        out.config.voices = std::max(out.config.voices, part.pattern->voices);
    }
    return out;
}

Outcome listen(SongFlight &flight, const Performance &what, ProgressScope &level) {
    const Expense expense;
    Bounce bounce{what.config, what.parts};
    PartLevels levels{level, bounce, what.parts, kRate};
    SoundCheck check{kRate};
    std::vector<float> left(kBlock), right(kBlock);
    std::uint64_t frames = 0;
    while (const std::size_t count = bounce.render({left, right})) {
        if (auto on = watch_of(level).go_on(); !on) return on;
        check.listen(StereoBlock{left, right}.sub(0, count));
        levels.at(frames += count);
    }
    levels.end(Outcome{Done{}});
    flight.facts = check.facts();
    flight.seconds = static_cast<double>(frames) / static_cast<double>(kRate.hz);
    flight.load = expense.cpu_s() / flight.seconds;
    for (const Frame line : bounce.lines().first(what.parts.size()))
        flight.cues_s.push_back(static_cast<double>(line) / static_cast<double>(kRate.hz));
    expense.tell(level, frames, kRate);
    tell_of(level, flight.facts);
    return Done{};
}

/// Gathers what there is to say, song by song.
class Findings {
public:
    Findings(const Setlist &set, std::span<const SongFlight> songs, const LostSlots &lost)
        : set_(set), songs_(songs), lost_(lost) {}

    std::vector<Finding> all() {
        for (song_ = 0; song_ < songs_.size(); ++song_) {
            look_at_slots();
            if (!songs_[song_].error.empty())
                say(songs_[song_].error);
            else
                listen();
        }
        return std::move(out_);
    }

private:
    void say(std::string what) { out_.push_back({song_, std::move(what)}); }

    /// The set has copies of its own and plays them; but who edits the set should know.
    void look_at_slots() {
        const Song &song = set_.songs[song_];
        std::vector<int> slots{song.source.slot};
        for (const SongPart &part : song.parts) slots.push_back(part.source.slot);
        std::ranges::sort(slots);
        slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
        for (const int slot : slots)
            if (const auto lost = lost_.find(slot); lost != lost_.end())
                say(fmt::format("slot {}, of which it has a copy, {}", slot, lost->second));
    }

    void listen() {
        const SongFlight &now = songs_[song_];
        if (const auto objection = objection_to(now.facts)) say(objection->what);
        if (now.facts.longest_silence_s > kMostSilence_s)
            say(fmt::format("{:.1f} s of silence in it", now.facts.longest_silence_s));
        if (now.load > kMostLoad)
            say(fmt::format("it takes {:.0f} % of a core when played live", 100 * now.load));
        for (std::size_t before = song_; before-- > 0;)
            if (songs_[before].error.empty()) return compare(songs_[before], now);
    }

    void compare(const SongFlight &before, const SongFlight &now) {
        const double step = now.facts.lufs - before.facts.lufs;
        const bool heard = now.facts.lufs > -100 && before.facts.lufs > -100;
        if (heard && std::abs(step) > kMostStep_lu)
            say(fmt::format("{:.1f} LU {} than {}", std::abs(step), step > 0 ? "louder" : "softer",
                            before.name));
        if (std::abs(now.first_bpm / before.last_bpm - 1) > kMostTempoStep)
            say(fmt::format("from {:g} to {:g} BPM after {}", before.last_bpm, now.first_bpm,
                            before.name));
    }

    const Setlist &set_;
    std::span<const SongFlight> songs_;
    const LostSlots &lost_;
    std::size_t song_ = 0;
    std::vector<Finding> out_;
};

std::string clock_time(double seconds) {
    const auto whole = static_cast<long>(std::lround(seconds));
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

} // namespace

Result<SongFlight> fly(const Setlist &set, std::size_t song, ProgressScope &level) {
    SongFlight flight{.name = set.songs[song].name};
    const auto played = played_parts(set, set.songs[song]);
    if (!played) {
        flight.error = played.error().what;
        return flight;
    }
    flight.first_bpm = bpm_of(played->front().pattern->scene);
    flight.last_bpm = bpm_of(played->back().pattern->scene);
    const auto heard = listen(flight, performance_of(*played), level);
    if (!heard && heard.error().code == Errc::cancelled) return heard.error();
    if (!heard) flight.error = heard.error().what;
    return flight;
}

std::vector<Finding> findings_in(const Setlist &set, std::span<const SongFlight> songs,
                                 const LostSlots &lost) {
    return Findings{set, songs, lost}.all();
}

std::string summary_of(std::span<const SongFlight> songs, std::span<const Finding> findings) {
    double seconds = 0, load = 0;
    for (const SongFlight &song : songs) {
        seconds += song.seconds;
        load = std::max(load, song.load);
    }
    return fmt::format("{} song{}, {}, at most {:.1f} % of a core, {}", songs.size(),
                       songs.size() == 1 ? "" : "s", clock_time(seconds), 100 * load,
                       findings.empty() ? "nothing to mend"
                                        : fmt::format("{} to look at", findings.size()));
}

std::string text_of(std::span<const SongFlight> songs, std::span<const Finding> findings) {
    std::string out;
    for (std::size_t i = 0; i < songs.size(); ++i) {
        const SongFlight &song = songs[i];
        out += song.error.empty()
                   ? fmt::format("{:>3} {:<20} {:>6} {:>6.5g} BPM {:>6.1f} LUFS {:>6.1f} dBTP "
                                 "{:>5.1f} %\n",
                                 i + 1, song.name, clock_time(song.seconds), song.first_bpm,
                                 song.facts.lufs, song.facts.true_peak_db, 100 * song.load)
                   : fmt::format("{:>3} {:<20}\n", i + 1, song.name);
        for (const Finding &finding : findings)
            if (finding.song == i) out += fmt::format("      {}\n", finding.what);
    }
    return out + summary_of(songs, findings);
}

} // namespace chronus::patterns
