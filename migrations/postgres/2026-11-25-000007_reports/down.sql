ALTER TABLE agreements DROP COLUMN report_changes;
DROP TABLE commitment_reports;
