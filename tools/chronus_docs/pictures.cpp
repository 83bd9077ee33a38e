#include "tools/chronus_docs/pictures.h"

#include "engine/host/score.h"
#include "engine/model/scene.h"
#include "patterns/show/svg.h"
#include "patterns/text/notation.h"
#include "patterns/text/notes.h"
#include "patterns/text/track_keys.h"
#include "tools/chronus_docs/timing_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace chronus::docs {

namespace {

struct Lane {
    std::string_view name, pattern, notes = {}, gate = "0.5", div = "1";
};

struct Plan {
    std::string_view file, title;
    std::uint32_t steps;
    float swing;
    std::vector<Lane> lanes;
};

const std::vector<Plan> &plans() {
    static const std::vector<Plan> all{
        {"hits.svg",
         "Accent, normal, ghost, rest",
         16,
         0,
         {{"kick", "X...X...X...X..."},
          {"snare", "....X..o.o..X..o"},
          {"hats", "x.o.x.o.x.o.x.oo"}}},
        {"ties.svg",
         "Ties hold a note, with gate_frac 0.5",
         16,
         0,
         {{"plain", "x...x...x...x..."}, {"tied", "x___x_..x.x_x___"}}},
        {"slides.svg",
         "Slides go over into the next note without a new attack",
         16,
         0,
         {{"jumps", "X.xx.xX.x.xxx...", "E2,G2,E2,D3"},
          {"slides", "X.xx~.xX~.x.xx~x~...", "E2,G2,E2,D3"}}},
        {"ratchets.svg",
         "Ratchets share out the way to the next step, late and early hits leave theirs",
         16,
         0,
         {{"ratchets", "x*2...x*3...x*4...x*8..."}, {"shifts", "x...x>24...x>47...x<24..."}}},
        {"passes.svg",
         "A pass of a cycle, chance, and a fill while fills are off",
         16,
         0,
         {{"pass", "x%2:4."}, {"chance", "x?50."}, {"fill", "x.x!."}}},
        {"rhythms.svg",
         "Repeats and rhythms",
         16,
         0,
         {{"[X.x.]*4", "[X.x.]*4"},
          {"E(3,8)", "E(3,8)"},
          {"E(5,8)", "E(5,8)"},
          {"E(5,16)", "E(5,16)"},
          {"E(5,16,2)", "E(5,16,2)"}}},
        {"divs.svg",
         "Steps of one sixteenth, of 2, of 1/2 and of 3/4",
         16,
         0,
         {{"div 1", "X.x."},
          {"div 2", "X.x.", "", "0.5", "2"},
          {"div 1/2", "X.x.", "", "0.5", "1/2"},
          {"div 3/4", "X.x.", "", "0.5", "3/4"}}},
        {"gates.svg",
         "gate_frac is the length of a note in steps",
         16,
         0,
         {{"0.25", "x..x..x..x..x...", "", "0.25"},
          {"0.9", "x..x..x..x..x...", "", "0.9"},
          {"2", "x..x..x..x..x...", "", "2"}}},
        {"lengths.svg",
         "Patterns of 16, 12 and 5 steps against each other",
         32,
         0,
         {{"16", "X...X...X...X..."}, {"12", "x.....x.o..."}, {"5", "x.o.."}}},
        {"swing.svg",
         "Swing 0.4 makes odd steps 0.2 steps late",
         16,
         0.4f,
         {{"hats", "XxxxXxxxXxxxXxxx"}}},
        {"notes.svg",
         "Each hit plays the next note, and after the last the first",
         16,
         0,
         {{"lead", "x.x.x..xx..x.x..", "A3,C4,E4"},
          {"chords", "X...X...X...X...", "A3+C4+E4,r,F3+A3"}}},
    };
    return all;
}

Track track_of(const Lane &lane, int voice) {
    auto made = patterns::make_track("t", voice, lane.pattern);
    if (!made) throw std::runtime_error(made.error().what);
    for (const auto &[key, value] :
         {std::pair{"gate_frac", lane.gate}, {"notes", lane.notes}, {"div", lane.div}})
        if (const auto set = patterns::set_key(*made, key, value); !set)
            throw std::runtime_error(set.error().what);
    return *made;
}

std::unique_ptr<Scene> scene_of(const Plan &plan) {
    auto scene = std::make_unique<Scene>();
    scene->params.set(param("seq/swing"), plan.swing);
    for (const Lane &lane : plan.lanes) {
        Track &track = scene->tracks[scene->track_count++];
        track = track_of(lane, scene->track_count);
        track.uid = scene->track_count;
    }
    return scene;
}

constexpr double kLeft = 92, kTop = 12, kRight = 12, kBottom = 4;
constexpr double kLane = 74, kBar = 34, kBase = 50; // of a lane: height, tallest note, its foot

/// Where things are on the paper.
struct Paper {
    double step;
    std::uint32_t steps;
    std::size_t lanes;

    double x(double at) const { return kLeft + at * step; }
    double foot(std::size_t lane) const { return kTop + static_cast<double>(lane) * kLane + kBase; }
    double width() const { return x(steps) + kRight; }
    double height() const { return kTop + static_cast<double>(lanes) * kLane + kBottom; }
};

std::string grid(const Paper &paper) {
    std::string out;
    for (std::uint32_t i = 0; i <= paper.steps; ++i) {
        const std::string_view colour = i % 16 == 0  ? "#868e96"
                                        : i % 4 == 0 ? "#ced4da"
                                                     : "#f1f3f5";
        out += fmt::format("<path d=\"M{0:g} {1:g}V{2:g}\" stroke=\"{3}\"/>\n", paper.x(i), kTop,
                           paper.height() - kBottom, colour);
    }
    return out;
}

std::string_view colour_of(Hit hit) {
    return hit == Hit::accent ? "#d9480f" : hit == Hit::normal ? "#1971c2" : "#74c0fc";
}

double top_of(const ScoreNote &note, double foot) {
    return foot - kBar * static_cast<double>(velocity_of(note.hit));
}

std::string bar(const Paper &paper, const ScoreNote &note, double foot) {
    const double x = paper.x(note.begin), top = top_of(note, foot);
    return fmt::format(
        "<rect x=\"{:.4g}\" y=\"{:.4g}\" width=\"{:.4g}\" height=\"{:.4g}\" rx=\"2\" "
        "fill=\"{}\"/>\n",
        x + 0.5, top, (note.end - note.begin) * paper.step - 1, foot - top, colour_of(note.hit));
}

/// As on sheet music: over the heads of the two notes.
std::string slur(const Paper &paper, const ScoreNote &from, const ScoreNote &to, double foot) {
    const double a = paper.x(from.begin) + 6, b = paper.x(to.begin) + 6;
    const double y = std::min(top_of(from, foot), top_of(to, foot)) - 2;
    return fmt::format("<path d=\"M{0:.4g} {2:.4g}Q{3:.4g} {4:.4g} {1:.4g} {2:.4g}\" fill=\"none\" "
                       "stroke=\"#212529\" stroke-width=\"1.6\"/>\n",
                       a, b, y, (a + b) / 2, y - 10);
}

/// What is written for step `i`, with all that hangs on it.
std::string sign_of(const Track &track, std::size_t i) {
    const auto begin = [&](std::size_t steps) {
        return patterns::print_pattern({{track.steps.data(), steps}, &track.locks});
    };
    return begin(i + 1).substr(begin(i).size());
}

/// The sign of each step; repeats of the pattern are grey.
std::string signs(const Paper &paper, const Track &track, double foot) {
    const double length = static_cast<double>(track.div.num) / track.div.den;
    std::string out;
    const double middle = std::min(length, 1.0) / 2;
    for (std::uint32_t i = 0; i * length + middle < paper.steps; ++i) {
        const std::string sign = sign_of(track, i % track.length);
        out += svg::text(paper.x(i * length + middle), foot + 16,
                         fmt::format("text-anchor=\"middle\" fill=\"{}\"{}",
                                     i < track.length ? "#212529" : "#adb5bd",
                                     sign.size() > 2 ? " font-size=\"11\"" : ""),
                         svg::escaped(sign));
    }
    return out;
}

/// Notes struck together are written one above the other.
std::string pitches(const Paper &paper, const std::vector<ScoreNote> &notes, double foot) {
    std::string out;
    double y = foot;
    for (std::size_t n = 0; n < notes.size(); ++n) {
        y = n > 0 && notes[n].begin == notes[n - 1].begin ? y - 10 : foot - 4;
        out += svg::text(paper.x(notes[n].begin) + 2, y, "fill=\"#fff\" font-size=\"10\"",
                         patterns::print_note(notes[n].hz));
    }
    return out;
}

std::string lane(const Paper &paper, const Track &track, const std::vector<ScoreNote> &notes,
                 double foot) {
    std::string out;
    for (std::size_t n = 0; n < notes.size(); ++n) {
        out += bar(paper, notes[n], foot);
        if (notes[n].slide && n > 0) out += slur(paper, notes[n - 1], notes[n], foot);
    }
    if (track.note_count > 0) out += pitches(paper, notes, foot);
    return out + signs(paper, track, foot);
}

std::string draw(const Plan &plan) {
    const auto scene = scene_of(plan);
    const auto notes = score_of(*scene, plan.steps);
    const Paper paper{plan.steps > 16 ? 20.0 : 38.0, plan.steps, plan.lanes.size()};
    std::string out = grid(paper);
    for (std::size_t i = 0; i < plan.lanes.size(); ++i) {
        out += svg::text(kLeft - 10, paper.foot(i) - 8, "text-anchor=\"end\" fill=\"#212529\"",
                         plan.lanes[i].name);
        out += lane(paper, scene->tracks[i], notes[i], paper.foot(i));
    }
    return svg::sheet(paper.width(), paper.height(), plan.title, out);
}

} // namespace

std::vector<Picture> pictures() {
    std::vector<Picture> out;
    for (const Plan &plan : plans()) out.push_back({std::string{plan.file}, draw(plan)});
    out.push_back({"timing.svg", timing_picture()});
    return out;
}

} // namespace chronus::docs
