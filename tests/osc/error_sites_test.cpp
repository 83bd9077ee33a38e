// Reads the sources, so that nobody can add an error of which no test asks whether its hint works.
#include "tests/osc/error_cases.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chronus::osc {

namespace {

namespace fs = std::filesystem;

/// Sources whose errors no client is told of as they are, and who is.
constexpr std::array<std::pair<std::string_view, std::string_view>, 32> kOthers{{
    {"osc/board.cpp", "subscriptions, which says it in its own words"},
    {"osc/client.cpp", "chronusctl"},
    {"osc/discovery.cpp", "who starts a daemon, and chronusctl"},
    {"osc/framing.cpp", "a connection that ends with it"},
    {"osc/gate.cpp", "tests/osc/packet_test.cpp has them all; one place refuses them"},
    {"osc/packet.cpp", "the same"},
    {"osc/peer.cpp", "who starts a daemon"},
    {"osc/server.cpp", "whose datagram the kernel cut, by the place that refuses packets"},
    {"osc/stream_address.cpp", "who starts a daemon"},
    {"osc/stream_connection.cpp", "a connection that ends with it"},
    {"osc/stream_listener.cpp", "who starts a daemon"},
    {"osc/stream_set.cpp", "a connection that ends with it"},
    {"osc/tokens.cpp", "who starts a daemon"},
    {"osc/udp_socket.cpp", "who starts a daemon"},
    {"patterns/history/contents.cpp", "who asks for a snapshot: tests/patterns/snapshots_test.cpp"},
    {"patterns/history/database.cpp",
     "the status of the history: tests/patterns/database_test.cpp"},
    {"patterns/history/gc.cpp", "an operation, which was cancelled: tests/patterns/snapshots_test"},
    {"patterns/history/message_text.cpp",
     "a replay, as a flaw: tests/patterns/item_keeper_test.cpp"},
    {"patterns/history/packed.cpp", "who asks for a snapshot: tests/patterns/snapshots_test.cpp"},
    {"patterns/history/retain.cpp", "an operation, which was cancelled: tests/patterns/items_test"},
    {"patterns/history/snapshot.cpp", "who asks for a snapshot: tests/patterns/snapshots_test.cpp"},
    {"patterns/store/archive.cpp", "exports: tests/patterns/archive_test.cpp"},
    {"patterns/store/atomic_file.cpp", "the slots, which name the slot before it"},
    {"patterns/store/posix_disk.cpp", "the same"},
    {"patterns/store/state_lock.cpp", "who starts a daemon"},
    {"patterns/text/codec.cpp", "the slots: tests/patterns has every broken document"},
    {"patterns/text/json_gate.cpp", "the same"},
    {"patterns/text/members.cpp", "the same"},
    {"patterns/text/migrations.cpp", "the same"},
    {"patterns/text/preset_text.cpp", "the presets, which name the preset before it"},
    {"patterns/text/setlist.cpp", "the sets: tests/patterns has every song that cannot be played"},
    {"patterns/text/setlist_read.cpp", "the sets: tests/patterns has every broken file"},
}};

/// Sentences that no case can bring about, and who does.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kElsewhere{{
    {"id {}: in use for another request", "answer_memory_test: the director asks before"},
    {"id {}: {} requests wait for their answers and fill the {} bytes there are for them",
     "answer_memory_test"},
    {"{}: {} questions wait for their answers already; at most {} of a client may, and {} in all",
     "questions_test"},
    {"recording \"{}\": its name says {}, the format asked for is {}", "tests/host"},
    {"still writing {}", "tests/host: the director waits for that"},
    {"disk: {} jobs wait already; try again shortly", "saver_test: the director asks before"},
    {"slot {}: {} bytes, over {}; nothing was written", "tests/patterns"},
    {": is there already", "tests/patterns"},
    {"what was to be saved does not read back; nothing was written", "nobody: it would be a bug"},
    {"execution {} was played at {} Hz, and the device plays at {}", "tests/e2e/replay_test.py"},
    {"job {} looks through execution {} already", "tests/e2e/replay_test.py"},
    {"deleted just now", "who asks says that there is none"},
    {"snapshot \"{}\": several begin so, such as {} and {}", "tests/patterns/snapshots_test.cpp"},
    {"there is no such content", "a replay, as a flaw: tests/patterns/item_keeper_test.cpp"},
}};

/// A statement of C++ and the texts in it, those side by side as the one they are.
struct Statement {
    std::string code;
    std::vector<std::string> texts;
};

class Reader {
public:
    explicit Reader(std::string_view source) : rest_(source) {}

    std::vector<Statement> statements() {
        std::vector<Statement> out(1);
        while (!rest_.empty()) {
            if (rest_.starts_with("//")) {
                rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
            } else if (rest_[0] == '"') {
                out.back().texts.push_back(text());
            } else if (is_character()) {
                take(rest_[1] == '\\' ? 4 : 3);
            } else if (take(1) == ';') {
                out.emplace_back();
            } else {
                out.back().code += last_;
            }
        }
        return out;
    }

private:
    char take(std::size_t count) {
        last_ = rest_[count - 1];
        rest_.remove_prefix(count);
        return last_;
    }
    /// Not the mark between digits.
    bool is_character() const {
        return rest_[0] == '\'' && std::isalnum(static_cast<unsigned char>(last_)) == 0;
    }
    std::string text() {
        std::string out;
        while (!rest_.empty() && rest_[0] == '"') {
            for (take(1); rest_[0] != '"'; take(1)) {
                if (rest_[0] == '\\') take(1);
                out += rest_[0];
            }
            take(1);
            const auto next = std::min(rest_.find_first_not_of(" \n"), rest_.size());
            if (next < rest_.size() && rest_[next] == '"') rest_.remove_prefix(next);
        }
        return out;
    }

    std::string_view rest_;
    char last_ = ' ';
};

bool makes_an_error(const std::string &code) {
    for (const std::string_view sign : {"Fault{", ".here(", ".since(", "scan_whole("})
        if (code.find(sign) != code.npos) return true;
    for (auto at = code.find("Errc::"); at != code.npos; at = code.find("Errc::", at + 1))
        if (at < 3 || code[at - 2] != '=') return true;
    return false;
}

/// Unlike a hint, a name or a number.
bool is_sentence(std::string_view text) {
    const bool is_message = text.starts_with('/') && text.find(": ") == text.npos;
    return text.find(' ') != text.npos && !is_message;
}

std::set<std::string> sentences_in(const fs::path &file) {
    std::set<std::string> out;
    const std::string source = test::get(file);
    for (const Statement &statement : Reader{source}.statements())
        if (makes_an_error(statement.code))
            std::ranges::copy_if(statement.texts, std::inserter(out, out.end()), is_sentence);
    return out;
}

/// Whether a sentence may have been made of the text, whose "{}" stand for anything.
bool made_of(std::string_view sentence, std::string_view text) {
    while (!text.empty()) {
        const auto open = std::min(text.find('{'), text.size());
        const auto found = sentence.find(text.substr(0, open));
        if (found == sentence.npos) return false;
        sentence.remove_prefix(found + open);
        const auto close = text.find('}', open);
        text.remove_prefix(close == text.npos ? text.size() : close + 1);
    }
    return true;
}

std::vector<fs::path> sources() {
    const fs::path root = fs::path(CHRONUS_TEST_FILES) / ".." / "..";
    std::vector<fs::path> out{"engine/host/session.cpp", "engine/host/recorder.cpp",
                              "engine/host/progress.cpp"};
    for (const char *floor : {"osc", "patterns/text", "patterns/store", "patterns/history"})
        for (const auto &entry : fs::directory_iterator(root / floor))
            if (entry.path().extension() == ".cpp") out.push_back(floor / entry.path().filename());
    std::erase_if(out, [](const fs::path &file) {
        return std::ranges::find(kOthers, file.native(), &decltype(kOthers)::value_type::first) !=
               kOthers.end();
    });
    for (fs::path &file : out) file = root / file;
    return out;
}

std::set<std::string> sentences_told() {
    std::set<std::string> out;
    auto cases = test::cases_of_words();
    for (const auto &part : {test::cases_of_state(), test::cases_of_sets(),
                             test::cases_of_history(), test::cases_of_strangers()})
        cases.insert(cases.end(), part.begin(), part.end());
    for (const test::ErrorCase &each : cases) {
        test::DirectorRig rig({.tokens = "admin aaaaaaaaaaaaaaaaaaaa\n"});
        each.before(rig);
        auto told = each.timetag == 1 && each.said.size() == 1
                        ? rig.say(each.said[0], each.from)
                        : rig.say_together(each.said, each.timetag, each.from);
        std::ranges::move(test::settle(rig), std::back_inserter(told));
        for (const Message &message : told)
            if (message.address == "/error") out.insert(test::arg(message, 2));
    }
    return out;
}

} // namespace

TEST_CASE("errors: every sentence that one is made of is told in some case", "[osc]") {
    const auto told = sentences_told();
    std::size_t elsewhere = 0;
    for (const fs::path &file : sources())
        for (const std::string &text : sentences_in(file)) {
            INFO(file.lexically_normal() << ": " << text);
            const bool known = std::ranges::any_of(
                told, [&](const std::string &sentence) { return made_of(sentence, text); });
            const bool is_elsewhere = std::ranges::any_of(
                kElsewhere, [&](const auto &other) { return other.first == text; });
            CHECK(known != is_elsewhere);
            elsewhere += is_elsewhere ? 1 : 0;
        }
    CHECK(elsewhere == kElsewhere.size()); // or a row is of what is there no more
}

} // namespace chronus::osc
