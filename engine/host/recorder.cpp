#include "engine/host/recorder.h"

#include "engine/host/privileges.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdlib>
#include <sys/mman.h>
#include <system_error>
#include <utility>
#include <vector>

namespace chronus {

namespace {

using namespace std::chrono_literals;

constexpr float kTapeSeconds = 4.0f; // a disk may stall that long
constexpr auto kPoll = 50ms;
constexpr auto kStragglers = 2s; // for frames the engine reported but that do not come
constexpr int kMostSameNames = 1000;

std::size_t tape_floats(SampleRate fs) {
    return 2 * std::bit_ceil(static_cast<std::size_t>(kTapeSeconds * fs.hz));
}

bool is_name(std::string_view name) {
    const auto alnum = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !name.empty() && name.size() <= 64 && alnum(name.front()) &&
           std::ranges::all_of(
               name, [&](char c) { return alnum(c) || c == '.' || c == '_' || c == '-'; });
}

/// The name in the way the folder has it: split where a number or a format goes in between.
struct Name {
    std::string stem;
    std::string extension;
    SoundFormat format;
};

std::optional<SoundContainer> container_of(const std::filesystem::path &path) {
    for (const auto container : {SoundContainer::wav, SoundContainer::flac})
        if (path.extension() == extension_of(container)) return container;
    return std::nullopt;
}

Result<SoundFormat> agree(const std::filesystem::path &path, std::optional<SoundFormat> wanted) {
    const auto said = container_of(path);
    if (!wanted) return default_format(said.value_or(SoundContainer::wav));
    if (!said || *said == wanted->container) return *wanted;
    return Error{Errc::conflict,
                 fmt::format("recording \"{}\": its name says {}, the format asked for is {}",
                             path.string(), extension_of(*said), extension_of(wanted->container)),
                 fmt::format("/engine/record/start {}{}", path.stem().string(),
                             extension_of(wanted->container))};
}

Result<Name> parse_name(std::string_view given, std::optional<SoundFormat> wanted) {
    const std::string_view last = given.substr(given.find_last_of('/') + 1);
    if (!is_name(last))
        return Error{Errc::out_of_range,
                     fmt::format("recording \"{}\": a name is 1 to 64 letters, digits, '.', '_' "
                                 "or '-', the first a letter or digit",
                                 given),
                     "/engine/record/start take.wav"};
    const std::filesystem::path path(last);
    const auto format = agree(path, wanted);
    if (!format) return format.error();
    const std::string stem = container_of(path) ? path.stem().string() : std::string(last);
    return Name{stem, std::string(extension_of(format->container)), *format};
}

} // namespace

TapeMemory::TapeMemory(std::size_t floats) {
    void *memory = ::mmap(nullptr, floats * sizeof(float), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) std::abort(); // as any allocation at the start
    floats_ = {static_cast<float *>(memory), floats};
}

TapeMemory::~TapeMemory() { ::munmap(floats_.data(), floats_.size_bytes()); }

void TapeMemory::take() const noexcept {
    ::madvise(floats_.data(), floats_.size_bytes(), MADV_POPULATE_WRITE);
}

Recorder::Recorder(SampleRate fs, std::filesystem::path folder)
    : fs_(fs), folder_(std::move(folder)), memory_(tape_floats(fs)),
      tape_(std::make_unique<Tape>(memory_.floats())) {}

Recorder::~Recorder() {
    if (thread_.joinable()) (void)finish();
}

SoundSpec Recorder::spec_for(SoundFormat format) const {
    return {static_cast<std::uint32_t>(fs_.hz), 2, format};
}

/// A recording that ended by itself is put away; one that goes on is in the way.
Outcome Recorder::ready() {
    const RecordingStatus now = status();
    if (now.active)
        return Error{Errc::busy, fmt::format("already recording {}", now.file.string()),
                     "/engine/record/stop"};
    if (open_ && ending_)
        return Error{Errc::busy, fmt::format("still writing {}", now.file.string()),
                     "/engine/record/status"};
    if (thread_.joinable()) (void)finish();
    return Done{};
}

Outcome Recorder::make_folder() const {
    std::error_code failed;
    std::filesystem::create_directories(folder_, failed);
    if (!failed) return Done{};
    return Error{Errc::io, fmt::format("{}: {}", folder_.string(), failed.message())};
}

Result<std::filesystem::path> Recorder::start(std::string_view given,
                                              std::optional<SoundFormat> format) {
    if (const auto free = ready(); !free) return free.error();
    const auto name = parse_name(given, format);
    if (!name) return name.error();
    if (const auto made = make_folder(); !made) return made.error();
    for (int number = 1;; ++number) {
        const auto file =
            folder_ / (number == 1 ? name->stem + name->extension
                                   : fmt::format("{}-{}{}", name->stem, number, name->extension));
        auto writer = SoundWriter::open(file, spec_for(name->format), Existing::keep);
        if (writer) return begin(std::move(*writer), file);
        if (writer.error().code != Errc::conflict || number == kMostSameNames)
            return writer.error();
    }
}

Result<std::filesystem::path> Recorder::start_at(const std::filesystem::path &file,
                                                 std::optional<SoundFormat> format) {
    if (const auto free = ready(); !free) return free.error();
    const auto agreed = agree(file, format);
    if (!agreed) return agreed.error();
    auto writer = SoundWriter::open(file, spec_for(*agreed));
    if (!writer) return writer.error();
    return begin(std::move(*writer), file);
}

std::filesystem::path Recorder::begin(SoundWriter writer, std::filesystem::path file) {
    memory_.take();
    std::vector<float> old(2 * kChunk);
    while (tape_->read(old) != 0) { // of a recording that ended by itself
    }
    lost_before_ = tape_->lost();
    taken_ = written_ = 0;
    expected_ = 0;
    ending_ = false;
    {
        const std::lock_guard hold(lock_);
        file_ = file;
        error_.clear();
    }
    open_ = true;
    thread_ = std::thread([this, w = std::move(writer)]() mutable { run(std::move(w)); });
    return file;
}

void Recorder::run(SoundWriter writer) {
    lower_priority();
    std::vector<float> chunk(2 * kChunk);
    bool failed = false;
    auto patience = std::chrono::steady_clock::time_point::max();
    while (true) {
        const bool ending = ending_.load(std::memory_order_acquire); // before the tape is read
        const std::size_t count = tape_->read(chunk);
        taken_ += count;
        if (count != 0 && !failed) {
            const auto done = writer.write(std::span(chunk).first(2 * count));
            written_ = writer.frames();
            if (!done) fail(done.error());
            failed = !done;
        }
        if (count == kChunk) continue;
        const auto now = std::chrono::steady_clock::now();
        if (ending) patience = std::min(patience, now + kStragglers);
        if (ending && count == 0 && (drained() || now > patience)) break;
        std::this_thread::sleep_for(ending ? 1ms : kPoll);
    }
    if (const auto closed = writer.close(); !closed && !failed) fail(closed.error());
}

bool Recorder::drained() const { return taken_ + lost() >= expected_; }

void Recorder::fail(const Error &error) {
    const std::lock_guard hold(lock_);
    error_ = error.what;
}

Result<RecordingInfo> Recorder::finish(std::optional<std::uint64_t> frames) {
    if (!thread_.joinable())
        return Error{Errc::not_now, "nothing is being recorded", "/engine/record/start"};
    expected_ = frames.value_or(0);
    ending_.store(true, std::memory_order_release);
    thread_.join();
    open_ = false;
    const RecordingStatus last = status();
    if (!last.error.empty()) return Error{Errc::io, last.error};
    return RecordingInfo{last.file, last.frames, last.seconds, last.lost};
}

RecordingStatus Recorder::status() const {
    const std::lock_guard hold(lock_);
    const std::uint64_t frames = written_;
    return {open_ && !ending_ && error_.empty(), file_, frames, seconds(frames), lost(), error_};
}

} // namespace chronus
