// Feeds a fuzz target seeds (files of the folder given) and what a fixed generator makes of them.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

std::vector<Bytes> seeds_in(const std::filesystem::path &folder) {
    std::vector<Bytes> seeds{Bytes{}};
    for (const auto &entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream in(entry.path(), std::ios::binary);
        seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return seeds;
}

class Mutator {
public:
    Bytes operator()(Bytes bytes) {
        for (std::size_t n = below(8); n > 0; --n) change(bytes);
        return bytes;
    }
    std::size_t below(std::size_t end) { return random_() % end; }

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

} // namespace

int main(int argc, char **argv) {
    if (argc != 2) return 64;
    constexpr int kRuns = 20000;
    Mutator mutate;
    const auto seeds = seeds_in(argv[1]);
    for (const Bytes &seed : seeds) LLVMFuzzerTestOneInput(seed.data(), seed.size());
    for (int run = 0; run < kRuns; ++run) {
        const Bytes input = mutate(seeds[mutate.below(seeds.size())]);
        LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    std::printf("%d inputs\n", kRuns);
}
