-- Webhooks: the log of changes, sent to where the holder of a token wants it. The record is `doc` and
-- the columns before it; what follows `updated_at` is how the sending stands, and not logged.

CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  token_id TEXT NOT NULL REFERENCES tokens (id),
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  -- What signs, and what signs as well until an instant.
  secret TEXT NOT NULL,
  previous_secret TEXT,
  previous_until TEXT,
  -- Up to which change of the log deliveries were planned.
  planned_to INTEGER NOT NULL,
  -- Which server is at work on it, and until when at most.
  leased_by TEXT,
  leased_until TEXT NOT NULL,
  -- After a failure: until when nothing is sent, how many there were since the last success, since when.
  rests_until TEXT,
  failures INTEGER NOT NULL DEFAULT 0,
  failing_since TEXT,
  last_success_at TEXT
) STRICT;
CREATE INDEX webhooks_token ON webhooks (token_id);

CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,
  webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  -- The change of the log that is told; null of what is told of no change, which has its body here.
  seq INTEGER,
  record_type TEXT,
  record_id TEXT,
  type TEXT NOT NULL,
  body TEXT,
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
  -- How often it was tried since it last became pending, and since when.
  tries INTEGER NOT NULL DEFAULT 0,
  first_attempt_at TEXT,
  next_attempt_at TEXT NOT NULL,
  created_at TEXT NOT NULL,
  finished_at TEXT,
  UNIQUE (webhook_id, seq),
  CHECK ((seq IS NULL) <> (body IS NULL))
) STRICT;
CREATE INDEX webhook_deliveries_listed ON webhook_deliveries (webhook_id, id, state);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_attempt_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_record ON webhook_deliveries (webhook_id, record_id, seq) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (state, finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE webhook_attempts (
  id TEXT PRIMARY KEY,
  delivery_id TEXT NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
  at TEXT NOT NULL,
  status INTEGER,
  error TEXT,
  duration_ms INTEGER NOT NULL,
  excerpt TEXT
) STRICT;
CREATE INDEX webhook_attempts_delivery ON webhook_attempts (delivery_id, id);
