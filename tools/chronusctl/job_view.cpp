#include "tools/chronusctl/job_view.h"

#include "tools/chronusctl/output.h"
#include "tools/chronusctl/signals.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <unistd.h>
#include <utility>

namespace chronus::ctl {

namespace {

/// The innermost that is worked at, and what it is in: "wav24 take.24.wav".
std::string at_work(const ProgressLevel &level) {
    for (const ProgressLevel &part : level.parts)
        if (part.status == ProgressStatus::running)
            return fmt::format("{} {}", part.name, at_work(part));
    return {};
}

std::string at_work(const Json &level) {
    for (const Json &part : items_of(member(level, "parts")))
        if (text_of(part, "status") == "running")
            return fmt::format("{} {}", text_of(part, "name"), at_work(part));
    return {};
}

} // namespace

JobLine::JobLine(const Settings &settings)
    : shown_(::isatty(STDERR_FILENO) == 1 && !settings.json) {}

void JobLine::draw(std::string_view what, double fraction) {
    if (shown_) fmt::print(stderr, "\r\033[K{:3.0f} %  {}", 100 * fraction, printable(what));
}

void JobLine::show(const ProgressLevel &job) { draw(at_work(job), job.fraction); }

void JobLine::show(const Heard &answer) {
    const auto *told = std::get_if<Answer>(&answer);
    const Json job = told == nullptr ? Json{} : document_in(told->document).value_or(Json{});
    draw(at_work(job), number_of(job, "percent") / 100);
}

void JobLine::clear() {
    if (shown_) fmt::print(stderr, "\r\033[K");
}

Heard wait_for_job(Link &link, const std::string &job, const Settings &settings) {
    JobLine line{settings};
    for (bool cancelled = false;; std::this_thread::sleep_for(std::chrono::milliseconds{50})) {
        if (interrupted() && !std::exchange(cancelled, true))
            (void)link.ask({"/job/cancel", {job}});
        Heard heard = link.ask({"/render/report", {job}});
        const auto *refusal = std::get_if<Refusal>(&heard);
        if (refusal == nullptr || refusal->symbol != "NOT_NOW") return heard;
        if (line.shown()) line.show(link.ask({"/progress/show", {job}}));
    }
}

namespace {

std::string words_of_song(const Json &song) {
    const Json &made = member(song, "made");
    const auto outputs = items_of(member(made, "outputs"));
    const Json &check = outputs.empty() ? made : member(outputs.front(), "check");
    std::size_t files = 0;
    for (const Json &output : outputs) files += items_of(member(output, "files")).size();
    const std::string why = text_of(song, "error");
    return fmt::format(
        "  {:<20} {:<9}  {}\n", text_of(song, "song"), text_of(song, "fate"),
        !why.empty() ? why
                     : fmt::format("{:.2f} s  {:.1f} LUFS  true peak {:.1f} dBTP  "
                                   "{} file{}",
                                   number_of(made, "seconds"), number_of(check, "lufs"),
                                   number_of(check, "true_peak_db"), files, files == 1 ? "" : "s"));
}

std::string words_of_files(const Json &report) {
    std::string out =
        fmt::format("{:.2f} s of music and what rings on\n", number_of(report, "seconds"));
    const std::filesystem::path folder = text_of(report, "folder");
    const auto outputs = items_of(member(report, "outputs"));
    for (const Json &made : outputs) {
        for (const Json &file : items_of(member(made, "files")))
            out += fmt::format("  {}  {:.0f} bytes\n", (folder / text_of(file, "file")).string(),
                               number_of(file, "bytes"));
        if (const auto why = text_of(made, "blocked"); !why.empty())
            out += fmt::format("  {}: {}\n", text_of(made, "output"), why);
    }
    const Json &check = outputs.empty() ? report : member(outputs.front(), "check");
    return out + fmt::format("  {:.1f} LUFS, true peak {:.1f} dBTP", number_of(check, "lufs"),
                             number_of(check, "true_peak_db"));
}

std::string words_of_replay(const Json &report) {
    const Json &compared = member(report, "compared");
    const char *what = member(compared, "files").is_null() ? "seconds" : "files";
    std::string out = fmt::format("execution {:.0f}: {:.0f} {} compared, {:.0f} equal",
                                  number_of(report, "execution"), number_of(compared, what), what,
                                  number_of(compared, "equal"));
    if (!member(compared, "first_other").is_null())
        out += fmt::format("; the first that differs ends with frame {:.0f}",
                           number_of(compared, "first_other"));
    if (const Json &live = member(report, "live"); !live.is_null()) {
        out += fmt::format("\n{:.2f} s heard", number_of(live, "seconds"));
        if (const double missed = number_of(live, "missed_s"); missed > 0)
            out += fmt::format(", with {:.2f} s of silence where the machine was too slow", missed);
    }
    return member(report, "outputs").is_null() ? out : out + "\n" + words_of_files(report);
}

} // namespace

std::string words_of_report(const Json &report) {
    if (const auto text = text_of(report, "text"); !text.empty()) return text;
    const auto songs = items_of(member(report, "songs"));
    if (!member(report, "songs").is_null()) {
        std::string out =
            fmt::format("set {} in {}\n", text_of(report, "set"), text_of(report, "folder"));
        for (const Json &song : songs) out += words_of_song(song);
        return out;
    }
    if (!member(report, "compared").is_null()) return words_of_replay(report);
    return words_of_files(report);
}

bool all_made(const Json &report) {
    for (const Json &song : items_of(member(report, "songs")))
        if (!text_of(song, "error").empty()) return false;
    if (!member(report, "songs").is_null()) return true;
    if (!member(report, "predicate").is_null()) return !member(report, "change").is_null();
    const auto outputs = items_of(member(report, "outputs"));
    const Json &compared = member(report, "compared");
    const double all = number_of(compared, "seconds") + number_of(compared, "files");
    if (number_of(compared, "equal") < all) return false;
    for (const Json &made : outputs)
        if (items_of(member(made, "files")).empty()) return false;
    return !outputs.empty() || !compared.is_null();
}

} // namespace chronus::ctl
