#include "patterns/store/archive.h"

#include "patterns/store/os_error.h"
#include "patterns/text/hash.h"

#include <fmt/format.h>

#include <minizip/zip.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

namespace chronus::patterns {

namespace {

/// 1980-01-01, 0 o'clock: the first moment there is.
constexpr uLong kNoTime = 1 << 21 | 1 << 16;
/// Made where files have rights: its owner writes, all read.
constexpr uLong kMadeOnUnix = 3 << 8 | 45;
constexpr uLong kRights = 0100644UL << 16;
constexpr uLong kUtf8 = 1 << 11; ///< its names
constexpr int kLevel = 6;
/// Counts of 64 bits, for nobody knows before how long a file is.
constexpr int kLongCounts = 1;

/// The file as the library sees it.
struct Sink {
    UniqueFd file;
    int error = 0; ///< of the system; 0 none
};

Sink &sink_of(void *sink) { return *static_cast<Sink *>(sink); }

/// The library hears of no failure: it would forget the memory of a file it cannot begin. Nothing
/// more is written after one, and we look for it ourselves.
uLong write_to(void *, void *stream, const void *bytes, uLong size) {
    Sink &sink = sink_of(stream);
    const char *at = static_cast<const char *>(bytes);
    for (uLong put = 0; put < size && sink.error == 0;) {
        const ssize_t some = ::write(sink.file.get(), at + put, size - put);
        if (some < 0 && errno == EINTR) continue;
        if (some <= 0) sink.error = some < 0 ? errno : ENOSPC;
        if (some > 0) put += static_cast<uLong>(some);
    }
    return size;
}

ZPOS64_T place_in(void *, void *stream) {
    return static_cast<ZPOS64_T>(::lseek(sink_of(stream).file.get(), 0, SEEK_CUR));
}

long go_to(void *, void *stream, ZPOS64_T offset, int origin) {
    constexpr int kFrom[]{SEEK_SET, SEEK_CUR, SEEK_END}; // as the library counts them
    Sink &sink = sink_of(stream);
    if (::lseek(sink.file.get(), static_cast<off_t>(offset), kFrom[origin]) >= 0) return 0;
    sink.error = errno;
    return -1;
}

zlib_filefunc64_def functions_on(Sink &sink) {
    return {.zopen64_file = [](void *opaque, const void *, int) { return opaque; },
            .zread_file = [](void *, void *, void *, uLong) -> uLong { return 0; },
            .zwrite_file = write_to,
            .ztell64_file = place_in,
            .zseek64_file = go_to,
            .zclose_file = [](void *, void *) { return 0; },
            .zerror_file = [](void *, void *) { return 0; },
            .opaque = &sink};
}

} // namespace

struct Archive::State {
    Sink sink;
    zipFile zip = nullptr;

    bool went_well(int answer) const { return answer == ZIP_OK && sink.error == 0; }
    Error refusal(std::string_view what) const {
        if (sink.error != 0) return os_error(sink.error, what, "write");
        return {Errc::io, fmt::format("{}: no archive can hold it", what)};
    }
};

Archive::Archive(std::unique_ptr<State> state) : state_(std::move(state)) {}
Archive::Archive(Archive &&) noexcept = default;

Archive::~Archive() {
    if (state_ && state_->zip != nullptr) zipClose(state_->zip, nullptr); // it has memory
}

Result<Archive> Archive::begin(UniqueFd file) {
    auto state = std::make_unique<State>();
    state->sink.file = std::move(file);
    zlib_filefunc64_def functions = functions_on(state->sink);
    state->zip = zipOpen2_64("", APPEND_STATUS_CREATE, nullptr, &functions);
    if (state->zip == nullptr) return state->refusal("archive");
    return Archive{std::move(state)};
}

Result<ArchivedFile> Archive::add(std::string_view path, std::string_view bytes) {
    return add(
        path, [&]() -> Result<std::string_view> { return std::exchange(bytes, {}); },
        Packing::smaller);
}

Result<ArchivedFile> Archive::add(std::string_view path, const Pieces &pieces, Packing packing) {
    ArchivedFile made{.path = std::string{path}};
    const zip_fileinfo info{
        .tmz_date = {}, .dosDate = kNoTime, .internal_fa = 0, .external_fa = kRights};
    const bool pack = packing == Packing::smaller;
    if (!state_->went_well(zipOpenNewFileInZip4_64(
            state_->zip, made.path.c_str(), &info, nullptr, 0, nullptr, 0, nullptr,
            pack ? Z_DEFLATED : 0, pack ? kLevel : 0, 0, -MAX_WBITS, DEF_MEM_LEVEL,
            Z_DEFAULT_STRATEGY, nullptr, 0, kMadeOnUnix, kUtf8, kLongCounts)))
        return state_->refusal(path);
    Sha256 hash;
    for (;;) {
        const auto piece = pieces();
        if (!piece) return piece.error();
        if (piece->empty()) break;
        hash.add(*piece);
        made.bytes += piece->size();
        for (std::string_view rest = *piece; !rest.empty();) {
            constexpr std::size_t kMost = std::numeric_limits<int>::max();
            const auto some = static_cast<unsigned>(std::min(rest.size(), kMost));
            if (!state_->went_well(zipWriteInFileInZip(state_->zip, rest.data(), some)))
                return state_->refusal(path);
            rest.remove_prefix(some);
        }
    }
    if (!state_->went_well(zipCloseFileInZip(state_->zip))) return state_->refusal(path);
    made.sha256 = hash.hex();
    return made;
}

Outcome Archive::close() {
    if (!state_->went_well(zipClose(std::exchange(state_->zip, nullptr), nullptr)))
        return state_->refusal("archive");
    if (::fsync(state_->sink.file.get()) != 0) return os_error(errno, "archive", "sync");
    return Done{};
}

} // namespace chronus::patterns
