#include "patterns/show/render.h"
#include "patterns/text/json_writer.h"

#include <fmt/format.h>

#include <cmath>

namespace chronus::patterns {

namespace {

/// To a hundredth: what one reads, and the same on every machine.
double rounded(double x) { return std::round(x * 100) / 100; }

void write(JsonWriter &json, const MadeOutput &made, std::size_t index) {
    json.begin_object();
    json.key("output").value(spec_of(made.output).word);
    json.key("output_config_index").value(index);
    if (made.blocked) json.key("blocked").value(made.blocked->what);
    write_members(json.key("check").begin_object(), made.facts);
    json.end_object();
    json.key("files").begin_array();
    for (const MadeFile &file : made.files) {
        write_members(json.begin_object(), file);
        json.end_object();
    }
    json.end_array();
    json.end_object();
}

} // namespace

void write_members(JsonWriter &json, const SoundFacts &facts) {
    json.key("peak_db").value(rounded(facts.peak_db));
    json.key("true_peak_db").value(rounded(facts.true_peak_db));
    json.key("rms_db").value(rounded(facts.rms_db));
    json.key("lufs").value(rounded(facts.lufs));
    json.key("dc_db").value(rounded(facts.dc_db));
    json.key("not_finite").value(facts.not_finite);
    json.key("clipped").value(facts.clipped);
    json.key("longest_silence_s").value(rounded(facts.longest_silence_s));
}

void write_members(JsonWriter &json, const MadeFile &file) {
    json.key("file").value(file.name);
    json.key("bytes").value(file.bytes);
    json.key("sha256").value(file.sha256);
    if (file.rate != 0) {
        json.key("rate").value(file.rate);
        json.key("channels").value(file.channels);
        json.key("frames").value(file.frames);
    }
}

std::string summary_of(const RenderReport &report) {
    std::size_t files = 0, blocked = 0;
    for (const MadeOutput &made : report.outputs) {
        files += made.files.size();
        blocked += made.blocked ? 1 : 0;
    }
    const SoundFacts &facts = report.outputs.front().facts;
    return fmt::format("{} file{}{}, {:.2f} s, {:.1f} LUFS, true peak {:.1f} dBTP", files,
                       files == 1 ? "" : "s",
                       blocked > 0 ? fmt::format(", {} blocked", blocked) : "", report.seconds,
                       facts.lufs, facts.true_peak_db);
}

void write_members(JsonWriter &json, const RenderReport &report) {
    json.key("frames").value(report.frames);
    json.key("seconds").value(rounded(report.seconds));
    json.key("outputs").begin_array();
    for (std::size_t i = 0; i < report.outputs.size(); ++i) write(json, report.outputs[i], i + 1);
    json.end_array();
}

std::string to_json(const RenderReport &report, const RenderPlace &place) {
    JsonWriter json;
    json.begin_object();
    if (!place.job.empty()) json.key("job").value(place.job);
    json.key("folder").value(place.folder.string());
    write_members(json, report);
    json.end_object();
    return std::move(json).text();
}

} // namespace chronus::patterns
