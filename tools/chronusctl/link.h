#pragma once

#include "engine/result.h"
#include "osc/client.h"
#include "osc/value.h"
#include "tools/chronusctl/commands.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace chronus::ctl {

/// What the daemon said yes to.
struct Answer {
    std::string address;
    std::string text; ///< one sentence; empty for a value that was asked for
    std::int64_t rev = 0;
    std::vector<osc::Value> values = {};
    std::string document = {}; ///< text that came in parts, or the value that is a JSON document
    bool in_parts = false;
};

/// Why nothing was done, and what the program ends with.
struct Refusal {
    int exit = kRefused;
    int code = -1;
    std::string symbol = "GENERAL";
    std::string message;
    std::string hint = {};
};

using Heard = std::variant<Answer, Refusal>;

/// A daemon to talk with. Thread: one; everything blocks its caller.
class Link {
public:
    /// The daemon that the settings name, or else the newest that runs.
    static std::variant<Link, Refusal> open(const Settings &settings);

    /// Asks, and waits for the whole answer. Controls are answered too. Where nobody answers, the
    /// next question looks for a daemon anew.
    Heard ask(const osc::Message &question) { return ask(question, timeout_); }
    Heard ask(const osc::Message &question, std::chrono::milliseconds timeout);

    /// The next message that nobody asked for, as subscriptions bring them; nothing when none is
    /// there. `fd` can be read once one may have come; -1 where nobody answers any more.
    std::optional<osc::Message> unasked();
    int fd() const { return lost_ ? -1 : client_.fd(); }

private:
    Link(const Settings &settings, osc::Client client, std::chrono::milliseconds timeout)
        : settings_(settings), client_(std::move(client)), timeout_(timeout) {}
    Heard gather(const osc::Message &question, std::chrono::milliseconds timeout);

    Settings settings_;
    osc::Client client_;
    std::chrono::milliseconds timeout_;
    bool lost_ = false;                ///< nobody answered the last question
    bool introduced_ = false;          ///< it has been given the token
    bool named_ = false;               ///< and told whom it talks with
    bool every_answer_ = false;        ///< the daemon answers moved controls too
    std::deque<osc::Message> unasked_; ///< came while an answer was waited for
};

/// What was refused here, with the daemon's symbols and numbers.
Refusal refusal_of(const Error &error);

/// Without a daemon: code 2 and what to do about it.
Refusal no_daemon(std::string message);

} // namespace chronus::ctl
