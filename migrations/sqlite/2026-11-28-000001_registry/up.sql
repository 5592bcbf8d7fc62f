-- Each record is one JSON document (`doc`) beside the columns that queries filter and sort by.
-- Sort keys are text in byte order and never null, so that lists have the same order on every
-- database. `visibility` names who sees a row: public, partners or internal.

CREATE TABLE organizations (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  sort_name TEXT NOT NULL,
  -- ISO 3166-1 alpha-2; of a Korean municipality KR.
  country TEXT CHECK (country IS NULL OR length(country) = 2),
  code TEXT UNIQUE CHECK (code IS NULL OR length(code) = 10),
  level TEXT,
  municipality_kind TEXT,
  parent_code TEXT,
  merged_into_id TEXT REFERENCES organizations (id),
  -- The municipality that added the organization, and may change it.
  added_by TEXT REFERENCES organizations (id),
  -- The policies of a municipality, copied from its document for reads of its agreements.
  policies TEXT,
  -- Who succeeded a municipality and since when, copied from its document.
  succession TEXT,
  -- The codes of the expected facts that are missing, each with a space on both sides.
  gaps TEXT NOT NULL,
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  -- A municipality without a code of the official list is abroad.
  CHECK (CASE WHEN code IS NOT NULL THEN kind = 'municipality' AND country IS NOT DISTINCT FROM 'KR'
    ELSE kind <> 'municipality' OR country <> 'KR' AND country IS NOT NULL END)
) STRICT;
-- Covers look-ups of the names that other records refer to.
CREATE INDEX organizations_names ON organizations (id, merged_into_id, name, sort_name, succession);
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
  scheme TEXT NOT NULL,
  value TEXT NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  PRIMARY KEY (scheme, value)
) STRICT;
CREATE INDEX organization_identifiers_owner ON organization_identifiers (organization_id);

-- Normalized forms of each name, to find look-alikes.
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

-- Public holidays declared by an admin, beside those of the program's table.
CREATE TABLE holidays (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  day TEXT NOT NULL,
  name TEXT NOT NULL,
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX holidays_day ON holidays (day);

CREATE TABLE projects (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  municipality_id TEXT NOT NULL REFERENCES organizations (id),
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  title TEXT NOT NULL,
  sort_title TEXT NOT NULL,
  visibility TEXT NOT NULL DEFAULT 'public',
  -- The codes of the expected facts that are missing, each with a space on both sides.
  gaps TEXT NOT NULL,
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX projects_title ON projects (sort_title, id);
CREATE INDEX projects_municipality ON projects (municipality_id, sort_title, id);
-- For passes over all projects of a municipality.
CREATE INDEX projects_municipality_id ON projects (municipality_id, id);
CREATE INDEX projects_kind ON projects (kind, sort_title, id);
CREATE INDEX projects_status ON projects (status, sort_title, id);

CREATE TABLE project_implementers (
  project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (project_id, organization_id)
) STRICT;
CREATE INDEX project_implementers_organization ON project_implementers (organization_id, project_id);

-- Every organization that a project names, then or now. Unlike the present implementers, they see no
-- more of it for that.
CREATE TABLE project_organizations (
  project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (project_id, organization_id)
) STRICT;
CREATE INDEX project_organizations_organization ON project_organizations (organization_id);

CREATE TABLE milestones (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  project_id TEXT NOT NULL REFERENCES projects (id),
  kind TEXT NOT NULL,
  -- What the figures of the milestone need, for any day, as JSON.
  facts TEXT NOT NULL,
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
  -- The visibility once the agreement is signed.
  stated_visibility TEXT NOT NULL,
  title TEXT NOT NULL,
  sort_title TEXT NOT NULL,
  sort_signed TEXT NOT NULL,
  sort_until TEXT NOT NULL,
  signed_earliest TEXT,
  signed_latest TEXT,
  -- The earliest and latest possible start and end; an end is null while it is unknown.
  starts_earliest TEXT,
  starts_latest TEXT,
  ends_earliest TEXT,
  ends_latest TEXT,
  ended_from TEXT,
  -- The day from which something is known of the agreement: that of its first transition.
  known_from TEXT,
  supersedes_id TEXT REFERENCES agreements (id),
  -- The city's own number of the agreement, from the document.
  reference_number TEXT,
  lead_department TEXT,
  -- The texts of the topics in the form in which they are compared, one in a line.
  topics TEXT NOT NULL,
  -- The codes of the expected facts that are missing, each with a space on both sides.
  gaps TEXT NOT NULL,
  -- The title without spaces and punctuation, to find agreements that were recorded twice.
  title_key TEXT NOT NULL,
  -- The part of the document that lists show; the document is several times as long.
  summary TEXT NOT NULL,
  -- Who sees the agreement today: internal until it is signed.
  visibility TEXT NOT NULL DEFAULT 'internal',
  -- Why and until when the agreement is withheld, as JSON; null if not stated.
  withholding TEXT,
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  -- The number of changes to the agreement's reports. At 0 there is nothing to look up; a writer
  -- that relies on the reports compares it to notice that they have changed.
  report_changes INTEGER NOT NULL DEFAULT 0,
  -- The date of the last sign of life: the signing, the last review or the last report that counts.
  last_sign TEXT
) STRICT;
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
  agreement_id TEXT NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  -- A part of the agreement's document.
  party_id TEXT NOT NULL,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  -- The first and the last day on which the organization can have taken part.
  since TEXT NOT NULL,
  until TEXT NOT NULL,
  PRIMARY KEY (agreement_id, party_id)
) STRICT;
CREATE INDEX agreement_parties_organization ON agreement_parties (organization_id, agreement_id);

-- The municipalities of each agreement that several share: its owner and its co-owners. An agreement
-- of one municipality has no row.
CREATE TABLE agreement_owners (
  agreement_id TEXT NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  municipality_id TEXT NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (agreement_id, municipality_id)
) STRICT;
CREATE INDEX agreement_owners_municipality ON agreement_owners (municipality_id, agreement_id);

-- The few facts of each agreement from which its figures follow for any day, as JSON. Null if a date is
-- relative to a milestone: then they depend on the day, and are read from the document.
CREATE TABLE agreement_figures (
  agreement_id TEXT NOT NULL PRIMARY KEY REFERENCES agreements (id) ON DELETE CASCADE,
  facts TEXT
) STRICT, WITHOUT ROWID;

-- Links between agreements that go on side by side: implements, annex_to, amends.
CREATE TABLE agreement_links (
  agreement_id TEXT NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  link TEXT NOT NULL,
  base_id TEXT NOT NULL REFERENCES agreements (id),
  PRIMARY KEY (agreement_id, link, base_id)
) STRICT;
CREATE INDEX agreement_links_base ON agreement_links (base_id, agreement_id);

CREATE TABLE agreement_projects (
  agreement_id TEXT NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  project_id TEXT NOT NULL REFERENCES projects (id),
  PRIMARY KEY (agreement_id, project_id)
) STRICT;
CREATE INDEX agreement_projects_project ON agreement_projects (project_id, agreement_id);

-- Milestones to which dates of agreements are relative.
CREATE TABLE agreement_anchors (
  agreement_id TEXT NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  milestone_id TEXT NOT NULL REFERENCES milestones (id),
  PRIMARY KEY (agreement_id, milestone_id)
) STRICT;
CREATE INDEX agreement_anchors_milestone ON agreement_anchors (milestone_id);

-- Agreements to which targets of milestones are relative. A rebuild writes milestones before agreements.
CREATE TABLE milestone_anchors (
  milestone_id TEXT NOT NULL REFERENCES milestones (id) ON DELETE CASCADE,
  agreement_id TEXT NOT NULL,
  anchor TEXT NOT NULL,
  PRIMARY KEY (milestone_id, agreement_id, anchor)
) STRICT;
CREATE INDEX milestone_anchors_agreement ON milestone_anchors (agreement_id);

-- Reports on commitments. They are never removed.
CREATE TABLE commitment_reports (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  agreement_id TEXT NOT NULL REFERENCES agreements (id),
  -- A part of the agreement's document.
  commitment_id TEXT NOT NULL,
  -- The partner that reported, kept as long as its report; null if the city itself reported.
  organization_id TEXT REFERENCES organizations (id),
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  -- Whether the report counts.
  standing TEXT NOT NULL DEFAULT 'counted',
  -- The report's date, as text that sorts by day.
  sort_day TEXT NOT NULL DEFAULT '',
  -- The first possible day of that date, as text: '' if its start is open.
  begins TEXT NOT NULL DEFAULT '',
  -- When the whole date has passed, at the latest the day of recording.
  known_from TEXT NOT NULL DEFAULT '0001-01-01'
) STRICT;
CREATE INDEX commitment_reports_agreement ON commitment_reports (agreement_id, created_at, id);
CREATE INDEX commitment_reports_organization ON commitment_reports (organization_id) WHERE organization_id IS NOT NULL;
CREATE INDEX commitment_reports_day ON commitment_reports (sort_day, id);
CREATE INDEX commitment_reports_standing ON commitment_reports (standing, sort_day, id);

CREATE TABLE working_groups (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  municipality_id TEXT NOT NULL REFERENCES organizations (id),
  project_id TEXT REFERENCES projects (id),
  agreement_id TEXT REFERENCES agreements (id),
  name TEXT NOT NULL,
  sort_name TEXT NOT NULL,
  visibility TEXT NOT NULL DEFAULT 'public',
  -- The first day on which the group can have been established; null if unknown.
  established_earliest TEXT,
  -- The codes of the expected facts that are missing, each with a space on both sides.
  gaps TEXT NOT NULL,
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

-- The participants of a meeting: its attendees, and the members of its group on that day. Derived
-- from the meeting and its group, in the transaction that changes them.
CREATE TABLE meeting_organizations (
  meeting_id TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (meeting_id, organization_id)
) STRICT;
CREATE INDEX meeting_organizations_organization ON meeting_organizations (organization_id, meeting_id);

-- What was told to the press. The agreement or milestone is the one that a person confirmed it to
-- be about.
CREATE TABLE announcements (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  municipality_id TEXT NOT NULL REFERENCES organizations (id),
  visibility TEXT NOT NULL DEFAULT 'public',
  kind TEXT NOT NULL,
  standing TEXT NOT NULL,
  agreement_id TEXT REFERENCES agreements (id),
  milestone_id TEXT REFERENCES milestones (id),
  title TEXT NOT NULL,
  sort_title TEXT NOT NULL,
  sort_announced TEXT NOT NULL,
  announced_earliest TEXT,
  announced_latest TEXT,
  publisher TEXT,
  url TEXT,
  -- The codes of the expected facts that are missing, each with a space on both sides.
  gaps TEXT NOT NULL,
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  CHECK (agreement_id IS NULL OR milestone_id IS NULL)
) STRICT;
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
  -- Key of the phase of the project, of a milestone.
  project_phase TEXT,
  working_group_id TEXT,
  sort_when TEXT NOT NULL,
  -- The entry's first day as text: '' if its start is open, '~' if it has no date.
  begins TEXT NOT NULL,
  phase TEXT NOT NULL,
  target_earliest TEXT,
  target_latest TEXT,
  visibility TEXT NOT NULL DEFAULT 'public',
  doc TEXT NOT NULL,
  PRIMARY KEY (entry_id, known_from)
) STRICT;
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
  duty_id TEXT NOT NULL,
  known_from TEXT NOT NULL,
  known_until TEXT NOT NULL,
  agreement_id TEXT REFERENCES agreements (id) ON DELETE CASCADE,
  municipality_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  visibility TEXT NOT NULL,
  kind TEXT NOT NULL,
  department TEXT,
  phase TEXT NOT NULL,
  sort_due TEXT NOT NULL,
  -- The first possible due date as text: '' if its start is open, '~' if there is no date.
  begins TEXT NOT NULL,
  due_latest TEXT,
  doc TEXT NOT NULL,
  PRIMARY KEY (duty_id, known_from)
) STRICT;
CREATE INDEX duties_due ON duties (sort_due, duty_id, begins, known_from, known_until, visibility);
CREATE INDEX duties_municipality ON duties (municipality_id, sort_due, duty_id, begins, known_from, known_until, visibility);
CREATE INDEX duties_agreement ON duties (agreement_id);

-- The publications of agreements, for lists across agreements. Derived from the agreement, in the
-- transaction that changes it.
CREATE TABLE publications (
  publication_id TEXT PRIMARY KEY,
  agreement_id TEXT NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  -- The municipality that published it.
  municipality_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  extent TEXT NOT NULL,
  sort_published TEXT NOT NULL,
  published_earliest TEXT,
  published_latest TEXT,
  -- The instant of the recording or last change.
  sort_changed TEXT NOT NULL,
  doc TEXT NOT NULL
) STRICT;
CREATE INDEX publications_published ON publications (sort_published, publication_id);
CREATE INDEX publications_municipality ON publications (municipality_id, sort_published, publication_id);
CREATE INDEX publications_changed ON publications (sort_changed, publication_id);
CREATE INDEX publications_municipality_changed ON publications (municipality_id, sort_changed, publication_id);
CREATE INDEX publications_agreement ON publications (agreement_id);

-- API tokens. Only the digest of a token is stored; `handle` is the start of it, for look-ups.
CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  handle TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  expires_at TEXT,
  last_used_at TEXT,
  revoked_at TEXT
) STRICT;

-- Secret addresses of calendars and of streams of changes, read with the rights of the token that
-- made them. Only the digest of an address is stored; `handle` is the start of it, for look-ups.
CREATE TABLE addresses (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  kind TEXT NOT NULL CHECK (kind IN ('calendar', 'change_stream')),
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
CREATE INDEX addresses_token ON addresses (token_id, id);

-- Webhooks send the log of changes to other systems, with the visibility of their token. The record
-- is the columns up to `updated_at`; the columns after it are the state of sending and not logged.
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  token_id TEXT NOT NULL REFERENCES tokens (id),
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  doc TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  -- The secret that signs, and the earlier ones, as a list of `{"secret", "until"}`: they sign as well
  -- until then.
  secret TEXT NOT NULL,
  earlier_secrets TEXT NOT NULL DEFAULT '[]',
  -- The last entry of the log for which deliveries were planned.
  planned_to INTEGER NOT NULL,
  -- The server that works on the webhook, and the end of its lease.
  leased_by TEXT,
  leased_until TEXT NOT NULL,
  -- After a failure: the end of the pause, the number of failures since the last success, and the
  -- time of the first of them.
  rests_until TEXT,
  failures INTEGER NOT NULL DEFAULT 0,
  failing_since TEXT,
  last_success_at TEXT,
  -- The last day for which a daily digest was planned.
  digested_until TEXT
) STRICT;
CREATE INDEX webhooks_token ON webhooks (token_id);

CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,
  webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  -- The entry of the log that is sent; null for events without one, which have a body.
  seq INTEGER,
  record_type TEXT,
  record_id TEXT,
  type TEXT NOT NULL,
  -- The event to send; for a digest, its municipality and day, since each attempt makes it anew.
  body TEXT,
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
  -- The number of attempts since the delivery last became pending, and the time of the first.
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

-- The log of changes: one entry for each accepted change, written in its transaction, never changed
-- or removed. `hash` covers `entry` and the hash of the entry before; the columns beside `entry`
-- repeat the parts of it that queries filter by.
CREATE TABLE changes (
  seq INTEGER PRIMARY KEY CHECK (seq > 0),
  recorded_at TEXT NOT NULL,
  record_type TEXT NOT NULL,
  record_id TEXT NOT NULL,
  municipality_id TEXT,
  visibility TEXT NOT NULL,
  -- The agreement, project or working group in which an organization takes part to see the record.
  context_id TEXT NOT NULL,
  entry TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX changes_recorded ON changes (recorded_at, seq);
CREATE INDEX changes_record ON changes (record_id, seq);
CREATE INDEX changes_municipality ON changes (municipality_id, seq) WHERE municipality_id IS NOT NULL;

CREATE TRIGGER changes_are_not_changed BEFORE UPDATE ON changes
BEGIN
  SELECT RAISE(ABORT, 'the log of changes is append-only');
END;
CREATE TRIGGER changes_are_not_removed BEFORE DELETE ON changes
BEGIN
  SELECT RAISE(ABORT, 'the log of changes is append-only');
END;
-- INSERT OR REPLACE removes a row without firing the trigger for deletions.
CREATE TRIGGER changes_are_not_replaced BEFORE INSERT ON changes
WHEN EXISTS (SELECT 1 FROM changes WHERE seq = NEW.seq)
BEGIN
  SELECT RAISE(ABORT, 'the log of changes is append-only');
END;

-- The last entry of the log. Writers lock this row, so that entries are in the order of commits.
CREATE TABLE changes_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  -- How often derived tables were repaired, which no entry tells.
  repairs INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO changes_head (id, seq, hash) VALUES (1, 0, '');

-- Reads of personal data: by whom, when and from where. Written before the data is shown, never
-- changed.
CREATE TABLE personal_data_reads (
  id TEXT PRIMARY KEY,
  read_at TEXT NOT NULL,
  token_id TEXT,
  account TEXT NOT NULL,
  origin TEXT NOT NULL,
  operation TEXT NOT NULL,
  request_id TEXT NOT NULL,
  agreement_id TEXT NOT NULL,
  agreement_version INTEGER NOT NULL,
  municipality_id TEXT NOT NULL
) STRICT;
CREATE INDEX personal_data_reads_municipality ON personal_data_reads (municipality_id, id);
CREATE INDEX personal_data_reads_agreement ON personal_data_reads (agreement_id, id);
CREATE INDEX personal_data_reads_token ON personal_data_reads (token_id, id) WHERE token_id IS NOT NULL;

CREATE TRIGGER personal_data_reads_are_not_changed BEFORE UPDATE ON personal_data_reads
BEGIN
  SELECT RAISE(ABORT, 'what was read is not changed');
END;
CREATE TRIGGER personal_data_reads_are_not_removed BEFORE DELETE ON personal_data_reads
BEGIN
  SELECT RAISE(ABORT, 'what was read is not changed');
END;

-- Files that municipalities import, and what their officers corrected.
CREATE TABLE imports (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  municipality_id TEXT NOT NULL REFERENCES organizations (id),
  headers_key TEXT NOT NULL,
  format TEXT NOT NULL,
  doc TEXT NOT NULL,
  book TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX imports_headers ON imports (municipality_id, headers_key, updated_at);

-- Sessions of people who signed in to the pages for officers, with a token or by the single sign-on.
CREATE TABLE sign_ins (
  id TEXT PRIMARY KEY,
  token_id TEXT REFERENCES tokens (id),
  -- The id derived from the subject of the single sign-on, and what is kept of it while the session lasts.
  subject_id TEXT,
  subject TEXT,
  -- The first digits of the digest, by which a session is found.
  handle TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL,
  created_at TEXT NOT NULL,
  last_used_at TEXT NOT NULL,
  CHECK ((token_id IS NULL) <> (subject_id IS NULL)),
  CHECK ((subject_id IS NULL) = (subject IS NULL))
) STRICT;
CREATE INDEX sign_ins_token ON sign_ins (token_id);
CREATE INDEX sign_ins_subject ON sign_ins (subject_id);
CREATE INDEX sign_ins_age ON sign_ins (created_at);

-- Files that were ever recorded. Their bytes are in a folder, under their SHA-256.
CREATE TABLE files (
  sha256 TEXT PRIMARY KEY,
  media_type TEXT NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  stored_at TEXT NOT NULL,
  -- When the bytes were removed, since no record may have them.
  erased_at TEXT
) STRICT;

-- Files in a bucket that a request is about to record, or to remove: no transaction waits for the bucket.
CREATE TABLE file_claims (
  id TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  is_removal INTEGER NOT NULL CHECK (is_removal IN (0, 1)),
  -- When the request has ended, even if its server was killed.
  ends_at TEXT NOT NULL
) STRICT;

-- The files that records use.
CREATE TABLE file_uses (
  file_id TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  record_id TEXT NOT NULL,
  -- The record as which the search finds it: of a report, the agreement.
  found_as TEXT NOT NULL,
  name TEXT NOT NULL,
  -- Whether everyone who sees the record reads it, or the staff and those who take part alone.
  is_open INTEGER NOT NULL CHECK (is_open IN (0, 1))
) STRICT;
CREATE INDEX file_uses_sha256 ON file_uses (sha256);
CREATE INDEX file_uses_record ON file_uses (record_id);
CREATE INDEX file_uses_found_as ON file_uses (found_as);

-- The first response to each POST with an idempotency key, kept for 24 hours.
CREATE TABLE idempotency_keys (
  key TEXT NOT NULL,
  path TEXT NOT NULL,
  digest TEXT NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at TEXT NOT NULL,
  -- The entry of the log that the response shows: it is repeated only to callers who still see it.
  seq INTEGER,
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
  visibility TEXT NOT NULL DEFAULT 'public',
  -- The agreement, project or working group in which an organization takes part to see the record.
  context_id TEXT NOT NULL DEFAULT '',
  UNIQUE (record_type, record_id)
) STRICT;
CREATE INDEX search_entries_record ON search_entries (record_id);
-- The program makes the terms. Contentless, since search_entries holds the texts to show.
CREATE VIRTUAL TABLE search_terms USING fts5 (terms, content = '', contentless_delete = 1, tokenize = 'ascii');

-- Files whose text was read, and how much of it could be. They follow from the files.
CREATE TABLE search_files (
  sha256 TEXT PRIMARY KEY,
  status TEXT NOT NULL CHECK (status IN ('text', 'partly_readable', 'no_text', 'failed')),
  read_at TEXT NOT NULL
) STRICT;
-- Their texts, in parts of a page or some paragraphs.
CREATE TABLE search_passages (
  seq INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL,
  page INTEGER,
  paragraph INTEGER,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX search_passages_sha256 ON search_passages (sha256);
CREATE VIRTUAL TABLE search_terms_of_files USING fts5 (terms, content = '', contentless_delete = 1, tokenize = 'ascii');

-- The records in which organizations take part, whatever their kind: a partner sees them.
CREATE VIEW participations AS
  SELECT agreement_id AS context_id, organization_id FROM agreement_parties
  UNION ALL SELECT project_id, organization_id FROM project_implementers
  UNION ALL SELECT working_group_id, organization_id FROM working_group_members
  UNION ALL SELECT n.id, p.organization_id FROM announcements AS n
    JOIN agreement_parties AS p ON p.agreement_id = n.agreement_id;
