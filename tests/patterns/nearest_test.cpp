#include "patterns/text/nearest.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

using namespace chronus::patterns;

namespace {

constexpr std::array<std::string_view, 7> kKnown{"/seq/start",
                                                 "/seq/stop",
                                                 "/seq/status",
                                                 "/pattern/save",
                                                 "/pattern/load",
                                                 "/mod/voice1/freq",
                                                 "/mod/voice1/filter/freq"};

/// The textbook's whole table, to hold the banded one against.
std::size_t plain_distance(const std::string &a, const std::string &b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[a.size()][b.size()];
}

} // namespace

TEST_CASE("nearest: an insertion, deletion, replacement or swap is one edit", "[osc]") {
    CHECK(edit_distance("start", "start", 3) == 0);
    CHECK(edit_distance("start", "starts", 3) == 1);
    CHECK(edit_distance("start", "tart", 3) == 1);
    CHECK(edit_distance("start", "stark", 3) == 1);
    CHECK(edit_distance("start", "satrt", 3) == 1);
    CHECK(edit_distance("", "abc", 3) == 3);
    CHECK(edit_distance("", "abcd", 3) == 4); // more than the limit is limit + 1
    CHECK(edit_distance("kitten", "sitting", 3) == 3);
    CHECK(edit_distance("kitten", "sitting", 2) == 3);
}

TEST_CASE("nearest: the band gives what the whole table gives, up to the limit", "[osc]") {
    std::mt19937 random(1); // any seed; a fixed one repeats
    const auto word = [&] {
        std::string out(random() % 10, ' ');
        for (char &c : out) c = static_cast<char>('a' + random() % 3);
        return out;
    };
    for (int i = 0; i < 20000; ++i) {
        const std::string a = word(), b = word();
        const std::size_t limit = random() % 7;
        INFO(a << " " << b << " " << limit);
        REQUIRE(edit_distance(a, b, limit) == std::min(plain_distance(a, b), limit + 1));
    }
}

TEST_CASE("nearest: the likeliest comes first, ties in their own order", "[osc]") {
    using Names = std::vector<std::string_view>;
    CHECK(nearest("/seq/satrt", kKnown, 1) == Names{"/seq/start"});
    CHECK(nearest("/seq/stat", kKnown, 3) == Names{"/seq/start", "/seq/stop", "/seq/status"});
    CHECK(nearest("/pattern/laod", kKnown, 1) == Names{"/pattern/load"});
    CHECK(nearest("/seq/stat", kKnown, 0).empty());
}

TEST_CASE("nearest: what is near to nothing has no neighbours", "[osc]") {
    CHECK(nearest("/xylophone", kKnown, 3).empty());
    CHECK(nearest("", kKnown, 3).empty());
    CHECK(nearest(std::string(4096, '/'), kKnown, 3).empty());
}
