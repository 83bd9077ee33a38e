#pragma once

#include "engine/host/progress_level.h"
#include "tools/chronusctl/commands.h"
#include "tools/chronusctl/json.h"
#include "tools/chronusctl/link.h"

#include <string>
#include <string_view>

/// Jobs as a person sees them.
namespace chronus::ctl {

/// How far a job is, on one line of a terminal that comes and goes; nothing where there is none, or
/// JSON is wanted.
class JobLine {
public:
    explicit JobLine(const Settings &settings);
    ~JobLine() { clear(); }
    bool shown() const { return shown_; }
    void show(const ProgressLevel &job);
    /// What `/progress/show` was answered with.
    void show(const Heard &answer);
    void clear();

private:
    void draw(std::string_view what, double fraction);
    bool shown_;
};

/// Asks a daemon again and again until a job is over: its report, or why there is none. Whoever
/// interrupts the program cancels it.
Heard wait_for_job(Link &link, const std::string &job, const Settings &settings);

/// A report of what was rendered, in a few lines.
std::string words_of_report(const Json &report);
/// Whether there is a file of every output, all seconds are equal, or what was looked for is found.
bool all_made(const Json &report);

} // namespace chronus::ctl
