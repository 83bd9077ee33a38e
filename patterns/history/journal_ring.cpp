#include "patterns/history/journal_ring.h"

#include "patterns/store/os_error.h"
#include "patterns/store/unique_fd.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <new>
#include <random>
#include <sys/mman.h>
#include <sys/stat.h>

namespace chronus::patterns {

namespace {

constexpr std::uint64_t kMagic = 0x4c4e524a52484300; // "\0CHRJRNL"
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 64 * 1024; // a page, however large those of the machine
constexpr std::size_t kFileBytes = kHeaderBytes + JournalRing::kBytes;
constexpr std::size_t kMapped = kFileBytes + JournalRing::kBytes;
/// Of damaged bytes: as many are looked through for the next record.
constexpr std::size_t kMostLookedThrough = 16 * JournalRing::kBytes;

/// A header that says more is not ours: it would take centuries.
constexpr std::uint64_t kMostPosition = std::uint64_t{1} << 60;

std::uint64_t any_number() {
    std::random_device chance;
    return std::uint64_t{chance()} << 32 | chance();
}

Error refused(const std::filesystem::path &file, int number, std::string_view action) {
    return os_error(number, file.filename().string(), action);
}

/// All of its bytes are there, so that none is missing when it is written to.
Result<UniqueFd> open_whole(const std::filesystem::path &file) {
    UniqueFd fd{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600)};
    if (!fd) return refused(file, errno, "open");
    struct stat seen {};
    if (::fstat(fd.get(), &seen) != 0) return refused(file, errno, "look at");
    if (!S_ISREG(seen.st_mode)) return refused(file, EINVAL, "use what is no file");
    if (::ftruncate(fd.get(), kFileBytes) != 0) return refused(file, errno, "set the size of");
    if (const int no = ::posix_fallocate(fd.get(), 0, kFileBytes); no != 0)
        return refused(file, no, "take room for");
    return fd;
}

} // namespace

JournalRing::JournalRing(const std::filesystem::path &file) {
    use(file);
    if (header_ == nullptr) use_memory();
    take_over();
}

JournalRing::~JournalRing() { ::munmap(header_, kMapped); }

void JournalRing::use(const std::filesystem::path &file) {
    const auto fd = open_whole(file);
    if (fd && map(fd->get())) return;
    status_ = fmt::format("{}; what is not yet in the history is in memory alone",
                          fd ? refused(file, errno, "map").what : fd.error().what);
}

void JournalRing::use_memory() {
    const UniqueFd fd{::memfd_create("chronus-journal", MFD_CLOEXEC)};
    if (!fd || ::ftruncate(fd.get(), kFileBytes) != 0 || !map(fd.get()))
        std::abort(); // no memory, as everywhere
}

/// The file, and the ring in it once more behind it.
bool JournalRing::map(int fd) {
    void *room = ::mmap(nullptr, kMapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) return false;
    const auto put = [&](std::size_t place, std::size_t from, std::size_t bytes) {
        return ::mmap(static_cast<std::byte *>(room) + place, bytes, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_FIXED, fd, static_cast<off_t>(from)) != MAP_FAILED;
    };
    if (!put(0, 0, kFileBytes) || !put(kFileBytes, kHeaderBytes, kBytes)) {
        const int why = errno;
        ::munmap(room, kMapped);
        errno = why;
        return false;
    }
    header_ = static_cast<Header *>(room);
    ring_ = static_cast<std::byte *>(room) + kHeaderBytes;
    return true;
}

/// Goes on where the process before stopped, if its header makes sense.
void JournalRing::take_over() {
    const bool ours = header_->magic == kMagic && header_->version == kVersion;
    tail_ = std::max(header_->tail.load(), header_->start.load());
    start_ = header_->start.load();
    const std::uint64_t from = std::max(header_->head.load(), start_);
    const bool sound = ours && from <= tail_ && tail_ - from <= kBytes && from % 8 == 0 &&
                       tail_ % 8 == 0 && tail_ < kMostPosition && untold() <= lost();
    if (sound) return;
    const bool fresh = header_->magic == 0 && tail_ == 0;
    new (header_) Header{kMagic, kVersion, any_number(), {}, {}, {}, {}, {}};
    tail_ = start_ = 0;
    if (!fresh) (void)lose(); // nobody knows how many
}

std::size_t JournalRing::waiting() const {
    const std::uint64_t tail = end();
    return static_cast<std::size_t>(tail - std::min(tail, first()));
}

std::byte *JournalRing::lose() {
    header_->lost.store(lost() + 1, std::memory_order_relaxed);
    return nullptr;
}

/// It is empty, so that nobody reads.
void JournalRing::begin_again() {
    const std::uint64_t lap = (std::max(tail_, start_) + kBytes - 1) / kBytes * kBytes;
    tail_ = start_ = lap;
    header_->start.store(lap, std::memory_order_release);
}

std::uint64_t JournalRing::first() const {
    return std::max(header_->head.load(std::memory_order_acquire),
                    header_->start.load(std::memory_order_acquire));
}

bool JournalRing::is_record(std::uint64_t position, std::uint64_t end, Found &found) const {
    RecordHead head{};
    std::memcpy(&head, at(position), sizeof(head));
    if (head.kind == 0 || head.length > kBytes || record_bytes(head.length) > end - position)
        return false;
    const std::byte *payload = at(position) + sizeof(head);
    const std::uint64_t whole = word_sum(payload, record_bytes(head.length) - sizeof(head));
    found = {head.kind, {payload, head.length}, position + record_bytes(head.length)};
    return head.check == check_of(head, position, whole);
}

std::optional<JournalRing::Found> JournalRing::find(std::uint64_t from, std::uint64_t end,
                                                    bool &damaged) const {
    damaged = false;
    Found found;
    std::size_t looked_through = 0;
    for (std::uint64_t at = from; at < end; at += 8) {
        if (is_record(at, end, found)) {
            return found;
        }
        damaged = true;
        looked_through += 8 + found.payload.size();
        found.payload = {};
        if (looked_through > kMostLookedThrough) break;
    }
    return std::nullopt;
}

} // namespace chronus::patterns
