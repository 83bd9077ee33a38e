#include "osc/topics.h"

#include "osc/context.h"
#include "osc/health.h"
#include "osc/progress_json.h"
#include "osc/set_stage.h"
#include "osc/track_levels.h"
#include "patterns/text/json_writer.h"

#include <bit>
#include <initializer_list>

namespace chronus::osc::tell {

namespace {

/// A peak below -120 dBFS is silence: falling levels come to rest.
float peak(const std::atomic<float> &level) {
    const float value = level.load(std::memory_order_relaxed);
    return value > 1e-6f ? value : 0.0f;
}

void append(Blob &blob, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) blob.push_back(std::byte(number >> shift & 0xff));
}

} // namespace

std::vector<Value> health(Context &context) {
    patterns::JsonWriter json;
    json.begin_object();
    write_device(json, context);
    write_health(json, context);
    json.end_object();
    return {json.text()};
}

std::vector<Value> levels(Context &context) {
    if (!levels_known(context.session)) return {};
    return levels_told(context.session);
}

std::vector<Value> meter(Context &context) {
    const Telemetry &engine = context.session.telemetry();
    const std::uint16_t voices = context.session.config().voices;
    Blob blob;
    const auto put = [&](float number) { append(blob, std::bit_cast<std::uint32_t>(number)); };
    const auto put_all = [&](std::initializer_list<const std::atomic<float> *> levels) {
        for (const auto *level : levels) put(level->load(std::memory_order_relaxed));
    };
    append(blob, 1);
    append(blob, 2u + voices);
    put(peak(engine.peak_left));
    put(peak(engine.peak_right));
    for (std::uint16_t v = 0; v < voices; ++v) put(peak(engine.voice_peaks[v]));
    const ShownLevels &all = engine.master;
    put_all({&all.momentary_lufs, &all.short_term_lufs, &engine.integrated_lufs, &all.rms_db,
             &all.peak_db, &all.true_peak_db, &engine.limiter_gain});
    for (std::uint16_t v = 0; v < voices; ++v) {
        const ShownLevels &one = engine.voices[v];
        put_all({&one.momentary_lufs, &one.short_term_lufs, &one.rms_db, &one.peak_db,
                 &one.true_peak_db});
    }
    return {std::move(blob)};
}

std::vector<Value> applied(Context &context) {
    if (!context.applied) return {};
    const Applied &applied = *context.applied;
    return {applied.slot, applied.name, static_cast<std::int64_t>(applied.frame)};
}

std::vector<Value> position(Context &context) {
    const std::uint64_t step = context.session.telemetry().step.load();
    const auto of_bar = static_cast<std::int32_t>(step % kStepsPerBar);
    return {static_cast<std::int32_t>(step / kStepsPerBar + 1),
            static_cast<std::int32_t>(of_bar / kStepsPerBeat + 1), of_bar + 1};
}

std::vector<Value> progress(Context &context) {
    if (context.progress.version() == 0) return {};
    return {progress_news(context.progress)};
}

std::vector<Value> set_position(Context &context) { return osc::set_position(context); }

std::vector<Value> running(Context &context) {
    return {static_cast<std::int32_t>(context.session.running())};
}

} // namespace chronus::osc::tell
