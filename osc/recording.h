#pragma once

#include "osc/context.h"

#include <optional>
#include <string>
#include <string_view>

/// Recordings begun and ended by clients.
namespace chronus::osc {

/// The container by the file's ending, the samples as told; nothing where the ending has none such,
/// and the recorder's own choice is right.
std::optional<SoundFormat> recording_format(std::string_view file,
                                            std::optional<SampleFormat> samples);

/// Errors: those of `Recorder::start`.
Result<Reply> start_recording(Context &context, const std::string &name);

/// The tape comes off now, or the recording that was to come is called off.
/// Errors: not_now - nothing is recorded, or it is being ended already.
Outcome end_recording(Context &context);

/// What was asked for while the one before was being ended, unless it was called off.
/// Errors: also not_now - it was.
Result<Reply> begin_next(Context &context, const std::string &name);

/// The file is of the performance that went on.
void keep_recording(Context &context, const Result<RecordingInfo> &info);

/// What whoever ended a recording is told.
Result<Reply> recorded_reply(const Result<RecordingInfo> &info);

} // namespace chronus::osc
