#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <cstdint>

/// chronusctl: the daemon driven from a shell.
namespace chronus::ctl {

/// What the program ends with.
enum Exit { kDone = 0, kRefused = 1, kNoDaemon = 2, kUsage = 64 };

/// How to talk with the daemon. Without a choice: over its Unix socket where it has one.
enum class Lane { any, udp, tcp };

/// What holds for every command.
struct Settings {
    bool json = false;
    Lane lane = Lane::any;
    std::optional<std::string> host;
    std::optional<std::uint16_t> port;
    std::optional<double> timeout_s; ///< 2 when not given, but for commands that wait for music

    /// In the repl: where the hint of a refusal is left, as a line to type there.
    std::string *offered = nullptr;
};

struct Command;

/// A command as it was typed.
struct Call {
    const Command *command = nullptr;
    std::vector<std::string> words = {};             ///< after the command's own
    std::map<std::string, std::string> options = {}; ///< the command's own, "now" to "now"
    Settings settings = {};
};

/// One command. Its parser, its help and its message are made from this row.
///
/// `args` lists the words it takes: `s:NAME` text, `v:NAME` a value of the type it looks like,
/// `b:NAME` a switch, `p:NAME` a part of the address, `a:NAME` the whole of it; then `?` when it
/// may be missing, `...` when all that follow are alike. `--flag` sends its own name as text,
/// `--option=a|b` and `--option=WORD` are read by `run`.
struct Command {
    std::string_view words;   ///< "seq add"
    std::string_view address; ///< "/seq/add"
    std::string_view args;
    std::string_view doc;
    std::string_view example;           ///< as typed after "chronusctl"
    int (*run)(const Call &) = nullptr; ///< null: send the message, print the answer
};

/// Commands of one subject, for the help.
struct Topic {
    std::string_view title;
    std::span<const Command> commands;
};

/// THE table of commands.
std::span<const Topic> topics();

} // namespace chronus::ctl
