-- Every record is one JSON document (`doc`) beside the columns that queries filter and sort by.
-- Sort keys are text in byte order and never null, so that a list reads the same on every database.

CREATE TABLE organizations (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  kind TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  sort_name TEXT COLLATE "C" NOT NULL,
  code TEXT COLLATE "C" UNIQUE CHECK (code IS NULL OR length(code) = 10),
  level TEXT COLLATE "C",
  municipality_kind TEXT COLLATE "C",
  parent_code TEXT COLLATE "C",
  merged_into_id TEXT COLLATE "C" REFERENCES organizations (id),
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  CHECK ((kind = 'municipality') = (code IS NOT NULL))
);
CREATE INDEX organizations_name ON organizations (sort_name, id);
CREATE INDEX organizations_kind ON organizations (kind, sort_name, id);
CREATE INDEX organizations_merged ON organizations (merged_into_id) WHERE merged_into_id IS NOT NULL;

CREATE TABLE organization_identifiers (
  scheme TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  PRIMARY KEY (scheme, value)
);
CREATE INDEX organization_identifiers_owner ON organization_identifiers (organization_id);

-- The forms of a name that count as equal, to find look-alikes.
CREATE TABLE organization_names (
  name_key TEXT COLLATE "C" NOT NULL,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  PRIMARY KEY (name_key, organization_id)
);
CREATE INDEX organization_names_owner ON organization_names (organization_id);

CREATE TABLE association_members (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  association_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX association_members_association ON association_members (association_id, id);
CREATE INDEX association_members_organization ON association_members (organization_id, id);

CREATE TABLE projects (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  municipality_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  kind TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  sort_title TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX projects_title ON projects (sort_title, id);
CREATE INDEX projects_municipality ON projects (municipality_id, sort_title, id);
CREATE INDEX projects_kind ON projects (kind, sort_title, id);
CREATE INDEX projects_status ON projects (status, sort_title, id);

CREATE TABLE project_implementers (
  project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (project_id, organization_id)
);
CREATE INDEX project_implementers_organization ON project_implementers (organization_id, project_id);

CREATE TABLE milestones (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
  kind TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX milestones_project ON milestones (project_id, id);

CREATE TABLE agreements (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  municipality_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  kind TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  visibility TEXT COLLATE "C" NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  sort_title TEXT COLLATE "C" NOT NULL,
  sort_signed TEXT COLLATE "C" NOT NULL,
  sort_until TEXT COLLATE "C" NOT NULL,
  signed_earliest DATE,
  signed_latest DATE,
  -- When the agreement certainly and possibly starts and ends; an end is null while none is known.
  starts_earliest DATE,
  starts_latest DATE,
  ends_earliest DATE,
  ends_latest DATE,
  supersedes_id TEXT COLLATE "C" REFERENCES agreements (id),
  -- What lists show of the document, which is several times as long.
  summary TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
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
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (agreement_id, organization_id)
);
CREATE INDEX agreement_parties_organization ON agreement_parties (organization_id, agreement_id);

CREATE TABLE agreement_projects (
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
  PRIMARY KEY (agreement_id, project_id)
);
CREATE INDEX agreement_projects_project ON agreement_projects (project_id, agreement_id);

CREATE TABLE working_groups (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  municipality_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  project_id TEXT COLLATE "C" REFERENCES projects (id),
  agreement_id TEXT COLLATE "C" REFERENCES agreements (id),
  name TEXT COLLATE "C" NOT NULL,
  sort_name TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX working_groups_name ON working_groups (sort_name, id);
CREATE INDEX working_groups_municipality ON working_groups (municipality_id, sort_name, id);
CREATE INDEX working_groups_project ON working_groups (project_id, id);
CREATE INDEX working_groups_agreement ON working_groups (agreement_id, id);

CREATE TABLE working_group_members (
  working_group_id TEXT COLLATE "C" NOT NULL REFERENCES working_groups (id) ON DELETE CASCADE,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (working_group_id, organization_id)
);
CREATE INDEX working_group_members_organization ON working_group_members (organization_id, working_group_id);

CREATE TABLE meetings (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  working_group_id TEXT COLLATE "C" NOT NULL REFERENCES working_groups (id),
  title TEXT COLLATE "C" NOT NULL,
  sort_held TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX meetings_group ON meetings (working_group_id, sort_held, id);

-- What the timelines show: one row for each dated thing and each span of days during which the
-- same was known of it, so that a past day's view is a plain range query. Derived from the records
-- above, in the transaction that changes them.
CREATE TABLE timeline_entries (
  entry_id TEXT COLLATE "C" NOT NULL,
  known_from DATE NOT NULL,
  known_until DATE NOT NULL,
  -- The record that the entry is written with: its milestone, agreement or meeting.
  owner_id TEXT COLLATE "C" NOT NULL,
  record_id TEXT COLLATE "C" NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  municipality_id TEXT COLLATE "C" NOT NULL,
  project_id TEXT COLLATE "C",
  working_group_id TEXT COLLATE "C",
  sort_when TEXT COLLATE "C" NOT NULL,
  -- Its first day as text: '' where the start is open, '~' where it has no date.
  begins TEXT COLLATE "C" NOT NULL,
  phase TEXT COLLATE "C" NOT NULL,
  target_earliest DATE,
  target_latest DATE,
  doc TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (entry_id, known_from)
);
-- What the usual filters ask about is in the index, so that only rows of the page are read whole.
CREATE INDEX timeline_entries_when ON timeline_entries (sort_when, entry_id, begins, known_from, known_until);
CREATE INDEX timeline_entries_municipality ON timeline_entries (municipality_id, sort_when, entry_id, begins, known_from, known_until);
CREATE INDEX timeline_entries_project ON timeline_entries (project_id, sort_when, entry_id) WHERE project_id IS NOT NULL;
CREATE INDEX timeline_entries_working_group ON timeline_entries (working_group_id) WHERE working_group_id IS NOT NULL;
CREATE INDEX timeline_entries_owner ON timeline_entries (owner_id);

-- The first answer to each keyed POST, for 24 hours.
CREATE TABLE idempotency_keys (
  key TEXT COLLATE "C" NOT NULL,
  path TEXT COLLATE "C" NOT NULL,
  digest TEXT COLLATE "C" NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (key, path)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE search_entries (
  seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  record_type TEXT COLLATE "C" NOT NULL,
  record_id TEXT COLLATE "C" NOT NULL,
  municipality_id TEXT COLLATE "C",
  names TEXT COLLATE "C" NOT NULL,
  sort_name TEXT COLLATE "C" NOT NULL,
  terms TSVECTOR NOT NULL,
  UNIQUE (record_type, record_id)
);
CREATE INDEX search_entries_terms ON search_entries USING gin (terms);
