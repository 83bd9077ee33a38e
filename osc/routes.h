#pragma once

#include "engine/result.h"
#include "osc/value.h"
#include "osc/verbs.h"

#include <string>
#include <string_view>
#include <vector>

namespace chronus::osc {

/// What one message led to.
struct Answered {
    std::string address; ///< as the sender wrote it
    Result<Reply> result;
    bool quiet = false;     ///< a control moved: answered only to clients that ask for every answer
    bool on_itself = false; ///< a query of a value: answered on its own address, values only
};

/// The address that an alias of the original stands for; any other is its own.
std::string canonical(std::string_view address);

/// Finds what an address names - a verb, a parameter, a gate or an alias - and does it.
///
/// Thread: control. Errors: unknown_address with the nearest known addresses as the hint, and
/// whatever the command refuses.
Answered dispatch(Context &context, const Message &message);

/// Every address this daemon answers, for did-you-mean and completion.
std::vector<std::string> all_addresses(const Context &context);

} // namespace chronus::osc
