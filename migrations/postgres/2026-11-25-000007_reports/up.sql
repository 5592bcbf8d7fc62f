-- What is reported of commitments. A report is never removed; it is a document beside the columns
-- that queries ask about.
CREATE TABLE commitment_reports (
  id TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id),
  -- A part of the agreement's document.
  commitment_id TEXT COLLATE "C" NOT NULL,
  -- The partner that reported, which is held as long as its report; none of the city itself.
  organization_id TEXT COLLATE "C" REFERENCES organizations (id),
  doc TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX commitment_reports_agreement ON commitment_reports (agreement_id, created_at, id);
CREATE INDEX commitment_reports_organization ON commitment_reports (organization_id) WHERE organization_id IS NOT NULL;

-- Counts the changes of an agreement's reports: without any there is nothing to look up, and who
-- works on what they say finds out when they have changed.
ALTER TABLE agreements ADD COLUMN report_changes BIGINT NOT NULL DEFAULT 0;
