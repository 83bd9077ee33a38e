#include "patterns/show/studio.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <system_error>
#include <vector>

namespace chronus::patterns {

namespace fs = std::filesystem;

namespace {

/// Its owner's alone, as all of the state is.
Outcome make_folder(const fs::path &folder) {
    std::error_code why;
    if (fs::create_directories(folder, why)) fs::permissions(folder, fs::perms::owner_all, why);
    if (why) return Error{Errc::io, fmt::format("{}: {}", folder.string(), why.message())};
    return Done{};
}

} // namespace

Studio::~Studio() {
    std::vector<std::string> jobs;
    {
        const std::lock_guard lock(mutex_);
        for (const auto &[name, job] : working_) jobs.push_back(job);
    }
    for (const std::string &job : jobs) (void)progress_.cancel(job, "the end of the program");
}

std::string Studio::job_making(const std::string &name) const {
    const std::lock_guard lock(mutex_);
    const auto found = working_.find(name);
    return found == working_.end() ? "" : found->second;
}

/// One that was cancelled while it waited is over before a core comes to it.
bool Studio::goes_on(const std::string &job) const {
    const auto level = progress_.find(job);
    return level && !is_over(level->status);
}

Outcome Studio::would_take(const std::string &name) const {
    if (const auto other = job_making(name); !other.empty() && goes_on(other))
        return Error{Errc::busy,
                     fmt::format("job {} is making files of the name {} already", other, name)};
    if (workers_.waiting() >= Workers::kMostWaiting)
        return Error{Errc::busy,
                     fmt::format("{} jobs wait for a core already", workers_.waiting())};
    return Done{};
}

Result<std::shared_ptr<Studio::Job>> Studio::begin(std::string name, std::string_view type,
                                                   std::string_view what) {
    if (auto takes = would_take(name); !takes) return takes.error();
    auto level = progress_.queue(type, what);
    const std::string id = level.id();
    auto job = std::make_shared<Job>(Job{id, std::move(name), std::move(level)});
    const std::lock_guard lock(mutex_);
    working_[job->name] = id;
    return job;
}

/// The store hears of it last: whoever sees it there finds the report. Of what is cancelled it
/// knows by whom.
void Studio::end(Job &job, Result<StudioReport> report) {
    const auto outcome = report ? Outcome{Done{}} : Outcome{report.error()};
    const std::string summary = report ? report->summary : "";
    std::optional<Error> error;
    if (!outcome) {
        job.level.fail(outcome.error());
        const auto level = progress_.find(job.id);
        error = level && level->error ? *level->error : outcome.error();
    }
    {
        const std::lock_guard lock(mutex_);
        const auto mine = working_.find(job.name);
        if (mine != working_.end() && mine->second == job.id) working_.erase(mine);
        finished_.push_back({job.id, error ? Result<StudioReport>{*error} : std::move(report)});
        if (finished_.size() > kRecent) finished_.pop_front();
        news_.push_back({.job = job.id, .error = std::move(error)});
    }
    if (outcome) job.level.complete(summary);
}

void Studio::tell(StudioNews news) {
    const std::lock_guard lock(mutex_);
    news_.push_back(std::move(news));
}

std::function<void(const MadeOutput &, std::size_t)> Studio::tells_of(const Job &job,
                                                                      fs::path folder) {
    return
        [this, id = job.id, folder = std::move(folder)](const MadeOutput &made, std::size_t place) {
            tell({.job = id, .made = made, .place = place, .folder = folder});
        };
}

/// Has a worker make the files of an order.
template <class Order, class Work>
Result<std::string> Studio::start(Workers &on, Order order, std::string_view type,
                                  std::string_view what, Work work) {
    order.folder = folder_;
    auto job = begin(order.name, type, what);
    if (!job) return job.error();
    const auto make = [order = std::move(order), work](Job &made) -> Result<StudioReport> {
        try {
            if (auto started = made.level.start(); !started) return started.error();
            if (auto there = make_folder(order.folder); !there) return there.error();
            return work(order, made);
        } catch (const std::exception &e) {
            return Error{Errc::failed, e.what()};
        }
    };
    const auto taken = on.submit([this, job = *job, make] { end(*job, make(*job)); });
    if (!taken) end(**job, taken.error());
    if (!taken) return taken.error();
    return (*job)->id;
}

Result<std::string> Studio::render(RenderOrder order, std::string_view what) {
    return start(
        workers_, std::move(order), "render", what,
        [this](RenderOrder wanted, Job &job) -> Result<StudioReport> {
            wanted.told = tells_of(job, wanted.folder);
            const auto report = patterns::render(wanted, job.level);
            if (!report) return report.error();
            return StudioReport{summary_of(*report), to_json(*report, {job.id, wanted.folder})};
        });
}

Result<std::string> Studio::replay(ReplayOrder order) {
    const std::string what = fmt::format("execution {}", order.performance->execution.id);
    Workers &on = order.live ? live_ : workers_;
    return start(on, std::move(order), "replay", what, [this](ReplayOrder wanted, Job &job) {
        wanted.told = tells_of(job, wanted.folder);
        return patterns::replay(wanted, job.level);
    });
}

Result<std::string> Studio::rerender(RerenderOrder order) {
    const std::string what = fmt::format("execution {}", order.before.execution.id);
    return start(workers_, std::move(order), "render", what,
                 [this](RerenderOrder wanted, Job &job) -> Result<StudioReport> {
                     wanted.folder /= wanted.name;
                     wanted.told = tells_of(job, wanted.folder);
                     if (auto there = make_folder(wanted.folder); !there) return there.error();
                     return patterns::rerender(wanted, job.level);
                 });
}

/// As many cores work at its songs as there are; the last one to have nothing left ends the job.
template <class T>
Result<std::string> Studio::start_songs(std::shared_ptr<Job> job, std::shared_ptr<T> songs,
                                        const SetOrder &order) {
    const auto help = [this, job, songs, folder = order.folder] {
        (void)make_folder(folder); // a song that finds none says so
        if (songs->help()) end(*job, songs->report(job->id));
    };
    const std::size_t helpers =
        std::clamp<std::size_t>(order.set->songs.size(), 1, workers_.most());
    const auto taken = workers_.submit_all(std::vector<Workers::Work>(helpers, help));
    if (!taken) end(*job, taken.error());
    if (!taken) return taken.error();
    return job->id;
}

Result<std::string> Studio::process(SetOrder order, Share share) {
    order.folder = folder_ / order.set->name;
    const auto job = begin(order.set->name + "/", "setlist", order.set->name);
    if (!job) return job.error();
    order.told = [this, id = (*job)->id, folder = order.folder](
                     const std::string &song, const MadeOutput &made, std::size_t place) {
        tell({.job = id, .made = made, .place = place, .song = song, .folder = folder});
    };
    auto done = [this, set = order.set](const SongResult &song) {
        keep_processed({set->name, set->songs[song.song].name, song.state});
    };
    return start_songs(
        *job, std::make_shared<SetProcess>(order, share, (*job)->level, std::move(done)), order);
}

Result<std::string> Studio::preflight(SetOrder order, LostSlots lost) {
    order.folder = folder_;
    const auto job = begin(order.set->name + ".preflight", "preflight", order.set->name);
    if (!job) return job.error();
    return start_songs(*job, std::make_shared<SetPreflight>(order, std::move(lost), (*job)->level),
                       order);
}

void Studio::keep_processed(ProcessedSong song) {
    const std::lock_guard lock(mutex_);
    processed_.push_back(std::move(song));
}

Result<std::string> Studio::make(StudioWork work) {
    auto begun = begin(work.name, work.type, work.what);
    if (!begun) return begun.error();
    const auto done = [work](Job &job) -> Result<StudioReport> {
        try {
            if (auto started = job.level.start(); !started) return started.error();
            return work.work(job.level);
        } catch (const std::exception &e) {
            return Error{Errc::failed, e.what()};
        }
    };
    const auto taken = workers_.submit([this, job = *begun, done] { end(*job, done(*job)); });
    if (!taken) end(**begun, taken.error());
    if (!taken) return taken.error();
    return (*begun)->id;
}

std::vector<ProcessedSong> Studio::take_processed() {
    const std::lock_guard lock(mutex_);
    return std::exchange(processed_, {});
}

std::vector<StudioNews> Studio::take_news() {
    const std::lock_guard lock(mutex_);
    return std::exchange(news_, {});
}

bool Studio::busy() const {
    const std::lock_guard lock(mutex_);
    return !working_.empty() || !processed_.empty() || !news_.empty();
}

Result<StudioReport> Studio::report(std::string_view job) const {
    {
        const std::lock_guard lock(mutex_);
        const auto done = std::ranges::find(finished_, job, &Finished::id);
        if (done != finished_.end()) return done->report;
    }
    const auto level = progress_.find(job);
    if (level && !is_over(level->status))
        return Error{Errc::not_now, fmt::format("job {} goes on", job)};
    if (level && level->error) return *level->error;
    return Error{Errc::not_found, fmt::format("job {}: none of the last {} jobs", job, kRecent)};
}

} // namespace chronus::patterns
