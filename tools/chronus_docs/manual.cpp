#include "tools/chronus_docs/manual.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace chronus::docs {

namespace {

/// Text as roff takes it literally.
std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
    }
    return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

std::string heading(std::string_view program, std::string_view what) {
    std::string upper{program};
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
    return fmt::format(".\\\" Made by chronus_docs from what {0} --help prints; do not edit.\n"
                       ".TH {1} 1 \"\" \"Chronus {2}\" \"Chronus Manual\"\n"
                       ".SH NAME\n{0} \\- {3}\n",
                       program, upper, CHRONUS_VERSION, roff(what));
}

std::string section(std::string_view title, std::string_view body) {
    return fmt::format(".SH {}\n{}", title, body);
}

std::string term(std::string_view head, std::string_view text) {
    return fmt::format(".TP\n{}\n{}\n", head, text);
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }

/// What stands between two marks, or nothing.
std::string_view between(std::string_view text, std::string_view begin, char end) {
    const std::size_t at = text.find(begin);
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + begin.size());
    return text.substr(0, text.find(end));
}

/// A head in two: the words it is called by, lower case or options, and what it takes.
struct Head {
    std::string_view own, takes;
};

Head split(std::string_view head) {
    std::size_t end = 0;
    const auto is_own = [&](std::size_t at) {
        return at < head.size() &&
               (head[at] == '-' || std::islower(static_cast<unsigned char>(head[at])) != 0);
    };
    for (std::size_t at = 0; is_own(at); at = end + 1)
        end = std::min(head.find(' ', at), head.size());
    return {head.substr(0, end), head.substr(std::min(end + 1, head.size()))};
}

/// An option as the parser library describes it, "--port UINT=5005", as a manual does.
std::string option_entry(const HelpEntry &entry) {
    const auto [own, takes] = split(entry.head);
    const std::size_t word =
        std::min(takes.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), takes.size());
    std::string text = roff(entry.text);
    if (const auto initial = between(takes, "=", ' '); !initial.empty())
        text += fmt::format(" [{}]", roff(initial));
    if (const auto variable = between(takes, "(Env:", ')'); !variable.empty())
        text += fmt::format(". Without it the environment variable {} counts", bold(variable));
    return term(bold(own) + (word > 0 ? " " + italic(takes.substr(0, word)) : ""),
                text + (text.ends_with('.') ? "" : "."));
}

std::string command_entry(const HelpEntry &entry) {
    std::string text = roff(entry.text);
    if (!entry.example.empty()) text += fmt::format("\n.br\n.EX\n$ {}\n.EE", roff(entry.example));
    const auto [own, takes] = split(entry.head);
    return term(bold(own) + (takes.empty() ? "" : " " + italic(takes)), text);
}

bool is_about_options(const HelpSection &section) { return section.title.starts_with("Options"); }

std::string paragraph_after(const HelpText &help, std::string_view begin) {
    for (const std::string &paragraph : help.paragraphs)
        if (paragraph.starts_with(begin)) return roff(paragraph.substr(begin.size()));
    return {};
}

std::string synopsis(const HelpText &help, std::string_view program) {
    return fmt::format("{} {}\n", bold(program),
                       paragraph_after(help, fmt::format("Usage: {} ", program)));
}

std::string options_of(const HelpText &help) {
    std::string out;
    for (const HelpSection &section : help.sections)
        if (is_about_options(section))
            for (const HelpEntry &entry : section.entries) out += option_entry(entry);
    return out;
}

std::string commands_of(const HelpText &help) {
    std::string out;
    for (const HelpSection &section : help.sections) {
        if (is_about_options(section)) continue;
        out += fmt::format(".SS {}\n", roff(section.title));
        for (const HelpEntry &entry : section.entries) out += command_entry(entry);
    }
    return out;
}

struct Place {
    std::string_view path, what;
};
constexpr std::array kFiles{
    Place{"patterns/slots/slot_001.json",
          "A slot. Text; it may be edited, copied and kept under version control."},
    Place{"patterns/backups/", "What slots held before."},
    Place{"recordings/", "Recordings."},
    Place{
        "tokens",
        "Who may do what from other machines: a role (observe, perform, admin) and a token a line. "
        "Made by the first start with --bind; read at each."},
};

std::string daemon_files() {
    std::string out = "Below the state folder, which is " + bold("$XDG_STATE_HOME/chronus") +
                      " or " + bold("~/.local/state/chronus") + " unless " + bold("--state") +
                      " says otherwise:\n";
    for (const Place &place : kFiles) out += term(bold(place.path), roff(place.what));
    return out + ".PP\nA file named by the process number in " + bold("$XDG_RUNTIME_DIR/chronus") +
           " tells chronusctl the port for as long as the daemon runs.\n";
}

constexpr std::string_view kSignals =
    "SIGINT and SIGTERM end the daemon: the sound is faded out and a recording is finished "
    "before it goes.\n";

} // namespace

std::string daemon_manual(std::string_view text) {
    const HelpText help = parse_help(text);
    return heading("chronusd", "live-coding sequencer and synthesiser played over OSC") +
           section("SYNOPSIS", synopsis(help, "chronusd")) +
           section("DESCRIPTION",
                   "The daemon makes the sound and keeps the patterns. Everything it does is "
                   "asked for over OSC,\nby " +
                       bold("chronusctl") + "(1) or by any other client, on UDP port 5005.\n") +
           section("OPTIONS", options_of(help)) + section("FILES", daemon_files()) +
           section("SIGNALS", kSignals) +
           section("EXIT STATUS", paragraph_after(help, "Exit codes: ") + "\n") +
           section("SEE ALSO", bold("chronusctl") + "(1)\n");
}

std::string client_manual(std::string_view text) {
    const HelpText help = parse_help(text);
    return heading("chronusctl", "drive a running chronusd from a shell") +
           section("SYNOPSIS", synopsis(help, "chronusctl")) +
           section("DESCRIPTION",
                   "Sends one message, prints the answer and ends. A refusal is told on standard "
                   "error, together\nwith a command that works.\n") +
           section("COMMANDS", commands_of(help)) + section("OPTIONS", options_of(help)) +
           section("EXIT STATUS", paragraph_after(help, "Exit codes: ") + "\n") +
           section("SEE ALSO", bold("chronusd") + "(1)\n");
}

} // namespace chronus::docs
