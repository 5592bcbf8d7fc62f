-- Who may do what, and who sees what. A token is kept as its digest alone.

CREATE TABLE tokens (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  handle TEXT COLLATE "C" NOT NULL UNIQUE,
  hash TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP,
  last_used_at TIMESTAMP,
  revoked_at TIMESTAMP
);

-- The municipality that added an organization, and may change it.
ALTER TABLE organizations ADD COLUMN added_by TEXT COLLATE "C" REFERENCES organizations (id);

-- Who sees a record: public, partners or internal. Until it is signed an agreement is internal.
ALTER TABLE agreements ADD COLUMN audience TEXT COLLATE "C" NOT NULL DEFAULT 'internal';
UPDATE agreements SET audience = visibility
 WHERE status IN ('signed', 'completed', 'terminated', 'superseded')
    OR (status = 'voided' AND doc::jsonb @> '{"transitions": [{"to": "signed"}]}');
-- Why and until when it is withheld, as JSON, where that is stated.
ALTER TABLE agreements ADD COLUMN withholding TEXT COLLATE "C";
ALTER TABLE projects ADD COLUMN audience TEXT COLLATE "C" NOT NULL DEFAULT 'public';
ALTER TABLE working_groups ADD COLUMN audience TEXT COLLATE "C" NOT NULL DEFAULT 'public';
ALTER TABLE timeline_entries ADD COLUMN audience TEXT COLLATE "C" NOT NULL DEFAULT 'public';
UPDATE timeline_entries SET audience = (SELECT a.audience FROM agreements AS a WHERE a.id = owner_id)
 WHERE type IN ('signing', 'expiry', 'commitment');
ALTER TABLE search_entries ADD COLUMN audience TEXT COLLATE "C" NOT NULL DEFAULT 'public';
-- The agreement, project or working group in which an organization takes part to see the record.
ALTER TABLE search_entries ADD COLUMN context_id TEXT COLLATE "C" NOT NULL DEFAULT '';
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
