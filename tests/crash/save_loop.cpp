// Saves and deletes four slots in a loop until it is killed, and says so on its standard output:
// "? 2 text" before it tries to put a text into slot 2, "! 2 text" once that is acknowledged; no
// text stands for a delete. `save_loop FOLDER SEED [K]` kills itself in the middle of disk call K.
#include "patterns/store/slot_writer.h"
#include "patterns/store/slots.h"
#include "patterns/store/state_lock.h"
#include "tests/crash/dying_disk.h"
#include "tests/crash/toy_format.h"

#include <unistd.h>

#include <cstdlib>
#include <random>

namespace chronus::test {
namespace {

using namespace patterns;

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr int kRounds = 20'000;

/// One write a line: a line is on the pipe whole or not at all.
void say(char what, int slot, std::string_view text) {
    const std::string line = fmt::format("{} {} {}\n", what, slot, text);
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::exit(3);
}

/// The first words of a text tell it from all others; the rest makes it as long as a real slot.
std::string long_text(std::string_view text) {
    return fmt::format("{}\n{}", text, std::string(8000, '.'));
}

int run(const std::filesystem::path &folder, unsigned seed, std::size_t k) {
    const auto state = StateDir::open(folder);
    if (!state) return 75;
    DyingDisk disk(state->disk(), k);
    SlotWriter writer(disk, inspect_toy, static_cast<std::uint32_t>(::getpid()));
    if (!writer.start()) return 74;
    std::mt19937 chance(seed);
    for (int i = 0; i < kRounds; ++i) {
        const int slot = 1 + static_cast<int>(chance() % 4);
        const bool deletes = chance() % 8 == 0;
        const std::string text = deletes ? "" : fmt::format("{}-{}", seed, i);
        say('?', slot, text);
        const auto done = deletes ? writer.remove(slot, kNow + i)
                                  : writer.save(slot, toy(long_text(text)), kNow + i);
        const bool nothing_there = !done && done.error().code == Errc::not_found;
        if (!done && !nothing_there) return 1;
        say('!', slot, text);
    }
    return 0;
}

} // namespace
} // namespace chronus::test

int main(int argc, char **argv) {
    if (argc < 3) return 64;
    const auto number = [&](int i) { return argc > i ? std::strtoul(argv[i], nullptr, 10) : 0; };
    return chronus::test::run(argv[1], static_cast<unsigned>(number(2)), number(3));
}
