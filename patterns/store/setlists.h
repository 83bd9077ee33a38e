#pragma once

#include "patterns/store/disk.h"
#include "patterns/store/slots.h"
#include "patterns/text/setlist.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

/// A set as it was read, which nobody edits; an edit makes another.
using KeptSet = std::shared_ptr<const Setlist>;

/// What a list of sets shows of one.
struct SetEntry {
    std::string name;
    SlotState state = SlotState::sound;
    std::size_t songs = 0;
    std::string problem = {}; ///< why it cannot be opened, empty when it can
};

/// Reads what sets there are. Writes nothing.
///
/// Thread: control. Only files that changed since they were last looked at are read.
class Setlists {
public:
    explicit Setlists(Disk &disk) : disk_(disk) {}

    /// A set, called as its file is.
    /// Errors: not_found - there is none; corrupt, too_new, too_big; io.
    Result<KeptSet> load(std::string_view name);

    /// Every set there is, damaged ones too, by name. Errors: io.
    Result<std::vector<SetEntry>> list();

    /// When copies of a set were made, oldest first; a set that is gone may have some.
    /// Errors: io.
    Result<std::vector<std::int64_t>> backups(std::string_view name) const;

    /// One copy; time 0 stands for the newest that can be read.
    /// Errors: not_found, corrupt, too_new, too_big, io.
    Result<KeptSet> load_backup(std::string_view name, std::int64_t time_ms) const;

private:
    struct Seen {
        FileInfo info;
        SetEntry entry;
    };
    Result<KeptSet> read(const std::string &path, std::string_view name) const;
    const SetEntry &entry_of(const std::string &name, const FileInfo &info);

    Disk &disk_;
    std::map<std::string, Seen, std::less<>> seen_;
    FileInfo last_info_; // of the set loaded last
    KeptSet last_;
};

} // namespace chronus::patterns
