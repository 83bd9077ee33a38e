#include "patterns/show/plot.h"

#include "engine/model/time.h"
#include "patterns/show/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace chronus::patterns {

namespace {

constexpr double kLeft = 110, kWidth = 960, kRight = 20;
constexpr double kWaveTop = 40, kWaveHalf = 60; // heights
constexpr double kLoudTop = kWaveTop + 2 * kWaveHalf + 30, kLoudHeight = 80;
constexpr double kStepsTop = kLoudTop + kLoudHeight + 40, kRow = 18;
constexpr double kQuietest_lufs = -60;
constexpr std::string_view kGrey = "fill=\"#495057\" font-size=\"12\"";
constexpr std::string_view kGreyRight = "fill=\"#495057\" font-size=\"12\" text-anchor=\"end\"";

double x_of(double part) { return kLeft + kWidth * part; }

std::string box(double top, double height) {
    return fmt::format("<rect x=\"{:g}\" y=\"{:g}\" width=\"{:g}\" height=\"{:g}\" fill=\"none\" "
                       "stroke=\"#ced4da\"/>\n",
                       kLeft, top, kWidth, height);
}

std::string waveform(const Outline &outline) {
    std::string points;
    const auto add = [&](std::size_t i, float level) {
        points +=
            fmt::format("{:.1f},{:.1f} ",
                        x_of(static_cast<double>(i) / static_cast<double>(outline.low.size())),
                        kWaveTop + kWaveHalf * (1 - static_cast<double>(level)));
    };
    for (std::size_t i = 0; i < outline.high.size(); ++i) add(i, outline.high[i]);
    for (std::size_t i = outline.low.size(); i-- > 0;) add(i, outline.low[i]);
    return fmt::format("<polygon points=\"{}\" fill=\"#228be6\"/>\n", points);
}

std::string loudness(const SoundFacts &facts) {
    std::string points;
    const auto &levels = facts.momentary_lufs;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const double level = std::clamp(static_cast<double>(levels[i]), kQuietest_lufs, 0.0);
        points += fmt::format("{:.1f},{:.1f} ",
                              x_of(static_cast<double>(i + 1) / static_cast<double>(levels.size())),
                              kLoudTop + kLoudHeight * level / kQuietest_lufs);
    }
    return fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"#e8590c\"/>\n", points);
}

/// Where parts begin, with the number of the first bar of each.
std::string part_lines(const Plotted &what) {
    std::string out;
    std::uint32_t bar = 1;
    for (std::size_t i = 0; i < what.parts.size() && i < what.lines.size(); ++i) {
        const double x =
            x_of(static_cast<double>(what.lines[i]) / static_cast<double>(what.facts.frames));
        out += fmt::format("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:g}\" y2=\"{2:g}\" "
                           "stroke=\"#adb5bd\"/>\n",
                           x, kWaveTop, kLoudTop + kLoudHeight);
        out += svg::text(x + 3, kLoudTop - 10, kGrey, fmt::format("bar {}", bar));
        bar += what.parts[i].bars;
    }
    return out;
}

std::string step(const Track &track, int at, double y, double width) {
    const Hit hit = track.steps[static_cast<std::size_t>(at) % track.length].hit;
    if (!strikes(hit) && hit != Hit::tie) return {};
    const double height = hit == Hit::tie ? 3 : (kRow - 4) * static_cast<double>(velocity_of(hit));
    return fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
                       "fill=\"{}\"/>\n",
                       kLeft + width * at, y - height, width * 0.8, height,
                       track.mute ? "#ced4da" : "#2b8a3e");
}

std::string tracks(const Scene &scene, double &y) {
    std::string out;
    for (const Track &track : scene.playing()) {
        y += kRow;
        out += svg::text(kLeft - 8, y - 3, kGreyRight, svg::escaped(track.name.view()));
        const int count = track.length == 0 ? 0 : std::max<int>(track.length, kStepsPerBar);
        for (int i = 0; i < count; ++i) out += step(track, i, y, kWidth / count);
    }
    return out;
}

std::string steps(std::span<const Part> parts, double &y) {
    std::string out;
    for (const Part &part : parts) {
        out += svg::text(kLeft, y, kGrey,
                         fmt::format("{} bar{} at {:g} BPM", part.bars, part.bars == 1 ? "" : "s",
                                     part.scene->params.get(param("seq/bpm"))));
        out += tracks(*part.scene, y);
        y += 28;
    }
    return out;
}

std::string figures(const SoundFacts &facts, SampleRate fs) {
    return fmt::format("{:.1f} s   {:.1f} LUFS   true peak {:.1f} dBTP",
                       static_cast<double>(facts.frames) / static_cast<double>(fs.hz), facts.lufs,
                       facts.true_peak_db);
}

} // namespace

std::string plot_of(const Plotted &what) {
    std::string out = svg::text(kLeft, 24, "fill=\"#212529\"", svg::escaped(what.title));
    out += svg::text(kLeft + kWidth, 24, kGreyRight, figures(what.facts, what.fs));
    out += box(kWaveTop, 2 * kWaveHalf) + waveform(what.outline);
    out += box(kLoudTop, kLoudHeight) + loudness(what.facts);
    for (const int level : {0, -20, -40, -60})
        out += svg::text(kLeft - 8, kLoudTop + kLoudHeight * level / kQuietest_lufs + 4, kGreyRight,
                         fmt::format("{}{}", level, level == 0 ? " LUFS" : ""));
    out += part_lines(what);
    double y = kStepsTop;
    out += steps(what.parts, y);
    return svg::sheet(kLeft + kWidth + kRight, y, svg::escaped(what.title), out);
}

} // namespace chronus::patterns
