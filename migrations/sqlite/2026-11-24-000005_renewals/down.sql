-- The document keeps what the column may not hold twice.
UPDATE agreements SET supersedes_id = NULL WHERE status IN ('withdrawn', 'voided');
DROP INDEX agreements_superseded_once;
DROP INDEX agreements_supersedes;
CREATE UNIQUE INDEX agreements_supersedes ON agreements (supersedes_id) WHERE supersedes_id IS NOT NULL;
