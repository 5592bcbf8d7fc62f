-- Calendars that are read at an address of their own, as the token that made them. Of the address only its digest is
-- kept.

CREATE TABLE calendars (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  token_id TEXT COLLATE "C" NOT NULL REFERENCES tokens (id),
  handle TEXT COLLATE "C" NOT NULL UNIQUE,
  hash TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  last_used_at TIMESTAMP,
  revoked_at TIMESTAMP
);
CREATE INDEX calendars_token ON calendars (token_id, id);
