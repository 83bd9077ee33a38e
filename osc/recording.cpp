#include "osc/recording.h"

#include "osc/render_items.h"
#include "patterns/text/json_writer.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace chronus::osc {

std::optional<SoundFormat> recording_format(std::string_view file,
                                            std::optional<SampleFormat> samples) {
    const bool flac = file.ends_with(".flac");
    if (!samples || (flac && *samples == SampleFormat::f32)) return std::nullopt;
    return SoundFormat{flac ? SoundContainer::flac : SoundContainer::wav, *samples};
}

Result<Reply> start_recording(Context &context, const std::string &name) {
    auto file = context.recorder.start(name, recording_format(name, context.record_samples));
    if (!file) {
        Error error = file.error();
        if (error.hint.empty())
            error.hint =
                error.code == Errc::busy ? "/engine/record/stop" : "/engine/record/start take.wav";
        return error;
    }
    if (auto on = context.session.tape(true); !on) return on.error();
    return Reply{fmt::format("recording to {}", file->string()), {file->string()}};
}

Outcome end_recording(Context &context) {
    RecordingEnd &end = context.recording_end;
    if (end.next && !end.next_name.empty()) {
        end.next_name.clear();
        return Done{};
    }
    if (!context.recorder.status().active || end.asked)
        return Error{Errc::not_now, "nothing is being recorded", "/engine/record/start"};
    auto off = context.session.tape(false);
    end.asked = static_cast<bool>(off);
    return off;
}

Result<Reply> begin_next(Context &context, const std::string &name) {
    if (!name.empty()) return start_recording(context, name);
    return Error{Errc::not_now, "the recording was stopped before it began",
                 "/engine/record/start"};
}

void keep_recording(Context &context, const Result<RecordingInfo> &info) {
    if (!info) return;
    std::error_code why;
    const auto bytes = std::filesystem::file_size(info->file, why);
    patterns::JsonWriter json;
    json.begin_object().key("output").value("recording");
    json.key("bytes").value(why ? 0 : bytes);
    json.key("rate").value(static_cast<std::uint32_t>(context.session.config().fs.hz));
    json.key("channels").value(2).key("frames").value(info->frames);
    json.key("seconds").value(info->seconds);
    if (info->lost > 0) json.key("lost").value(info->lost);
    context.observer.recorded(place_below_state(context, info->file), json.end_object().text(),
                              context.tape_on);
    context.history.note_in_turn([recent = context.recent](patterns::Database &) -> Outcome {
        recent->forget_all(); // it may be of one that is over
        return Done{};
    });
}

Result<Reply> recorded_reply(const Result<RecordingInfo> &info) {
    if (!info) return info.error();
    return Reply{fmt::format("recorded {:.2f} s to {}{}", info->seconds, info->file.string(),
                             info->lost > 0 ? fmt::format(", {} frames lost", info->lost) : ""),
                 {info->file.string(), static_cast<float>(info->seconds),
                  shortest(static_cast<std::int64_t>(info->frames))}};
}

} // namespace chronus::osc
