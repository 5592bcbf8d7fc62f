-- The change that a kept answer tells of: it is given again to those alone who still see it. What
-- was kept before does not say, and held personal data.
DELETE FROM idempotency_keys;
ALTER TABLE idempotency_keys ADD COLUMN seq BIGINT;
