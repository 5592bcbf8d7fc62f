-- The log of changes: one entry for each accepted change, written in its transaction, never changed
-- and never removed. `entry` is what `hash` is of, together with the hash of the entry before; the
-- columns beside it repeat what queries ask about.

CREATE TABLE changes (
  seq INTEGER PRIMARY KEY CHECK (seq > 0),
  recorded_at TEXT NOT NULL,
  record_type TEXT NOT NULL,
  record_id TEXT NOT NULL,
  municipality_id TEXT,
  audience TEXT NOT NULL,
  context_id TEXT NOT NULL,
  entry TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX changes_recorded ON changes (recorded_at, seq);
CREATE INDEX changes_record ON changes (record_id, seq);
CREATE INDEX changes_municipality ON changes (municipality_id, seq) WHERE municipality_id IS NOT NULL;

CREATE TRIGGER changes_are_not_changed BEFORE UPDATE ON changes
BEGIN
  SELECT RAISE(ABORT, 'the log of changes is append-only');
END;
CREATE TRIGGER changes_are_not_removed BEFORE DELETE ON changes
BEGIN
  SELECT RAISE(ABORT, 'the log of changes is append-only');
END;

-- Where the log ends. Who appends holds this row, so that entries stand in the order of their commits.
CREATE TABLE changes_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
INSERT INTO changes_head (id, seq, hash) VALUES (1, 0, '');
