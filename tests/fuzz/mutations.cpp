// Feeds a fuzz target the files of folders, and so many inputs that a fixed generator makes of
// them.
#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <utility>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);
/// Of targets that know better than bytes what to change.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t *data, std::size_t size,
                                               std::size_t max, unsigned seed)
    __attribute__((weak));

namespace {

using Bytes = std::vector<std::uint8_t>;

/// In the order of their names, so that every machine makes the same of them.
void add_seeds(const std::filesystem::path &folder, std::vector<Bytes> &to) {
    std::set<std::filesystem::path> files;
    for (const auto &entry : std::filesystem::directory_iterator(folder)) files.insert(entry);
    for (const auto &file : files) {
        std::ifstream in(file, std::ios::binary);
        to.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
}

class Mutator {
public:
    Bytes operator()(Bytes bytes) {
        for (std::size_t n = below(8); n > 0; --n) change(bytes);
        return bytes;
    }
    std::size_t below(std::size_t end) { return random_() % end; }
    unsigned seed() { return static_cast<unsigned>(random_()); }

private:
    std::uint8_t any() { return static_cast<std::uint8_t>(below(256)); }
    void change(Bytes &bytes) {
        const std::size_t at = below(bytes.size() + 1);
        const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        switch (below(4)) {
        case 0:
            bytes.insert(place, any());
            break;
        case 1:
            bytes.resize(at);
            break;
        case 2:
            if (at < bytes.size()) bytes[at] = any();
            break;
        default:
            if (at < bytes.size()) bytes[at] ^= static_cast<std::uint8_t>(1u << below(8));
        }
    }
    std::mt19937 random_{1}; // the same everywhere, by the standard
};

Mutator mutate;

Bytes changed(Bytes bytes) {
    if (LLVMFuzzerCustomMutator == nullptr) return mutate(std::move(bytes));
    const std::size_t size = bytes.size();
    bytes.resize(size + 4096);
    bytes.resize(LLVMFuzzerCustomMutator(bytes.data(), size, bytes.size(), mutate.seed()));
    return bytes;
}

Bytes at_hand;

/// A fuzzer takes the file, too.
void keep_what_broke_it(int) {
    std::FILE *file = std::fopen("broken-input", "wb");
    if (file == nullptr) return;
    std::fwrite(at_hand.data(), 1, at_hand.size(), file);
    std::fclose(file);
    std::fprintf(stderr, "broken: see the file broken-input\n");
}

void feed(Bytes input) {
    at_hand = std::move(input);
    LLVMFuzzerTestOneInput(at_hand.data(), at_hand.size());
}

} // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t *data, std::size_t size, std::size_t max) {
    const Bytes bytes = mutate({data, data + size});
    const std::size_t kept = std::min(bytes.size(), max);
    std::copy_n(bytes.begin(), kept, data);
    return kept;
}

int main(int argc, char **argv) {
    if (argc < 3) return 64;
    const int runs = std::atoi(argv[1]);
    std::vector<Bytes> seeds{Bytes{}};
    for (int folder = 2; folder < argc; ++folder) add_seeds(argv[folder], seeds);
    std::signal(SIGABRT, keep_what_broke_it);
    for (const Bytes &seed : seeds) feed(seed);
    for (int run = 0; run < runs; ++run) feed(changed(seeds[mutate.below(seeds.size())]));
    std::printf("%zu seeds, %d inputs\n", seeds.size(), runs);
}
