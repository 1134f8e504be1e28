-- The journal, schema 2. Everything else coopgraph holds can be rebuilt from this file.
-- Rows with a sequence above the last row of `commits` belong to a commit that was never
-- finished: no reader sees them, and the next writer removes them.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- zlib dictionaries that states are compressed with; kept for ever.
CREATE TABLE dictionaries (id INTEGER PRIMARY KEY, content BLOB NOT NULL);

CREATE TABLE commits (
    sequence INTEGER PRIMARY KEY,          -- 1, 2, 3 … without holes
    at TEXT NOT NULL,                      -- RFC 3339, UTC
    who TEXT NOT NULL,
    action TEXT NOT NULL,                  -- load, update, merge, split
    dataset TEXT NOT NULL,                 -- '' for commits about no single dataset
    edition TEXT NOT NULL,
    message TEXT NOT NULL,
    report TEXT NOT NULL,                  -- JSON: counts for each table, as `load --json` gives
    states_hash BLOB NOT NULL,             -- SHA-256 over the sorted salted hashes of its states
    chain BLOB NOT NULL,                   -- SHA-256 over the previous chain and this row
    published_at TEXT                      -- when its snapshot became current
);

-- Names of source columns, once for each header seen.
CREATE TABLE headers (
    id INTEGER PRIMARY KEY, dataset TEXT NOT NULL, tbl TEXT NOT NULL, columns TEXT NOT NULL,
    UNIQUE (dataset, tbl, columns)
);

-- The state of a record as a commit left it. `content` is NULL for a removal, and after a
-- withdrawal has erased it; `hash` stays, so the chain still verifies.
CREATE TABLE states (
    id INTEGER PRIMARY KEY,
    sequence INTEGER NOT NULL,
    dataset TEXT NOT NULL,
    key TEXT NOT NULL,
    tbl TEXT NOT NULL,
    parent TEXT NOT NULL,                  -- key of the organisation's record, '' if it is that
    digest BLOB,                           -- of parent and triples; NULL for a removal
    salt BLOB,
    hash BLOB NOT NULL,                    -- SHA-256 of salt, name and content
    header INTEGER REFERENCES headers (id),
    dictionary INTEGER REFERENCES dictionaries (id),
    content BLOB,
    UNIQUE (dataset, key, sequence)
);
CREATE INDEX states_by_sequence ON states (sequence);
CREATE INDEX states_by_parent ON states (dataset, parent);

-- Derived: the latest committed state of each record that is not removed.
CREATE TABLE heads (
    dataset TEXT NOT NULL, key TEXT NOT NULL, tbl TEXT NOT NULL, parent TEXT NOT NULL,
    digest BLOB NOT NULL, state INTEGER NOT NULL, sequence INTEGER NOT NULL,
    PRIMARY KEY (dataset, key)
) WITHOUT ROWID;

-- Derived: how many of these each table has, and how many of them are organisations' own.
CREATE TABLE tallies (
    dataset TEXT NOT NULL, tbl TEXT NOT NULL, records INTEGER NOT NULL,
    organizations INTEGER NOT NULL,
    PRIMARY KEY (dataset, tbl)
) WITHOUT ROWID;

-- Every organisation id that was ever given out; none is given twice.
CREATE TABLE organizations (
    id TEXT PRIMARY KEY, dataset TEXT NOT NULL, key TEXT NOT NULL, sequence INTEGER NOT NULL
) WITHOUT ROWID;

-- Which organisation a record is about, as of each sequence that changed it.
CREATE TABLE identities (
    dataset TEXT NOT NULL, key TEXT NOT NULL, sequence INTEGER NOT NULL,
    organization TEXT NOT NULL,
    PRIMARY KEY (dataset, key, sequence)
) WITHOUT ROWID;
CREATE INDEX identities_by_organization ON identities (organization);
CREATE INDEX identities_by_sequence ON identities (sequence);

-- Organisations that were merged into another. A redirect holds while its old id has no records.
CREATE TABLE redirects (
    old TEXT NOT NULL, sequence INTEGER NOT NULL, new TEXT NOT NULL,
    PRIMARY KEY (old, sequence)
) WITHOUT ROWID;

-- Descriptors as they were when a commit used them.
CREATE TABLE descriptors (
    dataset TEXT NOT NULL, sequence INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (dataset, sequence)
) WITHOUT ROWID;

-- Rows that a load could not publish, with what is wrong with them.
CREATE TABLE quarantine (
    sequence INTEGER NOT NULL, dataset TEXT NOT NULL, tbl TEXT NOT NULL, row INTEGER NOT NULL,
    key TEXT NOT NULL, header INTEGER NOT NULL REFERENCES headers (id),
    cells TEXT NOT NULL, findings TEXT NOT NULL,
    PRIMARY KEY (sequence, dataset, tbl, row)
) WITHOUT ROWID;
