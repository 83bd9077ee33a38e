#include "osc/context.h"
#include "osc/health.h"
#include "osc/recording.h"
#include "osc/routes.h"
#include "osc/topics.h"
#include "osc/track_levels.h"
#include "osc/verbs.h"
#include "patterns/text/json_writer.h"
#include "patterns/text/notation.h"
#include "patterns/text/schema.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <string>

namespace chronus::osc {

namespace {

using patterns::JsonWriter;

/// Levels as people read them; silence is -120.
double decibels(float peak) {
    return peak > 1e-6f ? std::round(200.0 * std::log10(static_cast<double>(peak))) / 10 + 0.0
                        : -120.0;
}

void write_transport(JsonWriter &json, Session &session) {
    const Telemetry &engine = session.telemetry();
    const std::uint64_t step = engine.step.load();
    json.key("running").value(session.running());
    json.key("bar").value(static_cast<std::int64_t>(step / kStepsPerBar + 1));
    json.key("step").value(static_cast<std::int64_t>(step % kStepsPerBar + 1));
    json.key("bpm").value(session.get(param("seq/bpm")));
    json.key("swing").value(session.get(param("seq/swing")));
    json.key("pending").value(session.switch_waits());
    json.key("rev").value(static_cast<std::int64_t>(session.revision()));
}

/// Of the master, to a tenth; silence is -120.
void write_loudness(JsonWriter &json, const Telemetry &engine) {
    const auto put = [&](std::string_view name, float db) {
        json.key(name).value(std::round(10.0 * std::max(-120.0, static_cast<double>(db))) / 10);
    };
    json.key("loudness").begin_object();
    put("momentary", engine.master.momentary_lufs.load());
    put("short_term", engine.master.short_term_lufs.load());
    put("integrated", engine.integrated_lufs.load());
    put("rms", engine.master.rms_db.load());
    put("true_peak", engine.master.true_peak_db.load());
    json.key("limiter").value(decibels(engine.limiter_gain.load()));
    json.end_object();
}

void write_levels(JsonWriter &json, const Session &session) {
    const Telemetry &engine = session.telemetry();
    json.key("master_db")
        .value(decibels(std::max(engine.peak_left.load(), engine.peak_right.load())));
    json.key("voices_db").begin_array();
    for (std::uint16_t v = 0; v < session.config().voices; ++v)
        json.value(decibels(engine.voice_peaks[v].load()));
    json.end_array();
    write_loudness(json, engine);
}

/// Tracks only as far as they fit, with the levels of their voices: /seq/list has them all.
void write_tracks(JsonWriter &json, Session &session) {
    constexpr std::size_t kAround = 15; // of what stands around a name and its text
    json.key("track_count").value(static_cast<std::int64_t>(session.scene().track_count));
    std::size_t room = 285, fit = 0;
    json.key("tracks").begin_object();
    for (const Track &track : session.scene().playing()) {
        const std::string text = patterns::print_pattern(track.pattern());
        const std::size_t size = track.name.view().size() + text.size() + kAround;
        if (size > room) break;
        room -= size, ++fit;
        json.key(track.name.view()).value(text);
    }
    json.end_object();
    json.key("tracks_db").begin_array();
    for (const Track &track : session.scene().playing().first(fit))
        json.value(decibels(peak_of(track, session)));
    json.end_array();
}

std::string status_json(Context &context) {
    JsonWriter json;
    json.begin_object();
    write_transport(json, context.session);
    write_tracks(json, context.session);
    write_levels(json, context.session);
    write_device(json, context);
    write_health(json, context);
    json.key("listens").value(context.listens_on);
    json.end_object();
    return json.text();
}

std::string status_line(Context &context) {
    Session &session = context.session;
    const DeviceStatus device = context.device.status();
    const auto step = session.telemetry().step.load();
    return fmt::format("{} at {} BPM, bar {}, {}, {} {}{}",
                       session.running() ? "running" : "stopped", session.get(param("seq/bpm")),
                       step / kStepsPerBar + 1, counted(session.scene().track_count, "track"),
                       word_of(device.device.kind), word_of(device.state),
                       device.note.empty() ? "" : "; " + device.note);
}

Result<Reply> status(Context &context, Args) {
    const auto step = static_cast<std::int32_t>(context.session.telemetry().step.load());
    return Reply{status_line(context),
                 {context.session.running(), step / 16 + 1, step % 16 + 1,
                  context.session.get(param("seq/bpm")), status_json(context)}};
}

std::vector<patterns::VerbDoc> verb_docs() {
    std::vector<patterns::VerbDoc> docs;
    for (const Verb *verb : all_verbs()) docs.push_back({verb->address, verb->args, verb->doc});
    for (const Topic &topic : kTopics) docs.push_back({topic.address, topic.args, topic.doc, true});
    return docs;
}

std::string schema_text(Context &context, std::string_view pattern) {
    return patterns::schema_json(context.session.scene().params, context.session.config().voices,
                                 verb_docs(), pattern);
}

Result<Reply> schema(Context &context, Args args) {
    const std::string pattern = has(args, 0) ? text_at(args, 0) : "";
    std::string text = schema_text(context, pattern);
    if (text.empty())
        return Error{Errc::no_match, fmt::format("/schema: nothing below {}", pattern),
                     "/schema /mod/voice1"};
    return Reply{.text = "schema", .document = std::move(text)};
}

std::string stamp(std::int64_t ms) {
    return fmt::format("{:%Y%m%d_%H%M%S}", fmt::localtime(static_cast<std::time_t>(ms / 1000)));
}

/// The original's three forms; "file" writes into the state folder, where we may.
Result<Reply> engine_schema(Context &context, Args args) {
    const std::string form = has(args, 0) ? text_at(args, 0) : "stdout";
    std::string text = schema_text(context, "");
    if (form == "stdout" || form == "json")
        return Reply{.text = "schema", .document = std::move(text)};
    if (form != "file")
        return Error{Errc::out_of_range, fmt::format("format {}: not stdout, json or file", form),
                     "/engine/schema json"};
    const std::string name = fmt::format("chronus_schema_{}.json", stamp(context.now_ms()));
    context.desk.jobs.push_back({patterns::WriteFile{name, std::move(text)}, context.now_ms()});
    context.desk.job_callers.push_back(context.caller);
    return Reply{.text = {}, .later = true};
}

Result<Reply> health(Context &context, Args) {
    return listed("health", context.clients.all().size(), health_json(context));
}

constexpr std::string_view kCapabilities = ":json:flac:wav:acid:slots:backups:viz:";

Result<Reply> version(Context &, Args) {
    return Reply{"chronus " CHRONUS_VERSION,
                 {std::string{CHRONUS_VERSION}, 1, 0, std::string{kCapabilities}}};
}

Result<Reply> engine_start(Context &context, Args) {
    return Reply{"audio runs; " + status_line(context)};
}

/// The audio goes on, silent: time does not stop, and the next start needs no waiting.
Result<Reply> engine_stop(Context &context, Args) {
    (void)end_recording(context); // there need be none
    if (auto stopped = context.session.stop(); !stopped) return stopped.error();
    return Reply{"sequencer and recording stopped"};
}

Result<Reply> engine_list(Context &context, Args) {
    const auto all = all_addresses(context);
    std::string text;
    for (const std::string &address : all) text += address + "\n";
    return Reply{.text = fmt::format("{} addresses", all.size()), .document = std::move(text)};
}

/// One asked for while another is being ended begins right after it.
Result<Reply> record_start(Context &context, Args args) {
    const std::string name =
        has(args, 0) ? text_at(args, 0) : fmt::format("chronus_{}.wav", stamp(context.now_ms()));
    RecordingEnd &end = context.recording_end;
    if (!end.asked || end.next || name.empty()) return start_recording(context, name);
    end.next = context.caller;
    end.next_name = name;
    return Reply{.text = {}, .later = true};
}

Result<Reply> record_stop(Context &context, Args) {
    RecordingEnd &end = context.recording_end;
    if (auto ended = end_recording(context); !ended) return ended.error();
    if (end.next) return Reply{"the recording that was to begin will not"};
    end.caller = context.caller;
    return Reply{.text = {}, .later = true};
}

Result<Reply> record_status(Context &context, Args) {
    const RecordingStatus status = context.recorder.status();
    JsonWriter json;
    json.begin_object();
    json.key("active").value(status.active);
    json.key("file").value(status.file.string());
    json.key("frames").value(static_cast<std::int64_t>(status.frames));
    json.key("seconds").value(status.seconds);
    json.key("lost").value(static_cast<std::int64_t>(status.lost));
    json.key("error").value(status.error);
    json.end_object();
    return Reply{status.active
                     ? fmt::format("recording {}, {:.1f} s", status.file.string(), status.seconds)
                     : "not recording",
                 {status.active, status.file.string(), json.text()}};
}

constexpr std::array kVerbs{
    Verb{"/status", "", "Transport, levels, device and health, as a line and as JSON.", "/status",
         status},
    Verb{
        "/levels", "",
        "How loud the master and each track are, as JSON: momentary and short-term LUFS, RMS, peak "
        "and true peak in dB. A track is as loud as the voices that play it, before the effects.",
        "/levels", ask_levels},
    Verb{"/schema", "s:below?",
         "Every address with type, range and value as OSCQuery JSON, in numbered parts.",
         "/schema /mod/voice1", schema},
    Verb{"/version", "", "Version, API major and minor, capabilities.", "/version", version},
    Verb{"/engine/start", "", "The audio runs from the start; says so.", "/engine/start",
         engine_start},
    Verb{"/engine/stop", "", "Stop the recording and the sequencer.", "/engine/stop", engine_stop,
         Acts::outside},
    Verb{"/engine/status", "", "As /status.", "/engine/status", status},
    Verb{"/engine/health", "",
         "Device, how long blocks took against their time, clock, what the system grants, what was "
         "lost, and each client's timing, as JSON.",
         "/engine/health", health},
    Verb{"/engine/list", "", "Every address, a line each, in numbered parts.", "/engine/list",
         engine_list},
    Verb{"/engine/schema", "s:format?",
         "As /schema for stdout and json; \"file\" writes it into the state folder.",
         "/engine/schema json", engine_schema, Acts::keeps},
    Verb{"/engine/record/start", "s:file?",
         "Record what is heard to a file in the recordings folder, WAV or FLAC by its ending.",
         "/engine/record/start take.wav", record_start, Acts::outside},
    Verb{"/engine/record/stop", "", "End the recording; answered when the file is whole.",
         "/engine/record/stop", record_stop, Acts::outside},
    Verb{"/engine/record/status", "", "Whether it records, where to and how much, as JSON.",
         "/engine/record/status", record_status},
};

} // namespace

std::span<const Verb> engine_verbs() { return kVerbs; }

} // namespace chronus::osc
