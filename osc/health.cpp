#include "osc/health.h"

#include <cmath>
#include <cstdint>
#include <string>

namespace chronus::osc {

using patterns::JsonWriter;

void write_device(JsonWriter &json, Context &context) {
    const DeviceStatus status = context.device.status();
    json.key("device").begin_object();
    json.key("kind").value(word_of(status.device.kind));
    json.key("state").value(word_of(status.state));
    json.key("rate").value(static_cast<std::int64_t>(status.device.sample_rate));
    json.key("block").value(static_cast<std::int64_t>(status.device.block_frames));
    json.key("load").value(std::round(static_cast<double>(status.load) * 1000) / 1000);
    json.key("xruns").value(static_cast<std::int64_t>(status.xruns));
    json.key("late").value(static_cast<std::int64_t>(status.late));
    json.key("lost").value(static_cast<std::int64_t>(status.lost));
    json.key("realtime").value(status.priority > 0);
    if (status.priority == 0) json.key("realtime_why").value(priority_words(0));
    json.key("memory_locked").value(context.memory.granted);
    json.end_object();
}

void write_health(JsonWriter &json, Context &context) {
    const Telemetry &engine = context.session.telemetry();
    json.key("heals").value(static_cast<std::int64_t>(engine.heals.load()));
    json.key("bad_packets").value(static_cast<std::int64_t>(context.traffic.bad_packets));
    json.key("store").value(context.saver.failures_in_row() > 1 ? "degraded" : "ok");
    json.key("recording")
        .value(context.recorder.status().active ? context.recorder.status().file.filename().string()
                                                : std::string{});
}

} // namespace chronus::osc
