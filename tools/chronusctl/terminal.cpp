#include "tools/chronusctl/terminal.h"

#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <string_view>
#include <thread>

namespace chronus::ctl {

namespace {

// The control sequences every terminal of today knows (ECMA-48, and xterm's private modes).
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[2J";
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view kHome = "\x1b[H", kClearLine = "\x1b[K", kClearBelow = "\x1b[J";

void put(std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
        if (n <= 0) return; // gone, or interrupted: the next frame is due soon
        text.remove_prefix(static_cast<std::size_t>(n));
    }
}

} // namespace

bool Terminal::there() {
    const char *kind = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) == 1 && kind != nullptr && std::string_view{kind} != "dumb";
}

Terminal::Terminal() {
    has_keys_ = ::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (has_keys_) {
        termios raw = before_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        raw.c_cc[VSUSP] = _POSIX_VDISABLE; // nobody would put the screen right before it sleeps
        ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    put(kEnter);
}

Terminal::~Terminal() {
    put(kLeave);
    if (has_keys_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
}

void Terminal::show(const std::string &frame) const {
    std::string out{kHome};
    for (const char c : frame) {
        if (c == '\n') out += kClearLine;
        out += c == '\n' ? "\r\n" : std::string{c};
    }
    out += kClearLine;
    put(out.append(kClearBelow));
}

char Terminal::key(std::chrono::milliseconds wait) const {
    if (!has_keys_) {
        std::this_thread::sleep_for(wait);
        return 0;
    }
    pollfd keys{STDIN_FILENO, POLLIN, 0};
    char key = 0;
    if (::poll(&keys, 1, static_cast<int>(wait.count())) <= 0) return 0;
    return ::read(STDIN_FILENO, &key, 1) == 1 ? key : 'q'; // the terminal is gone
}

Size terminal_size() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {};
    return {size.ws_col, size.ws_row};
}

bool locale_is_utf8() {
    std::setlocale(LC_CTYPE, "");
    return std::string_view{::nl_langinfo(CODESET)} == "UTF-8";
}

} // namespace chronus::ctl
