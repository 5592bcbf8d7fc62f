DROP TABLE meeting_organizations;
