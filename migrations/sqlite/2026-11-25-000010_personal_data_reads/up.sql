-- Who was shown whose personal data, when and from where. Written before it is shown, never changed.
CREATE TABLE personal_data_reads (
  id TEXT PRIMARY KEY,
  read_at TEXT NOT NULL,
  token_id TEXT,
  account TEXT NOT NULL,
  origin TEXT NOT NULL,
  operation TEXT NOT NULL,
  request_id TEXT NOT NULL,
  agreement_id TEXT NOT NULL,
  agreement_version INTEGER NOT NULL,
  municipality_id TEXT NOT NULL
) STRICT;
CREATE INDEX personal_data_reads_municipality ON personal_data_reads (municipality_id, id);
CREATE INDEX personal_data_reads_agreement ON personal_data_reads (agreement_id, id);
CREATE INDEX personal_data_reads_token ON personal_data_reads (token_id, id) WHERE token_id IS NOT NULL;

CREATE TRIGGER personal_data_reads_are_not_changed BEFORE UPDATE ON personal_data_reads
BEGIN
  SELECT RAISE(ABORT, 'what was read is not changed');
END;
CREATE TRIGGER personal_data_reads_are_not_removed BEFORE DELETE ON personal_data_reads
BEGIN
  SELECT RAISE(ABORT, 'what was read is not changed');
END;
