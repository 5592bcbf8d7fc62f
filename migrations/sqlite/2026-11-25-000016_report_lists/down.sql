DROP INDEX commitment_reports_standing;
DROP INDEX commitment_reports_day;
ALTER TABLE commitment_reports DROP COLUMN known_from;
ALTER TABLE commitment_reports DROP COLUMN begins;
ALTER TABLE commitment_reports DROP COLUMN sort_day;
ALTER TABLE commitment_reports DROP COLUMN standing;
