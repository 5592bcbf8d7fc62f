-- Who was shown whose personal data, when and from where. Written before it is shown, never changed.
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
