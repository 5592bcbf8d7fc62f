-- The policies of a municipality beside its document, for the reads of its agreements. So far there
-- was one, which said only who approves.
ALTER TABLE organizations ADD COLUMN policies TEXT COLLATE "C";
UPDATE organizations SET policies = '[{"self_approval":true}]'
 WHERE code IS NOT NULL AND doc::json #>> '{policy,self_approval}' = 'true';

-- What the policies demand of each agreement: one row for each duty and each span of days during
-- which the same was known of it. Derived from the agreement and its municipality's policies, in the
-- transaction that changes them; whether it is overdue the day tells.
CREATE TABLE duties (
  duty_id TEXT COLLATE "C" NOT NULL,
  known_from DATE NOT NULL,
  known_until DATE NOT NULL,
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  municipality_id TEXT COLLATE "C" NOT NULL,
  audience TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C",
  phase TEXT COLLATE "C" NOT NULL,
  sort_due TEXT COLLATE "C" NOT NULL,
  -- The first day that it may be due on as text: '' where the start is open, '~' where it has no date.
  begins TEXT COLLATE "C" NOT NULL,
  due_latest DATE,
  doc TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (duty_id, known_from)
);
CREATE INDEX duties_due ON duties (sort_due, duty_id, begins, known_from, known_until, audience);
CREATE INDEX duties_municipality ON duties (municipality_id, sort_due, duty_id, begins, known_from, known_until, audience);
CREATE INDEX duties_agreement ON duties (agreement_id);
