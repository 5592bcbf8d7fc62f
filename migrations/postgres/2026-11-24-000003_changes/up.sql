-- The log of changes: one entry for each accepted change, written in its transaction, never changed
-- and never removed. `entry` is what `hash` is of, together with the hash of the entry before; the
-- columns beside it repeat what queries ask about.

CREATE TABLE changes (
  seq BIGINT PRIMARY KEY CHECK (seq > 0),
  recorded_at TIMESTAMP NOT NULL,
  record_type TEXT COLLATE "C" NOT NULL,
  record_id TEXT COLLATE "C" NOT NULL,
  municipality_id TEXT COLLATE "C",
  audience TEXT COLLATE "C" NOT NULL,
  context_id TEXT COLLATE "C" NOT NULL,
  entry TEXT COLLATE "C" NOT NULL,
  previous_hash TEXT COLLATE "C" NOT NULL,
  hash TEXT COLLATE "C" NOT NULL
);
CREATE INDEX changes_recorded ON changes (recorded_at, seq);
CREATE INDEX changes_record ON changes (record_id, seq);
CREATE INDEX changes_municipality ON changes (municipality_id, seq) WHERE municipality_id IS NOT NULL;

CREATE FUNCTION changes_are_kept() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'the log of changes is append-only'; END$$;
CREATE TRIGGER changes_are_not_changed BEFORE UPDATE OR DELETE ON changes
  FOR EACH ROW EXECUTE FUNCTION changes_are_kept();
CREATE TRIGGER changes_are_not_emptied BEFORE TRUNCATE ON changes
  FOR EACH STATEMENT EXECUTE FUNCTION changes_are_kept();

-- Where the log ends. Who appends holds this row, so that entries stand in the order of their commits.
CREATE TABLE changes_head (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  seq BIGINT NOT NULL,
  hash TEXT COLLATE "C" NOT NULL
);
INSERT INTO changes_head (id, seq, hash) VALUES (1, 0, '');
