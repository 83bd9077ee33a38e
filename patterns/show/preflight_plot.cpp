#include "patterns/show/preflight.h"
#include "patterns/show/svg.h"

#include <fmt/format.h>

#include <algorithm>

namespace chronus::patterns {

namespace {

constexpr double kLeft = 70, kWidth = 1080, kRight = 20;
constexpr double kTop = 60, kHeight = 160, kRow = 16;
constexpr double kQuietest_lufs = -60;
constexpr std::string_view kGrey = "fill=\"#495057\" font-size=\"12\"";
constexpr std::string_view kGreyRight = "fill=\"#495057\" font-size=\"12\" text-anchor=\"end\"";
constexpr std::string_view kRed = "fill=\"#c92a2a\" font-size=\"12\"";

/// Songs one after the other along the time of the set.
class Sheet {
public:
    explicit Sheet(std::span<const SongFlight> songs) : songs_(songs) {
        for (const SongFlight &song : songs) {
            begins_s_.push_back(all_s_);
            all_s_ += song.seconds;
        }
    }

    std::string drawn() const {
        std::string out =
            fmt::format("<rect x=\"{:g}\" y=\"{:g}\" width=\"{:g}\" height=\"{:g}\" fill=\"none\" "
                        "stroke=\"#ced4da\"/>\n",
                        kLeft, kTop, kWidth, kHeight);
        for (const int level : {0, -20, -40, -60})
            out += svg::text(kLeft - 8, y_of(level) + 4, kGreyRight, fmt::format("{}", level));
        for (std::size_t i = 0; i < songs_.size(); ++i) out += song(i);
        return out;
    }

private:
    double x_of(double seconds) const {
        return kLeft + kWidth * (all_s_ > 0 ? seconds / all_s_ : 0);
    }
    static double y_of(double lufs) {
        return kTop + kHeight * std::clamp(lufs, kQuietest_lufs, 0.0) / kQuietest_lufs;
    }

    std::string line(double seconds, std::string_view look) const {
        return fmt::format("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:g}\" y2=\"{2:g}\" {3}/>\n",
                           x_of(seconds), kTop, kTop + kHeight, look);
    }

    std::string song(std::size_t i) const {
        const SongFlight &song = songs_[i];
        std::string out = line(begins_s_[i], "stroke=\"#495057\"");
        out += svg::text(x_of(begins_s_[i]) + 3, kTop - (i % 2 == 0 ? 6 : 20), kGrey,
                         svg::escaped(fmt::format("{} {}", i + 1, song.name)));
        for (const double cue : song.cues_s)
            if (cue > 0)
                out += line(begins_s_[i] + cue, "stroke=\"#adb5bd\" stroke-dasharray=\"2 3\"");
        std::string points;
        const auto &levels = song.facts.momentary_lufs;
        const std::size_t every = std::max<std::size_t>(1, levels.size() / 400);
        for (std::size_t k = 0; k < levels.size(); k += every)
            points +=
                fmt::format("{:.1f},{:.1f} ", x_of(begins_s_[i] + 0.1 * static_cast<double>(k + 1)),
                            y_of(static_cast<double>(levels[k])));
        return out +
               fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"#e8590c\"/>\n", points);
    }

    std::span<const SongFlight> songs_;
    std::vector<double> begins_s_;
    double all_s_ = 0;
};

} // namespace

std::string plot_of_set(std::string_view name, std::span<const SongFlight> songs,
                        std::span<const Finding> findings) {
    std::string out = svg::text(kLeft, 24, "fill=\"#212529\"", svg::escaped(name));
    out += svg::text(kLeft + kWidth, 24, kGreyRight, summary_of(songs, findings));
    out += Sheet{songs}.drawn();
    double y = kTop + kHeight + 24;
    for (const Finding &finding : findings) {
        out += svg::text(kLeft, y, kRed,
                         svg::escaped(fmt::format("{} {}: {}", finding.song + 1,
                                                  songs[finding.song].name, finding.what)));
        y += kRow;
    }
    return svg::sheet(kLeft + kWidth + kRight, y, svg::escaped(name), out);
}

} // namespace chronus::patterns
