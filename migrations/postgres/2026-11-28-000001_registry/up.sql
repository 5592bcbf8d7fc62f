-- Each record is one JSON document (`doc`) beside the columns that queries filter and sort by.
-- Sort keys are text in byte order and never null, so that lists have the same order on every
-- database. `visibility` names who sees a row: public, partners or internal.

CREATE TABLE organizations (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  kind TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  sort_name TEXT COLLATE "C" NOT NULL,
  -- ISO 3166-1 alpha-2; of a Korean municipality KR.
  country TEXT COLLATE "C" CHECK (country IS NULL OR length(country) = 2),
  code TEXT COLLATE "C" UNIQUE CHECK (code IS NULL OR length(code) = 10),
  level TEXT COLLATE "C",
  municipality_kind TEXT COLLATE "C",
  parent_code TEXT COLLATE "C",
  merged_into_id TEXT COLLATE "C" REFERENCES organizations (id),
  -- The municipality that added the organization, and may change it.
  added_by TEXT COLLATE "C" REFERENCES organizations (id),
  -- The policies of a municipality, copied from its document for reads of its agreements.
  policies TEXT COLLATE "C",
  -- Who succeeded a municipality and since when, copied from its document.
  succession TEXT COLLATE "C",
  -- The codes of the expected facts that are missing, each with a space on both sides.
  gaps TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  -- A municipality without a code of the official list is abroad.
  CHECK (CASE WHEN code IS NOT NULL THEN kind = 'municipality' AND country IS NOT DISTINCT FROM 'KR'
    ELSE kind <> 'municipality' OR country <> 'KR' AND country IS NOT NULL END)
);
CREATE INDEX organizations_name ON organizations (sort_name, id);
CREATE INDEX organizations_kind ON organizations (kind, sort_name, id);
-- Covers the choice of a municipality, which every list offers.
CREATE INDEX organizations_code ON organizations (code, id) WHERE code IS NOT NULL;
CREATE INDEX organizations_country ON organizations (country, sort_name, id) WHERE country IS NOT NULL;
CREATE INDEX organizations_merged ON organizations (merged_into_id) WHERE merged_into_id IS NOT NULL;
-- Few organizations have policies.
CREATE INDEX organizations_policies ON organizations (id) WHERE policies IS NOT NULL;
CREATE INDEX organizations_succession ON organizations (id) WHERE succession IS NOT NULL;

CREATE TABLE organization_identifiers (
  scheme TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  PRIMARY KEY (scheme, value)
);
CREATE INDEX organization_identifiers_owner ON organization_identifiers (organization_id);

-- Normalized forms of each name, to find look-alikes.
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

-- Public holidays declared by an admin, beside those of the program's table.
CREATE TABLE holidays (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  day DATE NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX holidays_day ON holidays (day);

CREATE TABLE projects (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  municipality_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  kind TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  sort_title TEXT COLLATE "C" NOT NULL,
  visibility TEXT COLLATE "C" NOT NULL DEFAULT 'public',
  -- The codes of the expected facts that are missing, each with a space on both sides.
  gaps TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX projects_title ON projects (sort_title, id);
CREATE INDEX projects_municipality ON projects (municipality_id, sort_title, id);
-- For passes over all projects of a municipality.
CREATE INDEX projects_municipality_id ON projects (municipality_id, id);
CREATE INDEX projects_kind ON projects (kind, sort_title, id);
CREATE INDEX projects_status ON projects (status, sort_title, id);

CREATE TABLE project_implementers (
  project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (project_id, organization_id)
);
CREATE INDEX project_implementers_organization ON project_implementers (organization_id, project_id);

-- Every organization that a project names, then or now. Unlike the present implementers, they see no
-- more of it for that.
CREATE TABLE project_organizations (
  project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (project_id, organization_id)
);
CREATE INDEX project_organizations_organization ON project_organizations (organization_id);

CREATE TABLE milestones (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
  kind TEXT COLLATE "C" NOT NULL,
  -- What the figures of the milestone need, for any day, as JSON.
  facts TEXT COLLATE "C" NOT NULL,
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
  -- The visibility once the agreement is signed.
  stated_visibility TEXT COLLATE "C" NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  sort_title TEXT COLLATE "C" NOT NULL,
  sort_signed TEXT COLLATE "C" NOT NULL,
  sort_until TEXT COLLATE "C" NOT NULL,
  signed_earliest DATE,
  signed_latest DATE,
  -- The earliest and latest possible start and end; an end is null while it is unknown.
  starts_earliest DATE,
  starts_latest DATE,
  ends_earliest DATE,
  ends_latest DATE,
  ended_from DATE,
  -- The day from which something is known of the agreement: that of its first transition.
  known_from DATE,
  supersedes_id TEXT COLLATE "C" REFERENCES agreements (id),
  -- The city's own number of the agreement, from the document.
  reference_number TEXT COLLATE "C",
  lead_department TEXT COLLATE "C",
  -- The texts of the topics in the form in which they are compared, one in a line.
  topics TEXT COLLATE "C" NOT NULL,
  -- The codes of the expected facts that are missing, each with a space on both sides.
  gaps TEXT COLLATE "C" NOT NULL,
  -- The title without spaces and punctuation, to find agreements that were recorded twice.
  title_key TEXT COLLATE "C" NOT NULL,
  -- The part of the document that lists show; the document is several times as long.
  summary TEXT COLLATE "C" NOT NULL,
  -- Who sees the agreement today: internal until it is signed.
  visibility TEXT COLLATE "C" NOT NULL DEFAULT 'internal',
  -- Why and until when the agreement is withheld, as JSON; null if not stated.
  withholding TEXT COLLATE "C",
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  -- The number of changes to the agreement's reports. At 0 there is nothing to look up; a writer
  -- that relies on the reports compares it to notice that they have changed.
  report_changes BIGINT NOT NULL DEFAULT 0,
  -- The date of the last sign of life: the signing, the last review or the last report that counts.
  last_sign DATE
);
-- Covers counts by the filters that most agreements pass.
CREATE INDEX agreements_signed ON agreements (sort_signed, id, visibility, stated_visibility, status, kind,
  municipality_id, signed_earliest, signed_latest, starts_earliest, starts_latest, ends_earliest, ends_latest,
  ended_from, last_sign);
-- The few that a sort key alone does not place in a period, that not everyone sees, and of which it
-- can be open whether they are in force.
CREATE INDEX agreements_imprecise ON agreements (sort_signed, id, signed_earliest, signed_latest, visibility)
 WHERE substr(sort_signed, 1, 10) <> substr(sort_signed, 12);
CREATE INDEX agreements_restricted ON agreements (stated_visibility, sort_signed, id, visibility)
 WHERE stated_visibility <> 'public';
-- Covers the counts of what is not public, which every page of readers states.
CREATE INDEX agreements_withheld ON agreements (municipality_id, status, withholding, signed_latest, id)
 WHERE visibility <> 'public';
CREATE INDEX agreements_unclear ON agreements (sort_signed, id, visibility, status, starts_earliest, starts_latest,
  ends_earliest, ends_latest)
 WHERE starts_latest IS NULL OR starts_earliest IS DISTINCT FROM starts_latest
  OR ends_earliest IS DISTINCT FROM ends_latest OR ends_latest IS NULL;
CREATE INDEX agreements_title ON agreements (sort_title, id);
CREATE INDEX agreements_until ON agreements (sort_until, id);
-- `visibility` is included for counts, which depend on the caller's visibility; `status` and `ended_from` for
-- the status on a day. So a list of a municipality reads no row of the table.
CREATE INDEX agreements_municipality ON agreements (municipality_id, sort_signed, id, visibility, status, ended_from);
CREATE INDEX agreements_municipality_status ON agreements (municipality_id, status, sort_signed, id, visibility);
-- For passes over all agreements of a municipality.
CREATE INDEX agreements_municipality_id ON agreements (municipality_id, id);
CREATE INDEX agreements_last_sign ON agreements (municipality_id, status, last_sign);
CREATE INDEX agreements_status ON agreements (status, sort_signed, id);
CREATE INDEX agreements_kind ON agreements (kind, sort_signed, id);
CREATE INDEX agreements_ends ON agreements (ends_latest, id) WHERE ends_latest IS NOT NULL;
CREATE INDEX agreements_reference_number ON agreements (reference_number)
 WHERE reference_number IS NOT NULL;
CREATE INDEX agreements_title_key ON agreements (municipality_id, title_key, id);
CREATE INDEX agreements_supersedes ON agreements (supersedes_id) WHERE supersedes_id IS NOT NULL;
-- A withdrawn or voided agreement supersedes nothing: another can take its place.
CREATE UNIQUE INDEX agreements_superseded_once ON agreements (supersedes_id)
 WHERE supersedes_id IS NOT NULL AND status NOT IN ('withdrawn', 'voided');

CREATE TABLE agreement_parties (
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  -- A part of the agreement's document.
  party_id TEXT COLLATE "C" NOT NULL,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  -- The first and the last day on which the organization can have taken part.
  since DATE NOT NULL,
  until DATE NOT NULL,
  PRIMARY KEY (agreement_id, party_id)
);
CREATE INDEX agreement_parties_organization ON agreement_parties (organization_id, agreement_id);

-- The municipalities of each agreement that several share: its owner and its co-owners. An agreement
-- of one municipality has no row.
CREATE TABLE agreement_owners (
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  municipality_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (agreement_id, municipality_id)
);
CREATE INDEX agreement_owners_municipality ON agreement_owners (municipality_id, agreement_id);

-- The few facts of each agreement from which its figures follow for any day, as JSON. Null if a date is
-- relative to a milestone: then they depend on the day, and are read from the document.
CREATE TABLE agreement_figures (
  agreement_id TEXT COLLATE "C" PRIMARY KEY REFERENCES agreements (id) ON DELETE CASCADE,
  facts TEXT COLLATE "C"
);

-- Links between agreements that go on side by side: implements, annex_to, amends.
CREATE TABLE agreement_links (
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  link TEXT COLLATE "C" NOT NULL,
  base_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id),
  PRIMARY KEY (agreement_id, link, base_id)
);
CREATE INDEX agreement_links_base ON agreement_links (base_id, agreement_id);

CREATE TABLE agreement_projects (
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
  PRIMARY KEY (agreement_id, project_id)
);
CREATE INDEX agreement_projects_project ON agreement_projects (project_id, agreement_id);

-- Milestones to which dates of agreements are relative.
CREATE TABLE agreement_anchors (
  agreement_id TEXT NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  milestone_id TEXT NOT NULL REFERENCES milestones (id),
  PRIMARY KEY (agreement_id, milestone_id)
);
CREATE INDEX agreement_anchors_milestone ON agreement_anchors (milestone_id);

-- Agreements to which targets of milestones are relative. A rebuild writes milestones before agreements.
CREATE TABLE milestone_anchors (
  milestone_id TEXT COLLATE "C" NOT NULL REFERENCES milestones (id) ON DELETE CASCADE,
  agreement_id TEXT COLLATE "C" NOT NULL,
  anchor TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (milestone_id, agreement_id, anchor)
);
CREATE INDEX milestone_anchors_agreement ON milestone_anchors (agreement_id);

-- Reports on commitments. They are never removed.
CREATE TABLE commitment_reports (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id),
  -- A part of the agreement's document.
  commitment_id TEXT COLLATE "C" NOT NULL,
  -- The partner that reported, kept as long as its report; null if the city itself reported.
  organization_id TEXT COLLATE "C" REFERENCES organizations (id),
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  -- Whether the report counts.
  standing TEXT COLLATE "C" NOT NULL DEFAULT 'counted',
  -- The report's date, as text that sorts by day.
  sort_day TEXT COLLATE "C" NOT NULL DEFAULT '',
  -- The first possible day of that date, as text: '' if its start is open.
  begins TEXT COLLATE "C" NOT NULL DEFAULT '',
  -- When the whole date has passed, at the latest the day of recording.
  known_from DATE NOT NULL DEFAULT '0001-01-01'
);
CREATE INDEX commitment_reports_agreement ON commitment_reports (agreement_id, created_at, id);
CREATE INDEX commitment_reports_organization ON commitment_reports (organization_id) WHERE organization_id IS NOT NULL;
CREATE INDEX commitment_reports_day ON commitment_reports (sort_day, id);
CREATE INDEX commitment_reports_standing ON commitment_reports (standing, sort_day, id);

CREATE TABLE working_groups (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  municipality_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  project_id TEXT COLLATE "C" REFERENCES projects (id),
  agreement_id TEXT COLLATE "C" REFERENCES agreements (id),
  name TEXT COLLATE "C" NOT NULL,
  sort_name TEXT COLLATE "C" NOT NULL,
  visibility TEXT COLLATE "C" NOT NULL DEFAULT 'public',
  -- The first day on which the group can have been established; null if unknown.
  established_earliest DATE,
  -- The codes of the expected facts that are missing, each with a space on both sides.
  gaps TEXT COLLATE "C" NOT NULL,
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

-- The participants of a meeting: its attendees, and the members of its group on that day. Derived
-- from the meeting and its group, in the transaction that changes them.
CREATE TABLE meeting_organizations (
  meeting_id TEXT COLLATE "C" NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (meeting_id, organization_id)
);
CREATE INDEX meeting_organizations_organization ON meeting_organizations (organization_id, meeting_id);

-- What was told to the press. The agreement or milestone is the one that a person confirmed it to
-- be about.
CREATE TABLE announcements (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  municipality_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  visibility TEXT COLLATE "C" NOT NULL DEFAULT 'public',
  kind TEXT COLLATE "C" NOT NULL,
  standing TEXT COLLATE "C" NOT NULL,
  agreement_id TEXT COLLATE "C" REFERENCES agreements (id),
  milestone_id TEXT COLLATE "C" REFERENCES milestones (id),
  title TEXT COLLATE "C" NOT NULL,
  sort_title TEXT COLLATE "C" NOT NULL,
  sort_announced TEXT COLLATE "C" NOT NULL,
  announced_earliest DATE,
  announced_latest DATE,
  publisher TEXT COLLATE "C",
  url TEXT COLLATE "C",
  -- The codes of the expected facts that are missing, each with a space on both sides.
  gaps TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  CHECK (agreement_id IS NULL OR milestone_id IS NULL)
);
CREATE INDEX announcements_announced ON announcements (sort_announced, id);
CREATE INDEX announcements_title ON announcements (sort_title, id);
CREATE INDEX announcements_municipality ON announcements (municipality_id, sort_announced, id);
CREATE INDEX announcements_agreement ON announcements (agreement_id, id);
CREATE INDEX announcements_milestone ON announcements (milestone_id, id);
CREATE INDEX announcements_url ON announcements (url, id);

-- The entries of the timelines: one row for each dated thing and each span of days with the same
-- knowledge about it, so that the view of a past day is a plain range query. Derived from the
-- records above, in the transaction that changes them.
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
  -- Key of the phase of the project, of a milestone.
  project_phase TEXT COLLATE "C",
  working_group_id TEXT COLLATE "C",
  sort_when TEXT COLLATE "C" NOT NULL,
  -- The entry's first day as text: '' if its start is open, '~' if it has no date.
  begins TEXT COLLATE "C" NOT NULL,
  phase TEXT COLLATE "C" NOT NULL,
  target_earliest DATE,
  target_latest DATE,
  visibility TEXT COLLATE "C" NOT NULL DEFAULT 'public',
  doc TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (entry_id, known_from)
);
-- The indexes include the columns of common filters: only the rows of a page are read whole.
CREATE INDEX timeline_entries_when ON timeline_entries (sort_when, entry_id, begins, known_from, known_until, visibility);
CREATE INDEX timeline_entries_municipality ON timeline_entries (municipality_id, sort_when, entry_id, begins, known_from, known_until, visibility);
CREATE INDEX timeline_entries_type ON timeline_entries (type, sort_when, entry_id, begins, known_from, known_until, visibility, kind, phase, target_earliest, target_latest);
CREATE INDEX timeline_entries_kind ON timeline_entries (kind, sort_when, entry_id, begins, known_from, known_until, visibility, type, phase, target_earliest, target_latest);
CREATE INDEX timeline_entries_phase ON timeline_entries (phase, sort_when, entry_id, begins, known_from, known_until, visibility, type, kind, target_earliest, target_latest);
CREATE INDEX timeline_entries_project ON timeline_entries (project_id, sort_when, entry_id) WHERE project_id IS NOT NULL;
CREATE INDEX timeline_entries_working_group ON timeline_entries (working_group_id) WHERE working_group_id IS NOT NULL;
CREATE INDEX timeline_entries_owner ON timeline_entries (owner_id);

-- The duties that policies impose on agreements, and on municipalities themselves (without an
-- agreement): one row for each duty and each span of days with the same knowledge about it. Derived
-- from the agreement or the municipality and its policies, in the transaction that changes them.
-- Whether a duty is overdue depends on the day of the query.
CREATE TABLE duties (
  duty_id TEXT COLLATE "C" NOT NULL,
  known_from DATE NOT NULL,
  known_until DATE NOT NULL,
  agreement_id TEXT COLLATE "C" REFERENCES agreements (id) ON DELETE CASCADE,
  municipality_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  visibility TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C",
  phase TEXT COLLATE "C" NOT NULL,
  sort_due TEXT COLLATE "C" NOT NULL,
  -- The first possible due date as text: '' if its start is open, '~' if there is no date.
  begins TEXT COLLATE "C" NOT NULL,
  due_latest DATE,
  doc TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (duty_id, known_from)
);
CREATE INDEX duties_due ON duties (sort_due, duty_id, begins, known_from, known_until, visibility);
CREATE INDEX duties_municipality ON duties (municipality_id, sort_due, duty_id, begins, known_from, known_until, visibility);
CREATE INDEX duties_agreement ON duties (agreement_id);

-- The publications of agreements, for lists across agreements. Derived from the agreement, in the
-- transaction that changes it.
CREATE TABLE publications (
  publication_id TEXT COLLATE "C" PRIMARY KEY,
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  -- The municipality that published it.
  municipality_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  extent TEXT COLLATE "C" NOT NULL,
  sort_published TEXT COLLATE "C" NOT NULL,
  published_earliest DATE,
  published_latest DATE,
  -- The instant of the recording or last change.
  sort_changed TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL
);
CREATE INDEX publications_published ON publications (sort_published, publication_id);
CREATE INDEX publications_municipality ON publications (municipality_id, sort_published, publication_id);
CREATE INDEX publications_changed ON publications (sort_changed, publication_id);
CREATE INDEX publications_municipality_changed ON publications (municipality_id, sort_changed, publication_id);
CREATE INDEX publications_agreement ON publications (agreement_id);

-- API tokens. Only the digest of a token is stored; `handle` is the start of it, for look-ups.
CREATE TABLE tokens (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  handle TEXT COLLATE "C" NOT NULL UNIQUE,
  hash TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP,
  last_used_at TIMESTAMP,
  revoked_at TIMESTAMP
);

-- Secret addresses of calendars and of streams of changes, read with the rights of the token that
-- made them. Only the digest of an address is stored; `handle` is the start of it, for look-ups.
CREATE TABLE addresses (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('calendar', 'change_stream')),
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
CREATE INDEX addresses_token ON addresses (token_id, id);

-- Webhooks send the log of changes to other systems, with the visibility of their token. The record
-- is the columns up to `updated_at`; the columns after it are the state of sending and not logged.
CREATE TABLE webhooks (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  token_id TEXT COLLATE "C" NOT NULL REFERENCES tokens (id),
  enabled BOOLEAN NOT NULL,
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  -- The secret that signs, and the earlier ones, as a list of `{"secret", "until"}`: they sign as well
  -- until then.
  secret TEXT COLLATE "C" NOT NULL,
  earlier_secrets TEXT COLLATE "C" NOT NULL DEFAULT '[]',
  -- The last entry of the log for which deliveries were planned.
  planned_to BIGINT NOT NULL,
  -- The server that works on the webhook, and the end of its lease.
  leased_by TEXT COLLATE "C",
  leased_until TIMESTAMP NOT NULL,
  -- After a failure: the end of the pause, the number of failures since the last success, and the
  -- time of the first of them.
  rests_until TIMESTAMP,
  failures BIGINT NOT NULL DEFAULT 0,
  failing_since TIMESTAMP,
  last_success_at TIMESTAMP,
  -- The last day for which a daily digest was planned.
  digested_until DATE
);
CREATE INDEX webhooks_token ON webhooks (token_id);

CREATE TABLE webhook_deliveries (
  id TEXT COLLATE "C" PRIMARY KEY,
  webhook_id TEXT COLLATE "C" NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  -- The entry of the log that is sent; null for events without one, which have a body.
  seq BIGINT,
  record_type TEXT COLLATE "C",
  record_id TEXT COLLATE "C",
  type TEXT COLLATE "C" NOT NULL,
  -- The event to send; for a digest, its municipality and day, since each attempt makes it anew.
  body TEXT COLLATE "C",
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
  -- The number of attempts since the delivery last became pending, and the time of the first.
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

-- The log of changes: one entry for each accepted change, written in its transaction, never changed
-- or removed. `hash` covers `entry` and the hash of the entry before; the columns beside `entry`
-- repeat the parts of it that queries filter by.
CREATE TABLE changes (
  seq BIGINT PRIMARY KEY CHECK (seq > 0),
  recorded_at TIMESTAMP NOT NULL,
  record_type TEXT COLLATE "C" NOT NULL,
  record_id TEXT COLLATE "C" NOT NULL,
  municipality_id TEXT COLLATE "C",
  visibility TEXT COLLATE "C" NOT NULL,
  -- The agreement, project or working group in which an organization takes part to see the record.
  context_id TEXT COLLATE "C" NOT NULL,
  entry TEXT COLLATE "C" NOT NULL,
  previous_hash TEXT COLLATE "C" NOT NULL,
  hash TEXT COLLATE "C" NOT NULL
);
CREATE INDEX changes_recorded ON changes (recorded_at, seq);
CREATE INDEX changes_record ON changes (record_id, seq);
CREATE INDEX changes_municipality ON changes (municipality_id, seq) WHERE municipality_id IS NOT NULL;

CREATE FUNCTION changes_are_kept() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'the log of changes is append-only'; END$$;
CREATE TRIGGER changes_are_not_changed BEFORE UPDATE OR DELETE ON changes
  FOR EACH ROW EXECUTE FUNCTION changes_are_kept();
CREATE TRIGGER changes_are_not_emptied BEFORE TRUNCATE ON changes
  FOR EACH STATEMENT EXECUTE FUNCTION changes_are_kept();

-- The last entry of the log. Writers lock this row, so that entries are in the order of commits.
CREATE TABLE changes_head (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  seq BIGINT NOT NULL,
  hash TEXT COLLATE "C" NOT NULL,
  -- How often derived tables were repaired, which no entry tells.
  repairs BIGINT NOT NULL DEFAULT 0
);
INSERT INTO changes_head (id, seq, hash) VALUES (1, 0, '');

-- Reads of personal data: by whom, when and from where. Written before the data is shown, never
-- changed.
CREATE TABLE personal_data_reads (
  id TEXT COLLATE "C" PRIMARY KEY,
  read_at TIMESTAMP NOT NULL,
  token_id TEXT COLLATE "C",
  account TEXT COLLATE "C" NOT NULL,
  origin TEXT COLLATE "C" NOT NULL,
  operation TEXT COLLATE "C" NOT NULL,
  request_id TEXT COLLATE "C" NOT NULL,
  agreement_id TEXT COLLATE "C" NOT NULL,
  agreement_version BIGINT NOT NULL,
  municipality_id TEXT COLLATE "C" NOT NULL
);
CREATE INDEX personal_data_reads_municipality ON personal_data_reads (municipality_id, id);
CREATE INDEX personal_data_reads_agreement ON personal_data_reads (agreement_id, id);
CREATE INDEX personal_data_reads_token ON personal_data_reads (token_id, id) WHERE token_id IS NOT NULL;

CREATE FUNCTION personal_data_reads_are_kept() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'what was read is not changed'; END$$;
CREATE TRIGGER personal_data_reads_are_not_changed BEFORE UPDATE OR DELETE ON personal_data_reads
  FOR EACH ROW EXECUTE FUNCTION personal_data_reads_are_kept();
CREATE TRIGGER personal_data_reads_are_not_emptied BEFORE TRUNCATE ON personal_data_reads
  FOR EACH STATEMENT EXECUTE FUNCTION personal_data_reads_are_kept();

-- Files that municipalities import, and what their officers corrected.
CREATE TABLE imports (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  municipality_id TEXT NOT NULL REFERENCES organizations (id),
  headers_key TEXT NOT NULL,
  format TEXT NOT NULL,
  doc TEXT NOT NULL,
  book TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX imports_headers ON imports (municipality_id, headers_key, updated_at);

-- Sessions of people who signed in to the pages for officers, with a token or by the single sign-on.
CREATE TABLE sign_ins (
  id TEXT COLLATE "C" PRIMARY KEY,
  token_id TEXT COLLATE "C" REFERENCES tokens (id),
  -- The id derived from the subject of the single sign-on, and what is kept of it while the session lasts.
  subject_id TEXT COLLATE "C",
  subject TEXT,
  -- The first digits of the digest, by which a session is found.
  handle TEXT COLLATE "C" NOT NULL UNIQUE,
  hash TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  last_used_at TIMESTAMP NOT NULL,
  CHECK ((token_id IS NULL) <> (subject_id IS NULL)),
  CHECK ((subject_id IS NULL) = (subject IS NULL))
);
CREATE INDEX sign_ins_token ON sign_ins (token_id);
CREATE INDEX sign_ins_subject ON sign_ins (subject_id);
CREATE INDEX sign_ins_age ON sign_ins (created_at);

-- Files that were ever recorded. Their bytes are in a folder, under their SHA-256.
CREATE TABLE files (
  sha256 TEXT COLLATE "C" PRIMARY KEY,
  media_type TEXT COLLATE "C" NOT NULL,
  bytes BIGINT NOT NULL CHECK (bytes > 0),
  stored_at TIMESTAMP NOT NULL,
  -- When the bytes were removed, since no record may have them.
  erased_at TIMESTAMP
);

-- Files in a bucket that a request is about to record, or to remove: no transaction waits for the bucket.
CREATE TABLE file_claims (
  id TEXT COLLATE "C" PRIMARY KEY,
  sha256 TEXT COLLATE "C" NOT NULL,
  is_removal INTEGER NOT NULL CHECK (is_removal IN (0, 1)),
  -- When the request has ended, even if its server was killed.
  ends_at TIMESTAMP NOT NULL
);

-- The files that records use.
CREATE TABLE file_uses (
  file_id TEXT COLLATE "C" PRIMARY KEY,
  sha256 TEXT COLLATE "C" NOT NULL,
  record_id TEXT COLLATE "C" NOT NULL,
  -- The record as which the search finds it: of a report, the agreement.
  found_as TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  -- Whether everyone who sees the record reads it, or the staff and those who take part alone.
  is_open INTEGER NOT NULL CHECK (is_open IN (0, 1))
);
CREATE INDEX file_uses_sha256 ON file_uses (sha256);
CREATE INDEX file_uses_record ON file_uses (record_id);
CREATE INDEX file_uses_found_as ON file_uses (found_as);

-- The first response to each POST with an idempotency key, kept for 24 hours.
CREATE TABLE idempotency_keys (
  key TEXT COLLATE "C" NOT NULL,
  path TEXT COLLATE "C" NOT NULL,
  digest TEXT COLLATE "C" NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  -- The entry of the log that the response shows: it is repeated only to callers who still see it.
  seq BIGINT,
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
  visibility TEXT COLLATE "C" NOT NULL DEFAULT 'public',
  -- The agreement, project or working group in which an organization takes part to see the record.
  context_id TEXT COLLATE "C" NOT NULL DEFAULT '',
  terms TSVECTOR NOT NULL,
  UNIQUE (record_type, record_id)
);
CREATE INDEX search_entries_record ON search_entries (record_id);
CREATE INDEX search_entries_terms ON search_entries USING gin (terms);

-- Files whose text was read, and how much of it could be. They follow from the files.
CREATE TABLE search_files (
  sha256 TEXT COLLATE "C" PRIMARY KEY,
  status TEXT COLLATE "C" NOT NULL CHECK (status IN ('text', 'partly_readable', 'no_text', 'failed')),
  read_at TIMESTAMP NOT NULL
);
-- Their texts, in parts of a page or some paragraphs.
CREATE TABLE search_passages (
  seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sha256 TEXT COLLATE "C" NOT NULL,
  page INTEGER,
  paragraph INTEGER,
  text TEXT COLLATE "C" NOT NULL,
  terms TSVECTOR NOT NULL
);
CREATE INDEX search_passages_sha256 ON search_passages (sha256);
CREATE INDEX search_passages_terms ON search_passages USING gin (terms);

-- The records in which organizations take part, whatever their kind: a partner sees them.
CREATE VIEW participations AS
  SELECT agreement_id AS context_id, organization_id FROM agreement_parties
  UNION ALL SELECT project_id, organization_id FROM project_implementers
  UNION ALL SELECT working_group_id, organization_id FROM working_group_members
  UNION ALL SELECT n.id, p.organization_id FROM announcements AS n
    JOIN agreement_parties AS p ON p.agreement_id = n.agreement_id;
