#include "patterns/store/jobs.h"

#include <exception>

namespace chronus::patterns {

int slot_of(const Job &job) {
    if (const auto *save = std::get_if<SaveSlot>(&job.work)) return save->slot;
    if (const auto *gone = std::get_if<RemoveSlot>(&job.work)) return gone->slot;
    return 0;
}

Result<std::size_t> JobRunner::start() {
    const auto swept = slots_.start();
    if (!swept) return swept;
    const auto made = ensure_folder(disk_, "setlists");
    if (!made) return made.error();
    return *swept + sweep_temps(disk_, "setlists");
}

Result<Saved> JobRunner::write(const WriteFile &file) {
    const auto known = disk_.info(file.path);
    if (const auto folder = folder_of(file.path); !folder.empty())
        if (const auto made = ensure_folder(disk_, folder); !made) return made.error();
    const auto written = replace_file(disk_, names_, file.path, file.bytes);
    if (!written) return written.error();
    return Saved{known ? Saved::How::replaced : Saved::How::made};
}

Result<Saved> JobRunner::run(const Job &job) noexcept try {
    if (const auto *save = std::get_if<SaveSlot>(&job.work))
        return slots_.save(save->slot, save->bytes, job.now_ms);
    if (const auto *gone = std::get_if<RemoveSlot>(&job.work))
        return slots_.remove(gone->slot, job.now_ms);
    return write(std::get<WriteFile>(job.work));
} catch (const std::exception &e) {
    return Error{Errc::failed, e.what()}; // out of memory: short enough to need none
}

} // namespace chronus::patterns
