#pragma once

#include "osc/context.h"
#include "osc/verbs.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// All sets there are, as they will be when the disk has done what it is asked.
namespace chronus::osc {

/// In alphabetic order, damaged ones too.
std::vector<std::string> set_names(Context &context);

/// Errors: not_found - names those there are; corrupt - the hint restores the newest backup;
///         too_new, too_big, io.
Result<patterns::KeptSet> set_named(Context &context, const std::string &name);

/// Where a song of the set is. Errors: not_found - names those there are.
Result<std::size_t> song_named(const patterns::Setlist &set, const std::string &name);

/// What a slot holds, as a copy for a set. Errors: as pattern_in().
Result<patterns::Source> source_in(Context &context, std::int64_t slot);

/// Hands a set to the disk: the caller is answered when it is there. If it is the one that is
/// performed, it is performed like this from now on.
Result<Reply> keep_set(Context &context, patterns::Setlist set);

/// The set with a change, handed to the disk. Errors: as set_named() and `change`.
Result<Reply> change_set(Context &context, const std::string &name,
                         const std::function<Outcome(patterns::Setlist &)> &change);

/// The disk thread has it; the caller is answered when it is done.
Result<Reply> hand_to_disk(Context &context, patterns::Job job);

/// A set on its way in or out is an operation; other jobs are none.
std::optional<ProgressScope> carrying(ProgressStore &progress, const patterns::Job &job,
                                      std::string_view address);
void end_carrying(ProgressScope &scope, const patterns::JobReport &report);

bool is_of_set(const patterns::Job &job);
/// What the caller of a job on a set is told.
Result<Reply> set_saved_reply(const patterns::JobReport &report);

} // namespace chronus::osc
