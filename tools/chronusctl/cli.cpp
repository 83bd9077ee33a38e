#include "tools/chronusctl/cli.h"

#include "tools/chronusctl/arguments.h"
#include "tools/chronusctl/help.h"
#include "tools/chronusctl/output.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace chronus::ctl {

namespace {

/// Marks a word that the parser would take for an option or a list of its own.
constexpr char kMark = '\x1f';

/// Patterns ("-x-x", "[X.x.]*2"), numbers ("-.5") and empty text are words, not options.
bool is_plain_word(std::string_view word) {
    if (word.empty() || word[0] == '[' || word[0] == '+') return true;
    if (word[0] != '-' || word == "--" || word == "-h") return false;
    return word[1] != '-' || word.find_first_not_of("Xxo.-_|~!") == std::string_view::npos;
}

std::string marked(std::string_view word) {
    return is_plain_word(word) ? fmt::format("{}{}", kMark, word) : std::string{word};
}

void unmark(std::string &word) {
    if (word.starts_with(kMark)) word.erase(0, 1);
}

std::string words_of(const CLI::App *app) {
    if (app->get_parent() == nullptr) return {};
    const std::string before = words_of(app->get_parent());
    return before.empty() ? app->get_name() : before + " " + app->get_name();
}

/// The subcommand of that name, made when it is not there yet.
CLI::App *child(CLI::App &app, const std::string &name) {
    const auto known =
        app.get_subcommands([&](const CLI::App *other) { return other->get_name() == name; });
    return known.empty() ? app.add_subcommand(name) : known.front();
}

void add_option(CLI::App &app, const OptionSpec &spec, Call &call) {
    const std::string name{spec.name};
    if (spec.value.empty()) {
        app.add_flag_callback("--" + name, [&call, name] { call.options[name] = name; });
        return;
    }
    auto *option = app.add_option_function<std::string>(
        "--" + name, [&call, name](const std::string &value) { call.options[name] = value; });
    if (spec.value.find('|') != std::string_view::npos)
        option->check(CLI::IsMember(CLI::detail::split(std::string{spec.value}, '|')));
}

bool is_command(std::string_view words) {
    for (const Topic &topic : topics())
        for (const Command &command : topic.commands)
            if (command.words == words) return true;
    return false;
}

/// The words of a command as subcommands, one in the other. "progress" is one, and "progress list".
void add_command(CLI::App &root, const Command &command, Call &call) {
    CLI::App *app = &root;
    for (const std::string &word : CLI::detail::split(std::string{command.words}, ' ')) {
        if (app != &root && !is_command(words_of(app))) app->require_subcommand(1);
        app = child(*app, word);
    }
    for (const OptionSpec &option : shape_of(command.args).options) add_option(*app, option, call);
    app->add_option("words", call.words)->expected(0, CLI::detail::expected_max_vector_size);
    app->callback([&call, &command, app] {
        if (app->get_subcommands().empty()) call.command = &command;
    });
}

void add_settings(CLI::App &app, Settings &settings) {
    app.add_flag("--json", settings.json);
    auto *udp = app.add_flag_callback("--udp", [&settings] { settings.lane = Lane::udp; });
    app.add_flag_callback("--tcp", [&settings] { settings.lane = Lane::tcp; })->excludes(udp);
    app.add_option("--host", settings.host);
    app.add_option("--port", settings.port)->check(CLI::Range(1, 65535));
    app.add_option("--timeout", settings.timeout_s)->check(CLI::Range(0.001, 1e6));
}

void describe(CLI::App &app, Call &call) {
    app.set_version_flag("--version", std::string{"chronusctl "} + CHRONUS_VERSION);
    app.formatter_fn([](const CLI::App *of, const std::string &, CLI::AppFormatMode) {
        return help(words_of(of));
    });
    app.fallthrough();
    app.require_subcommand(1);
    add_settings(app, call.settings);
    for (const Topic &topic : topics())
        for (const Command &command : topic.commands) add_command(app, command, call);
}

/// The words that are no options and no values of options: what was meant to be the command.
std::vector<std::string> command_words(std::span<const std::string> args) {
    std::vector<std::string> out;
    std::string_view before;
    for (const std::string &arg : args) {
        const bool is_value = before == "--host" || before == "--port" || before == "--timeout";
        if (!arg.starts_with('-') && !is_value) out.push_back(arg);
        before = arg;
    }
    return out;
}

/// Unknown commands are answered with the nearest known one, the rest in the parser's words.
int refuse(const CLI::ParseError &error, std::span<const std::string> args,
           const Settings &settings) {
    const bool unknown = error.get_name() == "ExtrasError" || error.get_name() == "RequiredError";
    const auto words = unknown ? command_words(args) : std::vector<std::string>{};
    for (std::size_t n = std::min<std::size_t>(words.size(), 2); n > 0; --n) {
        const auto tried = fmt::format("{}", fmt::join(words.begin(), words.begin() + n, " "));
        const std::string near = meant(tried);
        if (near == tried) break; // known: something else is wrong
        if (!near.empty())
            return report_usage(fmt::format("there is no command \"{}\"", tried),
                                fmt::format("chronusctl {} --help", near), settings);
    }
    return report_usage(error.what(), "chronusctl --help", settings);
}

} // namespace

std::variant<Call, int> parse(std::vector<std::string> args, const Settings &settings) {
    std::ranges::transform(args, args.begin(), marked);
    Call call{.settings = settings};
    CLI::App app{"", "chronusctl"};
    describe(app, call);
    try {
        app.parse(std::vector<std::string>{args.rbegin(), args.rend()});
    } catch (const CLI::Success &asked) {
        return app.exit(asked);
    } catch (const CLI::ParseError &error) {
        return refuse(error, args, call.settings);
    }
    std::ranges::for_each(call.words, unmark);
    for (auto &[name, value] : call.options) unmark(value);
    return call;
}

} // namespace chronus::ctl
