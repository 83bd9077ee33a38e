#include "tools/chronusctl/lines.h"
#include "tools/chronusctl/signals.h"
#include "tools/chronusctl/terminal.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <histedit.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cwchar>
#include <fstream>
#include <utility>

namespace chronus::ctl {

namespace {

constexpr int kRemembered = 1000; ///< lines of history

/// The lines typed before: text in a file, which grows by each as soon as it is given.
class PastLines {
public:
    explicit PastLines(const std::filesystem::path &file) {
        HistEvent event;
        history(past_.get(), &event, H_SETSIZE, kRemembered);
        history(past_.get(), &event, H_SETUNIQUE, 1);
        const auto lines = read(file);
        for (const std::string &line : lines) history(past_.get(), &event, H_ENTER, line.c_str());
        const bool grown = lines.size() > 2 * kRemembered;
        const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0) return; // nowhere to keep them: they are remembered until the end
        ::fchmod(fd, 0600);
        file_.reset(::fdopen(fd, "a"));
        if (grown && ::ftruncate(fd, 0) == 0)
            for (auto line = lines.end() - kRemembered; line != lines.end(); ++line) write(*line);
    }

    void add(const std::string &line) {
        const bool secret = line.find_first_of(" \t") == 0 || line.find("/auth") != line.npos;
        if (line.empty() || secret || line == last_) return;
        HistEvent event;
        history(past_.get(), &event, H_ENTER, line.c_str());
        write(line);
        last_ = line;
    }

    History *get() const { return past_.get(); }

private:
    static std::vector<std::string> read(const std::filesystem::path &file) {
        std::vector<std::string> out;
        std::ifstream in(file);
        for (std::string line; std::getline(in, line);) out.push_back(line);
        return out;
    }

    void write(const std::string &line) {
        if (!file_) return;
        std::fprintf(file_.get(), "%s\n", line.c_str());
        std::fflush(file_.get());
    }

    struct End {
        void operator()(History *past) const { history_end(past); }
        void operator()(std::FILE *file) const { std::fclose(file); }
    };
    std::unique_ptr<History, End> past_{history_init()};
    std::unique_ptr<std::FILE, End> file_;
    std::string last_;
};

class TypedLines : public Lines {
public:
    explicit TypedLines(Editing editing) : editing_(std::move(editing)), past_(editing_.history) {
        EditLine *const el = editor_.get();
        el_set(el, EL_CLIENTDATA, this);
        el_set(el, EL_PROMPT, &TypedLines::prompt);
        el_set(el, EL_EDITOR, "emacs");
        el_set(el, EL_SIGNAL, 1); // the terminal is put right before a signal stops or ends us
        el_set(el, EL_HIST, history, past_.get());
        el_set(el, EL_GETCFN, &TypedLines::key);
        // el_set would copy both texts and never free them.
        el_wset(el, EL_ADDFN, L"chronus-complete", L"Complete the word", &TypedLines::tab);
        el_set(el, EL_BIND, "^I", "chronus-complete", nullptr);
        el_set(el, EL_BIND, "^R", "em-inc-search-prev", nullptr);
        el_source(el, nullptr);
    }

    std::optional<std::string> next() override {
        while (true) {
            int size = 0;
            el_set(editor_.get(), EL_PREP_TERM, 1); // or a ^D typed at once at the prompt is lost
            const char *text = el_gets(editor_.get(), &size);
            const int signal = text == nullptr ? take_interrupt() : 0;
            if (text == nullptr) fmt::print("\n");
            if (signal == SIGINT) continue; // the line is given up, not the program
            if (text == nullptr) return std::nullopt;
            std::string line{text, static_cast<std::size_t>(size)};
            while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
            past_.add(line);
            return line;
        }
    }

private:
    static TypedLines &of(EditLine *el) {
        TypedLines *lines = nullptr;
        el_get(el, EL_CLIENTDATA, &lines);
        return *lines;
    }

    static char *prompt(EditLine *el) { return of(el).editing_.prompt.data(); }

    /// A character of the terminal: 1, 0 at the end of the input, -1 for a signal. Bytes that are
    /// no text in this locale are passed over.
    static int key(EditLine *el, wchar_t *out) {
        std::mbstate_t state{};
        while (true) {
            char byte = 0;
            const int got = of(el).byte(byte);
            if (got <= 0) return got;
            const std::size_t size = std::mbrtowc(out, &byte, 1, &state);
            if (size == static_cast<std::size_t>(-1)) state = {};
            if (size <= 1) return 1;
        }
    }

    /// A byte of the terminal; what comes meanwhile is shown above the line.
    int byte(char &out) {
        while (!interrupted()) {
            std::array<pollfd, 2> fds{pollfd{STDIN_FILENO, POLLIN, 0},
                                      pollfd{editing_.news.fd(), POLLIN, 0}};
            if (::poll(fds.data(), fds.size(), -1) < 0) continue;
            if (fds[1].revents != 0) show_above(editing_.news.taken());
            if (fds[0].revents != 0) return static_cast<int>(::read(STDIN_FILENO, &out, 1));
        }
        errno = EINTR;
        return -1;
    }

    /// Takes the line off the screen, writes there, and draws it anew beneath.
    void show_above(const std::string &lines) {
        if (lines.empty()) return;
        if (const int up = rows_above_cursor(); up > 0) fmt::print("\x1b[{}A", up);
        fmt::print("\r\x1b[J{}", lines);
        std::fflush(stdout);
        el_set(editor_.get(), EL_REFRESH);
    }

    int rows_above_cursor() const {
        const LineInfoW *line = el_wline(editor_.get());
        int columns = static_cast<int>(editing_.prompt.size());
        for (const wchar_t *c = line->buffer; c < line->cursor; ++c)
            columns += std::max(::wcwidth(*c), 0);
        return columns / terminal_size().columns;
    }

    static unsigned char tab(EditLine *el, std::wint_t) {
        TypedLines &lines = of(el);
        const LineInfo *line = el_line(el);
        const std::string before{line->buffer, line->cursor};
        const Edit edit = lines.editing_.complete(before);
        if (!edit.shown.empty()) {
            fmt::print("\n{}", edit.shown);
            std::fflush(stdout);
            el_set(el, EL_REFRESH);
        }
        if (before.substr(edit.begin) == edit.text)
            return edit.shown.empty() ? CC_REFRESH_BEEP : CC_NORM;
        el_deletestr(el, lines.characters(before.substr(edit.begin)));
        return el_insertstr(el, edit.text.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    }

    /// As libedit counts them.
    static int characters(const std::string &text) {
        std::mbstate_t state{};
        const char *at = text.c_str();
        const std::size_t n = std::mbsrtowcs(nullptr, &at, 0, &state);
        return n == static_cast<std::size_t>(-1) ? 0 : static_cast<int>(n);
    }

    struct End {
        void operator()(EditLine *editor) const { el_end(editor); }
    };
    Editing editing_;
    PastLines past_;
    std::unique_ptr<EditLine, End> editor_{el_init("chronusctl", stdin, stdout, stderr)};
};

} // namespace

std::unique_ptr<Lines> typed_lines(Editing editing) {
    std::setlocale(LC_CTYPE, ""); // what bytes are letters
    return std::make_unique<TypedLines>(std::move(editing));
}

} // namespace chronus::ctl
