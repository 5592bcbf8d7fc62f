ALTER TABLE webhooks DROP COLUMN digested_until;
