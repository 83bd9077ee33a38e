#include "osc/health.h"

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <optional>
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
    json.key("latency_ms")
        .value(std::round(1e6 *
                          static_cast<double>(status.device.latency_frames + latency_of(context)) /
                          static_cast<double>(status.device.sample_rate)) /
               1000);
    json.key("load").value(std::round(static_cast<double>(status.load) * 1000) / 1000);
    json.key("xruns").value(static_cast<std::int64_t>(status.xruns));
    json.key("late").value(static_cast<std::int64_t>(status.late));
    json.key("lost").value(static_cast<std::int64_t>(status.lost));
    json.key("realtime").value(status.priority > 0);
    if (status.priority == 0) json.key("realtime_why").value(status.priority_words);
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

namespace {

std::int64_t whole(std::uint64_t count) { return static_cast<std::int64_t>(count); }

double rounded(double value) { return std::round(value * 1000) / 1000; }

/// Of the files' disk; nothing when the system does not tell.
std::optional<std::int64_t> free_mb(const std::filesystem::path &folder) {
    std::error_code fault;
    const auto space = std::filesystem::space(folder, fault);
    if (fault) return std::nullopt;
    return whole(space.available / 1'000'000);
}

void write_grants(JsonWriter &json, Context &context, const DeviceStatus &status) {
    json.key("realtime").begin_object();
    json.key("granted").value(status.priority > 0);
    json.key("why").value(status.priority > 0 ? std::string{} : status.priority_words);
    json.end_object();
    json.key("memory").begin_object();
    json.key("locked").value(context.memory.granted);
    json.key("why").value(context.memory.granted ? std::string{} : context.memory.words);
    json.end_object();
}

/// How many blocks took up to which share of their time, and how many more than the last of those.
void write_blocks(JsonWriter &json, const DeviceStatus &status) {
    json.key("blocks").begin_object();
    json.key("up_to").begin_flat_array();
    for (const float end : BlockTimes::kEnds) json.value(end);
    json.end_array();
    json.key("counts").begin_flat_array();
    for (const std::uint64_t count : status.times.counts) json.value(whole(count));
    json.end_array();
    json.key("longest").value(rounded(static_cast<double>(status.times.longest)));
    json.key("late").value(whole(status.late));
    json.end_object();
}

void write_clock(JsonWriter &json, Context &context) {
    const auto fit = context.device.clock().fit();
    json.key("clock").begin_object();
    json.key("fit").value(fit.has_value());
    if (fit) {
        const double nominal = 1e9 / static_cast<double>(context.session.config().fs.hz);
        json.key("jitter_us").value(rounded(fit->jitter_ns / 1000));
        json.key("ppm").value(rounded((fit->ns_per_frame / nominal - 1) * 1e6));
        json.key("ns_per_frame").value(fit->ns_per_frame);
    }
    json.end_object();
}

void write_traffic(JsonWriter &json, Context &context) {
    const Traffic &traffic = context.traffic;
    json.key("packets").value(whole(traffic.packets));
    json.key("messages").value(whole(traffic.messages));
    json.key("drops").begin_object();
    json.key("bad_packets").value(whole(traffic.bad_packets));
    json.key("rate_limited").value(whole(traffic.rate_limited));
    json.key("kernel").value(whole(traffic.kernel_drops));
    json.key("late").value(whole(traffic.late));
    json.key("queue_full").value(whole(traffic.queue_full));
    json.end_object();
    json.key("queue").begin_object();
    json.key("scheduled").value(whole(context.schedule.size()));
    json.key("capacity").value(whole(Schedule::kMost));
    json.end_object();
}

void write_client(JsonWriter &json, Context &context, const Peer &peer, const Client &client) {
    const ArrivalStats &arrivals = client.arrivals;
    const double fs = static_cast<double>(context.session.config().fs.hz);
    json.begin_object();
    json.key("peer").value(peer.text());
    json.key("transport").value(peer.local ? "unix" : peer.stream != 0 ? "tcp" : "udp");
    json.key("messages").value(whole(arrivals.messages()));
    if (const auto jitter = arrivals.jitter())
        json.key("jitter_ms").value(rounded(jitter->deviation * 1000));
    json.key("late").value(whole(arrivals.late()));
    if (const Summary slack = arrivals.slack(); slack.count > 0)
        json.key("slack_ms").value(rounded(slack.mean * 1000));
    json.key("advice").value(
        advice(arrivals, static_cast<double>(latency_of(context)) / fs * 1000));
    json.end_object();
}

} // namespace

std::string health_json(Context &context) {
    const DeviceStatus status = context.device.status();
    JsonWriter json;
    json.begin_object();
    write_device(json, context);
    write_blocks(json, status);
    write_grants(json, context, status);
    write_clock(json, context);
    write_traffic(json, context);
    json.key("store").begin_object();
    json.key("state").value(context.saver.failures_in_row() > 1 ? "degraded" : "ok");
    const patterns::HistoryStatus history = context.history.status();
    json.key("history").value(!history.error.empty()  ? history.error
                              : !history.note.empty() ? history.note
                                                      : "ok");
    json.key("history_lost").value(whole(history.lost));
    if (const auto mb = free_mb(context.recorder.folder().parent_path()))
        json.key("disk_free_mb").value(*mb);
    json.end_object();
    json.key("heals").value(whole(context.session.telemetry().heals.load()));
    json.key("clients").begin_array();
    for (const auto &[peer, client] : context.clients.all())
        write_client(json, context, peer, client);
    json.end_array();
    json.end_object();
    return json.text();
}

} // namespace chronus::osc
