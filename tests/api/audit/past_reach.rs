//! What the past shows of records whose participants changed since: every read, as every caller sees
//! it at present.

use serde_json::{Value, json};

use crate::http::every_operation::needed;
use crate::support::Api;
use crate::support::city::City;
use crate::support::records::mou;
use crate::support::spec::{operations, parameter};

on_both!(new: who_was_removed_sees_the_past_as_a_stranger, who_was_merged_sees_the_past_of_the_survivor,
    who_was_added_sees_the_past_too, a_deleted_record_has_no_partners);

/// Records for partners of every kind, in which the partner of the city takes part everywhere.
async fn shared_with_partner(api: &Api) -> City {
    let mut city = City::new(api, "4128000000").await;
    let (editor, partner) = (&city.editor, &city.partner);
    let other = api.organization("남는 당사자").await;
    let project = editor.create("/projects", &json!({
        "municipality_id": city.id, "kind": "other", "title": {"ko": "가려진 사업"}, "visibility": "partners",
        "implementers": [{"organization_id": partner}],
        "statements": [{"stated_on": {"edtf": "2021"}, "title": {"ko": "가려진 사업"}}],
        "milestones": [{"kind": "completion",
            "forecasts": [{"target": {"edtf": "2024"}, "stated_on": {"edtf": "2021"}}],
            "outcomes": [{"kind": "started", "on": {"edtf": "2022"}}]}]})).await;
    let more = json!({"status": "signed", "title": {"ko": "가려진 협약"}, "visibility": "partners",
        "signed_on": {"edtf": "2023-01-02"}, "effective_until": {"edtf": "2030-01-01"},
        "project_ids": [project.id()], "commitments": [{"text": {"ko": "가려진 약속"}, "due": {"edtf": "2024"}}],
        "documents": [{"title": {"ko": "가려진 전문"}, "url": "https://example.com/a.pdf"}],
        "council_actions": [{"kind": "consent", "on": {"edtf": "2023"}, "occasion": "signing"}],
        "publications": [{"extent": "summary", "published_on": {"edtf": "2023"}}],
        "reviews": [{"on": {"edtf": "2023"}, "rating": "good"}]});
    let agreement = mou(&[&city.id, partner, &other], more);
    let agreement = editor.create("/agreements", &agreement).await;
    let part = |list: &str, at: usize| {
        let id = &agreement.body[list][at]["id"];
        id.as_str().unwrap().to_owned()
    };
    let path = format!(
        "/agreements/{}/commitments/{}/reports",
        agreement.id(),
        part("commitments", 0)
    );
    let report = city.body("create_commitment_report", "");
    let report = editor.create(&path, &report).await;
    let group = editor
        .create(
            "/working-groups",
            &json!({"municipality_id": city.id, "name": {"ko": "가려진 협의체"}, "visibility": "partners",
                "members": [{"organization_id": partner}]}),
        )
        .await;
    let meeting = editor
        .create(
            &format!("/working-groups/{}/meetings", group.id()),
            &json!({"title": {"ko": "가려진 회의"}, "held_on": {"edtf": "2023-01-01"}}),
        )
        .await;
    let milestone = &project.body["milestones"][0];
    let statement = |list: &str| milestone[list][0]["id"].as_str().unwrap().to_owned();
    let own = [
        ("agreements", agreement.id().to_owned()),
        ("reported agreement", agreement.id().to_owned()),
        ("reported commitment", part("commitments", 0)),
        ("projects", project.id().to_owned()),
        ("working-groups", group.id().to_owned()),
        ("meetings", meeting.id().to_owned()),
        ("milestones", milestone["id"].as_str().unwrap().to_owned()),
        ("{party_id}", part("parties", 1)),
        ("{commitment_id}", part("commitments", 0)),
        ("{document_id}", part("documents", 0)),
        ("{action_id}", part("council_actions", 0)),
        ("{publication_id}", part("publications", 0)),
        ("{review_id}", part("reviews", 0)),
        ("{report_id}", report.id().to_owned()),
        ("{forecast_id}", statement("forecasts")),
        ("{outcome_id}", statement("outcomes")),
        (
            "{statement_id}",
            project.body["statements"][0]["id"]
                .as_str()
                .unwrap()
                .to_owned(),
        ),
        (
            "{group_member_id}",
            group.body["members"][0]["id"].as_str().unwrap().to_owned(),
        ),
    ];
    city.paths
        .retain(|(name, _)| own.iter().all(|(n, _)| n != name));
    city.paths.extend(own);
    city
}

/// The reads that take an instant, on the records of the city.
fn reads(city: &City, instant: &str) -> Vec<(&'static str, String)> {
    let all = operations().filter(|(_, method, operation)| {
        *method == "get" && parameter(operation, "recorded_as_of").is_some()
    });
    let paths = all.filter_map(|(template, _, operation)| {
        let name = operation["operationId"].as_str().unwrap();
        let template = template.trim_start_matches("/api/v1");
        // A holiday is nobody's.
        if template.contains("holidays/{id}") {
            return None;
        }
        let needed = match name {
            "search" => "?q=%EA%B0%80%EB%A0%A4%EC%A7%84", // 가려진
            _ => needed(name),
        };
        let sign = if needed.is_empty() { "?" } else { "&" };
        let path = city.fill(template, "");
        Some((
            name,
            format!("{path}{needed}{sign}recorded_as_of={instant}"),
        ))
    });
    paths.collect()
}

/// The answers of these reads for a caller, without what differs with each request.
async fn answers(caller: &Api, reads: &[(&'static str, String)]) -> Vec<(u16, Value, String)> {
    let mut all = Vec::new();
    for (_, path) in reads {
        let mut answer = caller.get(path).await;
        if let Some(body) = answer.body.as_object_mut() {
            body.remove("request_id");
            answer.text.clear();
        }
        all.push((answer.status.as_u16(), answer.body, answer.text));
    }
    all
}

const THEN: &str = "2026-11-23T03:00:00Z";

async fn who_was_removed_sees_the_past_as_a_stranger(api: Api) {
    let city = shared_with_partner(&api).await;
    let party = api.partner(&city.partner).await;
    let stranger = api.partner(&api.organization("남").await).await;
    let reads = reads(&city, THEN);
    assert!(reads.len() > 40, "{}", reads.len());
    let (had, nothing) = (
        answers(&party, &reads).await,
        answers(&stranger, &reads).await,
    );
    // The reads that the removal is to empty.
    let differ = had.iter().zip(&nothing).filter(|(a, b)| a != b).count();
    assert!(
        differ > 30,
        "only {differ} reads tell a party from a stranger"
    );

    let later = api.at("2026-11-24T03:00:00Z").await;
    let agreement = format!("/agreements/{}", city.named("agreements"));
    let party_path = format!(
        "{agreement}/parties/{}?correction_reason=x",
        city.named("{party_id}")
    );
    later.delete(&party_path, "*").await.expect(204);
    let project = format!("/projects/{}", city.named("projects"));
    later
        .update(&project, "*", &json!({"implementers": []}))
        .await;
    let group = format!("/working-groups/{}", city.named("working-groups"));
    let member = format!("{group}/members/{}", city.named("{group_member_id}"));
    later.delete(&member, "*").await.expect(204);

    // Of a past that is kept, and of one that is rebuilt.
    let anew = api.clone().rebuilding().await;
    for server in [&api, &anew] {
        let of = |caller: &Api| server.with(caller.token());
        let has = answers(&of(&party), &reads).await;
        let nothing = answers(&of(&stranger), &reads).await;
        for (((name, path), has), nothing) in reads.iter().zip(has).zip(nothing) {
            assert_eq!(has, nothing, "{name}: {path}");
        }
    }
    // The staff see who took part then.
    let then = city
        .viewer
        .read(&format!("{agreement}?recorded_as_of={THEN}"))
        .await;
    assert_eq!(then.body["parties"].as_array().unwrap().len(), 3);
}

async fn who_was_merged_sees_the_past_of_the_survivor(api: Api) {
    let city = shared_with_partner(&api).await;
    let survivor = api.organization("합쳐진 뒤의 기관").await;
    let party = api.partner(&survivor).await;
    let past = format!(
        "/agreements/{}?recorded_as_of={THEN}",
        city.named("agreements")
    );
    party.get(&past).await.expect(404);
    let later = api.at("2026-11-24T03:00:00Z").await;
    later.merge_renewing(&party, &city.partner, &survivor).await;
    party.get(&past).await.expect(200);
    let undo = format!("/organizations/{}/unmerge", city.partner);
    later.act(&undo, &json!({})).await;
    party.get(&past).await.expect(404);
}

async fn who_was_added_sees_the_past_too(api: Api) {
    let city = shared_with_partner(&api).await;
    let newcomer = api.organization("새 당사자").await;
    let party = api.partner(&newcomer).await;
    let agreement = format!("/agreements/{}", city.named("agreements"));
    let past = format!("{agreement}?recorded_as_of={THEN}");
    party.get(&past).await.expect(404);
    let later = api.at("2026-11-24T03:00:00Z").await;
    let parties = format!("{agreement}/parties?correction_reason=x");
    later
        .create(&parties, &json!({"organization_id": newcomer}))
        .await;
    // As in the history, which shows a party what was recorded before it joined.
    party.get(&past).await.expect(200);
}

async fn a_deleted_record_has_no_partners(api: Api) {
    let city = shared_with_partner(&api).await;
    let party = api.partner(&city.partner).await;
    let group = format!("/working-groups/{}", city.named("working-groups"));
    let past = format!("{group}?recorded_as_of={THEN}");
    party.get(&past).await.expect(200);
    let later = api.at("2026-11-24T03:00:00Z").await;
    let meeting = format!("/meetings/{}", city.named("meetings"));
    later.delete(&meeting, "*").await.expect(204);
    later.delete(&group, "*").await.expect(204);
    party.get(&past).await.expect(404);
    city.viewer.get(&past).await.expect(200);
}
