-- Who took part in a meeting: who attended, and who was a member of the group on its day. Derived
-- from the meeting and its group, in the transaction that changes them.
CREATE TABLE meeting_organizations (
  meeting_id TEXT COLLATE "C" NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (meeting_id, organization_id)
);
CREATE INDEX meeting_organizations_organization ON meeting_organizations (organization_id, meeting_id);

INSERT INTO meeting_organizations (meeting_id, organization_id)
SELECT m.id, coalesce(o.merged_into_id, o.id)
  FROM meetings AS m CROSS JOIN LATERAL jsonb_array_elements_text(m.doc::jsonb #> '{content,attendee_ids}') AS attendee
  JOIN organizations AS o ON o.id = attendee
 UNION
SELECT m.id, coalesce(o.merged_into_id, o.id)
  FROM meetings AS m JOIN working_groups AS w ON w.id = m.working_group_id
 CROSS JOIN LATERAL jsonb_array_elements(w.doc::jsonb -> 'members') AS member
  JOIN organizations AS o ON o.id = member #>> '{content,organization_id}'
 WHERE coalesce((member #>> '{content,joined,earliest}') <= (m.doc::jsonb #>> '{content,held_on,latest}'), TRUE)
   AND coalesce((member #>> '{content,left,latest}') >= (m.doc::jsonb #>> '{content,held_on,earliest}'), TRUE);

-- What had no day stood on the timeline of every past day. The days of Seoul stand for those of a
-- zone that was configured.
UPDATE timeline_entries SET known_from = (
  SELECT coalesce((w.doc::jsonb #>> '{content,established,latest}')::date, (m.created_at + interval '9 hours')::date)
    FROM meetings AS m JOIN working_groups AS w ON w.id = m.working_group_id WHERE m.id = owner_id)
 WHERE type = 'meeting' AND known_from = '0001-01-01';
