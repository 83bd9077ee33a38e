#include "tools/chronusctl/frame.h"

#include "tools/chronusctl/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace chronus::ctl {

namespace {

constexpr double kFloor_db = -60, kSilence_db = -120;
constexpr int kNameColumns = 10, kVoiceColumns = 3;
constexpr int kBarColumns = 10, kMeterColumns = kBarColumns + 6;

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; }

std::string_view pick(const Canvas &canvas, std::string_view utf8, std::string_view ascii) {
    return canvas.utf8 ? utf8 : ascii;
}

std::string inverse(std::string_view text, const Canvas &canvas) {
    return canvas.colour ? fmt::format("\x1b[7m{}\x1b[0m", text) : std::string{text};
}

/// Steps since the start: bars and steps are counted from 1.
std::size_t playing_step(const Json &status) {
    const std::int64_t bar = whole_of(member(status, "bar"), 1),
                       step = whole_of(member(status, "step"), 1);
    return static_cast<std::size_t>(std::max<std::int64_t>(0, (bar - 1) * 16 + step - 1));
}

std::string transport(const Json &status, const Canvas &canvas) {
    const bool runs = truth_of(status, "running");
    const int step = whole_of(member(status, "step"), 1);
    return fmt::format("{} {}.{}.{}  {} bpm  swing {}{}",
                       runs ? pick(canvas, "▶", ">") : pick(canvas, "■", "#"),
                       number_of(status, "bar", 1), (step - 1) / 4 + 1, (step - 1) % 4 + 1,
                       number_of(status, "bpm"), number_of(status, "swing"),
                       truth_of(status, "pending") ? "  next pattern waits for the bar" : "");
}

std::string device(const Json &status) {
    const Json &device = member(status, "device");
    const std::string file = text_of(status, "recording");
    std::string out = fmt::format("{} {}, {} Hz, load {:.0f} %, {} xruns", text_of(device, "kind"),
                                  text_of(device, "state"), number_of(device, "rate"),
                                  100 * number_of(device, "load"), number_of(device, "xruns"));
    if (!file.empty()) out += ", recording " + file;
    if (number_of(status, "heals") > 0)
        out += fmt::format(", {} heals", number_of(status, "heals"));
    if (const std::string store = text_of(status, "store"); !store.empty() && store != "ok")
        out += ", store " + store;
    return out;
}

bool is_on(const Json &track, std::string_view key) {
    const std::string value = plain(member(track, key));
    return value == "1" || value == "true";
}

/// A marker and a letter a step, a line before each beat; what does not fit turns its pages.
std::string grid(std::string_view steps, std::size_t now, bool runs, int columns,
                 const Canvas &canvas) {
    if (steps.empty() || columns < 2) return {};
    const std::size_t at = now % steps.size();
    const auto fit = static_cast<std::size_t>(columns / 2);
    const std::size_t page = fit < 16 ? fit : fit / 16 * 16, first = at / page * page;
    std::string out;
    for (std::size_t i = first; i < std::min(first + page, steps.size()); ++i) {
        const std::string letter(1, steps[i]);
        const bool plays = runs && i == at;
        out += plays ? pick(canvas, "▸", ">") : i % 4 == 0 ? pick(canvas, "│", "|") : " ";
        out += plays ? inverse(letter, canvas) : letter;
    }
    return out;
}

/// What `/levels` tells of a track; empty where it does not.
std::string loudness(const Json &levels, std::string_view track) {
    for (const Json &one : items_of(member(levels, "tracks"))) {
        if (text_of(one, "name") != track) continue;
        const double lufs = number_of(one, "momentary", kSilence_db);
        return lufs > kSilence_db ? fmt::format(" {:5.1f}", lufs) : fmt::format(" {:>5}", "-");
    }
    return {};
}

std::string master_loudness(const Json &levels) {
    const Json &master = member(levels, "master");
    return fmt::format("{} LUFS, {} in 3 s, {} since the start, true peak {} dB",
                       number_of(master, "momentary"), number_of(master, "short_term"),
                       number_of(master, "integrated"), number_of(master, "true_peak"));
}

std::string track_line(const Json &track, const View &view, const Canvas &canvas) {
    const Json &status = view.status;
    const char mark = is_on(track, "mute") ? 'M' : is_on(track, "solo") ? 'S' : ' ';
    std::string voice = plain(member(track, "voice"));
    if (voice.starts_with("voice")) voice.erase(0, 5);
    const std::string level = loudness(view.levels, text_of(track, "name"));
    const std::string head =
        fmt::format("{} {} {}{}", fitted(printable(text_of(track, "name")), kNameColumns),
                    fitted(voice, kVoiceColumns), mark, level);
    const int columns =
        canvas.size.columns - kNameColumns - kVoiceColumns - 4 - static_cast<int>(level.size());
    if (columns < 2) return clipped(head, canvas.size.columns);
    return head + grid(steps_of(text_of(track, "pattern")), playing_step(status),
                       truth_of(status, "running"), columns, canvas);
}

std::string meter(std::string_view name, double db, const Canvas &canvas) {
    return fmt::format("{} {}", fitted(name, 4), level_bar(db, kBarColumns, canvas.utf8));
}

/// Master and voices, as many a line as fit.
std::vector<std::string> meters(const Json &status, const Canvas &canvas) {
    const auto per_line =
        static_cast<std::size_t>(std::max(1, canvas.size.columns / kMeterColumns));
    std::vector<std::string> cells{meter("out", number_of(status, "master_db", kFloor_db), canvas)};
    for (const Json &db : items_of(member(status, "voices_db")))
        cells.push_back(meter(fmt::format("v{}", cells.size()), number_of(db, kFloor_db), canvas));
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i % per_line == 0) lines.emplace_back();
        lines.back() += (i % per_line == 0 ? "" : " ") + cells[i];
    }
    for (std::string &line : lines) line = clipped(line, canvas.size.columns);
    return lines;
}

/// Track rows for which there is room; the last one says how many there are besides.
std::vector<std::string> track_lines(const View &view, std::size_t room, const Canvas &canvas) {
    std::vector<std::string> lines;
    const auto tracks = items_of(view.tracks);
    const std::size_t shown =
        tracks.size() <= room ? tracks.size() : room - std::min<std::size_t>(room, 1);
    for (const Json &track : tracks.first(shown)) lines.push_back(track_line(track, view, canvas));
    if (shown < tracks.size() && room > 0)
        lines.push_back(fmt::format("... and {} more", tracks.size() - shown));
    return lines;
}

} // namespace

std::string fitted(std::string_view text, int columns) {
    std::string out;
    int used = 0;
    for (const char c : text) {
        if (begins_character(c) && ++used > columns) break;
        out += c;
    }
    return out + std::string(static_cast<std::size_t>(std::max(0, columns - used)), ' ');
}

std::string clipped(std::string_view text, int columns) {
    const std::string out = fitted(text, columns);
    return out.substr(0, out.find_last_not_of(' ') + 1);
}

std::string steps_of(std::string_view pattern) {
    std::string out;
    int depth = 0;
    for (const char c : pattern) {
        if (c == '{') ++depth;
        if (c == '}') --depth;
        if (depth > 0) continue;
        if (std::string_view{"Xxo._"}.find(c) != std::string_view::npos) out += c;
        if (c == '-') out += '.';
    }
    return out;
}

std::string level_bar(double db, int width, bool utf8) {
    constexpr std::array<std::string_view, 8> eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const double full = std::clamp(1 - db / kFloor_db, 0.0, 1.0) * width;
    const auto whole = static_cast<int>(full);
    std::string out;
    for (int i = 0; i < whole; ++i) out += utf8 ? "█" : "=";
    const auto rest = static_cast<std::size_t>((full - whole) * 8);
    out += utf8 ? eighths[rest] : rest >= 4 ? std::string_view{"-"} : std::string_view{};
    return fitted(out, width);
}

std::string draw(const View &view, const Canvas &canvas) {
    const int columns = canvas.size.columns;
    std::vector<std::string> lines{clipped(transport(view.status, canvas), columns),
                                   clipped(printable(device(view.status)), columns)};
    if (!member(view.levels, "master").is_null())
        lines.push_back(clipped(master_loudness(view.levels), columns));
    if (!view.trouble.empty()) lines.push_back(clipped(printable(view.trouble), columns));
    const auto rows = static_cast<std::size_t>(std::max(1, canvas.size.rows));
    auto levels = meters(view.status, canvas);
    levels.resize(std::min(levels.size(), std::max<std::size_t>(rows / 4, 2))); // tracks need room
    const std::size_t used = lines.size() + levels.size() + 2;
    lines.emplace_back();
    for (std::string &line : track_lines(view, rows > used ? rows - used : 0, canvas))
        lines.push_back(std::move(line));
    lines.emplace_back();
    lines.insert(lines.end(), levels.begin(), levels.end());
    lines.resize(std::min(lines.size(), rows));
    return fmt::format("{}", fmt::join(lines, "\n"));
}

} // namespace chronus::ctl
