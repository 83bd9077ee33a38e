#include "patterns/history/versions.h"

namespace chronus::patterns {

constexpr std::array<std::string_view, 4> kHistoryVersions{
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

    "CREATE TABLE sessions (" // one engine's life
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " start_ms INTEGER NOT NULL,"
    " end_ms INTEGER,"        // empty: it goes on, or was killed
    " version TEXT NOT NULL," // of the engine; empty: its beginning was lost
    " rate INTEGER NOT NULL,"
    " voices INTEGER NOT NULL,"
    " seed INTEGER NOT NULL,"
    " content INTEGER REFERENCES contents," // what it began with
    " uids TEXT NOT NULL"                   // of those tracks
    ") STRICT;"
    "CREATE INDEX sessions_by_content ON sessions (content);"
    "CREATE TABLE executions ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " session INTEGER NOT NULL REFERENCES sessions,"
    " run INTEGER NOT NULL," // 0: on stage
    " kind TEXT NOT NULL,"
    " status TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " slot INTEGER NOT NULL," // 0 none
    " setlist TEXT NOT NULL,"
    " song TEXT NOT NULL,"
    " author TEXT NOT NULL,"
    " snapshot TEXT NOT NULL," // its hash; it may be kept no longer
    " start_ms INTEGER NOT NULL,"
    " end_ms INTEGER,"
    " start_frame INTEGER NOT NULL,"
    " end_frame INTEGER,"
    " items INTEGER NOT NULL DEFAULT 0,"
    " lost INTEGER NOT NULL DEFAULT 0,"
    " pinned INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE INDEX executions_by_session ON executions (session);"
    "CREATE INDEX executions_running ON executions (id) WHERE status = 'running';"
    "CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE items ("
    " execution INTEGER NOT NULL REFERENCES executions,"
    " seq INTEGER NOT NULL,"
    " type INTEGER NOT NULL,"
    " time INTEGER NOT NULL,"  // ms after the start of the execution
    " frame INTEGER NOT NULL," // the same in frames
    " author INTEGER REFERENCES authors,"
    " content TEXT,"
    " output INTEGER,"
    " request TEXT,"
    " file TEXT,"
    " metadata TEXT,"
    " PRIMARY KEY (execution, seq)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX items_by_type ON items (execution, type);"
    "CREATE TABLE item_counts ("
    " execution INTEGER NOT NULL REFERENCES executions,"
    " type INTEGER NOT NULL,"
    " author INTEGER NOT NULL," // 0 nobody
    " items INTEGER NOT NULL,"
    " PRIMARY KEY (execution, type, author)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX item_counts_by_type ON item_counts (type, execution, author, items);"
    "CREATE TABLE session_contents (" // which patterns it and its items name
    " content INTEGER NOT NULL REFERENCES contents,"
    " session INTEGER NOT NULL REFERENCES sessions,"
    " PRIMARY KEY (content, session)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX session_contents_by_session ON session_contents (session);"
    "CREATE TABLE journal (" // how far it has been read
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " identity INTEGER NOT NULL,"
    " position INTEGER NOT NULL"
    ") STRICT;",

    "CREATE TABLE item_marks (" // so that one in the midst of many is found without counting
    " execution INTEGER NOT NULL REFERENCES executions ON DELETE CASCADE,"
    " seq INTEGER NOT NULL,"
    " type INTEGER NOT NULL,"
    " items INTEGER NOT NULL," // of that type up to there
    " PRIMARY KEY (execution, seq, type)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER mark_items AFTER INSERT ON items WHEN new.seq % 4096 = 0 BEGIN"
    " INSERT OR REPLACE INTO item_marks SELECT new.execution, new.seq, type, sum(items) FROM"
    " (SELECT type, items FROM item_marks WHERE execution = new.execution AND seq ="
    " (SELECT max(seq) FROM item_marks WHERE execution = new.execution AND seq < new.seq)"
    " UNION ALL SELECT type, count(*) FROM items WHERE execution = new.execution"
    " AND seq <= new.seq AND seq > ifnull((SELECT max(seq) FROM item_marks"
    " WHERE execution = new.execution AND seq < new.seq), 0) GROUP BY type) GROUP BY type;"
    "END;",
};

} // namespace chronus::patterns
