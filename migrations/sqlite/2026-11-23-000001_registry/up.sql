-- Every record is one JSON document (`doc`) beside the columns that queries filter and sort by.
-- Sort keys are text in byte order and never null, so that a list reads the same on every database.

CREATE TABLE organizations (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  sort_name TEXT NOT NULL,
  code TEXT UNIQUE CHECK (code IS NULL OR length(code) = 10),
  level TEXT,
  municipality_kind TEXT,
  parent_code TEXT,
  merged_into_id TEXT REFERENCES organizations (id),
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  CHECK ((kind = 'municipality') = (code IS NOT NULL))
) STRICT;
-- For the names in the answers about other records.
CREATE INDEX organizations_names ON organizations (id, merged_into_id, name, sort_name);
CREATE INDEX organizations_name ON organizations (sort_name, id);
CREATE INDEX organizations_kind ON organizations (kind, sort_name, id);
CREATE INDEX organizations_merged ON organizations (merged_into_id) WHERE merged_into_id IS NOT NULL;

CREATE TABLE organization_identifiers (
  scheme TEXT NOT NULL,
  value TEXT NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  PRIMARY KEY (scheme, value)
) STRICT;
CREATE INDEX organization_identifiers_owner ON organization_identifiers (organization_id);

-- The forms of a name that count as equal, to find look-alikes.
CREATE TABLE organization_names (
  name_key TEXT NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  PRIMARY KEY (name_key, organization_id)
) STRICT;
CREATE INDEX organization_names_owner ON organization_names (organization_id);

CREATE TABLE association_members (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  association_id TEXT NOT NULL REFERENCES organizations (id),
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX association_members_association ON association_members (association_id, id);
CREATE INDEX association_members_organization ON association_members (organization_id, id);

CREATE TABLE projects (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  municipality_id TEXT NOT NULL REFERENCES organizations (id),
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  title TEXT NOT NULL,
  sort_title TEXT NOT NULL,
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX projects_title ON projects (sort_title, id);
CREATE INDEX projects_municipality ON projects (municipality_id, sort_title, id);
CREATE INDEX projects_kind ON projects (kind, sort_title, id);
CREATE INDEX projects_status ON projects (status, sort_title, id);

CREATE TABLE project_implementers (
  project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (project_id, organization_id)
) STRICT;
CREATE INDEX project_implementers_organization ON project_implementers (organization_id, project_id);

CREATE TABLE milestones (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  project_id TEXT NOT NULL REFERENCES projects (id),
  kind TEXT NOT NULL,
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX milestones_project ON milestones (project_id, id);

CREATE TABLE agreements (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  municipality_id TEXT NOT NULL REFERENCES organizations (id),
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  visibility TEXT NOT NULL,
  title TEXT NOT NULL,
  sort_title TEXT NOT NULL,
  sort_signed TEXT NOT NULL,
  sort_until TEXT NOT NULL,
  signed_earliest TEXT,
  signed_latest TEXT,
  -- When the agreement certainly and possibly starts and ends; an end is null while none is known.
  starts_earliest TEXT,
  starts_latest TEXT,
  ends_earliest TEXT,
  ends_latest TEXT,
  supersedes_id TEXT REFERENCES agreements (id),
  -- What lists show of the document, which is several times as long.
  summary TEXT NOT NULL,
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX agreements_signed ON agreements (sort_signed, id);
CREATE INDEX agreements_title ON agreements (sort_title, id);
CREATE INDEX agreements_until ON agreements (sort_until, id);
CREATE INDEX agreements_municipality ON agreements (municipality_id, sort_signed, id);
CREATE INDEX agreements_municipality_status ON agreements (municipality_id, status, sort_signed, id);
CREATE INDEX agreements_status ON agreements (status, sort_signed, id);
CREATE INDEX agreements_kind ON agreements (kind, sort_signed, id);
CREATE INDEX agreements_ends ON agreements (ends_latest, id) WHERE ends_latest IS NOT NULL;
CREATE UNIQUE INDEX agreements_supersedes ON agreements (supersedes_id) WHERE supersedes_id IS NOT NULL;

CREATE TABLE agreement_parties (
  agreement_id TEXT NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (agreement_id, organization_id)
) STRICT;
CREATE INDEX agreement_parties_organization ON agreement_parties (organization_id, agreement_id);

CREATE TABLE agreement_projects (
  agreement_id TEXT NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  project_id TEXT NOT NULL REFERENCES projects (id),
  PRIMARY KEY (agreement_id, project_id)
) STRICT;
CREATE INDEX agreement_projects_project ON agreement_projects (project_id, agreement_id);

CREATE TABLE working_groups (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  municipality_id TEXT NOT NULL REFERENCES organizations (id),
  project_id TEXT REFERENCES projects (id),
  agreement_id TEXT REFERENCES agreements (id),
  name TEXT NOT NULL,
  sort_name TEXT NOT NULL,
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX working_groups_name ON working_groups (sort_name, id);
CREATE INDEX working_groups_municipality ON working_groups (municipality_id, sort_name, id);
CREATE INDEX working_groups_project ON working_groups (project_id, id);
CREATE INDEX working_groups_agreement ON working_groups (agreement_id, id);

CREATE TABLE working_group_members (
  working_group_id TEXT NOT NULL REFERENCES working_groups (id) ON DELETE CASCADE,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (working_group_id, organization_id)
) STRICT;
CREATE INDEX working_group_members_organization ON working_group_members (organization_id, working_group_id);

CREATE TABLE meetings (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  working_group_id TEXT NOT NULL REFERENCES working_groups (id),
  title TEXT NOT NULL,
  sort_held TEXT NOT NULL,
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX meetings_group ON meetings (working_group_id, sort_held, id);

-- What the timelines show: one row for each dated thing and each span of days during which the
-- same was known of it, so that a past day's view is a plain range query. Derived from the records
-- above, in the transaction that changes them.
CREATE TABLE timeline_entries (
  entry_id TEXT NOT NULL,
  known_from TEXT NOT NULL,
  known_until TEXT NOT NULL,
  -- The record that the entry is written with: its milestone, agreement or meeting.
  owner_id TEXT NOT NULL,
  record_id TEXT NOT NULL,
  type TEXT NOT NULL,
  kind TEXT NOT NULL,
  municipality_id TEXT NOT NULL,
  project_id TEXT,
  working_group_id TEXT,
  sort_when TEXT NOT NULL,
  -- Its first day as text: '' where the start is open, '~' where it has no date.
  begins TEXT NOT NULL,
  phase TEXT NOT NULL,
  target_earliest TEXT,
  target_latest TEXT,
  doc TEXT NOT NULL,
  PRIMARY KEY (entry_id, known_from)
) STRICT;
-- What the usual filters ask about is in the index, so that only rows of the page are read whole.
CREATE INDEX timeline_entries_when ON timeline_entries (sort_when, entry_id, begins, known_from, known_until);
CREATE INDEX timeline_entries_municipality ON timeline_entries (municipality_id, sort_when, entry_id, begins, known_from, known_until);
CREATE INDEX timeline_entries_project ON timeline_entries (project_id, sort_when, entry_id) WHERE project_id IS NOT NULL;
CREATE INDEX timeline_entries_working_group ON timeline_entries (working_group_id) WHERE working_group_id IS NOT NULL;
CREATE INDEX timeline_entries_owner ON timeline_entries (owner_id);

-- The first answer to each keyed POST, for 24 hours.
CREATE TABLE idempotency_keys (
  key TEXT NOT NULL,
  path TEXT NOT NULL,
  digest TEXT NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (key, path)
) STRICT;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE search_entries (
  seq INTEGER PRIMARY KEY,
  record_type TEXT NOT NULL,
  record_id TEXT NOT NULL,
  municipality_id TEXT,
  names TEXT NOT NULL,
  sort_name TEXT NOT NULL,
  UNIQUE (record_type, record_id)
) STRICT;
-- Terms are made by the program; contentless, since search_entries holds what is shown.
CREATE VIRTUAL TABLE search_terms USING fts5 (terms, content = '', contentless_delete = 1, tokenize = 'ascii');
