#include "tests/perf/osc_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace chronus::perf {

Figure at_most(std::string what, double measured, double most, std::string_view unit) {
    return {std::move(what), fmt::format("{:.4g} {}", measured, unit),
            fmt::format("at most {:g} {}", most, unit),
            measured <= most ? Verdict::met : Verdict::missed};
}

Figure law(std::string what, std::string measured, bool holds) {
    return {std::move(what), std::move(measured), "always", holds ? Verdict::met : Verdict::broken};
}

Figure not_here(std::string what, std::string why) { return {std::move(what), std::move(why)}; }

Spread spread_of(std::vector<double> values) {
    if (values.empty()) return {};
    std::ranges::sort(values);
    const auto at = [&](double share) {
        return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
    };
    return {at(0.5), at(0.99), at(1)};
}

namespace {

double mean(std::span<const double> values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

} // namespace

Fit fitted(std::span<const double> x, std::span<const double> y) {
    const double x0 = mean(x), y0 = mean(y);
    double xx = 0, xy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xx += (x[i] - x0) * (x[i] - x0);
        xy += (x[i] - x0) * (y[i] - y0);
    }
    Fit fit{.slope = xy / xx, .start = y0 - xy / xx * x0};
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double error = y[i] - y0 - fit.slope * (x[i] - x0);
        fit.deviation += error * error;
        fit.most = std::max(fit.most, std::abs(error));
    }
    fit.deviation = std::sqrt(fit.deviation / static_cast<double>(x.size()));
    return fit;
}

} // namespace chronus::perf
