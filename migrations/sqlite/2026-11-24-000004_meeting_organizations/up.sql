-- Who took part in a meeting: who attended, and who was a member of the group on its day. Derived
-- from the meeting and its group, in the transaction that changes them.
CREATE TABLE meeting_organizations (
  meeting_id TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  PRIMARY KEY (meeting_id, organization_id)
) STRICT;
CREATE INDEX meeting_organizations_organization ON meeting_organizations (organization_id, meeting_id);

INSERT INTO meeting_organizations (meeting_id, organization_id)
SELECT m.id, coalesce(o.merged_into_id, o.id)
  FROM meetings AS m JOIN json_each(m.doc, '$.content.attendee_ids') AS attendee
  JOIN organizations AS o ON o.id = attendee.value
 UNION
SELECT m.id, coalesce(o.merged_into_id, o.id)
  FROM meetings AS m JOIN working_groups AS w ON w.id = m.working_group_id
  JOIN json_each(w.doc, '$.members') AS member
  JOIN organizations AS o ON o.id = json_extract(member.value, '$.content.organization_id')
 WHERE coalesce(json_extract(member.value, '$.content.joined.earliest') <= json_extract(m.doc, '$.content.held_on.latest'), TRUE)
   AND coalesce(json_extract(member.value, '$.content.left.latest') >= json_extract(m.doc, '$.content.held_on.earliest'), TRUE);

-- What had no day stood on the timeline of every past day. The days of Seoul stand for those of a
-- zone that was configured.
UPDATE timeline_entries SET known_from = (
  SELECT coalesce(json_extract(w.doc, '$.content.established.latest'), date(m.created_at, '+9 hours'))
    FROM meetings AS m JOIN working_groups AS w ON w.id = m.working_group_id WHERE m.id = owner_id)
 WHERE type = 'meeting' AND known_from = '0001-01-01';
