//! Related names come with the row: no second call is needed to show them.

use serde_json::json;

use crate::support::city::City;
use crate::support::{Api, SPEC};

on_both!(new: ids_come_with_names);

/// Response members that are ids, and why they have no name beside them.
const NAMELESS: &[(&str, &str, &str)] = &[
    ("Actor", "token_id", "`name` is beside it"),
    ("Webhook", "token_id", "`token_name` is beside it"),
    ("CreatedWebhook", "token_id", "`token_name` is beside it"),
    ("Me", "token_id", "`name` is beside it"),
    ("PersonalDataRead", "token_id", "`account` is beside it"),
    ("Change", "record_id", "`summary` names the record"),
    ("ImportRow", "record_id", "`body` is the record"),
    ("FileText", "file_id", "`name` is beside it"),
    ("RecordFile", "document_id", "`name` is that of its file"),
    (
        "Delivery",
        "record_id",
        "the change with the number `seq` names it",
    ),
    ("MilestoneRecord", "milestone_id", "`title` is its own"),
    ("WorkingGroup", "chair_ids", "they are among `members`"),
    (
        "Implementer",
        "organization_id",
        "the project has `named_organizations`",
    ),
    ("LatestProgress", "statement_id", "a statement has no name"),
    ("StatedChange", "statement_id", "a statement has no name"),
    (
        "StatedChange",
        "previous_statement_id",
        "a statement has no name",
    ),
    ("MovedMilestone", "forecast_id", "a forecast has no name"),
    ("RecordedMove", "forecast_id", "a forecast has no name"),
    (
        "Review",
        "municipality_id",
        "the agreement has `municipality` and `co_owners`",
    ),
    (
        "ReviewContent",
        "municipality_id",
        "the agreement has `municipality` and `co_owners`",
    ),
    (
        "CouncilAction",
        "municipality_id",
        "the agreement has `municipality` and `co_owners`",
    ),
    (
        "CouncilActionContent",
        "municipality_id",
        "the agreement has `municipality` and `co_owners`",
    ),
    (
        "Publication",
        "municipality_id",
        "the agreement has `municipality` and `co_owners`",
    ),
    (
        "PublicationContent",
        "municipality_id",
        "the agreement has `municipality` and `co_owners`",
    ),
    (
        "Document",
        "municipality_id",
        "the agreement has `municipality` and `co_owners`",
    ),
    (
        "RelativeTo",
        "milestone_id",
        "the wording of the date names the milestone",
    ),
    (
        "RelativeTo",
        "agreement_id",
        "the wording of the date names the agreement",
    ),
    (
        "Policy",
        "approver_ids",
        "names of tokens are not for everyone who sees the municipality",
    ),
];

/// The member that shows what an id means: `organization` for `organization_id`, `attendees` for
/// `attendee_ids`.
fn shown_by(member: &str) -> String {
    match member.strip_suffix("_ids") {
        Some(one) => format!("{one}s"),
        None => member.trim_end_matches("_id").to_owned(),
    }
}

fn bare_ids() -> Vec<(String, String)> {
    let schemas = SPEC["components"]["schemas"].as_object().unwrap();
    let mut bare = Vec::new();
    for (name, schema) in schemas {
        // Requests are closed.
        let is_response = schema["additionalProperties"] != json!(false);
        let members = schema["properties"].as_object().filter(|_| is_response);
        for member in members.into_iter().flat_map(serde_json::Map::keys) {
            let is_id = member.ends_with("_id") || member.ends_with("_ids");
            let is_named = members.is_some_and(|m| m.contains_key(&shown_by(member)));
            let is_nameless = NAMELESS
                .iter()
                .any(|(of, id, _)| of == name && id == member);
            if is_id && member != "request_id" && !is_named && !is_nameless {
                bare.push((name.clone(), member.clone()));
            }
        }
    }
    bare
}

async fn ids_come_with_names(api: Api) {
    let none: Vec<(String, String)> = Vec::new();
    let bare = bare_ids();
    // Some are shown by a list of another name.
    let known = |(name, member): &(String, String)| {
        let also = [("Agreement", "continues_ids", "continues")];
        also.iter().any(|(of, id, _)| of == name && id == member)
    };
    assert_eq!(
        bare.into_iter().filter(|id| !known(id)).collect::<Vec<_>>(),
        none
    );
    let city = City::new(&api, "4128000000").await.with_report().await;
    let name = json!({"ko": "내부 협의체 4128000000", "en": null});
    let meeting = api
        .read(&format!("/meetings/{}", city.named("meetings")))
        .await;
    assert_eq!(
        meeting.body["working_group"],
        json!({"id": city.named("working-groups"), "name": name})
    );
    let agreement = city.named("reported agreement");
    let reports = format!(
        "/agreements/{agreement}/commitments/{}/reports",
        city.named("reported commitment")
    );
    let report = &api.read(&reports).await.items()[0].clone();
    assert_eq!(report["agreement"]["title"]["ko"], "협약");
    assert_eq!(report["commitment"]["text"]["ko"], "할 일");
    let listed = &api.read("/reports").await.items()[0].clone();
    assert_eq!(
        (&listed["agreement"], &listed["commitment"]),
        (&report["agreement"], &report["commitment"])
    );
    let goyang = json!({"ko": "고양시", "en": "Goyang-si"});
    let (project, partner) = (city.named("projects"), city.named("organizations"));
    let new = json!({"name": "일정", "municipality_id": city.id, "project_id": project, "organization_id": partner});
    let calendar = api.create("/calendars", &new).await;
    let calendar = api
        .read(&format!("/calendars/{}", calendar.id()))
        .await
        .body;
    assert_eq!(calendar["municipality"]["name"]["ko"], goyang["ko"]);
    assert_eq!(calendar["project"]["title"]["ko"], "내부 사업 4128000000");
    assert_eq!(calendar["organization"]["name"]["ko"], "기업 4128000000");
    // A calendar does not keep its organization from being deleted.
    let gone = api.organization("없어질 기관").await;
    let new = json!({"name": "일정", "organization_id": gone});
    let path = format!("/calendars/{}", api.create("/calendars", &new).await.id());
    api.delete(&format!("/organizations/{gone}"), "*")
        .await
        .expect(204);
    let calendar = api.read(&path).await.body;
    assert_eq!(calendar["organization_id"], json!(gone));
    assert_eq!(calendar["organization"], json!(null));
    api.read("/calendars").await;
    api.act(&format!("{path}/revocation"), &json!({})).await;
    let new = json!({"name": "w", "url": "https://hooks.example.com/", "municipality_id": city.id});
    let webhook = api.create("/webhooks", &new).await;
    assert_eq!(webhook.body["municipality"]["id"], json!(city.id));
    let contact = json!({"contact": {"name": "담당"}});
    let path = format!("/agreements/{}", city.agreement);
    city.editor.update(&path, "*", &contact).await;
    let read = &api.read("/personal-data-reads").await.items()[0].clone();
    assert_eq!(read["agreement"]["title"]["ko"], "내부 협약 4128000000");
    assert_eq!(read["municipality"]["name"]["ko"], goyang["ko"]);
}
