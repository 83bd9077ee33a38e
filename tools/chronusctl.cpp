#include "tools/chronusctl/cli.h"
#include "tools/chronusctl/performing.h"

using namespace chronus::ctl;

int main(int argc, char **argv) {
    const auto parsed = parse({argv + 1, argv + argc});
    if (const int *code = std::get_if<int>(&parsed)) return *code;
    const Call &call = std::get<Call>(parsed);
    return call.command->run != nullptr ? call.command->run(call) : run_message(call);
}
