-- Calendars that are read at an address of their own, as the token that made them. Of the address only its digest is
-- kept.

CREATE TABLE calendars (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  token_id TEXT NOT NULL REFERENCES tokens (id),
  handle TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL,
  name TEXT NOT NULL,
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  last_used_at TEXT,
  revoked_at TEXT
) STRICT;
CREATE INDEX calendars_token ON calendars (token_id, id);
