#include "tools/chronusctl/output.h"

#include "engine/model/params.h"
#include "osc/typed.h"
#include "tools/chronusctl/document_view.h"
#include "tools/chronusctl/json.h"

#include <fmt/format.h>

#include <cstdio>
#include <vector>

namespace chronus::ctl {

using osc::shell_word;
using osc::shell_words;
using patterns::JsonWriter;

namespace {

constexpr std::string_view kProgram = "chronusctl ";

void print_line(std::string_view text) {
    fmt::print("{}{}", text, text.ends_with('\n') ? "" : "\n");
}

/// The name of a choice that was asked for; empty for all that is none, or has none.
std::string choice_in(const Answer &answer) {
    if (!answer.address.starts_with("/mod/") || answer.values.size() != 1) return {};
    const auto id = find_param(std::string_view{answer.address}.substr(5));
    const auto index = osc::to_float(answer.values[0], "value");
    const bool fits = index && *index >= 0 && *index < 1e9f;
    if (!id || spec_of(*id).kind != Kind::choice || !fits) return {};
    return std::string{choice_name(spec_of(*id).choices, static_cast<std::size_t>(*index))};
}

/// Answers to queries of a value have no sentence; the value speaks.
std::string sentence(const Answer &answer) {
    if (!answer.text.empty()) return answer.text;
    if (std::string name = choice_in(answer); !name.empty()) return name;
    std::string out;
    for (const osc::Value &value : answer.values) {
        const auto text = osc::to_text(value, "value");
        out += fmt::format("{}{}", out.empty() ? "" : " ", text ? *text : json_of({&value, 1}));
    }
    return out;
}

/// What had to be bent to play a slot: text behind `i:slot s:name T/F`.
void print_notes(const Answer &answer) {
    if (answer.address != "/pattern/load" && answer.address != "/pattern/reload") return;
    for (std::size_t i = 3; i < answer.values.size(); ++i)
        if (const auto *note = std::get_if<std::string>(&answer.values[i]))
            fmt::print(stderr, "note: {}\n", printable(*note));
}

void print_plain(const Answer &answer) {
    const auto document = document_in(answer.document);
    const bool listed =
        document && (document->as<patterns::JsonArray>() != nullptr || !answer.in_parts);
    if (!answer.document.empty() && !listed) return print_line(answer.document);
    print_line(printable(sentence(answer)));
    if (document) fmt::print("{}", printable(drawn_document(*document)));
    print_notes(answer);
}

void print_json(const Answer &answer) {
    if (document_in(answer.document)) return print_line(answer.document);
    JsonWriter json;
    json.begin_object().key("ok").value(true);
    json.key("address").value(answer.address);
    json.key("text").value(sentence(answer));
    json.key("rev").value(answer.rev);
    json.key("values").raw(json_of(answer.values));
    print_line(json.end_object().text());
}

void print_json(const Refusal &refusal) {
    JsonWriter json;
    json.begin_object().key("ok").value(false);
    json.key("code").value(refusal.code);
    json.key("symbol").value(refusal.symbol);
    json.key("message").value(refusal.message);
    json.key("hint").value(refusal.hint);
    print_line(json.end_object().text());
}

void print_plain(const Refusal &refusal, const Settings &settings) {
    fmt::print(stderr, "chronusctl: {}\n", printable(refusal.message));
    if (!refusal.hint.empty())
        fmt::print(stderr, "try: {}\n", printable(shell_hint(refusal.hint, settings)));
}

/// Only what is a line of the repl: a message, or a command of ours.
void offer(std::string_view hint, const Settings &settings) {
    if (settings.offered == nullptr) return;
    const bool line = hint.starts_with('/') || hint.starts_with(kProgram);
    *settings.offered = line ? shell_hint(hint, settings) : std::string{};
}

} // namespace

int report(const Heard &heard, const Settings &settings) {
    if (const auto *answer = std::get_if<Answer>(&heard)) {
        settings.json ? print_json(*answer) : print_plain(*answer);
        return kDone;
    }
    const auto &refusal = std::get<Refusal>(heard);
    offer(refusal.hint, settings);
    settings.json ? print_json(refusal) : print_plain(refusal, settings);
    return refusal.exit;
}

int report_usage(const std::string &message, const std::string &hint, const Settings &settings) {
    return report(Refusal{.exit = kUsage, .symbol = "USAGE", .message = message, .hint = hint},
                  settings);
}

std::string shell_hint(std::string_view hint, const Settings &settings) {
    const bool in_repl = settings.offered != nullptr;
    if (in_repl && hint.starts_with(kProgram)) hint.remove_prefix(kProgram.size());
    if (in_repl || !hint.starts_with('/')) return std::string{hint};
    std::string out = "chronusctl";
    if (settings.host) out += " --host " + shell_word(*settings.host);
    if (settings.port) out += fmt::format(" --port {}", *settings.port);
    out += " send";
    for (const std::string &word : shell_words(hint).words) out += " " + shell_word(word);
    return out;
}

std::string wrapped(std::string_view text, std::size_t indent) {
    constexpr std::size_t kWidth = 80;
    const std::string margin(indent, ' ');
    std::string out;
    while (!text.empty()) {
        std::size_t end = text.size();
        if (end > kWidth - indent) end = text.rfind(' ', kWidth - indent);
        if (end == std::string_view::npos) end = std::min(text.find(' '), text.size());
        out += fmt::format("{}{}\n", margin, text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        out += (code < 0x20 && c != '\n') || code == 0x7f ? '?' : c;
    }
    return out;
}

} // namespace chronus::ctl
