//! Who can report on commitments.

use serde_json::json;

use crate::support::Api;
use crate::support::case::Case;
use crate::support::log::wrong;

on_both!(new: who_may_report, a_merged_partner_reports_on, two_who_report_at_once);

async fn who_may_report(api: Api) {
    let case = Case::new(api).await;
    let body = json!({"on": {"edtf": "2024-01-15"}, "status": "in_progress"});
    let other = case.api.other_municipality().await;
    let stranger = case.api.organization("남").await;
    let stranger = case.api.partner(&stranger).await;
    // A partner cannot report on a commitment without a known debtor.
    case.partner.post(&case.path(1), &body).await.expect(403);
    stranger.post(&case.path(0), &body).await.expect(403);
    case.api
        .staff("viewer", &case.city)
        .await
        .post(&case.path(0), &body)
        .await
        .expect(403);
    case.api
        .staff("editor", &other)
        .await
        .post(&case.path(0), &body)
        .await
        .expect(403);
    case.api
        .with(None)
        .post(&case.path(0), &body)
        .await
        .expect(401);
    case.api
        .staff("editor", &case.city)
        .await
        .create(&case.path(0), &body)
        .await;
    // A partner cannot retract a report of another.
    let all = case.api.read(&case.path(0)).await;
    let id = all.body["items"][0]["id"].as_str().unwrap();
    let path = format!("{}/{id}/retraction", case.path(0));
    let why = json!({"reason": {"ko": "오기"}});
    case.partner.post(&path, &why).await.expect(403);
    // A withheld agreement does not exist for callers that may not see it.
    let agreement = format!("/agreements/{}?correction_reason=x", case.id);
    let hide = json!({"visibility": "partners"});
    case.api.update(&agreement, "*", &hide).await;
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
    case.partner.create(&case.path(0), &body).await;
    let seen = case
        .api
        .with(None)
        .read("/changes?types=commitment_report")
        .await;
    assert_eq!(seen.body["items"], json!([]));
    let seen = case.partner.read("/changes?types=commitment_report").await;
    assert_eq!(seen.items().len(), 2);
}

async fn a_merged_partner_reports_on(api: Api) {
    let case = Case::new(api).await;
    let body = json!({"on": {"edtf": "2024"}, "status": "in_progress"});
    case.partner.create(&case.path(0), &body).await;
    let survivor = case.api.organization("협회").await;
    let merged = case
        .api
        .merge_renewing(&case.partner, &case.association, &survivor)
        .await;
    assert_eq!(merged.body["warnings"][0]["code"], "tokens_suspended");
    let own = case.partner.create(&case.path(0), &body).await;
    let late = case.api.partner(&survivor).await;
    let made = late.create(&case.path(0), &body).await;
    let all = case.api.read(&case.path(0)).await;
    for report in all.items() {
        assert_eq!(report["reported_by"]["organization"]["id"], json!(survivor));
    }
    for id in [own.id(), made.id()] {
        let path = format!("{}/{id}/retraction", case.path(0));
        late.act(&path, &json!({"reason": {"ko": "오기"}})).await;
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
