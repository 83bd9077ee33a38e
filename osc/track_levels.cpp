#include "osc/track_levels.h"

#include "osc/context.h"
#include "patterns/text/json_writer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

namespace chronus::osc {

namespace {

using patterns::JsonWriter;

constexpr std::uint32_t kMomentarySteps = 4, kShortTermSteps = 30; // of 100 ms
constexpr std::int64_t kWatched_ns = 10'000'000'000;               // after a question
constexpr std::int64_t kPatience_ns = 2'000'000'000;
constexpr std::size_t kMostCallers = 64;

SoundLevels look_at(const ShownLevels &shown) {
    return {shown.momentary_lufs, shown.short_term_lufs, shown.rms_db, shown.peak_db,
            shown.true_peak_db};
}

/// Two powers at once.
float together(float a, float b) {
    const double sum =
        std::pow(10.0, static_cast<double>(a) / 10) + std::pow(10.0, static_cast<double>(b) / 10);
    return sum > 1e-19 ? static_cast<float>(10 * std::log10(sum)) : -200.0f;
}

template <class F>
void each_voice(std::uint64_t voices, F f) {
    for (; voices != 0; voices &= voices - 1) f(static_cast<std::size_t>(std::countr_zero(voices)));
}

void put(JsonWriter &json, std::string_view name, float db) {
    json.key(name).value(std::round(10.0 * std::max(-120.0, static_cast<double>(db))) / 10);
}

void write(JsonWriter &json, const SoundLevels &levels) {
    put(json, "momentary", levels.momentary_lufs);
    put(json, "short_term", levels.short_term_lufs);
    put(json, "rms", levels.rms_db);
    put(json, "peak", levels.peak_db);
    put(json, "true_peak", levels.true_peak_db);
}

void write(JsonWriter &json, const Track &track, const Session &session) {
    json.begin_object();
    json.key("name").value(track.name.view());
    json.key("voices").begin_flat_array();
    each_voice(voices_of(track, session),
               [&](std::size_t v) { json.value(static_cast<std::int64_t>(v + 1)); });
    json.end_array();
    write(json, levels_of(track, session));
    json.end_object();
}

std::string levels_json(Session &session) {
    const Telemetry &engine = session.telemetry();
    const std::uint32_t steps = std::min(engine.voice_steps.load(), kShortTermSteps);
    JsonWriter json;
    json.begin_object();
    json.key("heard_s").value(static_cast<double>(steps) / 10);
    json.key("master").begin_object();
    write(json, look_at(engine.master));
    put(json, "integrated", engine.integrated_lufs);
    json.end_object();
    json.key("tracks").begin_array();
    for (const Track &track : session.scene().playing()) write(json, track, session);
    json.end_array();
    return json.end_object().text();
}

} // namespace

std::uint64_t voices_of(const Track &track, const Session &session) {
    std::uint64_t voices = 0;
    for (std::size_t v = 0; v < session.config().voices; ++v)
        if (v + 1 == track.voice ||
            (track.uid != 0 && session.telemetry().voice_tracks[v] == track.uid))
            voices |= std::uint64_t{1} << v;
    return voices;
}

SoundLevels levels_of(const Track &track, const Session &session) {
    SoundLevels all;
    each_voice(voices_of(track, session), [&](std::size_t v) {
        const SoundLevels one = look_at(session.telemetry().voices[v]);
        all = {together(all.momentary_lufs, one.momentary_lufs),
               together(all.short_term_lufs, one.short_term_lufs), together(all.rms_db, one.rms_db),
               std::max(all.peak_db, one.peak_db), std::max(all.true_peak_db, one.true_peak_db)};
    });
    return all;
}

float peak_of(const Track &track, const Session &session) {
    float peak = 0;
    each_voice(voices_of(track, session), [&](std::size_t v) {
        peak = std::max(peak, session.telemetry().voice_peaks[v].load());
    });
    return peak;
}

bool levels_known(const Session &session) {
    return session.telemetry().voice_steps >= kMomentarySteps;
}

std::vector<Value> levels_told(Session &session) {
    std::vector<Value> told;
    const auto tell = [&](std::string_view name, const SoundLevels &levels) {
        told.emplace_back(std::string{name});
        for (const float level : {levels.momentary_lufs, levels.short_term_lufs, levels.rms_db,
                                  levels.peak_db, levels.true_peak_db})
            told.emplace_back(level);
    };
    tell("", look_at(session.telemetry().master));
    for (const Track &track : session.scene().playing())
        tell(track.name.view(), levels_of(track, session));
    return told;
}

Reply levels_reply(Context &context) {
    const std::size_t tracks = context.session.scene().track_count;
    return listed("levels of " + counted(tracks, "track"), tracks, levels_json(context.session));
}

Result<Reply> ask_levels(Context &context, Args) {
    LevelsAsked &asked = context.levels_asked;
    if (context.trial) return Reply{.text = {}, .later = true};
    asked.watch_until_ns = context.now_ns() + kWatched_ns;
    if (levels_known(context.session) || asked.callers.size() == kMostCallers)
        return levels_reply(context);
    asked.patience_until_ns = context.now_ns() + kPatience_ns;
    asked.callers.push_back(context.caller);
    return Reply{.text = {}, .later = true};
}

std::vector<Caller> take_level_callers(Context &context) {
    LevelsAsked &asked = context.levels_asked;
    const bool now = levels_known(context.session) || context.now_ns() >= asked.patience_until_ns;
    return now ? std::exchange(asked.callers, {}) : std::vector<Caller>{};
}

} // namespace chronus::osc
