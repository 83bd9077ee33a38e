#include "osc/errors.h"
#include "patterns/text/notation.h"
#include "tools/chronusctl/output.h"
#include "tools/chronusctl/performing.h"

namespace chronus::ctl {

int run_format(const Call &call) {
    const auto pattern = patterns::parse_pattern(call.words.front());
    if (pattern)
        return report(Answer{.address = "", .text = patterns::print_pattern(pattern->view())},
                      call.settings);
    const Error &error = pattern.error();
    const osc::ErrorRow &row = osc::error_row(error.code);
    return report(Refusal{.exit = kRefused,
                          .code = row.number,
                          .symbol = std::string{row.symbol},
                          .message = error.what,
                          .hint = error.hint},
                  call.settings);
}

} // namespace chronus::ctl
