#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// What `osc_load` measures of a real daemon over real sockets, and how it says so.
namespace chronus::perf {

enum class Verdict : std::uint8_t {
    shown,  ///< a figure that nothing is asked of
    met,    ///
    missed, ///< slower than wanted, which a busy machine may be to blame for
    broken, ///< wrong on whatever machine: the program ends with 1
};

/// One line of the table.
struct Figure {
    std::string what, measured, target = {};
    Verdict verdict = Verdict::shown;
};
using Figures = std::vector<Figure>;

/// How long to measure. Nothing: as long as the target asks.
struct Effort {
    std::optional<double> seconds;
};

Figures round_trips(const Effort &effort);
Figures rates(const Effort &effort);
Figures instructions(const Effort &effort);
Figures onset_errors(const Effort &effort);
Figures flood(const Effort &effort);
Figures panics(const Effort &effort);
Figures malformed(const Effort &effort);
Figures mirrored(const Effort &effort);
Figures lossy(const Effort &effort);

/// A time or a count that is to be small.
Figure at_most(std::string what, double measured, double most, std::string_view unit);
/// Something that is so or is not.
Figure law(std::string what, std::string measured, bool holds);
/// A figure that cannot be had here, and why.
Figure not_here(std::string what, std::string why);

struct Spread {
    double p50 = 0, p99 = 0, most = 0;
};
Spread spread_of(std::vector<double> values);

/// y = slope x + start, by least squares; `deviation` and `most` are of the points from it.
struct Fit {
    double slope = 0, start = 0, deviation = 0, most = 0;
};
/// Shapes: as many x as y, at least two unlike x.
Fit fitted(std::span<const double> x, std::span<const double> y);

} // namespace chronus::perf
