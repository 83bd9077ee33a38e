#include "osc/discovery.h"
#include "tools/chronusctl/arguments.h"
#include "tools/chronusctl/checks.h"
#include "tools/chronusctl/link.h"
#include "tools/chronusctl/output.h"
#include "tools/chronusctl/performing.h"
#include "tools/chronusctl/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

namespace chronus::ctl {

namespace {

struct Look {
    std::string_view word, colour;
};
constexpr std::array kLooks{Look{"ok", "32"}, Look{"warn", "33"}, Look{"bad", "31"}};

/// Daemons that only tell their health to subscribers keep silent when they are asked for it.
constexpr std::chrono::milliseconds kSilence{500};

const Look &look_of(const Check &check) { return kLooks[static_cast<std::size_t>(check.health)]; }

/// A daemon that answers, and what it says of itself.
struct Visit {
    Check daemon;
    std::optional<Told> told; ///< nothing when none answers
};

Json document_of(const Heard &heard) {
    const auto *answer = std::get_if<Answer>(&heard);
    if (answer == nullptr) return {};
    return document_in(answer->document).value_or(Json{});
}

Check no_daemon_check(const Refusal &refusal) {
    return {"daemon", Health::bad, refusal.message, refusal.hint};
}

/// "chronus 0.1.0, API 1.0"; other versions may not know all that this program asks for.
Check version_check(const Answer &version) {
    Check check{"daemon", Health::ok, version.text};
    const auto number = version.values.empty() ? Result<std::string>{std::string{}}
                                               : osc::to_text(version.values[0], "version");
    if (number && *number != CHRONUS_VERSION) {
        check.health = Health::warn;
        check.text += fmt::format(", and chronusctl is {}", CHRONUS_VERSION);
        check.advice = "restart chronusd, so that both are of one version";
    }
    return check;
}

void add_place(Check &check, const Settings &settings) {
    const auto daemons = osc::running_daemons();
    if (settings.host || settings.port || daemons.empty()) return;
    check.text += fmt::format(", process {}, port {}", daemons[0].pid, daemons[0].port);
    if (daemons.size() > 1)
        check.text += fmt::format("; the newest of {} that run", daemons.size());
}

Visit visit(const Settings &settings) {
    auto opened = Link::open(settings);
    if (const auto *refusal = std::get_if<Refusal>(&opened)) return {no_daemon_check(*refusal), {}};
    Link &link = std::get<Link>(opened);
    const Heard version = link.ask({"/version"});
    if (const auto *refusal = std::get_if<Refusal>(&version))
        return {no_daemon_check(*refusal), {}};
    Check daemon = version_check(std::get<Answer>(version));
    add_place(daemon, settings);
    return {std::move(daemon), Told{document_of(link.ask({"/status"})),
                                    document_of(link.ask({"/engine/health"}, kSilence))}};
}

/// What a daemon tells is worth more than what one started from here would get.
Checks all_checks(const Settings &settings) {
    Visit seen = visit(settings);
    Checks out{std::move(seen.daemon)};
    out.push_back(runtime_check());
    Check port = port_check(settings.port.value_or(5005));
    if (seen.told && port.health == Health::bad)
        port = {port.name, Health::warn, port.text}; // the daemon has found another
    out.push_back(std::move(port));
    out.push_back(sound_check());
    if (const auto governor = governor_check()) out.push_back(*governor);
    const Checks told = seen.told ? daemon_checks(*seen.told) : permission_checks();
    out.insert(out.end(), told.begin(), told.end());
    return out;
}

void print_check(const Check &check, bool colour) {
    constexpr std::size_t kMargin = 15;
    const Look &look = look_of(check);
    const std::string word = fmt::format("{:<4}", look.word);
    fmt::print("{} {:<9} {}", colour ? fmt::format("\x1b[{}m{}\x1b[0m", look.colour, word) : word,
               check.name, wrapped(printable(check.text), kMargin).substr(kMargin));
    if (!check.advice.empty())
        fmt::print("{}", wrapped("try: " + printable(check.advice), kMargin));
}

void print_json(const Checks &checks, bool ok) {
    patterns::JsonWriter json;
    json.begin_object().key("ok").value(ok).key("checks").begin_array();
    for (const Check &check : checks) {
        json.begin_object().key("name").value(check.name);
        json.key("state").value(look_of(check).word);
        json.key("text").value(check.text);
        json.key("advice").value(check.advice).end_object();
    }
    fmt::print("{}\n", json.end_array().end_object().text());
}

} // namespace

int run_doctor(const Call &call) {
    if (!call.words.empty())
        return report_usage(fmt::format("doctor takes no \"{}\"", call.words[0]),
                            "chronusctl doctor", call.settings);
    const Checks checks = all_checks(call.settings);
    const bool ok = std::ranges::none_of(
        checks, [](const Check &check) { return check.health == Health::bad; });
    const bool colour = Terminal::there() && std::getenv("NO_COLOR") == nullptr;
    if (call.settings.json)
        print_json(checks, ok);
    else
        for (const Check &check : checks) print_check(check, colour);
    return ok ? kDone : kRefused;
}

} // namespace chronus::ctl
