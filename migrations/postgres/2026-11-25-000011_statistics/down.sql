DROP INDEX organizations_policies;
DROP INDEX projects_municipality_id;
DROP INDEX agreements_municipality_id;
DROP INDEX agreements_last_sign;
ALTER TABLE agreements DROP COLUMN last_sign;
