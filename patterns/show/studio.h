#pragma once

#include "engine/host/progress.h"
#include "engine/host/workers.h"
#include "patterns/show/render.h"
#include "patterns/show/replay_job.h"
#include "patterns/show/rerender.h"
#include "patterns/show/set_job.h"

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chronus::patterns {

/// A song that has been processed, to be kept with its set.
struct ProcessedSong {
    std::string set, song;
    SongState state;
};

/// What has become of a job, step by step.
struct StudioNews {
    std::string job;
    std::optional<MadeOutput> made = {}; ///< empty: the job is over
    std::size_t place = 0;               ///< of the output among those asked for, from 1
    std::string song = {};               ///< of a set that is processed
    std::filesystem::path folder = {};   ///< of the output's files
    std::optional<Error> error = {};     ///< it is over, and not as it should be
};

/// Something that takes long and makes files.
struct StudioWork {
    std::string name = {};                                          ///< of its files
    std::string_view type = {};                                     ///< in the progress store
    std::string what = {};                                          ///< it is called there
    std::function<Result<StudioReport>(ProgressScope &)> work = {}; ///< on a worker
};

/// Where kept things are played offline, beside the music: jobs wait for a core, are seen and
/// cancelled in the progress store, and leave files and a report.
///
/// Thread: control, for every call. At rest it has no thread.
class Studio {
public:
    /// Reports that are remembered.
    static constexpr std::size_t kRecent = 64;

    /// `folder` is where files go; it is made when the first do.
    Studio(ProgressStore &progress, std::filesystem::path folder)
        : progress_(progress), folder_(std::move(folder)) {}
    /// Ends all jobs, and waits for that.
    ~Studio();

    /// Has it rendered into the folder, under its name. Answers the job's number; `what` is what it
    /// is called in the store, such as "slot 12".
    /// Errors: busy - files of that name are being made, or too many jobs wait.
    Result<std::string> render(RenderOrder order, std::string_view what);

    /// Plays a performance again, and renders it into the folder, or lets it be heard: that waits
    /// for no core. Errors: as `render`.
    Result<std::string> replay(ReplayOrder order);

    /// Makes again what was rendered before, into a folder of its name. Errors: as `render`.
    Result<std::string> rerender(RerenderOrder order);

    /// Processes the songs of a set that are in the share, a song a core, into a folder of its
    /// name. Errors: as `render`.
    Result<std::string> process(SetOrder order, Share share = {});
    /// Songs processed since the last call, each as soon as it is done.
    std::vector<ProcessedSong> take_processed();
    /// What became of jobs since the last call. Whoever has a job's report finds all of it here.
    std::vector<StudioNews> take_news();
    /// Plays a set through, and tells what is wrong with it.
    /// Errors: as `render`.
    Result<std::string> preflight(SetOrder order, LostSlots lost);
    /// Any other work that makes files. Errors: as `render`.
    Result<std::string> make(StudioWork work);
    /// Whether a job waits or runs, or songs or news wait to be taken.
    bool busy() const;

    /// Whether there is room for a job that makes files of this name.
    /// Errors: as `render`.
    Outcome would_take(const std::string &name) const;

    /// The job that makes files of this name; empty: none does.
    std::string job_making(const std::string &name) const;

    /// What came of one of the last 64 jobs.
    /// Errors: not_now - it goes on. not_found - none of them. Else why it has failed.
    Result<StudioReport> report(std::string_view job) const;

    const std::filesystem::path &folder() const { return folder_; }

private:
    struct Job {
        std::string id, name;
        ProgressScope level;
    };
    struct Finished {
        std::string id;
        Result<StudioReport> report;
    };
    Result<std::shared_ptr<Job>> begin(std::string name, std::string_view type,
                                       std::string_view what);
    void end(Job &job, Result<StudioReport> report);
    void tell(StudioNews news);
    std::function<void(const MadeOutput &, std::size_t)> tells_of(const Job &job,
                                                                  std::filesystem::path folder);
    template <class Order, class Work>
    Result<std::string> start(Workers &on, Order order, std::string_view type,
                              std::string_view what, Work work);
    template <class T>
    Result<std::string> start_songs(std::shared_ptr<Job> job, std::shared_ptr<T> songs,
                                    const SetOrder &order);
    void keep_processed(ProcessedSong song);
    bool goes_on(const std::string &job) const;

    ProgressStore &progress_;
    const std::filesystem::path folder_;
    mutable std::mutex mutex_;                   // guards the next four
    std::map<std::string, std::string> working_; // names of files, and the job that makes them
    std::deque<Finished> finished_;
    std::vector<ProcessedSong> processed_;
    std::vector<StudioNews> news_;
    Workers workers_, live_{1, Haste::usual}; // end before what their work looks at
};

} // namespace chronus::patterns
