-- One that was withdrawn or voided supersedes nothing: another may take its place.
DROP INDEX agreements_supersedes;
CREATE INDEX agreements_supersedes ON agreements (supersedes_id) WHERE supersedes_id IS NOT NULL;
CREATE UNIQUE INDEX agreements_superseded_once ON agreements (supersedes_id)
 WHERE supersedes_id IS NOT NULL AND status NOT IN ('withdrawn', 'voided');
