#pragma once

#include "engine/result.h"
#include "patterns/history/statement.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace chronus::patterns {

/// One SQLite file, open. What is written is on the disk once its transaction has been committed;
/// a power cut leaves the last transaction whole or not at all.
///
/// Thread: one; it may be handed to another whole, with its statements.
class Database {
public:
    /// Opens the file or makes it, for its owner alone, and brings it to the newest of the
    /// versions: each is SQL that leads there from the one before.
    ///
    /// Errors: corrupt - no database, or a damaged one. too_new - of a later version; it is left as
    ///         it is. busy - another process holds it. io.
    static Result<Database> open(const std::filesystem::path &file,
                                 std::span<const std::string_view> versions);

    /// Opens a file, which may be damaged, to read what can be read; nothing is written to it.
    static Result<Database> open_to_read(const std::filesystem::path &file);

    /// Errors, here and below: corrupt, busy, io; conflict - a constraint of a table.
    Outcome run(std::string_view sql);
    Result<Statement> prepare(std::string_view sql);
    /// The file's version when it was opened; 0 for a new one.
    std::size_t version_before() const { return before_; }
    /// Reads the whole file. Errors: corrupt - something in it is not as it should be.
    Outcome check();

private:
    struct Close {
        void operator()(sqlite3 *db) const noexcept;
    };

    explicit Database(sqlite3 *db) : db_(db) {}
    Outcome set_up();
    Result<std::size_t> version();
    Outcome migrate(std::span<const std::string_view> versions);
    Error error() const;

    std::unique_ptr<sqlite3, Close> db_;
    std::size_t before_ = 0;
};

/// All or nothing: what is not committed when this goes never was.
class Transaction {
public:
    static Result<Transaction> begin(Database &db);
    Transaction(Transaction &&other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
    Transaction &operator=(Transaction &&) = delete;
    ~Transaction();

    Outcome commit();

private:
    explicit Transaction(Database &db) : db_(&db) {}
    Database *db_; ///< empty once it is over
};

/// A database that is there whatever became of the one before.
struct Opened {
    Database db;
    std::string note = {};            ///< what was damaged and where it is now, or nothing
    std::filesystem::path aside = {}; ///< where that is
};

/// As `Database::open`, and checked whole up to 64 MiB. A damaged file is renamed with the time,
/// and a new one begun.
///
/// Units: Unix ms. Errors: those of `open` but for corrupt.
Result<Opened> open_or_begin_anew(const std::filesystem::path &file,
                                  std::span<const std::string_view> versions, std::int64_t now_ms);

} // namespace chronus::patterns
