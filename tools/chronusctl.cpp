#include "tools/chronusctl/arguments.h"
#include "tools/chronusctl/cli.h"
#include "tools/chronusctl/link.h"
#include "tools/chronusctl/output.h"

using namespace chronus::ctl;

namespace {

/// A message and its answer, which most commands are.
int run_message(const Call &call) {
    const auto message = message_for(call);
    if (!message) return report_usage(message.error().what, message.error().hint, call.settings);
    auto link = Link::open(call.settings);
    if (const auto *refusal = std::get_if<Refusal>(&link)) return report(*refusal, call.settings);
    return report(std::get<Link>(link).ask(*message), call.settings);
}

} // namespace

int main(int argc, char **argv) {
    const auto parsed = parse(argc, argv);
    if (const int *code = std::get_if<int>(&parsed)) return *code;
    const Call &call = std::get<Call>(parsed);
    return call.command->run != nullptr ? call.command->run(call) : run_message(call);
}
