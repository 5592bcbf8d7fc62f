DROP TABLE duties;
ALTER TABLE organizations DROP COLUMN policies;
