#include "patterns/text/notation.h"
#include "tools/chronusctl/output.h"
#include "tools/chronusctl/performing.h"

namespace chronus::ctl {

int run_format(const Call &call) {
    const auto pattern = patterns::parse_pattern(call.words.front());
    if (pattern)
        return report(Answer{.address = "", .text = patterns::print_pattern(pattern->view())},
                      call.settings);
    return report(refusal_of(pattern.error()), call.settings);
}

} // namespace chronus::ctl
