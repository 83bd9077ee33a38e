#include "patterns/history/database.h"

#include "patterns/store/os_error.h"
#include "patterns/store/unique_fd.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <system_error>

namespace chronus::patterns {

namespace {

constexpr int kBusy_ms = 1000;

/// Little memory, as few of these pages are ever needed twice; the log is cut at a megabyte. With
/// `synchronous` full a commit is on the disk when it returns.
constexpr const char *kSetUp = "PRAGMA journal_mode=WAL;"
                               "PRAGMA synchronous=FULL;"
                               "PRAGMA cache_size=-256;"
                               "PRAGMA journal_size_limit=1048576;"
                               "PRAGMA wal_autocheckpoint=256;"
                               "PRAGMA foreign_keys=ON;"
                               "PRAGMA trusted_schema=OFF;";

Errc code_of(int result) {
    switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return Errc::corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return Errc::busy;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return Errc::io;
    case SQLITE_CONSTRAINT:
        return Errc::conflict;
    case SQLITE_TOOBIG:
        return Errc::too_big;
    default:
        return Errc::failed;
    }
}

std::string file_of(sqlite3 *db) {
    const char *path = sqlite3_db_filename(db, "main");
    return path != nullptr ? std::filesystem::path{path}.filename().string() : "database";
}

Error error_of(sqlite3 *db) {
    return {code_of(sqlite3_extended_errcode(db)),
            fmt::format("{}: {}", file_of(db), sqlite3_errmsg(db))};
}

/// SQLite gives the files beside it the rights that this one has.
Outcome make_private(const std::filesystem::path &file) {
    const UniqueFd made{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (made.get() < 0) return os_error(errno, file.filename().string(), "open");
    return Done{};
}

} // namespace

void Statement::Finalize::operator()(sqlite3_stmt *statement) const noexcept {
    sqlite3_finalize(statement); // tells again what `next` has told
}

void Statement::clear() {
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
}

void Statement::bind_whole(int place, std::int64_t value) {
    sqlite3_bind_int64(statement_.get(), place, value);
}
void Statement::bind(int place, double value) {
    sqlite3_bind_double(statement_.get(), place, value);
}
void Statement::bind(int place, std::string_view value) {
    sqlite3_bind_text64(statement_.get(), place, value.data(), value.size(), SQLITE_TRANSIENT,
                        SQLITE_UTF8);
}

void Statement::bind(int place, Blob value) {
    sqlite3_bind_blob64(statement_.get(), place, value.bytes.data(), value.bytes.size(),
                        SQLITE_TRANSIENT);
}

Statement &Statement::with_row(const Statement &row) {
    clear();
    const int columns = sqlite3_column_count(row.statement_.get());
    for (int i = 0; i < columns; ++i)
        sqlite3_bind_value(statement_.get(), i + 1, sqlite3_column_value(row.statement_.get(), i));
    return *this;
}

Result<bool> Statement::next() {
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW) return true;
    const Error error = error_of(sqlite3_db_handle(statement_.get()));
    sqlite3_reset(statement_.get()); // what it held is free for others
    if (result == SQLITE_DONE) return false;
    return error;
}

Outcome Statement::run() {
    for (;;) {
        const auto row = next();
        if (!row) return row.error();
        if (!*row) return Done{};
    }
}

std::int64_t Statement::whole(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}
double Statement::number(int column) const {
    return sqlite3_column_double(statement_.get(), column);
}
std::string_view Statement::text(int column) const {
    const auto *text = sqlite3_column_text(statement_.get(), column);
    if (text == nullptr) return {};
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    return {reinterpret_cast<const char *>(text), size};
}
std::string_view Statement::bytes(int column) const {
    const auto *bytes = sqlite3_column_blob(statement_.get(), column);
    if (bytes == nullptr) return {};
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    return {static_cast<const char *>(bytes), size};
}
bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3 *db) const noexcept { sqlite3_close_v2(db); }

Error Database::error() const { return error_of(db_.get()); }

Result<Database> Database::open(const std::filesystem::path &file,
                                std::span<const std::string_view> versions) {
    if (const auto made = make_private(file); !made) return made.error();
    sqlite3 *raw = nullptr;
    const int result =
        sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    Database db{raw};
    if (raw == nullptr) return Error{Errc::io, "database: no memory for it"};
    if (result != SQLITE_OK) return db.error();
    if (const auto set = db.set_up(); !set) return set.error();
    if (const auto done = db.migrate(versions); !done) return done.error();
    return db;
}

Result<Database> Database::open_to_read(const std::filesystem::path &file) {
    sqlite3 *raw = nullptr;
    const int result =
        sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    Database db{raw};
    if (raw == nullptr) return Error{Errc::io, "database: no memory for it"};
    if (result != SQLITE_OK) return db.error();
    return db;
}

Outcome Database::set_up() {
    sqlite3_busy_timeout(db_.get(), kBusy_ms);
    sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_LOOKASIDE, nullptr, 256, 64);
    sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    return run(kSetUp);
}

Result<std::size_t> Database::version() {
    auto asked = prepare("PRAGMA user_version");
    if (!asked) return asked.error();
    if (const auto row = asked->next(); !row) return row.error();
    return static_cast<std::size_t>(asked->whole(0));
}

Outcome Database::migrate(std::span<const std::string_view> versions) {
    const auto at = version();
    if (!at) return at.error();
    before_ = *at;
    if (*at > versions.size())
        return Error{Errc::too_new, fmt::format("{}: version {}, and this chronus knows {}",
                                                file_of(db_.get()), *at, versions.size())};
    if (*at == versions.size()) return Done{};
    auto all = Transaction::begin(*this);
    if (!all) return all.error();
    for (const auto sql : versions.subspan(*at))
        if (const auto done = run(sql); !done) return done;
    if (const auto set = run(fmt::format("PRAGMA user_version={}", versions.size())); !set)
        return set;
    return all->commit();
}

Outcome Database::run(std::string_view sql) {
    if (sqlite3_exec(db_.get(), std::string{sql}.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return error();
    return Done{};
}

Result<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt *statement = nullptr;
    if (sqlite3_prepare_v2(db_.get(), sql.data(), static_cast<int>(sql.size()), &statement,
                           nullptr) != SQLITE_OK)
        return error();
    return Statement{statement};
}

Outcome Database::check() {
    auto asked = prepare("PRAGMA quick_check(1)");
    if (!asked) return asked.error();
    if (const auto row = asked->next(); !row) return row.error();
    if (asked->text(0) != "ok")
        return Error{Errc::corrupt, fmt::format("{}: {}", file_of(db_.get()), asked->text(0))};
    return Done{};
}

Result<Transaction> Transaction::begin(Database &db) {
    if (const auto begun = db.run("BEGIN IMMEDIATE"); !begun) return begun.error();
    return Transaction{db};
}

Transaction::~Transaction() {
    if (db_ != nullptr) (void)db_->run("ROLLBACK"); // SQLite may have done so itself
}

Outcome Transaction::commit() {
    auto done = db_->run("COMMIT");
    if (done) db_ = nullptr;
    return done;
}

namespace {

/// The file and those that SQLite keeps beside it. Errors: io.
Result<std::filesystem::path> set_aside(const std::filesystem::path &file, std::int64_t now_ms) {
    std::filesystem::path away = file;
    away.replace_filename(
        fmt::format("{}.damaged-{}{}", file.stem().string(), now_ms, file.extension().string()));
    for (const auto *ending : {"-wal", "-shm", ""}) {
        std::error_code why;
        std::filesystem::rename(file.string() + ending, away.string() + ending, why);
        if (why && why != std::errc::no_such_file_or_directory)
            return os_error(why.value(), file.filename().string(), "set it aside");
    }
    return away;
}

/// A larger file would take seconds to read: what is damaged in it is found where it is met.
constexpr std::uintmax_t kMostChecked = 64 * 1024 * 1024;

Result<Database> open_whole(const std::filesystem::path &file,
                            std::span<const std::string_view> versions) {
    auto db = Database::open(file, versions);
    if (!db) return db;
    std::error_code ignored;
    if (std::filesystem::file_size(file, ignored) > kMostChecked) return db;
    if (const auto sound = db->check(); !sound) return sound.error();
    return db;
}

} // namespace

Result<Opened> open_or_begin_anew(const std::filesystem::path &file,
                                  std::span<const std::string_view> versions, std::int64_t now_ms) {
    auto db = open_whole(file, versions);
    if (db) return Opened{*std::move(db)};
    if (db.error().code != Errc::corrupt) return db.error();
    const auto away = set_aside(file, now_ms);
    if (!away) return away.error();
    auto anew = open_whole(file, versions);
    if (!anew) return anew.error();
    return Opened{*std::move(anew),
                  fmt::format("{}; it is kept as {}, and a new one is begun", db.error().what,
                              away->filename().string()),
                  *away};
}

} // namespace chronus::patterns
