#pragma once

#include "tools/chronusctl/commands.h"
#include "tools/chronusctl/json.h"
#include "tools/chronusctl/link.h"
#include "tools/chronusctl/output.h"

#include <fmt/format.h>

#include <string>
#include <variant>

namespace chronus::ctl {

/// Asks for a document, and prints what `show` makes of it; with --json the document.
template <class Show>
int tell(const Call &call, const osc::Message &question, Show show) {
    auto link = Link::open(call.settings);
    if (const auto *refusal = std::get_if<Refusal>(&link)) return report(*refusal, call.settings);
    const Heard heard = std::get<Link>(link).ask(question);
    const auto *answer = std::get_if<Answer>(&heard);
    if (answer == nullptr) return report(heard, call.settings);
    if (call.settings.json) {
        fmt::print("{}\n", answer->document);
        return kDone;
    }
    const auto document = document_in(answer->document);
    if (!document) return report(heard, call.settings);
    const std::string text = show(*document);
    fmt::print("{}", text.empty() ? answer->text + "\n" : text);
    return kDone;
}

} // namespace chronus::ctl
