-- What digests told is not kept.
DELETE FROM webhook_deliveries WHERE type = 'digest.daily';
