-- What lists of reports ask about: whether a report counts, its day, and since when it is known.
ALTER TABLE commitment_reports ADD COLUMN standing TEXT COLLATE "C" NOT NULL DEFAULT 'counted';
-- The day of which it tells, as text whose order is that of the days.
ALTER TABLE commitment_reports ADD COLUMN sort_day TEXT COLLATE "C" NOT NULL DEFAULT '';
-- The first day that it may mean, as text: '' where the start is open.
ALTER TABLE commitment_reports ADD COLUMN begins TEXT COLLATE "C" NOT NULL DEFAULT '';
-- When its whole range has passed, and at the latest when it was recorded (here as days of Seoul).
ALTER TABLE commitment_reports ADD COLUMN known_from DATE NOT NULL DEFAULT '0001-01-01';
UPDATE commitment_reports SET
  standing = CASE
    WHEN doc::json ->> 'retraction' IS NOT NULL THEN 'retracted'
    WHEN doc::json ->> 'refusal' IS NOT NULL THEN 'declined'
    WHEN doc::json ->> 'organization_id' IS NOT NULL AND doc::json ->> 'confirmation' IS NULL
      THEN 'awaiting_confirmation'
    ELSE 'counted' END,
  sort_day = coalesce(doc::json #>> '{content,on,latest}', '9999-99-99') || '/'
    || coalesce(doc::json #>> '{content,on,earliest}', '0000-00-00'),
  begins = coalesce(doc::json #>> '{content,on,earliest}', ''),
  known_from = least(coalesce(doc::json #>> '{content,on,latest}', '9999-12-31')::date,
    (created_at + interval '9 hours')::date);
-- A report of one that was merged is its survivor's.
UPDATE commitment_reports SET organization_id =
  (SELECT coalesce(o.merged_into_id, o.id) FROM organizations AS o WHERE o.id = commitment_reports.organization_id)
 WHERE organization_id IS NOT NULL;
CREATE INDEX commitment_reports_day ON commitment_reports (sort_day, id);
CREATE INDEX commitment_reports_standing ON commitment_reports (standing, sort_day, id);
