//! Tests of modules against the spec of the whole program.

use super::spec;
use crate::changes::member_names::member_name;

#[test]
fn every_member_of_a_record_has_a_word() {
    let records = [
        "AgreementCreate",
        "AssociationCreate",
        "CalendarContent",
        "CommitmentReportCreate",
        "MeetingContent",
        "MemberCreate",
        "MilestoneCreate",
        "MunicipalityCreate",
        "OrganizationCreate",
        "ProjectPatch",
        "TokenContent",
        "WebhookContent",
        "WorkingGroupCreate",
    ];
    for record in records {
        let schema = &spec().schemas[record];
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let members: Vec<&String> = parts
            .chain([schema])
            .filter_map(|part| part["properties"].as_object())
            .flat_map(serde_json::Map::keys)
            .collect();
        assert!(!members.is_empty(), "{record}");
        for name in members {
            let word = member_name(name).ko;
            assert!(!word.is_ascii(), "{record}: {name} has no word");
        }
    }
}
