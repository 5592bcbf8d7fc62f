-- Who may do what, and who sees what. A token is kept as its digest alone.

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  handle TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  expires_at TEXT,
  last_used_at TEXT,
  revoked_at TEXT
) STRICT;

-- The municipality that added an organization, and may change it.
ALTER TABLE organizations ADD COLUMN added_by TEXT REFERENCES organizations (id);

-- Who sees a record: public, partners or internal. Until it is signed an agreement is internal.
ALTER TABLE agreements ADD COLUMN audience TEXT NOT NULL DEFAULT 'internal';
UPDATE agreements SET audience = visibility
 WHERE status IN ('signed', 'completed', 'terminated', 'superseded')
    OR (status = 'voided' AND EXISTS (
      SELECT 1 FROM json_each(doc, '$.transitions') AS step WHERE json_extract(step.value, '$.to') = 'signed'));
-- Why and until when it is withheld, as JSON, where that is stated.
ALTER TABLE agreements ADD COLUMN withholding TEXT;
ALTER TABLE projects ADD COLUMN audience TEXT NOT NULL DEFAULT 'public';
ALTER TABLE working_groups ADD COLUMN audience TEXT NOT NULL DEFAULT 'public';
ALTER TABLE timeline_entries ADD COLUMN audience TEXT NOT NULL DEFAULT 'public';
UPDATE timeline_entries SET audience = (SELECT a.audience FROM agreements AS a WHERE a.id = owner_id)
 WHERE type IN ('signing', 'expiry', 'commitment');
ALTER TABLE search_entries ADD COLUMN audience TEXT NOT NULL DEFAULT 'public';
-- The agreement, project or working group in which an organization takes part to see the record.
ALTER TABLE search_entries ADD COLUMN context_id TEXT NOT NULL DEFAULT '';
UPDATE search_entries SET context_id = record_id;
UPDATE search_entries SET context_id = (SELECT m.working_group_id FROM meetings AS m WHERE m.id = record_id)
 WHERE record_type = 'meeting';
UPDATE search_entries SET audience = (SELECT a.audience FROM agreements AS a WHERE a.id = record_id)
 WHERE record_type = 'agreement';

-- Counts ask who sees the rows, too.
DROP INDEX agreements_municipality;
CREATE INDEX agreements_municipality ON agreements (municipality_id, sort_signed, id, audience);
DROP INDEX agreements_municipality_status;
CREATE INDEX agreements_municipality_status ON agreements (municipality_id, status, sort_signed, id, audience);
DROP INDEX timeline_entries_when;
CREATE INDEX timeline_entries_when ON timeline_entries (sort_when, entry_id, begins, known_from, known_until, audience);
DROP INDEX timeline_entries_municipality;
CREATE INDEX timeline_entries_municipality ON timeline_entries (municipality_id, sort_when, entry_id, begins, known_from, known_until, audience);
