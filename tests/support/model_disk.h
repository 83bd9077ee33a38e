#pragma once

#include "patterns/store/disk.h"

#include <map>
#include <optional>
#include <random>

namespace chronus::test {

/// A disk in memory that keeps apart what a program sees and what a loss of power leaves, and that
/// can refuse or lose power at any call.
///
/// A refused sync is a lie told once: what it was asked to keep is never kept, and the next sync of
/// the same file or folder says yes.
class ModelDisk final : public patterns::Disk {
public:
    enum class Times { once, for_ever };

    /// Call number `k` (the first is 1, counted from now) answers with this errno and does nothing.
    void fail_at(std::size_t k, int error_number, Times times);
    /// From call number `k` on nothing is done and all is refused: the power is off.
    void lose_power_at(std::size_t k);
    void heal();
    /// At most this many bytes are taken by one write.
    void take_at_most(std::size_t bytes) { most_per_write_ = bytes; }
    void without_links() { links_ = false; }

    /// What a loss of power leaves when everything not synced is forgotten.
    void crash();
    /// What it may leave otherwise: of each folder's unsynced changes any subset, of each unsynced
    /// file any part of 512 bytes, old or new.
    void crash(std::mt19937_64 &chance);

    std::size_t calls() const { return calls_; }
    bool struck() const { return struck_; }
    const std::vector<std::string> &log() const { return log_; }

    /// Puts a file there, or changes its bytes, as if it had always been so.
    void plant(std::string_view path, std::string bytes);

    Result<std::string> read(std::string_view path, std::size_t limit) override;
    Result<Handle> create(std::string_view path) override;
    Result<std::size_t> write(Handle file, std::string_view bytes) override;
    Outcome sync(Handle file) override;
    Outcome close(Handle file) override;
    Outcome rename(std::string_view from, std::string_view to) override;
    Outcome link(std::string_view from, std::string_view to) override;
    Outcome unlink(std::string_view path) override;
    Outcome make_folder(std::string_view path) override;
    Outcome sync_folder(std::string_view path) override;
    Result<patterns::FileInfo> info(std::string_view path) override;
    Result<std::vector<std::string>> list(std::string_view path) override;

private:
    using Inode = std::size_t;
    struct File {
        std::string seen;
        std::string kept;
        bool lied = false; ///< a sync was refused: its unsynced bytes will never be kept
    };
    /// One change of names in one folder; a rename is two names changed at once.
    struct Change {
        std::vector<std::pair<std::string, std::optional<Inode>>> names;
    };
    using Names = std::map<std::string, Inode, std::less<>>;

    std::optional<Error> strike(std::string_view call, std::string_view path);
    bool has_folder(std::string_view path) const;
    void change(std::vector<std::pair<std::string, std::optional<Inode>>> names);
    static void apply(Names &names, const Change &change);

    std::vector<File> files_;
    std::vector<std::optional<Inode>> handles_;
    Names seen_, kept_;
    std::vector<std::string> folders_, kept_folders_;
    std::map<std::string, std::vector<Change>, std::less<>> unsynced_; ///< by folder
    std::vector<std::string> log_;
    std::size_t calls_ = 0;
    std::size_t fail_at_ = 0;
    int error_number_ = 0;
    Times times_ = Times::once;
    bool struck_ = false;
    bool links_ = true;
    std::size_t most_per_write_ = 4096;
};

} // namespace chronus::test
