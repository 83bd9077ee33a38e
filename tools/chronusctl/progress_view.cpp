#include "tools/chronusctl/progress_view.h"

#include "tools/chronusctl/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace chronus::ctl {

namespace {

constexpr int kBarColumns = 16, kPercentColumns = 5, kLeftColumns = 16;
constexpr int kRightColumns = kBarColumns + kPercentColumns + kLeftColumns + 4;

/// How a status is drawn.
struct Mark {
    std::string_view status, utf8, ascii;
};
constexpr std::array kMarks{
    Mark{"pending", "·", "."}, Mark{"running", "▶", ">"},   Mark{"completed", "✓", "+"},
    Mark{"failed", "✗", "!"},  Mark{"cancelled", "–", "-"},
};

std::string_view mark_of(std::string_view status, bool utf8) {
    const auto mark = std::ranges::find(kMarks, status, &Mark::status);
    return mark == kMarks.end() ? "?" : utf8 ? mark->utf8 : mark->ascii;
}

std::string named(const Json &level) {
    const std::string name = printable(text_of(level, "name"));
    return printable(text_of(level, "type")) + (name.empty() ? "" : " " + name);
}

bool is_going(const Json &level) {
    const std::string status = text_of(level, "status");
    return status == "pending" || status == "running";
}

/// What is left of it, or what it took.
std::string time_of(const Json &level) {
    if (!is_going(level)) return length_of(number_of(level, "elapsed"));
    const Json &left = member(level, "left");
    if (left.is_null()) return text_of(level, "status") == "pending" ? "waits" : "";
    return length_of(number_of(left)) + " left";
}

/// What is to be said besides; the reason where it failed.
std::string said_of(const Json &level) {
    const std::string error = text_of(level, "error");
    return printable(error.empty() ? text_of(level, "message") : error);
}

std::string details_of(const Json &level) {
    const std::string start = text_of(level, "start");
    std::string out = text_of(level, "status");
    if (!start.empty()) out += ", began " + start;
    out += ", took " + length_of(number_of(level, "elapsed"));
    if (const Json &left = member(level, "left"); !left.is_null())
        out += fmt::format(", {} left", length_of(number_of(left)));
    if (const double total = number_of(level, "total"); total > 0)
        out += fmt::format(", {:.0f} of {:.0f}", number_of(level, "current"), total);
    return out;
}

std::string metrics_of(const Json &level) {
    const auto *metrics = member(level, "metrics").as<patterns::JsonObject>();
    std::string out;
    if (metrics == nullptr) return out;
    for (const auto &[name, value] : *metrics)
        out +=
            fmt::format("{}{} {:.5g}", out.empty() ? "" : ", ", printable(name), number_of(value));
    return out;
}

std::string output_line(const Json &output) {
    const std::string name = printable(text_of(output, "name"));
    const double rate = number_of(output, "rate");
    if (rate <= 0) return name;
    return fmt::format("{}  {:.0f} Hz, {:.0f} channels, {}", name, rate,
                       number_of(output, "channels"), length_of(number_of(output, "seconds")));
}

/// Draws a tree, a level a line and what belongs to it below.
class Tree {
public:
    Tree(const Canvas &canvas, Detail detail) : canvas_(canvas), detail_(detail) {}

    std::string draw(const Json &level) {
        add(level, 0, {});
        return std::move(out_);
    }

private:
    /// What was said of all of it is not said again of each part.
    void add(const Json &level, int depth, std::string_view said_above) {
        head(level, depth);
        const int inside = 2 * depth + 4;
        const std::string said = said_of(level);
        if (!said.empty() && said != said_above) line(said, inside);
        if (detail_ == Detail::whole) {
            line(details_of(level), inside);
            if (const std::string metrics = metrics_of(level); !metrics.empty())
                line(metrics, inside);
            for (const Json &output : items_of(member(level, "outputs")))
                line(output_line(output), inside);
        }
        for (const Json &part : items_of(member(level, "parts"))) add(part, depth + 1, said);
    }

    void head(const Json &level, int depth) {
        const int columns = canvas_.size.columns;
        const double percent = number_of(level, "percent");
        std::string left(static_cast<std::size_t>(2 * depth), ' ');
        left += fmt::format("{} ", mark_of(text_of(level, "status"), canvas_.utf8));
        if (depth == 0) left += printable(text_of(level, "id")) + " ";
        left += named(level);
        out_ +=
            fmt::format("{} {} {:>3.0f} % {}\n", fitted(left, std::max(8, columns - kRightColumns)),
                        progress_bar(percent / 100, kBarColumns, canvas_.utf8), percent,
                        clipped(time_of(level), kLeftColumns));
    }

    void line(std::string_view text, int indent) {
        const int room = std::max(8, canvas_.size.columns - indent);
        out_ += std::string(static_cast<std::size_t>(indent), ' ') + clipped(text, room) + "\n";
    }

    const Canvas &canvas_;
    Detail detail_;
    std::string out_;
};

} // namespace

std::string length_of(double seconds) {
    if (seconds < 60) return fmt::format("{:.1f} s", std::max(0.0, seconds));
    const auto whole = static_cast<std::int64_t>(std::min(seconds, 1e9));
    if (whole < 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
    return fmt::format("{}:{:02}:{:02} h", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string progress_bar(double fraction, int width, bool utf8) {
    const int full = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * width);
    std::string out;
    for (int i = 0; i < width; ++i) out += i < full ? (utf8 ? "█" : "#") : (utf8 ? "░" : "-");
    return out;
}

std::string progress_line(const Json &level) {
    std::string out = fmt::format("{} {}  {}", printable(text_of(level, "id")), named(level),
                                  text_of(level, "status"));
    if (is_going(level)) out += fmt::format("  {:.0f} %", number_of(level, "percent"));
    if (const std::string time = time_of(level); !time.empty()) out += "  " + time;
    if (const std::string at = text_of(level, "at"); !at.empty()) out += "  " + printable(at);
    if (const std::string said = said_of(level); !said.empty()) out += "  " + said;
    std::ranges::replace(out, '\n', ' ');
    return out;
}

std::string draw_progress(const Json &level, const Canvas &canvas, Detail detail) {
    return Tree{canvas, detail}.draw(level);
}

} // namespace chronus::ctl
