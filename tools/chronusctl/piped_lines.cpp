#include "tools/chronusctl/lines.h"
#include "tools/chronusctl/signals.h"

#include <fmt/format.h>

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace chronus::ctl {

namespace {

class PipedLines : public Lines {
public:
    explicit PipedLines(News news) : news_(std::move(news)) {}

    std::optional<std::string> next() override {
        while (true) {
            const std::size_t end = text_.find('\n');
            if (end != std::string::npos) return take(end, end + 1);
            if (!more()) break;
        }
        if (text_.empty() || interrupted()) return std::nullopt;
        return take(text_.size(), text_.size()); // the last line need not be ended
    }

private:
    std::string take(std::size_t length, std::size_t used) {
        std::string line = text_.substr(0, length);
        text_.erase(0, used);
        if (line.ends_with('\r')) line.pop_back();
        return line;
    }

    /// Waits for more of the input; false when there is none.
    bool more() {
        std::fflush(stdout);
        while (!interrupted()) {
            std::array<pollfd, 2> fds{pollfd{STDIN_FILENO, POLLIN, 0},
                                      pollfd{news_.fd(), POLLIN, 0}};
            if (::poll(fds.data(), fds.size(), -1) < 0) continue;
            if (fds[1].revents != 0) {
                fmt::print("{}", news_.taken());
                std::fflush(stdout);
            }
            if (fds[0].revents != 0) return read_some();
        }
        return false;
    }

    bool read_some() {
        std::array<char, 4096> buffer{};
        const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (n > 0) text_.append(buffer.data(), static_cast<std::size_t>(n));
        return n > 0;
    }

    News news_;
    std::string text_; ///< read, and not yet given as lines
};

} // namespace

std::unique_ptr<Lines> piped_lines(News news) {
    return std::make_unique<PipedLines>(std::move(news));
}

} // namespace chronus::ctl
