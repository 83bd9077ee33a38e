#include "tools/chronus_docs/timing_picture.h"

#include "engine/host/host_clock.h"
#include "patterns/show/svg.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace chronus::docs {

namespace {

constexpr Frame kBlock = 256; // at 48 kHz: 5.3 ms
constexpr Frame kBlocks = 8;
constexpr Frame kBarLine = 6 * kBlock + 80;
constexpr double kLeft = 92, kFrame = 0.28; // of a frame: its width
constexpr double kAbove = 44, kBelow = 154, kSounding = 28;

/// What a packet asks for.
enum class Time { plain, tagged, bar };

struct Packet {
    double arrives_ms;
    Time time;
    double tag_ms;
    std::string_view name;
};
constexpr std::array kPackets{
    Packet{2.2, Time::plain, 0, "message"}, Packet{8.4, Time::plain, 0, "message"},
    Packet{14.8, Time::tagged, 23.5, "tag 23.5"}, Packet{21.6, Time::bar, 0, "/at bar+1"},
    Packet{36.0, Time::tagged, 28.0, "tag 28"}};

std::int64_t ns_of(double ms) { return static_cast<std::int64_t>(ms * 1e6); }

/// As the director and the engine do it: a frame that has passed is the next block's first.
Frame acts_on(const ClockFit &fit, const Packet &packet) {
    const Frame now = fit.frame_at(ns_of(packet.arrives_ms));
    if (packet.time == Time::plain) return now + kBlock;
    if (packet.time == Time::bar) return kBarLine;
    const Frame asked = fit.frame_at(ns_of(packet.tag_ms));
    return asked >= now ? asked : (now / kBlock + 1) * kBlock;
}

double x_of(Frame frame) { return kLeft + static_cast<double>(frame) * kFrame; }

std::string line(double x1, double y1, double x2, double y2, std::string_view look) {
    return fmt::format("<path d=\"M{:.4g} {:.4g}L{:.4g} {:.4g}\" {}/>\n", x1, y1, x2, y2, look);
}

std::string blocks() {
    std::string out;
    for (Frame block = 0; block < kBlocks; ++block)
        out += fmt::format("<rect x=\"{:.4g}\" y=\"{:g}\" width=\"{:.4g}\" height=\"{:g}\" "
                           "fill=\"{}\"/>\n",
                           x_of(block * kBlock), kBelow, kBlock * kFrame, kSounding,
                           block % 2 == 0 ? "#e7f5ff" : "#d0ebff");
    return out + line(x_of(kBarLine), kBelow - 8, x_of(kBarLine), kBelow + kSounding + 8,
                      "stroke=\"#212529\" stroke-width=\"2.5\"");
}

std::string packet(const ClockFit &fit, const Packet &packet) {
    const Frame arrives = fit.frame_at(ns_of(packet.arrives_ms)), acts = acts_on(fit, packet);
    const bool late = packet.time == Time::tagged && packet.tag_ms < packet.arrives_ms;
    const std::string_view colour = late                         ? "#d9480f"
                                    : packet.time == Time::plain ? "#1971c2"
                                                                 : "#2b8a3e";
    const std::string look = fmt::format("stroke=\"{}\" stroke-width=\"1.6\"", colour);
    std::string out = line(x_of(arrives), kAbove, x_of(acts), kBelow + kSounding / 2, look);
    out += fmt::format("<circle cx=\"{:.4g}\" cy=\"{:g}\" r=\"3.5\" fill=\"{}\"/>\n", x_of(arrives),
                       kAbove, colour);
    out += fmt::format("<circle cx=\"{:.4g}\" cy=\"{:g}\" r=\"5\" fill=\"{}\"/>\n", x_of(acts),
                       kBelow + kSounding / 2, colour);
    const std::string centred = fmt::format("text-anchor=\"middle\" fill=\"{}\"", colour);
    out += svg::text(x_of(arrives), kAbove - 12, centred, packet.name);
    if (packet.time == Time::plain)
        out += svg::text((x_of(arrives) + x_of(acts)) / 2 + 12, (kAbove + kBelow) / 2 + 4,
                         fmt::format("fill=\"{}\"", colour), "delay");
    if (late)
        out += svg::text(x_of(acts), (kAbove + kBelow) / 2 + 4, fmt::format("fill=\"{}\"", colour),
                         "/late");
    return out;
}

} // namespace

std::string timing_picture() {
    const ClockFit fit{.frame = 0, .ns = 0, .ns_per_frame = 1e9 / 48000};
    const double right = x_of(kBlocks * kBlock);
    std::string out = line(kLeft, kAbove, right, kAbove, "stroke=\"#868e96\"") + blocks();
    const std::string_view grey = "text-anchor=\"end\" fill=\"#495057\"";
    out += svg::text(kLeft - 10, kAbove + 5, grey, "packets");
    out += svg::text(kLeft - 10, kBelow + kSounding / 2 + 5, grey, "blocks");
    for (Frame block = 0; block <= kBlocks; ++block)
        out += svg::text(x_of(block * kBlock), kBelow + kSounding + 24,
                         "text-anchor=\"middle\" fill=\"#868e96\" font-size=\"11\"",
                         fmt::format("{:.3g}", static_cast<double>(block * kBlock) / 48));
    out += svg::text(x_of(kBarLine), kBelow - 14, "text-anchor=\"middle\" fill=\"#212529\"",
                     "bar line");
    for (const Packet &each : kPackets) out += packet(fit, each);
    out += svg::text(kLeft - 10, kBelow + kSounding + 24, grey, "ms");
    return svg::sheet(right + 24, kBelow + kSounding + 36,
                      "Packets above, the frames they act on below; milliseconds", out);
}

} // namespace chronus::docs
