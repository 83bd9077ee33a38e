#pragma once

#include "engine/result.h"
#include "osc/value.h"
#include "tools/chronusctl/commands.h"

#include <string>
#include <string_view>
#include <vector>

namespace chronus::ctl {

/// One word a command takes.
struct Slot {
    char kind = 's';
    std::string_view name;
    bool optional = false;
    bool rest = false; ///< it, and all after it
};

/// One option of a command's own. A flag has no value; `value` is "stdout|json" or "TAGS".
struct OptionSpec {
    std::string_view name;
    std::string_view value;
};

/// `Command::args`, taken apart.
struct Shape {
    std::vector<Slot> slots = {};
    std::vector<OptionSpec> options = {};
};
Shape shape_of(std::string_view args);

/// "seq add TRACK VOICE PATTERN [KEY=VALUE...]"
std::string usage(const Command &command);

/// The message a call stands for.
///
/// Errors: bad_type - words missing or too many, or ones that do not fit their type.
Result<osc::Message> message_for(const Call &call);

} // namespace chronus::ctl
