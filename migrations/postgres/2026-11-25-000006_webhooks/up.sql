-- Webhooks: the log of changes, sent to where the holder of a token wants it. The record is `doc` and
-- the columns before it; what follows `updated_at` is how the sending stands, and not logged.

CREATE TABLE webhooks (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  token_id TEXT COLLATE "C" NOT NULL REFERENCES tokens (id),
  enabled BOOLEAN NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  -- What signs, and what signs as well until an instant.
  secret TEXT COLLATE "C" NOT NULL,
  previous_secret TEXT COLLATE "C",
  previous_until TIMESTAMP,
  -- Up to which change of the log deliveries were planned.
  planned_to BIGINT NOT NULL,
  -- Which server is at work on it, and until when at most.
  leased_by TEXT COLLATE "C",
  leased_until TIMESTAMP NOT NULL,
  -- After a failure: until when nothing is sent, how many there were since the last success, since when.
  rests_until TIMESTAMP,
  failures BIGINT NOT NULL DEFAULT 0,
  failing_since TIMESTAMP,
  last_success_at TIMESTAMP
);
CREATE INDEX webhooks_token ON webhooks (token_id);

CREATE TABLE webhook_deliveries (
  id TEXT COLLATE "C" PRIMARY KEY,
  webhook_id TEXT COLLATE "C" NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  -- The change of the log that is told; null of what is told of no change, which has its body here.
  seq BIGINT,
  record_type TEXT COLLATE "C",
  record_id TEXT COLLATE "C",
  type TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C",
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
  -- How often it was tried since it last became pending, and since when.
  tries BIGINT NOT NULL DEFAULT 0,
  first_attempt_at TIMESTAMP,
  next_attempt_at TIMESTAMP NOT NULL,
  created_at TIMESTAMP NOT NULL,
  finished_at TIMESTAMP,
  UNIQUE (webhook_id, seq),
  CHECK ((seq IS NULL) <> (body IS NULL))
);
CREATE INDEX webhook_deliveries_listed ON webhook_deliveries (webhook_id, id, state);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_attempt_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_record ON webhook_deliveries (webhook_id, record_id, seq) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (state, finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE webhook_attempts (
  id TEXT COLLATE "C" PRIMARY KEY,
  delivery_id TEXT COLLATE "C" NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
  at TIMESTAMP NOT NULL,
  status INTEGER,
  error TEXT COLLATE "C",
  duration_ms BIGINT NOT NULL,
  excerpt TEXT COLLATE "C"
);
CREATE INDEX webhook_attempts_delivery ON webhook_attempts (delivery_id, id);
