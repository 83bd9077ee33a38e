#include "tests/support/jack_server.h"

#include <jack/jack.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace chronus::test {

namespace {

using namespace std::chrono_literals;

/// Its log goes nowhere: a wedged server writes gigabytes.
[[noreturn]] void become_jackd(std::vector<std::string> words) {
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int fd : {0, 1, 2}) ::dup2(nowhere, fd);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM); // SIGKILL would cost one of the 8 places JACK has
    std::vector<char *> argv;
    for (std::string &word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execvp("jackd", argv.data());
    ::_exit(127);
}

void forget_memory_of(const std::string &server) {
    std::error_code none;
    for (const auto &entry : std::filesystem::directory_iterator("/dev/shm", none))
        if (entry.path().filename().string().find("_" + server + "_") != std::string::npos)
            std::filesystem::remove(entry.path(), none);
}

} // namespace

JackServer::JackServer(Options options) : options_(options) {
    take_name();
    ::setenv("JACK_DEFAULT_SERVER", name_.c_str(), 1);
    ::setenv("JACK_NO_AUDIO_RESERVATION", "1", 1);
    ::setenv("JACK_NO_START_SERVER", "1", 1);
    jack_set_error_function([](const char *) {});
    jack_set_info_function([](const char *) {});
}

/// Asked to end, it gives its memory back; what a killed one left in the way is taken away.
JackServer::~JackServer() {
    if (pid_ > 0) ::kill(pid_, SIGTERM);
    for (int i = 0; i < 30 && pid_ > 0; ++i) {
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
        std::this_thread::sleep_for(100ms);
    }
    kill(SIGKILL);
    forget_memory_of(name_);
    ::close(name_lock_);
    ::unsetenv("JACK_DEFAULT_SERVER");
}

/// Waits when all are taken.
void JackServer::take_name() {
    for (int i = 0; name_lock_ < 0; i = (i + 1) % 3) {
        name_ = "chronus_test" + std::to_string(i);
        const auto lock = std::filesystem::temp_directory_path() / (name_ + ".lock");
        const int file = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file >= 0 && ::flock(file, LOCK_EX | LOCK_NB) == 0)
            name_lock_ = file;
        else if (::close(file); i == 2)
            std::this_thread::sleep_for(100ms);
    }
}

bool JackServer::installed() { return std::system("command -v jackd >/dev/null 2>&1") == 0; }

bool JackServer::start() { return launch(true) || launch(false); }

bool JackServer::launch(bool realtime) {
    std::vector<std::string> words{"jackd"};
    if (realtime)
        words.insert(words.end(), {"-R", "-P", "60"});
    else
        words.push_back("-r");
    words.insert(words.end(),
                 {"-S", "-n", name_, "-d", "dummy", "-r", std::to_string(options_.sample_rate),
                  "-p", std::to_string(options_.block)});
    pid_ = ::fork();
    if (pid_ == 0) become_jackd(std::move(words));
    for (int i = 0; i < 50; ++i) {
        if (takes_clients()) return true;
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_) break;
        std::this_thread::sleep_for(100ms);
    }
    kill(SIGKILL);
    return false;
}

bool JackServer::takes_clients() const {
    const std::string socket = "/dev/shm/jack_" + name_ + "_" + std::to_string(::getuid()) + "_0";
    if (::access(socket.c_str(), F_OK) != 0) return false;
    jack_client_t *probe = jack_client_open("probe", JackNoStartServer, nullptr);
    if (probe == nullptr) return false;
    jack_client_close(probe);
    return true;
}

void JackServer::kill(int signal) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

} // namespace chronus::test
