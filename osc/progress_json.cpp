#include "osc/progress_json.h"

#include "osc/errors.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace chronus::osc {

namespace {

using patterns::JsonWriter;
using patterns::Operation;

/// A message holds 4 KiB of text.
constexpr std::size_t kMostNews = 3600;

double to_ms(double seconds) { return std::round(seconds * 1000) / 1000; }

void write_head(JsonWriter &json, const ProgressLevel &level) {
    json.key("id").value(level.id);
    json.key("type").value(level.type);
    json.key("name").value(level.name);
    json.key("status").value(word_of(level.status));
    json.key("percent").value(std::round(level.fraction * 1000) / 10);
    if (!level.message.empty()) json.key("message").value(level.message);
    if (level.start_ms) json.key("start").value(iso_time_ms(*level.start_ms));
    if (level.end_ms) json.key("end").value(iso_time_ms(*level.end_ms));
    json.key("elapsed").value(to_ms(level.elapsed_s));
    if (level.left_s) json.key("left").value(to_ms(*level.left_s));
    if (level.error) json.key("error").value(level.error->what);
}

void write_output(JsonWriter &json, const ProgressOutput &output) {
    json.begin_object().key("name").value(output.name);
    if (output.rate > 0) {
        json.key("rate").value(output.rate);
        json.key("channels").value(output.channels);
        json.key("frames").value(output.frames);
        json.key("seconds").value(
            to_ms(static_cast<double>(output.frames) / static_cast<double>(output.rate)));
    }
    json.end_object();
}

void write_details(JsonWriter &json, const ProgressLevel &level) {
    if (level.total > 0) json.key("current").value(level.current).key("total").value(level.total);
    if (level.error) {
        json.key("symbol").value(error_row(level.error->code).symbol);
        if (!level.error->hint.empty()) json.key("hint").value(level.error->hint);
    }
    json.key("metrics").begin_object();
    for (const ProgressMetric &metric : level.metrics) json.key(metric.name).value(metric.value);
    json.end_object();
    json.key("outputs").begin_array();
    for (const ProgressOutput &output : level.outputs) write_output(json, output);
    json.end_array();
}

/// The part that is worked at.
const ProgressLevel &deepest_running(const ProgressLevel &level) {
    for (const ProgressLevel &part : level.parts)
        if (part.status == ProgressStatus::running) return deepest_running(part);
    return level;
}

std::string news_of(const ProgressLevel &level) {
    JsonWriter json;
    json.begin_object();
    write_head(json, level);
    const ProgressLevel &at = deepest_running(level);
    if (&at != &level) json.key("at").value(fmt::format("{} {}", at.type, at.name));
    json.end_object();
    return json.text();
}

/// Those at the end of the list first, as far as there is room.
void write_news(JsonWriter &json, const std::vector<ProgressLevel> &levels, std::size_t &room) {
    json.begin_array();
    for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
        const std::string news = news_of(*level);
        if (news.size() + 1 > room) break;
        room -= news.size() + 1;
        json.raw(news);
    }
    json.end_array();
}

} // namespace

void write_summary(JsonWriter &json, const ProgressLevel &level) {
    json.begin_object();
    write_head(json, level);
    json.end_object();
}

void write_summary(JsonWriter &json, const Operation &operation) {
    json.begin_object();
    json.key("id").value(std::to_string(operation.id));
    json.key("type").value(operation.type);
    json.key("name").value(operation.name);
    json.key("status").value(operation.status);
    if (operation.start_ms) json.key("start").value(iso_time_ms(*operation.start_ms));
    json.key("end").value(iso_time_ms(operation.end_ms));
    json.key("elapsed").value(operation.seconds);
    json.end_object();
}

void write_level(JsonWriter &json, const ProgressLevel &level) {
    json.begin_object();
    write_head(json, level);
    write_details(json, level);
    json.key("parts").begin_array();
    for (const ProgressLevel &part : level.parts) write_level(json, part);
    json.end_array();
    json.end_object();
}

std::string level_json(const ProgressLevel &level) {
    JsonWriter json;
    write_level(json, level);
    return json.text();
}

std::string progress_news(const ProgressStore &store) {
    std::size_t room = kMostNews;
    JsonWriter json;
    json.begin_object();
    json.key("active");
    write_news(json, store.active(), room);
    json.key("over");
    write_news(json, store.recent(), room);
    json.end_object();
    return json.text();
}

Operation operation_of(const ProgressLevel &level) {
    Operation out{.type = level.type,
                  .name = level.name,
                  .status = std::string{word_of(level.status)},
                  .start_ms = level.start_ms,
                  .end_ms = level.end_ms.value_or(0),
                  .units = level.total > 0 ? level.total : 1,
                  .seconds = to_ms(level.elapsed_s),
                  .document = level_json(level)};
    std::from_chars(level.id.data(), level.id.data() + level.id.size(), out.id);
    return out;
}

} // namespace chronus::osc
