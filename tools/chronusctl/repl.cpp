#include "osc/typed.h"
#include "tools/chronusctl/arguments.h"
#include "tools/chronusctl/cli.h"
#include "tools/chronusctl/completion.h"
#include "tools/chronusctl/known.h"
#include "tools/chronusctl/lines.h"
#include "tools/chronusctl/link.h"
#include "tools/chronusctl/offers.h"
#include "tools/chronusctl/output.h"
#include "tools/chronusctl/performing.h"
#include "tools/chronusctl/signals.h"
#include "tools/chronusctl/terminal.h"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace chronus::ctl {

namespace fs = std::filesystem;
using osc::shell_words;
using osc::ShellWords;
using std::chrono::milliseconds;

namespace {

constexpr double kTypist_s = 0.3; ///< how long Tab may take

/// A conversation with a daemon, line by line.
class Repl {
public:
    explicit Repl(const Settings &settings) : settings_(settings) { settings_.offered = &offered_; }

    int run() {
        catch_interrupts(); // those of the terminal give up a line or end a wait
        const auto lines = typed_ ? typed_lines(editing()) : piped_lines(news());
        if (typed_) greet();
        while (const auto line = lines->next()) {
            if (!carry_out(*line)) break;
            fmt::print("{}", unasked());
            std::fflush(stdout);
        }
        return typed_ ? int{kDone} : failed_;
    }

private:
    /// False when the line ends the conversation.
    bool carry_out(const std::string &line) {
        ShellWords typed = shell_words(line);
        std::vector<std::string> &words = typed.words;
        if (words.empty() || words[0].starts_with('#')) return true;
        if (words[0] == "exit" || words[0] == "quit") return false;
        if (words == std::vector<std::string>{"!"}) return take_hint();
        const int code = typed.open != 0 ? refuse_open(line, typed.open) : run_words(words);
        note(code);
        if (code == kDone) offered_.clear();
        const int signal = take_interrupt();
        return signal == 0 || (typed_ && signal == SIGINT); // that one only ended the command
    }

    void note(int code) {
        if (failed_ == kDone) failed_ = code;
    }

    bool take_hint() {
        const std::string hint = offered_;
        if (!hint.empty()) {
            fmt::print("{}\n", printable(hint));
            return carry_out(hint);
        }
        note(report_usage("nothing was refused with a hint", "", settings_));
        return true;
    }

    /// Where in a line its command begins: options may stand before.
    static std::size_t command_at(const std::vector<std::string> &words) {
        std::size_t at = 0;
        while (at < words.size() && words[at].starts_with("--")) {
            const bool has_value =
                words[at] == "--host" || words[at] == "--port" || words[at] == "--timeout";
            at += has_value ? 2 : 1;
        }
        return at;
    }

    int run_words(std::vector<std::string> words) {
        if (words[0] == "chronusctl") words.erase(words.begin()); // pasted from a manual
        if (const std::size_t at = command_at(words); at < words.size()) {
            const auto first = words.begin() + static_cast<std::ptrdiff_t>(at);
            if (*first == "help") {
                words.erase(first);
                words.emplace_back("--help");
            } else if (first->starts_with('/')) {
                words.insert(first, "send");
            } else {
                const auto own = long_form(*first);
                words.insert(words.erase(first), own.begin(), own.end());
            }
        }
        const auto parsed = parse(std::move(words), settings_);
        if (const int *code = std::get_if<int>(&parsed)) return *code;
        return run_call(std::get<Call>(parsed));
    }

    int run_call(const Call &call) {
        if (call.command->run == run_repl)
            return report_usage("this is the repl", "chronusctl --help", call.settings);
        if (call.command->run != nullptr) return call.command->run(call);
        if (goes_elsewhere(call.settings)) return run_message(call);
        const auto message = message_for(call);
        if (!message)
            return report_usage(message.error().what, message.error().hint, call.settings);
        const bool usual = call.settings.timeout_s == settings_.timeout_s;
        return report(usual ? ask(*message) : ask(*message, *call.settings.timeout_s),
                      call.settings);
    }

    /// The one link there is, so that what a client says of itself holds; a new one where there is
    /// none, or no longer.
    std::optional<Refusal> connect() {
        if (link_) return std::nullopt;
        auto link = Link::open(settings_);
        if (auto *refusal = std::get_if<Refusal>(&link)) return *refusal;
        link_ = std::get<Link>(std::move(link));
        known_.forget();
        return std::nullopt;
    }

    /// A daemon that does not answer at all is looked for anew next time.
    Heard ask(const osc::Message &message) {
        if (auto refusal = connect()) return *refusal;
        Heard heard = link_->ask(message);
        const auto *refusal = std::get_if<Refusal>(&heard);
        if (refusal == nullptr || refusal->exit != kNoDaemon) return heard;
        fmt::print("{}", unasked()); // a link that still stands stays, for the answer comes on it
        if (std::holds_alternative<Answer>(ask({"/version"}, kTypist_s)))
            return Refusal{.code = -104,
                           .symbol = "LATE",
                           .message = fmt::format("{}: no answer yet; it is shown when it comes",
                                                  message.address)};
        link_.reset();
        return heard;
    }

    Heard ask(const osc::Message &message, double seconds) {
        if (auto refusal = connect()) return *refusal;
        return link_->ask(message, milliseconds{static_cast<milliseconds::rep>(seconds * 1000)});
    }

    bool goes_elsewhere(const Settings &line) const {
        return line.host != settings_.host || line.port != settings_.port ||
               line.lane != settings_.lane;
    }

    int refuse_open(const std::string &line, char quote) {
        return report_usage(fmt::format("the {} of {} is never closed", quote, line), "",
                            settings_);
    }

    /// What came without being asked for, a message a line.
    std::string unasked() {
        std::string out;
        while (link_) {
            const auto message = link_->unasked();
            if (!message) break;
            out += settings_.json ? as_json(*message) : as_text(*message);
        }
        return out;
    }

    /// Late answers say what they say in a sentence, all else is shown as it is.
    static std::string as_text(const osc::Message &message) {
        const bool reply = message.address == "/reply",
                   answer = reply || message.address == "/error";
        const std::size_t sentence = reply ? 1 : 2;
        if (answer && message.args.size() > sentence)
            return fmt::format("{}: {}\n", word(message.args[0]), word(message.args[sentence]));
        std::string out = message.address;
        for (const osc::Value &value : message.args) out += " " + word(value);
        return out + "\n";
    }

    static std::string word(const osc::Value &value) {
        const auto text = osc::to_text(value, "value");
        return printable(text ? *text : json_of({&value, 1}));
    }

    static std::string as_json(const osc::Message &message) {
        return fmt::format("{{\"address\":{},\"values\":{}}}\n", ctl::quoted(message.address),
                           json_of(message.args));
    }

    News news() {
        return {[this] { return link_ ? link_->fd() : -1; }, [this] { return unasked(); }};
    }

    Editing editing() {
        return {"chronus> ", history_file(), [this](std::string_view line) { return edit(line); },
                news()};
    }

    /// Tab: a hint on an empty line, else the word completed, else what is wanted there.
    Edit edit(std::string_view line) {
        if (line.empty() && !offered_.empty()) return {0, offered_, {}};
        Completion done = complete(line, known_);
        if (!done.usage.empty()) return {done.begin, done.text, wrapped(done.usage, 2)};
        const bool stuck = line.substr(done.begin) == done.text;
        return {done.begin, done.text, stuck ? columns(done.choices) : std::string{}};
    }

    /// Words side by side as far as the terminal goes.
    static std::string columns(const std::vector<std::string> &words) {
        std::size_t width = 1;
        for (const std::string &word : words) width = std::max(width, word.size() + 2);
        const std::size_t fit =
            std::max<std::size_t>(1, static_cast<std::size_t>(terminal_size().columns) / width);
        std::string out;
        for (std::size_t i = 0; i < words.size(); ++i)
            out += (i + 1) % fit == 0 || i + 1 == words.size()
                       ? words[i] + "\n"
                       : fmt::format("{:<{}}", words[i], width);
        return out;
    }

    static fs::path history_file() {
        const char *state = std::getenv("XDG_STATE_HOME"), *home = std::getenv("HOME");
        const fs::path folder = state != nullptr && *state == '/'
                                    ? fs::path{state}
                                    : fs::path{home != nullptr ? home : "."} / ".local/state";
        std::error_code ignored; // without a folder there is no history, and no harm
        fs::create_directories(folder, ignored);
        ::mkdir((folder / "chronus").c_str(), 0700); // as chronusd makes it
        return folder / "chronus" / "repl_history";
    }

    void greet() {
        const Heard heard = ask({"/version"}, kTypist_s);
        if (std::holds_alternative<Refusal>(heard))
            (void)report(heard, settings_);
        else
            fmt::print("{}. ", std::get<Answer>(heard).text);
        fmt::print("Tab completes, ! takes a hint, help lists commands, exit ends.\n");
    }

    bool typed_ = Terminal::there() && ::isatty(STDIN_FILENO) == 1;
    Settings settings_;
    std::string offered_; ///< the hint of the last refusal, as a line
    std::optional<Link> link_;
    Known known_{[this](const osc::Message &message) { return ask(message, kTypist_s); }};
    int failed_ = kDone; ///< exit code of the first line that failed
};

} // namespace

int run_repl(const Call &call) {
    if (!call.words.empty())
        return report_usage(fmt::format("repl takes no \"{}\"", call.words[0]), "chronusctl repl",
                            call.settings);
    return Repl{call.settings}.run();
}

} // namespace chronus::ctl
