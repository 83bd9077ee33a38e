#include "tools/chronusctl/output.h"

#include "tools/chronusctl/json.h"

#include <fmt/format.h>

#include <cstdio>
#include <vector>

namespace chronus::ctl {

using patterns::JsonWriter;

namespace {

constexpr std::string_view kHarmless =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:=@%";

std::string shell_word(std::string_view word) {
    if (!word.empty() && word.find_first_not_of(kHarmless) == std::string_view::npos)
        return std::string{word};
    std::string out = "'";
    for (const char c : word) out += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return out + "'";
}

/// Words parted by blanks; one in double quotes may hold some.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    while (true) {
        const std::size_t begin = text.find_first_not_of(' ');
        if (begin == std::string_view::npos) return out;
        text.remove_prefix(begin);
        const bool quote = text[0] == '"' && text.find('"', 1) != std::string_view::npos;
        if (quote) text.remove_prefix(1);
        const std::size_t end = std::min(text.find(quote ? '"' : ' '), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

std::string row(const Json &item) {
    const auto *members = item.as<patterns::JsonObject>();
    if (members == nullptr) return plain(item);
    std::string out;
    for (const auto &[name, value] : *members) {
        const std::string text = plain(value);
        if (text.empty()) continue;
        const bool blanks = text.find(' ') != std::string::npos;
        out += fmt::format("{}{}={}", out.empty() ? "" : " ", name, blanks ? quoted(text) : text);
    }
    return out;
}

/// A list an item a line, an object a member a line.
void print_document(const Json &document) {
    for (const Json &item : items_of(document)) fmt::print("  {}\n", printable(row(item)));
    const auto *members = document.as<patterns::JsonObject>();
    if (members == nullptr) return;
    for (const auto &[name, value] : *members)
        if (const std::string text = plain(value); !text.empty())
            fmt::print("  {:<12} {}\n", printable(name), printable(text));
}

void print_line(std::string_view text) {
    fmt::print("{}{}", text, text.ends_with('\n') ? "" : "\n");
}

/// Answers to queries of a value have no sentence; the value speaks.
std::string sentence(const Answer &answer) {
    if (!answer.text.empty()) return answer.text;
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
    if (document) print_document(*document);
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

} // namespace

int report(const Heard &heard, const Settings &settings) {
    if (const auto *answer = std::get_if<Answer>(&heard)) {
        settings.json ? print_json(*answer) : print_plain(*answer);
        return kDone;
    }
    const auto &refusal = std::get<Refusal>(heard);
    settings.json ? print_json(refusal) : print_plain(refusal, settings);
    return refusal.exit;
}

int report_usage(const std::string &message, const std::string &hint, const Settings &settings) {
    return report(Refusal{.exit = kUsage, .symbol = "USAGE", .message = message, .hint = hint},
                  settings);
}

std::string shell_hint(std::string_view hint, const Settings &settings) {
    if (!hint.starts_with('/')) return std::string{hint};
    std::string out = "chronusctl";
    if (settings.host) out += " --host " + shell_word(*settings.host);
    if (settings.port) out += fmt::format(" --port {}", *settings.port);
    out += " send";
    for (const std::string &word : words_of(hint)) out += " " + shell_word(word);
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
