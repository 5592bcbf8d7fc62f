-- The day of an agreement's last sign of life: its signing, its last review or the last report that
-- counts. How fresh it is the day and the policies tell. What is recorded so far has it from its
-- signing, until it is next written.
ALTER TABLE agreements ADD COLUMN last_sign DATE;
UPDATE agreements SET last_sign = signed_latest;
CREATE INDEX agreements_last_sign ON agreements (municipality_id, status, last_sign);

-- For passes over what is a municipality's own.
CREATE INDEX agreements_municipality_id ON agreements (municipality_id, id);
CREATE INDEX projects_municipality_id ON projects (municipality_id, id);
-- The few organizations that have policies.
CREATE INDEX organizations_policies ON organizations (id) WHERE policies IS NOT NULL;
