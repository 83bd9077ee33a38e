#include "tools/chronusctl/arguments.h"
#include "tools/chronusctl/frame.h"
#include "tools/chronusctl/link.h"
#include "tools/chronusctl/output.h"
#include "tools/chronusctl/performing.h"
#include "tools/chronusctl/signals.h"
#include "tools/chronusctl/terminal.h"

#include <fmt/format.h>

#include <chrono>

namespace chronus::ctl {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kFrame{66};      ///< about 15 pictures a second
constexpr milliseconds kPatience{1000}; ///< a daemon that is gone is told of soon

/// The view of one daemon, kept up to date.
class Watched {
public:
    explicit Watched(Link &link) : link_(link) {}

    const View &view() const { return view_; }

    /// Asks for the status, which it gives, for levels, and for the tracks when something changed
    /// since. The first levels take the daemon half a second; older daemons have none.
    Heard refresh() {
        const Heard status = ask("/status", view_.status);
        const auto *answer = std::get_if<Answer>(&status);
        if (answer == nullptr) return status;
        const std::string trouble = view_.trouble;
        (void)ask("/levels", view_.levels);
        view_.trouble = trouble;
        if (answer->rev == rev_) return status;
        if (std::holds_alternative<Answer>(ask("/seq/list", view_.tracks))) rev_ = answer->rev;
        return status;
    }

private:
    Heard ask(const char *address, Json &into) {
        Heard heard = link_.ask({address}, kPatience);
        if (const auto *answer = std::get_if<Answer>(&heard))
            into = document_in(answer->document).value_or(Json{});
        const auto *refusal = std::get_if<Refusal>(&heard);
        view_.trouble = refusal != nullptr ? refusal->message : "";
        return heard;
    }

    Link &link_;
    View view_;
    std::int64_t rev_ = -1;
};

int show_once(Watched &watched, const Settings &settings) {
    const Heard heard = watched.refresh();
    if (std::holds_alternative<Refusal>(heard)) return report(heard, settings);
    // A page is no window: all tracks have room on it.
    const Canvas page{{terminal_size().columns, 1000}, locale_is_utf8(), false};
    fmt::print("{}\n", draw(watched.view(), page));
    return kDone;
}

int show_live(Watched &watched, const Settings &settings) {
    const Heard first = watched.refresh();
    if (std::holds_alternative<Refusal>(first)) return report(first, settings);
    catch_interrupts();
    const bool utf8 = locale_is_utf8();
    const Terminal terminal;
    while (!interrupted()) {
        terminal.show(draw(watched.view(), {terminal_size(), utf8, true}));
        if (terminal.key(kFrame) == 'q') break;
        (void)watched.refresh(); // a daemon that falls silent is shown as such, and may come back
    }
    return kDone;
}

} // namespace

int run_watch(const Call &call) {
    if (!call.words.empty())
        return report_usage(fmt::format("watch takes no \"{}\"", call.words[0]),
                            "chronusctl watch --once", call.settings);
    auto link = Link::open(call.settings);
    if (const auto *refusal = std::get_if<Refusal>(&link)) return report(*refusal, call.settings);
    Watched watched{std::get<Link>(link)};
    const bool once = call.options.contains("once") || call.settings.json || !Terminal::there();
    return once ? show_once(watched, call.settings) : show_live(watched, call.settings);
}

} // namespace chronus::ctl
