//! Who reports on commitments.

use serde_json::json;

use crate::audit::wrong;
use crate::harness::Api;
use crate::reports::{Case, partner, token};

on_both!(new: who_may_report, a_merged_partner_reports_on, two_who_report_at_once);

async fn who_may_report(api: Api) {
    let case = Case::new(api).await;
    let body = json!({"on": {"edtf": "2024-01-15"}, "status": "in_progress"});
    let bare = json!({"code": "4111000000", "policies": [{"self_approval": true}]});
    let other = case.api.post("/municipalities", &bare).await.expect(201);
    let stranger = case.api.organization("남").await;
    let stranger = partner(&case.api, &stranger).await;
    let staff = async |role: &str, city: &str| {
        let new = json!({"name": role, "role": role, "municipality_ids": [city]});
        token(&case.api, new).await
    };
    // The commitment of which nobody knows who owes it is no partner's.
    case.partner.post(&case.path(1), &body).await.expect(403);
    stranger.post(&case.path(0), &body).await.expect(403);
    staff("viewer", &case.city)
        .await
        .post(&case.path(0), &body)
        .await
        .expect(403);
    staff("editor", other.id())
        .await
        .post(&case.path(0), &body)
        .await
        .expect(403);
    case.api
        .with(None)
        .post(&case.path(0), &body)
        .await
        .expect(401);
    staff("editor", &case.city)
        .await
        .post(&case.path(0), &body)
        .await
        .expect(201);
    // A report of another is not a partner's to retract.
    let all = case.api.get(&case.path(0)).await.expect(200);
    let id = all.body["items"][0]["id"].as_str().unwrap();
    let path = format!("{}/{id}/retraction", case.path(0));
    let why = json!({"reason": {"ko": "오기"}});
    case.partner.post(&path, &why).await.expect(403);
    // What is withheld does not exist for those who may not see it.
    let agreement = format!("/agreements/{}?correction_reason=x", case.id);
    let hide = json!({"visibility": "partners"});
    case.api.patch(&agreement, "*", &hide).await.expect(200);
    for (caller, status) in [
        (&case.partner, 200),
        (&stranger, 404),
        (&case.api.with(None), 404),
    ] {
        caller.get(&case.path(0)).await.expect(status);
        caller
            .get(&format!("{}/{id}", case.path(0)))
            .await
            .expect(status);
    }
    stranger.post(&case.path(0), &body).await.expect(404);
    case.partner.post(&case.path(0), &body).await.expect(201);
    let seen = case
        .api
        .with(None)
        .get("/changes?types=commitment_report")
        .await;
    assert_eq!(seen.expect(200).body["items"], json!([]));
    let seen = case.partner.get("/changes?types=commitment_report").await;
    assert_eq!(seen.expect(200).body["items"].as_array().unwrap().len(), 2);
}

async fn a_merged_partner_reports_on(api: Api) {
    let case = Case::new(api).await;
    let body = json!({"on": {"edtf": "2024"}, "status": "in_progress"});
    case.partner.post(&case.path(0), &body).await.expect(201);
    let survivor = case.api.organization("협회").await;
    let path = format!("/organizations/{}/merge", case.association);
    case.api
        .post(&path, &json!({"into_id": survivor}))
        .await
        .expect(200);
    let own = case.partner.post(&case.path(0), &body).await.expect(201);
    let late = partner(&case.api, &survivor).await;
    let made = late.post(&case.path(0), &body).await.expect(201);
    let all = case.api.get(&case.path(0)).await.expect(200);
    for report in all.body["items"].as_array().unwrap() {
        assert_eq!(report["reported_by"]["organization"]["id"], json!(survivor));
    }
    for id in [own.id(), made.id()] {
        let path = format!("{}/{id}/retraction", case.path(0));
        late.post(&path, &json!({"reason": {"ko": "오기"}}))
            .await
            .expect(200);
    }
    assert_eq!(wrong(&case.api), None);
}

async fn two_who_report_at_once(api: Api) {
    let case = Case::new(api).await;
    let (path, end) = (case.path(0), format!("/agreements/{}/transitions", case.id));
    let body = json!({"on": {"edtf": "2024"}, "status": "in_progress"});
    let ends = json!({"to": "completed", "reason": {"ko": "만료"}, "commitments": [
        {"commitment_id": case.commitments[0], "becomes": "fulfilled"},
        {"commitment_id": case.commitments[1], "becomes": "dropped"}]});
    let (one, two, three) = futures_util::future::join3(
        case.api.post(&path, &body),
        case.api.post(&path, &body),
        case.api.post(&end, &ends),
    )
    .await;
    one.expect(201);
    two.expect(201);
    three.expect(200);
    let told = case.read("").await;
    assert_eq!(told["commitments"][0]["report_count"], 3);
    assert_eq!(wrong(&case.api), None);
}
