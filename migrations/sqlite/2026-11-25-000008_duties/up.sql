-- The policies of a municipality beside its document, for the reads of its agreements. So far there
-- was one, which said only who approves.
ALTER TABLE organizations ADD COLUMN policies TEXT;
UPDATE organizations SET policies = '[{"self_approval":true}]'
 WHERE code IS NOT NULL AND json_extract(doc, '$.policy.self_approval') = 1;

-- What the policies demand of each agreement: one row for each duty and each span of days during
-- which the same was known of it. Derived from the agreement and its municipality's policies, in the
-- transaction that changes them; whether it is overdue the day tells.
CREATE TABLE duties (
  duty_id TEXT NOT NULL,
  known_from TEXT NOT NULL,
  known_until TEXT NOT NULL,
  agreement_id TEXT NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  municipality_id TEXT NOT NULL,
  audience TEXT NOT NULL,
  kind TEXT NOT NULL,
  department TEXT,
  phase TEXT NOT NULL,
  sort_due TEXT NOT NULL,
  -- The first day that it may be due on as text: '' where the start is open, '~' where it has no date.
  begins TEXT NOT NULL,
  due_latest TEXT,
  doc TEXT NOT NULL,
  PRIMARY KEY (duty_id, known_from)
) STRICT;
CREATE INDEX duties_due ON duties (sort_due, duty_id, begins, known_from, known_until, audience);
CREATE INDEX duties_municipality ON duties (municipality_id, sort_due, duty_id, begins, known_from, known_until, audience);
CREATE INDEX duties_agreement ON duties (agreement_id);
