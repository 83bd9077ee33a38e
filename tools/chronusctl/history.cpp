#include "tools/chronusctl/history_view.h"

#include "tools/chronusctl/arguments.h"
#include "tools/chronusctl/document_view.h"
#include "tools/chronusctl/job_view.h"
#include "tools/chronusctl/performing.h"
#include "tools/chronusctl/signals.h"
#include "tools/chronusctl/tell.h"
#include "tools/chronusctl/terminal.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <unistd.h>

namespace chronus::ctl {

namespace {

namespace fs = std::filesystem;

/// How the answer to each command is shown.
struct Shown {
    std::string_view address;
    std::string (*show)(const Json &, int columns);
};
constexpr std::array kShown{
    Shown{"/history/list", executions_table},
    Shown{"/history/show", execution_page},
    Shown{"/history/find", found_lines},
    Shown{"/history/stats",
          [](const Json &counts, int) { return printable(drawn_document(counts)); }},
};

Error not_written(const fs::path &file, std::string_view why) {
    return {Errc::io, fmt::format("--out {}: {}", file.string(), why)};
}

/// What is there already and no archive is somebody else's.
bool may_replace(const fs::path &file) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return true;
    std::array<char, 2> begin{};
    std::ifstream{file, std::ios::binary}.read(begin.data(), begin.size());
    return begin[0] == 'P' && begin[1] == 'K';
}

/// The file is there whole, or not at all.
Result<fs::path> copied(const fs::path &from, fs::path to) {
    std::error_code why;
    if (fs::is_directory(to, why)) to /= from.filename();
    if (!may_replace(to)) return not_written(to, "is there already, and no archive");
    const fs::path temp = fmt::format("{}.{}.tmp", to.string(), ::getpid());
    fs::copy_file(from, temp, fs::copy_options::overwrite_existing, why);
    if (!why) fs::rename(temp, to, why);
    if (!why) return to;
    std::error_code ignored;
    fs::remove(temp, ignored);
    return not_written(to, why.message());
}

/// Tells of what was packed, and takes it where it is wanted.
int finish(const Answer &made, const Call &call) {
    const Json packed = document_in(made.document).value_or(Json{});
    fs::path place = text_of(packed, "path");
    if (const auto out = call.options.find("out"); out != call.options.end()) {
        const auto there = copied(place, out->second);
        if (!there) return report(refusal_of(there.error()), call.settings);
        place = *there;
    }
    if (call.settings.json) {
        fmt::print("{}\n", made.document);
        return kDone;
    }
    const auto count = [&](const std::string &what) {
        const double n = number_of(packed, what);
        return fmt::format("{:.0f} {}", n, n == 1 ? what.substr(0, what.size() - 1) : what);
    };
    fmt::print("{}: {}, {}, {}, {}\n", printable(place.string()), count("items"), count("patterns"),
               count("outputs"), count("bytes"));
    if (number_of(packed, "missing") > 0)
        fmt::print("{:.0f} missing: manifest.json in it says what, and why\n",
                   number_of(packed, "missing"));
    return kDone;
}

} // namespace

int run_history(const Call &call) {
    const auto message = message_for(call);
    if (!message) return report(refusal_of(message.error()), call.settings);
    return tell(call, *message, [&](const Json &document) -> std::string {
        for (const Shown &each : kShown)
            if (each.address == call.command->address)
                return each.show(document, terminal_size().columns);
        return {};
    });
}

int run_history_export(const Call &call) {
    const auto message = message_for(call);
    if (!message) return report(refusal_of(message.error()), call.settings);
    auto link = Link::open(call.settings);
    if (const auto *refusal = std::get_if<Refusal>(&link)) return report(*refusal, call.settings);
    catch_interrupts();
    const Heard heard = std::get<Link>(link).ask(*message);
    const auto *begun = std::get_if<Answer>(&heard);
    const auto *job = begun == nullptr || begun->values.empty()
                          ? nullptr
                          : std::get_if<std::string>(&begun->values[0]);
    if (job == nullptr) return report(heard, call.settings);
    const Heard over = wait_for_job(std::get<Link>(link), *job, call.settings);
    const auto *made = std::get_if<Answer>(&over);
    return made == nullptr ? report(over, call.settings) : finish(*made, call);
}

} // namespace chronus::ctl
