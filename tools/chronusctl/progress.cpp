#include "tools/chronusctl/progress_view.h"

#include "tools/chronusctl/arguments.h"
#include "tools/chronusctl/help.h"
#include "tools/chronusctl/link.h"
#include "tools/chronusctl/output.h"
#include "tools/chronusctl/performing.h"
#include "tools/chronusctl/signals.h"
#include "tools/chronusctl/terminal.h"

#include <fmt/format.h>

#include <poll.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <optional>

namespace chronus::ctl {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds kTurn{100};
constexpr seconds kLease{30}, kRenewed{10};

Canvas canvas() { return {terminal_size(), locale_is_utf8(), false}; }

void print_levels(const Json &document, const Call &call) {
    const auto *list = document.as<patterns::JsonArray>();
    const bool whole = call.options.contains("verbose") || list == nullptr;
    const auto print = [&](const Json &level) {
        if (call.settings.json)
            fmt::print("{}\n", patterns::to_text(level, patterns::JsonStyle::compact));
        else if (list == nullptr || !member(level, "parts").is_null())
            fmt::print("{}", draw_progress(level, canvas(), whole ? Detail::whole : Detail::line));
        else
            fmt::print("{}\n", progress_line(level));
    };
    if (list == nullptr) return print(document);
    for (const Json &level : *list) print(level);
}

/// What goes on, as it comes.
class Follower {
public:
    Follower(Link &link, const Call &call) : link_(link), call_(call) {}

    int run() {
        const osc::Message wish{
            "/subscribe",
            {std::string{"/progress"}, 10.0f, static_cast<std::int32_t>(kLease.count())}};
        const Heard heard = link_.ask(wish);
        if (std::holds_alternative<Refusal>(heard)) return report(heard, call_.settings);
        catch_interrupts();
        return call_.settings.json || !Terminal::there() ? in_lines() : live();
    }

private:
    int in_lines() {
        while (!interrupted()) {
            if (const auto lost = hear()) return report(*lost, call_.settings);
            print_changes();
            wait();
        }
        return kDone;
    }

    int live() {
        std::optional<Refusal> lost;
        {
            const Terminal terminal;
            while (!interrupted() && !lost) {
                lost = hear();
                terminal.show(picture());
                if (terminal.key(kTurn) == 'q') break;
            }
        }
        return lost ? report(*lost, call_.settings) : static_cast<int>(kDone);
    }

    /// The latest news. A refusal where nobody is there any more.
    std::optional<Refusal> hear() {
        if (steady_clock::now() - renewed_ > kRenewed) {
            Heard heard = link_.ask({"/renew"});
            if (const auto *refusal = std::get_if<Refusal>(&heard)) return *refusal;
            renewed_ = steady_clock::now();
        }
        while (const auto message = link_.unasked())
            if (message->address == "/progress" && !message->args.empty())
                if (const auto *text = std::get_if<std::string>(&message->args[0]))
                    news_ = document_in(*text).value_or(Json{});
        if (link_.fd() < 0) return no_daemon("the daemon is gone");
        return std::nullopt;
    }

    void wait() const {
        pollfd some{link_.fd(), POLLIN, 0};
        ::poll(&some, 1, static_cast<int>(kTurn.count()));
    }

    /// A line for each operation of which there is something new to say.
    void print_changes() {
        for (const char *list : {"over", "active"}) {
            const auto levels = items_of(member(news_, list));
            for (std::size_t i = levels.size(); i-- > 0;) print_change(levels[i]);
        }
        std::fflush(stdout);
    }

    void print_change(const Json &level) {
        const std::string state =
            fmt::format("{} {:.0f} {} {} {}", text_of(level, "status"), number_of(level, "percent"),
                        text_of(level, "message"), text_of(level, "at"), text_of(level, "error"));
        std::string &before = told_[text_of(level, "id")];
        if (before == state) return;
        before = state;
        if (call_.settings.json)
            fmt::print("{}\n", patterns::to_text(level, patterns::JsonStyle::compact));
        else
            fmt::print("{}\n", progress_line(level));
    }

    /// The trees of what goes on, a line for what was over last.
    std::string picture() {
        const Canvas on = canvas();
        const Heard heard = link_.ask({"/progress/active"});
        const auto *answer = std::get_if<Answer>(&heard);
        const auto active = answer != nullptr ? document_in(answer->document) : std::nullopt;
        const auto trees = active ? items_of(*active) : std::span<const Json>{};
        std::string out = trees.empty() ? "Nothing takes long just now; q ends this.\n" : "";
        const Detail detail = call_.options.contains("verbose") ? Detail::whole : Detail::line;
        for (const Json &level : trees) out += draw_progress(level, on, detail);
        for (const Json &level : items_of(member(news_, "over")))
            out += clipped(progress_line(level), on.size.columns) + "\n";
        return first_lines(out, on.size.rows);
    }

    static std::string first_lines(const std::string &text, int rows) {
        std::size_t end = 0;
        for (int row = 0; row < rows && end < text.size(); ++row) end = text.find('\n', end) + 1;
        return text.substr(0, end == 0 ? 0 : end - 1);
    }

    Link &link_;
    const Call &call_;
    Json news_;
    std::map<std::string, std::string> told_; ///< by id
    steady_clock::time_point renewed_ = steady_clock::now();
};

} // namespace

int run_progress(const Call &call) {
    if (call.command->words == "progress" && !call.words.empty()) {
        const std::string near = meant("progress " + call.words[0]);
        return report_usage(fmt::format("there is no command \"progress {}\"", call.words[0]),
                            fmt::format("chronusctl {} --help", near.empty() ? "progress" : near),
                            call.settings);
    }
    const auto message = message_for(call);
    if (!message) return report(refusal_of(message.error()), call.settings);
    auto link = Link::open(call.settings);
    if (const auto *refusal = std::get_if<Refusal>(&link)) return report(*refusal, call.settings);
    if (call.options.contains("follow")) return Follower{std::get<Link>(link), call}.run();
    const Heard heard = std::get<Link>(link).ask(*message);
    const auto *answer = std::get_if<Answer>(&heard);
    const auto document = answer != nullptr ? document_in(answer->document) : std::nullopt;
    if (!document) return report(heard, call.settings);
    if (!call.settings.json && items_of(*document).empty() &&
        document->as<patterns::JsonArray>() != nullptr)
        fmt::print("{}\n", printable(answer->text));
    print_levels(*document, call);
    return kDone;
}

} // namespace chronus::ctl
