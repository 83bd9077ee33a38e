#pragma once

#include <array>
#include <string_view>

namespace chronus::patterns {

/// What leads from each version of `history.db` to the next. A row, once released, is never
/// changed: what is to be different is another row.
inline constexpr std::array<std::string_view, 2> kHistoryVersions{
    "CREATE TABLE operations ("
    " place INTEGER PRIMARY KEY," // in the order in which they ended
    " id INTEGER NOT NULL UNIQUE,"
    " type TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " status TEXT NOT NULL,"
    " start_ms INTEGER," // empty: it never began
    " end_ms INTEGER NOT NULL,"
    " units REAL NOT NULL,"
    " seconds REAL NOT NULL,"
    " document TEXT NOT NULL" // the whole tree as JSON
    ") STRICT;",

    "CREATE TABLE contents (" // patterns as content.h has them; equal ones are there once
    " id INTEGER PRIMARY KEY,"
    " hash TEXT NOT NULL UNIQUE,"
    " base INTEGER REFERENCES contents," // the bytes are what differs from it
    " depth INTEGER NOT NULL,"           // bases down to one that has none
    " size INTEGER NOT NULL,"            // of the text
    " bytes BLOB NOT NULL"
    ") STRICT;"
    "CREATE INDEX contents_by_base ON contents (base) WHERE base IS NOT NULL;"
    "CREATE TABLE snapshots ("
    " id INTEGER PRIMARY KEY," // in the order in which they were taken
    " hash TEXT NOT NULL UNIQUE,"
    " content INTEGER NOT NULL REFERENCES contents,"
    " parent INTEGER REFERENCES snapshots," // the nearest before it that is kept
    " time_ms INTEGER NOT NULL,"
    " run INTEGER NOT NULL,"
    " bar INTEGER NOT NULL,"
    " asked INTEGER NOT NULL," // 1: by hand
    " header TEXT NOT NULL"    // what was hashed: never changed
    ") STRICT;"
    "CREATE INDEX snapshots_by_parent ON snapshots (parent);"
    "CREATE INDEX snapshots_by_content ON snapshots (content);"
    "CREATE INDEX snapshots_by_bar ON snapshots (run, bar);"
    "CREATE TABLE names ("
    " name TEXT PRIMARY KEY,"
    " kind TEXT NOT NULL," // branch, tag
    " snapshot INTEGER NOT NULL REFERENCES snapshots,"
    " time_ms INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX names_by_snapshot ON names (snapshot);"
    "CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), branch TEXT NOT NULL) STRICT;"
    "INSERT INTO head VALUES (1, 'main');"
    "CREATE TABLE annotations ("
    " id INTEGER PRIMARY KEY,"
    " snapshot INTEGER NOT NULL REFERENCES snapshots,"
    " node TEXT NOT NULL," // empty: the snapshot as a whole
    " kind TEXT NOT NULL," // note, bug, insight
    " text TEXT NOT NULL,"
    " author TEXT NOT NULL,"
    " time_ms INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX annotations_by_snapshot ON annotations (snapshot);"
    "CREATE TABLE touched (" // which tracks differ from those of the parent
    " node TEXT NOT NULL,"
    " snapshot INTEGER NOT NULL REFERENCES snapshots,"
    " PRIMARY KEY (node, snapshot)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX touched_by_snapshot ON touched (snapshot);",
};

} // namespace chronus::patterns
