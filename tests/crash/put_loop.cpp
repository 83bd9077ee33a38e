// Puts numbered items into a journal, whose history keeps them meanwhile, until it is killed, and
// says each number on its standard output once it was put: `put_loop FOLDER FIRST`.
#include "patterns/history/history_thread.h"
#include "patterns/history/item_keeper.h"
#include "patterns/history/journal.h"

#include <fmt/format.h>

#include <unistd.h>

#include <cstdlib>

namespace chronus::test {
namespace {

using namespace patterns;

constexpr std::uint64_t kMost = 1'000'000;

/// One write a line: a line is on the pipe whole or not at all.
void say(std::uint64_t n) {
    const std::string line = fmt::format("{}\n", n);
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::exit(3);
}

int run(const std::filesystem::path &folder, std::uint64_t first) {
    Journal journal{folder / "history.journal"};
    if (!journal.status().empty()) return 74;
    ItemKeeper keeper{journal};
    const auto history =
        HistoryThread::start({.file = folder / "history.db",
                              .now_ms = [] { return std::int64_t{1'800'000'000'000}; },
                              .tend = [&](Database &db) { return keeper.drain(db); }});
    if (!history) return 73;
    (*history)->hurry(); // those before may have left it full
    while (!journal.put(SessionBegin{.version = "1", .rate = 48000, .time_ms = 1})) ::usleep(1000);
    for (std::uint64_t n = first; n < first + kMost; ++n) {
        const auto time = static_cast<std::int64_t>(n);
        const std::string content = fmt::to_string(n);
        if (!journal.put(ItemView{.type = ItemType::heal, .time_ms = time, .content = content}))
            ::usleep(1000); // full: its history is behind, and the number goes unsaid
        else
            say(n);
        n % 50 == 0 ? (*history)->hurry() : (*history)->stir();
        if (n % 100 == 0) ::usleep(500); // so that little is left over for the next to keep
    }
    return 0;
}

} // namespace
} // namespace chronus::test

int main(int argc, char **argv) {
    if (argc != 3) return 64;
    return chronus::test::run(argv[1], std::strtoull(argv[2], nullptr, 10));
}
