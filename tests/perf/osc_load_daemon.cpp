#include "tests/perf/osc_load_daemon.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace chronus::perf {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const std::string &what) { throw std::runtime_error(what); }

fs::path new_folder() {
    std::string name = fs::temp_directory_path() / "chronus-load-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) fail(name + ": " + std::strerror(errno));
    fs::create_directory(fs::path{name} / "run");
    return name;
}

std::vector<char *> pointers_to(Words &words) {
    std::vector<char *> out;
    for (std::string &word : words) out.push_back(word.data());
    out.push_back(nullptr);
    return out;
}

Words environment_with(const std::string &runtime) {
    Words out;
    for (char **word = environ; *word != nullptr; ++word)
        if (!std::string_view{*word}.starts_with("XDG_RUNTIME_DIR=")) out.emplace_back(*word);
    out.push_back("XDG_RUNTIME_DIR=" + runtime);
    return out;
}

std::string text_of(const fs::path &file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

Daemon::Daemon(const Words &options, const Words &under) : folder_(new_folder()) {
    Words command = under;
    for (const char *word : {CHRONUS_BUILD_DIR "/chronusd", "--device", "null", "--port", "0",
                             "--viz-port", "0", "--state"})
        command.emplace_back(word);
    command.push_back(folder_ / "state");
    for (std::string word : options) command.push_back(word == "TAKE" ? take().string() : word);
    start(command);
    wait_until_it_listens();
}

Daemon::~Daemon() {
    if (pid_ != 0) (void)end();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void Daemon::start(const Words &command) {
    Words words = command, environment = environment_with(folder_ / "run");
    const auto argv = pointers_to(words), envp = pointers_to(environment);
    const int log = ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    pid_ = ::fork();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(log, 1);
        ::dup2(log, 2);
        ::execvpe(argv[0], argv.data(), envp.data());
        ::_exit(127);
    }
    ::close(log);
    if (pid_ < 0) fail(fmt::format("{}: {}", words[0], std::strerror(errno)));
}

void Daemon::wait_until_it_listens() {
    for (int n = 0; n < 3000 && lives(); ++n, std::this_thread::sleep_for(10ms)) {
        const std::string text = said();
        const auto found = text.find("listening on 127.0.0.1:");
        if (found == std::string::npos || text.find('\n', found) == std::string::npos) continue;
        port_ = static_cast<std::uint16_t>(std::atoi(text.c_str() + found + 23));
        return;
    }
    const std::string text = said();
    std::error_code ignored;
    (void)end();
    fs::remove_all(folder_, ignored);
    fail("chronusd did not start: " + text);
}

namespace {

osc::Client client_or_fail(Result<osc::Client> client) {
    if (!client) fail(client.error().what);
    return *std::move(client);
}

} // namespace

osc::Client Daemon::client() const { return client_or_fail(osc::Client::open("127.0.0.1", port_)); }

osc::Client Daemon::local_client() const {
    return client_or_fail(
        osc::Client::open_local(folder_ / "run/chronus" / fmt::format("{}.socket", pid_)));
}

bool Daemon::lives() const {
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid == 0;
}

std::string Daemon::said() const { return text_of(folder_ / "log"); }

double Daemon::resident_mib() const {
    const std::string text = text_of(fmt::format("/proc/{}/status", pid_));
    const auto found = text.find("VmRSS:");
    return found == std::string::npos ? 0 : std::atof(text.c_str() + found + 6) / 1024;
}

int Daemon::end() {
    int status = 0;
    ::kill(pid_, SIGTERM);
    for (int n = 0; ::waitpid(pid_, &status, WNOHANG) == 0; ++n) {
        if (n == 3000) ::kill(pid_, SIGKILL);
        std::this_thread::sleep_for(10ms);
    }
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

osc::Message asked(osc::Client &client, const osc::Message &question,
                   osc::Client::Milliseconds patience) {
    auto answer = client.ask(question, 1s);
    for (auto passed = 1s; !answer && passed < patience; passed += 1s)
        answer = client.ask(question, 1s); // a flood may have swept the question away
    if (!answer) fail(answer.error().what);
    if (answer->back().address == "/error") fail(std::get<std::string>(answer->back().args.at(2)));
    return answer->back();
}

osc::Message asked(osc::Client &client, const osc::Message &question) {
    return asked(client, question, 5s);
}

bool knows(osc::Client &client, const osc::Message &question) {
    const auto answer = client.ask(question, 5s, [](const osc::Message &) { return true; });
    if (!answer) fail(answer.error().what);
    const osc::Message &last = answer->back();
    return last.address != "/error" || std::get<std::int32_t>(last.args.at(1)) != -100;
}

std::string Health::losses() const {
    return fmt::format("{} unfetched, {} over the rate, {} for a full queue", unfetched,
                       rate_limited, queue_full);
}

Health health_of(osc::Client &client) {
    using nlohmann::json;
    const auto document = [&](const char *address, std::size_t index) {
        const osc::Message answer = asked(client, {address}, 30s);
        return json::parse(std::get<std::string>(answer.args.at(index)));
    };
    const json all = document("/engine/health", 5), tape = document("/engine/record/status", 6);
    const auto drop = [&](const char *kind) {
        return all.at("drops").at(kind).get<std::uint64_t>();
    };
    const auto block = [&](const char *kind) {
        return all.at("device").at(kind).get<std::uint64_t>();
    };
    Health out{.messages = {},
               .unfetched = drop("kernel"),
               .rate_limited = drop("rate_limited"),
               .queue_full = drop("queue_full"),
               .bad_packets = drop("bad_packets"),
               .late = block("late"),
               .xruns = block("xruns"),
               .untaped = tape.at("lost").get<std::uint64_t>()};
    for (const json &one : all.at("clients"))
        out.messages[one.at("peer").get<std::string>()] = one.at("messages").get<std::uint64_t>();
    return out;
}

} // namespace chronus::perf
