#include "patterns/store/jobs.h"

#include "patterns/store/posix_disk.h"
#include "patterns/store/presets.h"
#include "patterns/text/setlist_text.h"

#include <fmt/format.h>

#include <array>
#include <exception>

namespace chronus::patterns {

namespace {
constexpr std::string_view kRenderFolder = "renders";
constexpr std::array<std::string_view, 2> kFolders{kPresetFolder, kRenderFolder};

/// Sets are rendered each into a folder of its own.
std::size_t sweep_below(Disk &disk, std::string_view folder) {
    const auto names = disk.list(folder);
    if (!names) return 0;
    std::size_t swept = 0;
    for (const std::string &name : *names) {
        const std::string path = fmt::format("{}/{}", folder, name);
        const auto info = disk.info(path);
        if (info && info->kind == FileKind::folder) swept += sweep_temps(disk, path);
    }
    return swept;
}

/// A file that is there and no set is somebody else's.
Outcome may_replace(Disk &disk, std::string_view name) {
    const auto bytes = disk.read(name, kMaxSetlistBytes);
    if (!bytes && bytes.error().code == Errc::not_found) return Done{};
    if (bytes && decode_setlist(*bytes)) return Done{};
    return Error{Errc::conflict, fmt::format("{}: is no set, and stays as it is", name)};
}

} // namespace

int slot_of(const Job &job) {
    if (const auto *save = std::get_if<SaveSlot>(&job.work)) return save->slot;
    if (const auto *gone = std::get_if<RemoveSlot>(&job.work)) return gone->slot;
    return 0;
}

std::string_view set_of(const Job &job) {
    if (const auto *save = std::get_if<SaveSet>(&job.work)) return save->set->name;
    if (const auto *gone = std::get_if<RemoveSet>(&job.work)) return gone->name;
    return {};
}

std::string_view path_of(const Job &job) {
    if (const auto *file = std::get_if<WriteFile>(&job.work)) return file->path;
    if (const auto *gone = std::get_if<RemoveFile>(&job.work)) return gone->path;
    return {};
}

Result<std::size_t> JobRunner::start() {
    auto swept = slots_.start();
    if (!swept) return swept;
    const auto sets = sets_.start();
    if (!sets) return sets;
    *swept += *sets;
    for (const std::string_view folder : kFolders) {
        if (const auto made = ensure_folder(disk_, folder); !made) return made.error();
        *swept += sweep_temps(disk_, folder);
    }
    *swept += sweep_below(disk_, kRenderFolder) + sweep_temps(disk_, kExportFolder);
    return swept;
}

Result<Saved> JobRunner::write(const WriteFile &file) {
    const auto known = disk_.info(file.path);
    if (const auto folder = folder_of(file.path); !folder.empty())
        if (const auto made = ensure_folder(disk_, folder); !made) return made.error();
    const auto written = replace_file(disk_, names_, file.path, file.bytes);
    if (!written) return written.error();
    return Saved{known ? Saved::How::replaced : Saved::How::made};
}

Result<Saved> JobRunner::remove(const RemoveFile &file) {
    if (const auto gone = disk_.unlink(file.path); !gone) return gone.error();
    if (const auto kept = disk_.sync_folder(folder_of(file.path)); !kept) return kept.error();
    return Saved{Saved::How::removed};
}

Result<Saved> JobRunner::copy(const ExportSet &order) {
    auto folder = PosixDisk::open(order.file.parent_path());
    if (!folder) return folder.error();
    const std::string name = order.file.filename().string();
    if (auto may = may_replace(*folder, name); !may) return may.error();
    const auto written = replace_file(*folder, names_, name, encode_setlist(*order.set));
    if (!written) return written.error();
    return Saved{};
}

Result<Saved> JobRunner::run(const Job &job) noexcept try {
    if (const auto *save = std::get_if<SaveSlot>(&job.work))
        return slots_.save(save->slot, save->bytes, job.now_ms);
    if (const auto *gone = std::get_if<RemoveSlot>(&job.work))
        return slots_.remove(gone->slot, job.now_ms);
    if (const auto *save = std::get_if<SaveSet>(&job.work))
        return sets_.save(save->set->name, encode_setlist(*save->set), job.now_ms);
    if (const auto *gone = std::get_if<RemoveSet>(&job.work))
        return sets_.remove(gone->name, job.now_ms);
    if (const auto *order = std::get_if<ExportSet>(&job.work)) return copy(*order);
    if (const auto *gone = std::get_if<RemoveFile>(&job.work)) return remove(*gone);
    return write(std::get<WriteFile>(job.work));
} catch (const std::exception &e) {
    return Error{Errc::failed, e.what()}; // out of memory: short enough to need none
}

} // namespace chronus::patterns
