#include "patterns/text/euclid.h"

#include <algorithm>
#include <cstddef>

namespace chronus::patterns {

namespace {

/// So many equal rows of steps.
struct Rows {
    std::vector<bool> row;
    int count;
};

void append(std::vector<bool> &to, const Rows &rows) {
    for (int i = 0; i < rows.count; ++i) to.insert(to.end(), rows.row.begin(), rows.row.end());
}

} // namespace

std::vector<bool> euclid(int hits, int steps, int rotation) {
    Rows front{{true}, hits}, back{{false}, steps - hits};
    // A lone rest is shared out too, or E(3,4) would be xxx.
    for (int least = 1; front.count > 0 && back.count >= least; least = 2) {
        Rows left = front.count > back.count ? Rows{front.row, front.count - back.count}
                                             : Rows{back.row, back.count - front.count};
        front.count = std::min(front.count, back.count);
        front.row.insert(front.row.end(), back.row.begin(), back.row.end());
        back = std::move(left);
    }
    std::vector<bool> out;
    append(out, front);
    append(out, back);
    std::rotate(out.begin(), out.begin() + rotation % steps, out.end());
    return out;
}

} // namespace chronus::patterns
