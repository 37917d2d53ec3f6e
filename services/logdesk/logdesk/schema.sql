-- One day of the archive. Everything in here can be made again from the archive's files of that day.

-- Files read so far. The offset is written in the transaction that writes the lines before it, so that
-- kill -9 can neither lose a line nor read one twice. `head` is a digest of the file's first line: it knows a
-- file again that was renamed, copied or compressed, and tells one that was replaced.
CREATE TABLE file (
    id       INTEGER PRIMARY KEY,
    service  TEXT NOT NULL,            -- its folder
    path     TEXT NOT NULL,            -- below the archive's folder
    head     BLOB NOT NULL,
    offset   INTEGER NOT NULL,         -- of the first byte not yet read (of the uncompressed text)
    arrival  INTEGER NOT NULL,         -- number of the transaction that last moved the offset
    packed   INTEGER,                  -- size of a compressed file that was read to its end
    time_us  INTEGER NOT NULL          -- of its latest line: the time of lines that have none
);

-- One line. The key is its time in microseconds since the epoch (a free number near it when lines share
-- one), so a stretch of time is a range of keys and no other index on time is needed. The line itself stays in the
-- archive.
CREATE TABLE line (
    id          INTEGER PRIMARY KEY,
    file        INTEGER NOT NULL,
    offset      INTEGER NOT NULL,
    arrival     INTEGER NOT NULL,      -- number of the transaction that wrote it
    source      INTEGER NOT NULL,      -- word
    level       INTEGER,               -- word
    logger      INTEGER,               -- word
    method      INTEGER,               -- word
    status      INTEGER,
    duration_ns INTEGER,
    path        TEXT,
    process     INTEGER,
    sequence    INTEGER
);
CREATE INDEX line_number ON line (process, sequence) WHERE process IS NOT NULL;

-- text: what people search for. names: loggers, files, functions. tags: one token for each word, process and
-- common field of the line, so that `level:error` uses the same index as a word of the text.
-- No content is kept (it is in the archive), nor sizes (only ranking needs them, and we sort by time).
CREATE VIRTUAL TABLE fts USING fts5 (text, names, tags, content = '', columnsize = 0);

CREATE TABLE word (
    id    INTEGER PRIMARY KEY,
    kind  TEXT NOT NULL,
    text  TEXT NOT NULL,
    UNIQUE (kind, text)
);

-- Numbered lines (docs/delivery.md): one row a process start, and the ranges of numbers received.
CREATE TABLE process (
    id         INTEGER PRIMARY KEY,
    service    TEXT NOT NULL,
    entity_id  TEXT NOT NULL,
    host       TEXT NOT NULL,
    pid        INTEGER,
    first_us   INTEGER NOT NULL,
    last_us    INTEGER NOT NULL,
    doubled    INTEGER NOT NULL,       -- lines refused because their number was there
    final      INTEGER,                -- the count in its last line
    expired    INTEGER NOT NULL,       -- numbers up to this one were in days since removed
    UNIQUE (service, entity_id)
);
CREATE TABLE received (
    process  INTEGER NOT NULL,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    PRIMARY KEY (process, first)
) WITHOUT ROWID;

-- Counts for the histogram and the dashboard; see rollups.py for kinds, widths and what a and b are.
CREATE TABLE rollup (
    kind     INTEGER NOT NULL,
    width    INTEGER NOT NULL,         -- seconds
    slot     INTEGER NOT NULL,         -- start, in widths since the epoch
    service  INTEGER NOT NULL,         -- word
    a        INTEGER NOT NULL,
    b        INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (kind, width, slot, service, a, b)
) WITHOUT ROWID;
