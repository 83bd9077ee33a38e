#include "tools/chronusctl/help.h"

#include "patterns/text/nearest.h"
#include "tools/chronusctl/arguments.h"
#include "tools/chronusctl/commands.h"
#include "tools/chronusctl/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace chronus::ctl {

namespace {

constexpr std::string_view kHead = "chronusctl drives a running chronusd from a shell.\n\n"
                                   "Usage: chronusctl [OPTIONS] COMMAND [WORDS...]\n";

constexpr std::string_view kOptions = R"(
Options, before or after the command
  --json          Print the answer as JSON, refusals too
  --host HOST     Where the daemon runs; it is first given the token that is
                  in the environment variable CHRONUS_TOKEN [127.0.0.1]
  --port PORT     Its port; without --host and --port the newest daemon that
                  runs here is found by itself, and asked over its Unix socket,
                  which still works when its port is flooded [5005]
  --udp           Ask over UDP, as --host and --port do
  --tcp           Ask over TCP: nothing is lost on the way
  --timeout S     Seconds to wait for an answer [2]
  --help, -h      This, or help for a command: chronusctl seq add --help
  --version       Version of chronusctl
  --              Everything behind it is words, no options

Exit codes: 0 done, 1 refused (why, and what to try, on stderr), 2 no daemon,
64 wrong command line.
)";

std::string entry(const Command &command) {
    return fmt::format("{}{}      $ chronusctl {}\n", wrapped(usage(command), 4).substr(2),
                       wrapped(command.doc, 6), command.example);
}

std::string entry_alone(const Command &command) {
    return fmt::format("{}\n{}\nExample: chronusctl {}\n{}",
                       wrapped(fmt::format("Usage: chronusctl {}", usage(command)), 0),
                       wrapped(command.doc, 0), command.example, kOptions);
}

const Command *find(std::string_view words) {
    for (const Topic &topic : topics())
        for (const Command &command : topic.commands)
            if (command.words == words) return &command;
    return nullptr;
}

bool is_group(std::string_view words) {
    for (const Topic &topic : topics())
        for (const Command &command : topic.commands)
            if (command.words.starts_with(fmt::format("{} ", words))) return true;
    return false;
}

} // namespace

std::string help(std::string_view words) {
    const Command *alone = find(words);
    if (alone != nullptr && !is_group(words)) return entry_alone(*alone);
    std::string out{kHead};
    for (const Topic &topic : topics()) {
        std::string entries;
        for (const Command &command : topic.commands)
            if (words.empty() || &command == alone ||
                command.words.starts_with(fmt::format("{} ", words)))
                entries += entry(command);
        if (!entries.empty()) out += fmt::format("\n{}\n{}", topic.title, entries);
    }
    return fmt::format("{}{}", out, kOptions);
}

std::string meant(std::string_view words) {
    std::vector<std::string_view> known;
    for (const Topic &topic : topics())
        for (const Command &command : topic.commands) known.push_back(command.words);
    const auto near = patterns::nearest(words, known, 1);
    return near.empty() ? std::string{} : std::string{near.front()};
}

} // namespace chronus::ctl
