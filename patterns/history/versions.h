#pragma once

#include <array>
#include <string_view>

namespace chronus::patterns {

/// What leads from each version of `history.db` to the next. A row, once released, is never
/// changed: what is to be different is another row.
inline constexpr std::array<std::string_view, 1> kHistoryVersions{
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
};

} // namespace chronus::patterns
