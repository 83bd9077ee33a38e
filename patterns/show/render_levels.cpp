#include "patterns/show/render_levels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <unistd.h>

namespace chronus::patterns {

namespace {

double seconds_of(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Of the whole program; 0 where the system does not tell.
double resident_mb() {
    std::FILE *file = std::fopen("/proc/self/statm", "re");
    if (file == nullptr) return 0;
    long all = 0, resident = 0;
    const bool known = std::fscanf(file, "%ld %ld", &all, &resident) == 2;
    std::fclose(file);
    return known ? static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) /
                       (1024.0 * 1024.0)
                 : 0;
}

} // namespace

Watch watch_of(ProgressScope &level) {
    return {level.stop(), [&level](double done) { level.at(done); }};
}

Frame frames_of(const Part &part, SampleRate fs) {
    const double seconds =
        part.bars * 240.0 / static_cast<double>(part.scene->params.get(param("seq/bpm")));
    return static_cast<Frame>(seconds * static_cast<double>(fs.hz));
}

PartLevels::PartLevels(ProgressScope &whole, const Bounce &bounce, std::span<const Part> parts,
                       SampleRate fs)
    : whole_(whole), bounce_(bounce) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i == 0 || parts[i].scene != parts[i - 1].scene) stretches_.push_back({.first = i});
        stretches_.back().frames += frames_of(parts[i], fs);
    }
    for (std::size_t i = 0; i < stretches_.size(); ++i)
        whole_.plan("part", name_of(i), static_cast<double>(stretches_[i].frames));
}

std::string PartLevels::name_of(std::size_t stretch) { return fmt::format("part {}", stretch + 1); }

void PartLevels::at(std::uint64_t frames) {
    const auto lines = bounce_.lines();
    while (begun_ < stretches_.size() && stretches_[begun_].first < lines.size()) begin(begun_++);
    const Stretch &now = stretches_[begun_ - 1];
    const Frame played = frames - std::min<Frame>(frames, lines[now.first]);
    level_->at(static_cast<double>(std::min(played, now.frames)));
}

void PartLevels::begin(std::size_t stretch) {
    end(Outcome{Done{}});
    level_.emplace(
        whole_.part("part", name_of(stretch), static_cast<double>(stretches_[stretch].frames)));
}

Expense::Expense()
    : wall_begin_s_(seconds_of(CLOCK_MONOTONIC)),
      cpu_begin_s_(seconds_of(CLOCK_THREAD_CPUTIME_ID)) {}

double Expense::cpu_s() const { return seconds_of(CLOCK_THREAD_CPUTIME_ID) - cpu_begin_s_; }

void Expense::tell(ProgressScope &level, std::uint64_t frames, SampleRate fs) const {
    const double took_s = std::max(seconds_of(CLOCK_MONOTONIC) - wall_begin_s_, 1e-6);
    const double audio_s = static_cast<double>(frames) / static_cast<double>(fs.hz);
    level.metric("real_time_factor", audio_s / took_s);
    level.metric("frames_per_s", static_cast<double>(frames) / took_s);
    level.metric("cpu_percent", 100 * cpu_s() / took_s);
    level.metric("rss_mb", resident_mb());
}

void tell_of(ProgressScope &level, const SoundFacts &facts) {
    level.metric("lufs", facts.lufs);
    level.metric("peak_db", facts.peak_db);
    level.metric("true_peak_db", facts.true_peak_db);
}

} // namespace chronus::patterns
