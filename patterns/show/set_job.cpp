#include "patterns/show/set_job.h"

#include "patterns/store/atomic_file.h"
#include "patterns/store/posix_disk.h"
#include "patterns/text/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <unistd.h>
#include <utility>

namespace chronus::patterns {

namespace {

constexpr std::string_view kPicture = ".preflight.svg";

double rounded(double x) { return std::round(x * 100) / 100; }

std::optional<std::size_t> count_in(std::string_view text) {
    std::size_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

void write_head(JsonWriter &json, const SetOrder &order, std::string_view job) {
    if (!job.empty()) json.key("job").value(job);
    json.key("set").value(order.set->name);
    json.key("folder").value(order.folder.string());
}

void write(JsonWriter &json, const std::string &name, const SongResult &song) {
    json.begin_object();
    json.key("song").value(name);
    json.key("fate").value(word_of(song.fate));
    if (!song.state.error.empty()) json.key("error").value(song.state.error);
    if (!song.manifest.empty()) json.key("made").raw(song.manifest);
    json.end_object();
}

void write(JsonWriter &json, const SongFlight &song) {
    json.begin_object();
    json.key("song").value(song.name);
    if (!song.error.empty()) json.key("error").value(song.error);
    json.key("seconds").value(rounded(song.seconds));
    json.key("first_bpm").value(rounded(song.first_bpm));
    json.key("last_bpm").value(rounded(song.last_bpm));
    json.key("lufs").value(rounded(song.facts.lufs));
    json.key("true_peak_db").value(rounded(song.facts.true_peak_db));
    json.key("longest_silence_s").value(rounded(song.facts.longest_silence_s));
    json.key("load").value(std::round(song.load * 1e4) / 1e4);
    json.key("cues_s").begin_array();
    for (const double cue : song.cues_s) json.value(rounded(cue));
    json.end_array();
    json.end_object();
}

} // namespace

Result<Share> parse_share(std::string_view text) {
    const auto slash = text.find('/');
    const auto at = count_in(text.substr(0, slash));
    const auto of =
        slash == std::string_view::npos ? std::nullopt : count_in(text.substr(slash + 1));
    if (at && of && *at >= 1 && *at <= *of) return Share{*at - 1, *of};
    return Error{Errc::bad_type, fmt::format("shard \"{}\": 2/3 is the second of three", text),
                 "1/2"};
}

NamedSongs songs_of(const Setlist &set, Share share) {
    NamedSongs out;
    for (std::size_t i = share.at; i < set.songs.size(); i += share.of)
        out.emplace_back(i, set.songs[i].name);
    return out;
}

SetProcess::SetProcess(SetOrder order, Share share, ProgressScope &level, OnSong done)
    : order_(std::move(order)), done_(std::move(done)), results_(order_.set->songs.size()),
      songs_(songs_of(*order_.set, share), level,
             [this](std::size_t song, ProgressScope &of) { return process(song, of); }) {}

Outcome SetProcess::process(std::size_t song, ProgressScope &level) {
    auto result = process_song(order_, song, level);
    if (!result) return result.error();
    results_[song] = *std::move(result);
    const SongResult &done = *results_[song];
    if (done_) done_(done);
    if (done.fate == SongFate::failed) return Error{Errc::failed, done.state.error};
    level.complete(word_of(done.fate));
    return Done{};
}

Result<StudioReport> SetProcess::report(std::string_view job) const {
    if (!songs_.outcome()) return songs_.outcome().error();
    std::array<std::size_t, 3> fates{};
    JsonWriter json;
    json.begin_object();
    write_head(json, order_, job);
    json.key("songs").begin_array();
    for (const auto &result : results_) {
        if (!result) continue;
        write(json, order_.set->songs[result->song].name, *result);
        ++fates[static_cast<std::size_t>(result->fate)];
    }
    json.end_array();
    json.end_object();
    return StudioReport{
        fmt::format("{} made, {} unchanged, {} failed", fates[0], fates[1], fates[2]), json.text()};
}

SetPreflight::SetPreflight(SetOrder order, LostSlots lost, ProgressScope &level)
    : order_(std::move(order)), lost_(std::move(lost)), flights_(order_.set->songs.size()),
      songs_(songs_of(*order_.set), level,
             [this](std::size_t song, ProgressScope &of) { return fly(song, of); }) {}

Outcome SetPreflight::fly(std::size_t song, ProgressScope &level) {
    auto flight = patterns::fly(*order_.set, song, level);
    if (!flight) return flight.error();
    flights_[song] = *std::move(flight);
    if (flights_[song].error.empty()) return Done{};
    return Error{Errc::failed, flights_[song].error};
}

Result<StudioReport> SetPreflight::report(std::string_view job) const {
    if (!songs_.outcome()) return songs_.outcome().error();
    const auto findings = findings_in(*order_.set, flights_, lost_);
    auto disk = PosixDisk::open(order_.folder);
    if (!disk) return disk.error();
    TempNames names{static_cast<std::uint32_t>(::getpid())};
    const std::string picture = order_.set->name + std::string{kPicture};
    const auto drawn =
        replace_file(*disk, names, picture, plot_of_set(order_.set->name, flights_, findings));
    if (!drawn) return drawn.error();
    JsonWriter json;
    json.begin_object();
    write_head(json, order_, job);
    json.key("picture").value(picture);
    json.key("songs").begin_array();
    for (const SongFlight &song : flights_) write(json, song);
    json.end_array();
    json.key("findings").begin_array();
    for (const Finding &finding : findings) {
        json.begin_object().key("song").value(order_.set->songs[finding.song].name);
        json.key("what").value(finding.what).end_object();
    }
    json.end_array();
    json.key("text").value(text_of(flights_, findings));
    json.end_object();
    return StudioReport{summary_of(flights_, findings), json.text()};
}

} // namespace chronus::patterns
