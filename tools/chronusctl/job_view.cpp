#include "tools/chronusctl/job_view.h"

#include "tools/chronusctl/output.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <unistd.h>

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
    draw(at_work(job), number_of(job, "fraction"));
}

void JobLine::clear() {
    if (shown_) fmt::print(stderr, "\r\033[K");
}

std::string words_of_report(const Json &report) {
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

bool all_made(const Json &report) {
    const auto outputs = items_of(member(report, "outputs"));
    for (const Json &made : outputs)
        if (items_of(member(made, "files")).empty()) return false;
    return !outputs.empty();
}

} // namespace chronus::ctl
