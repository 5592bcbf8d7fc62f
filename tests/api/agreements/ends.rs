//! Commitments on the timeline, and as their agreement ends.

use serde_json::{Value, json};

use crate::support::case::{Case, ids};
use crate::support::log::wrong;
use crate::support::records::{agreement, mou, signed_mou};
use crate::support::{Answer, Api};

on_both!(new:
    an_end_asks_what_becomes_of_commitments, a_renewal_carries_commitments_over,
    a_renewal_that_is_signed_late, a_renewal_says_what_becomes_of_what_it_does_not_take_on,
    a_commitment_that_was_reported_on_stays, no_more_commitments_than_can_be_ended,
    the_timeline_follows, a_broken_promise_is_shown_as_one);

async fn an_end_asks_what_becomes_of_commitments(api: Api) {
    let case = Case::new(api).await;
    let [first, second] = &case.commitments[..] else {
        unreachable!("the agreement has two commitments");
    };
    let reason = json!({"ko": "기간 만료"});
    let codes = |answer: &Answer| -> Vec<Value> {
        let errors = answer.body["errors"].as_array().unwrap().iter();
        errors.map(|e| json!([e["pointer"], e["code"]])).collect()
    };
    // All errors are reported at once, each naming its commitment.
    let body = json!({"to": "completed", "on": {"edtf": "2026-10-31"}});
    let refused = case.step(body).await.expect(422);
    assert_eq!(
        codes(&refused),
        [
            json!(["/reason", "required"]),
            json!(["/commitments", "commitment_undecided"]),
            json!(["/commitments", "commitment_undecided"]),
        ]
    );
    let messages = refused.body["errors"].to_string();
    assert!(
        messages.contains("전문인력 교육") && messages.contains("venture firms"),
        "{messages}"
    );
    case.report(1, "2026-01-01", "unfulfilled").await;
    let missing = "0178d7fa-2c00-7000-8000-00000000ffff";
    let body = json!({"to": "completed", "reason": reason, "commitments": [
        {"commitment_id": first, "becomes": "carried_over"}, {"commitment_id": first, "becomes": "dropped"},
        {"commitment_id": second, "becomes": "fulfilled"}, {"commitment_id": missing, "becomes": "dropped"}]});
    assert_eq!(
        codes(&case.step(body).await.expect(422)),
        [
            json!(["/commitments/0/becomes", "not_superseded"]),
            json!(["/commitments/1/commitment_id", "commitment_twice"]),
            json!(["/commitments/2/commitment_id", "commitment_settled"]),
            json!(["/commitments/3/commitment_id", "unknown_id"]),
        ]
    );
    // Voiding does not take decisions about commitments.
    let body = json!({"to": "voided", "reason": reason, "commitments": [{"commitment_id": first, "becomes": "dropped"}]});
    let refused = case.step(body).await.expect(422);
    assert_eq!(codes(&refused), [json!(["/commitments", "not_asked"])]);
    let body = json!({"to": "completed", "on": {"edtf": "2026-10-31"}, "reason": reason, "commitments": [
        {"commitment_id": first, "becomes": "fulfilled", "note": {"ko": "수료 120명"}}]});
    let ended = case.step(body).await.expect(200);
    assert_eq!(ended.body["commitments"][0]["status"], "fulfilled");
    assert_eq!(ended.body["fulfilment"]["status"], "partly_fulfilled");
    let report = case.api.get(&case.path(0)).await.body["items"][0].clone();
    assert_eq!(
        (
            &report["on"]["edtf"],
            &report["at_end"],
            &report["note"]["ko"]
        ),
        (&json!("2026-10-31"), &json!(true), &json!("수료 120명"))
    );
    assert_eq!(case.status(0, "?as_of=2026-10-30").await, "unknown");
    assert!(
        !ended.body["gaps"]
            .to_string()
            .contains("commitment_outcome")
    );
    assert_eq!(wrong(&case.api), None);
    // An agreement recorded as ended need not decide on its commitments: they stay unknown, which
    // is a gap.
    let done = json!({"status": "completed", "commitments": [{"text": {"ko": "할 일"}}]});
    let mut body = mou(&[&case.city, &case.association], done);
    let old = case.api.create("/agreements", &body).await;
    assert_eq!(old.body["commitments"][0]["status"], "unknown");
    let gaps = old.body["gaps"].as_array().unwrap();
    let named = |g: &&Value| g["code"] == "commitment_outcome_unknown";
    assert_eq!(
        gaps.iter().find(named).unwrap()["pointer"],
        "/commitments/0/status"
    );
    let lacking = "/agreements?gap=commitment_outcome_unknown";
    assert_eq!(case.api.find(lacking).await, old.id());
    let past = format!("{lacking},place_unknown&as_of=2026-10-30");
    assert_eq!(case.api.read(&past).await.items().len(), 0);
    let decided = json!([{"commitment_id": missing, "becomes": "dropped"}]);
    body["transitions"] = json!([{"to": "completed", "commitments": decided}]);
    let refused = case.api.post("/agreements", &body).await.expect(422);
    assert_eq!(refused.places(), ["/transitions/0/commitments"]);
    // Reports are still accepted.
    let commitment = &ids(&old.body)[0];
    let path = format!("/agreements/{}/commitments/{commitment}/reports", old.id());
    let report = json!({"on": {"edtf": "2020"}, "status": "fulfilled"});
    case.api.create(&path, &report).await;
    assert_eq!(case.api.read(lacking).await.items().len(), 0);
}

async fn a_renewal_carries_commitments_over(api: Api) {
    let case = Case::new(api).await;
    case.report(1, "2023-01-01", "fulfilled").await;
    let more = json!({"supersedes_id": case.id, "commitments": [{"text": {"ko": "이어서 할 일"}}]});
    let body = signed_mou(&[&case.city, &case.association], "2024-01", more);
    let new = case.api.create("/agreements", &body).await;
    let old = case.read("").await;
    assert_eq!(old["status"], "superseded");
    assert_eq!(
        (
            &old["commitments"][0]["status"],
            &old["commitments"][1]["status"]
        ),
        (&json!("carried_over"), &json!("fulfilled"))
    );
    assert_eq!(old["fulfilment"]["status"], "fulfilled");
    // The date follows the signing of the renewal.
    let path = format!("/agreements/{}?correction_reason=x", new.id());
    let change = json!({"signed_on": {"edtf": "2024-02-15"}});
    case.api.update(&path, "*", &change).await;
    assert_eq!(
        case.read("").await["commitments"][0]["reported_on"]["edtf"],
        "2024-02-15"
    );
    assert_eq!(case.status(0, "?as_of=2024-02-14").await, "unknown");
    // Voiding the renewal reverts the transfer.
    let path = format!("/agreements/{}/transitions", new.id());
    let body = json!({"to": "voided", "reason": {"ko": "오기"}});
    case.api.act(&path, &body).await;
    let old = case.read("").await;
    assert_eq!(
        (&old["status"], &old["commitments"][0]["status"]),
        (&json!("signed"), &json!("unknown"))
    );
    let all = case.api.read(&case.path(0)).await;
    let standings = all.items().iter();
    assert!(standings.map(|r| &r["standing"]).all(|s| s == "retracted"));
    assert_eq!(wrong(&case.api), None);
    // A manual step decides on each commitment.
    let body = json!({"to": "superseded", "reason": {"ko": "재협약"}, "commitments": [
        {"commitment_id": case.commitments[0], "becomes": "carried_over"}]});
    let ended = case.step(body).await.expect(200);
    assert_eq!(ended.body["commitments"][0]["status"], "carried_over");
}

async fn a_renewal_that_is_signed_late(api: Api) {
    let case = Case::with(api, json!({"status": "approved", "signed_on": null})).await;
    let body = json!({"on": {"edtf": "2024"}, "status": "fulfilled"});
    case.api.post(&case.path(0), &body).await.expect(409);
    // The signing of the renewal has no date, so the commitments are carried over by today.
    let more = json!({"status": "signed", "supersedes_id": case.id, "commitments": [{"text": {"ko": "이어서 할 일"}}]});
    let body = mou(&[&case.city, &case.association], more);
    case.api.create("/agreements", &body).await;
    let signed = case
        .step(json!({"to": "signed", "on": {"edtf": "2021-04-16"}}))
        .await
        .expect(200);
    // Nor does anything tell when the renewal takes over.
    assert_eq!(signed.body["status"], "signed");
    assert!(signed.body["superseded_by"]["id"].is_string());
    for commitment in signed.body["commitments"].as_array().unwrap() {
        assert_eq!(
            (&commitment["status"], &commitment["reported_on"]["edtf"]),
            (&json!("carried_over"), &json!("../2026-11-23"))
        );
    }
    assert_eq!(wrong(&case.api), None);
}

async fn a_renewal_says_what_becomes_of_what_it_does_not_take_on(api: Api) {
    let case = Case::new(api).await;
    let more = json!({"status": "approved", "supersedes_id": case.id});
    let mut body = mou(&[&case.city, &case.association], more);
    let new = case.api.create("/agreements", &body).await;
    let steps = format!("/agreements/{}/transitions", new.id());
    let sign = async |commitments: Value| {
        let step =
            json!({"to": "signed", "on": {"edtf": "2026-10-31"}, "commitments": commitments});
        case.api.post(&steps, &step).await
    };
    let codes = |answer: &Answer| -> Vec<Value> {
        let errors = answer.body["errors"].as_array().unwrap().iter();
        errors.map(|e| json!([e["pointer"], e["code"]])).collect()
    };
    // The renewal has no commitments to carry them over to.
    let refused = sign(json!([])).await.expect(422);
    let undecided = json!(["/commitments", "commitment_undecided"]);
    assert_eq!(codes(&refused), [undecided.clone(), undecided.clone()]);
    let [first, second] = &case.commitments[..] else {
        unreachable!("the agreement has two commitments");
    };
    let carried = json!([{"commitment_id": first, "becomes": "carried_over"}]);
    let refused = sign(carried.clone()).await.expect(422);
    assert_eq!(
        codes(&refused),
        [
            json!(["/commitments/0/becomes", "not_superseded"]),
            undecided
        ]
    );
    let said = json!([{"commitment_id": first, "becomes": "unfulfilled", "note": {"ko": "예산 미확보"}},
        {"commitment_id": second, "becomes": "dropped"}]);
    sign(said.clone()).await.expect(200);
    let old = case.read("").await;
    let ends = |old: &Value| {
        json!([
            old["status"],
            old["commitments"][0]["status"],
            old["commitments"][1]["status"]
        ])
    };
    assert_eq!(ends(&old), json!(["superseded", "unfulfilled", "dropped"]));
    // A correction of the signing date applies to them too.
    let corrected = json!({"signed_on": {"edtf": "2026-10-30"}});
    let path = format!("/agreements/{}?correction_reason=x", new.id());
    case.api.update(&path, "*", &corrected).await;
    let old = case.read("").await;
    assert_eq!(ends(&old), json!(["superseded", "unfulfilled", "dropped"]));
    assert_eq!(old["commitments"][0]["reported_on"]["edtf"], "2026-10-30");
    // Voiding the renewal retracts its decisions.
    let void = json!({"to": "voided", "reason": {"ko": "오기"}});
    case.api.act(&steps, &void).await;
    assert_eq!(
        ends(&case.read("").await),
        json!(["signed", "unknown", "unknown"])
    );
    // An agreement recorded as signed can include decisions or leave commitments open.
    body["status"] = json!("signed");
    body["transitions"] =
        json!([{"to": "signed", "on": {"edtf": "2026-10-31"}, "commitments": carried}]);
    let refused = case.api.post("/agreements", &body).await.expect(422);
    assert_eq!(refused.places(), ["/transitions/0/commitments/0/becomes"]);
    body["transitions"][0]["commitments"] = json!([said[0]]);
    case.api.create("/agreements", &body).await;
    assert_eq!(
        ends(&case.read("").await),
        json!(["superseded", "unfulfilled", "unknown"])
    );
    assert_eq!(wrong(&case.api), None);
}

async fn a_commitment_that_was_reported_on_stays(api: Api) {
    let case = Case::new(api).await;
    let made = case.report(0, "2024", "in_progress").await;
    let why = json!({"reason": {"ko": "오기"}});
    let path = format!("{}/{}/retraction", case.path(0), made.id());
    case.api.act(&path, &why).await;
    let path = |place: usize| {
        let commitment = &case.commitments[place];
        format!(
            "/agreements/{}/commitments/{commitment}?correction_reason=x",
            case.id
        )
    };
    case.api.delete(&path(0), "*").await.expect(409);
    case.api.delete(&path(1), "*").await.expect(204);
}

async fn no_more_commitments_than_can_be_ended(api: Api) {
    let city = api.municipality().await;
    let commitment = json!({"text": {"ko": "할 일"}, "owed_by": [], "owed_to": []});
    let more = json!({"status": "signed", "commitments": vec![&commitment; 200]});
    let new = agreement(&api, &city, more).await;
    let made = api.create("/agreements", &new).await;
    let path = format!("/agreements/{}", made.id());
    let more = format!("{path}/commitments?correction_reason=x");
    api.post(&more, &commitment).await.expect(409);
    let all: Vec<Value> = ids(&made.body)
        .iter()
        .map(|id| json!({"commitment_id": id, "becomes": "fulfilled"}))
        .collect();
    let done = json!({"to": "completed", "reason": {"ko": "이행"}, "commitments": all});
    api.act(&format!("{path}/transitions"), &done).await;
}

async fn the_timeline_follows(api: Api) {
    let case = Case::new(api).await;
    let line = async |query: &str| {
        let path = format!(
            "/timeline?types=commitment&organization_id={}{query}",
            case.association
        );
        let items = case.api.read(&path).await.body["items"].clone();
        items[0].clone()
    };
    assert_eq!(line("").await["status"], "overdue");
    case.report(0, "2024-01", "in_progress").await;
    assert_eq!(line("").await["status"], "overdue");
    case.report(0, "2025-02-01", "fulfilled").await;
    let met = line("").await;
    assert_eq!(
        (&met["status"], &met["actual"]["edtf"]),
        (&json!("met_late"), &json!("2025-02-01"))
    );
    assert_eq!(met["slip"], json!({"min_days": 32, "max_days": 397}));
    assert_eq!(met["when"]["edtf"], "2025-02-01");
    assert_eq!(line("&as_of=2025-01-31").await["status"], "overdue");
    assert_eq!(line("&as_of=2022-01-31").await["status"], "planned");
    case.report(0, "2025-03-01", "dropped").await;
    assert_eq!(line("").await["status"], "cancelled");
    // Other changes of the agreement do not affect it.
    let path = format!("/agreements/{}?correction_reason=x", case.id);
    case.api
        .update(&path, "*", &json!({"venue": {"ko": "시청"}}))
        .await;
    assert_eq!(line("").await["status"], "cancelled");
    assert_eq!(line("&as_of=2025-02-01").await["status"], "met_late");
    assert_eq!(
        line("&recorded_as_of=2026-11-24T00:00:00Z").await["status"],
        "cancelled"
    );
}

async fn a_broken_promise_is_shown_as_one(api: Api) {
    let due = json!([{"text": {"ko": "교육"}, "due": {"edtf": "2024"}}, {"text": {"ko": "조사"}, "due": {"edtf": "2024"}},
        {"text": {"ko": "홍보"}, "due": {"edtf": "2024"}}]);
    let case = Case::with(api, json!({"commitments": due})).await;
    let lines = async |query: &str| -> Vec<Value> {
        let path = format!("/timeline?types=commitment{query}");
        let items = case.api.read(&path).await.body["items"].clone();
        let of = |id: &String| {
            let mut items = items.as_array().unwrap().iter();
            let item = items.find(|item| item["id"] == **id);
            item.map_or(Value::Null, |item| item["status"].clone())
        };
        case.commitments.iter().map(of).collect()
    };
    case.report(0, "2025-02", "unfulfilled").await;
    // The timeline and the commitment agree from the day on which the report counts.
    let told = &case.read("").await["commitments"][0];
    assert_eq!(
        (&told["status"], &told["overdue"]),
        (&json!("unfulfilled"), &json!(false))
    );
    assert_eq!(lines("").await, ["failed", "overdue", "overdue"]);
    let before = lines("&as_of=2025-02-27").await;
    assert_eq!(before, ["overdue", "overdue", "overdue"]);
    assert_eq!(lines("&as_of=2025-02-28").await[0], "failed");
    let none = Value::Null;
    assert_eq!(
        lines("&status=failed").await,
        [json!("failed"), none.clone(), none.clone()]
    );
    assert_eq!(lines("&status=overdue,cancelled").await[0], none);
    // It remains overdue after the end; others become overdue or are cancelled.
    let body = json!({"to": "terminated", "on": {"edtf": "2026-10-31"}, "reason": {"ko": "합의 해지"}, "commitments": [
        {"commitment_id": case.commitments[1], "becomes": "unfulfilled"},
        {"commitment_id": case.commitments[2], "becomes": "dropped"}]});
    case.step(body).await.expect(200);
    let ended = ["failed", "failed", "cancelled"];
    assert_eq!(lines("").await, ended);
    assert_eq!(lines("&recorded_as_of=2026-11-24T00:00:00Z").await, ended);
    let path = "/timeline.ics?types=commitment&status=failed&lang=en";
    let text = case.api.read(path).await.text;
    let text = text.replace("\r\n ", "");
    for (part, times) in [
        ("\r\nSTATUS:CONFIRMED\r\n", 2),
        ("Status: not fulfilled", 2),
        ("BEGIN:VEVENT", 2),
    ] {
        assert_eq!(text.matches(part).count(), times, "{part}: {text}");
    }
    let kept = json!({"name": "불이행", "types": ["commitment"], "status": ["failed"]});
    let kept = case.api.create("/calendars", &kept).await;
    let address = kept.body["address"].as_str().unwrap();
    let text = case.api.read(address).await.text;
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 2, "{text}");
    // Unless it is fulfilled later.
    case.report(0, "2026-11-10", "fulfilled").await;
    assert_eq!(lines("").await[0], "met_late");
    assert_eq!(lines("&as_of=2026-11-09").await[0], "failed");
    assert_eq!(wrong(&case.api), None);
}
