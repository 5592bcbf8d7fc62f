-- The last day whose digest was planned, of a webhook that asks for one a day.
ALTER TABLE webhooks ADD COLUMN digested_until TEXT;
