//! What a row of the list of agreements shows of what came of each.

use mou_registry::db::{AnyConnection, dialect};
use serde_json::{Value, json};

use crate::harness::{Api, run};
use crate::reports::Case;

on_both!(new: a_row_shows_what_the_agreement_shows, what_was_written_before_shows_the_same,
    a_row_shows_what_was_recorded_by_an_instant);

async fn row(api: &Api, id: &str, query: &str) -> Value {
    let listed = api.get(&format!("/agreements?limit=200{query}")).await;
    let items = listed.expect(200).body["items"].take();
    let mut rows = items.as_array().unwrap().iter();
    rows.find(|row| row["id"] == json!(id)).cloned().unwrap()
}

/// What the row shows, which is what the agreement shows.
async fn told(case: &Case) -> (Value, Value) {
    let (row, whole) = (row(&case.api, &case.id, "").await, case.read("").await);
    for member in ["fulfilment", "freshness"] {
        assert_eq!(row[member], whole[member], "{member}");
    }
    let [fulfilment, freshness] = ["fulfilment", "freshness"].map(|m| row[m].clone());
    (fulfilment, freshness)
}

async fn state(case: &Case) -> [Value; 4] {
    let (fulfilment, freshness) = told(case).await;
    let [status, unknown] = [&fulfilment["status"], &fulfilment["counts"]["unknown"]];
    [status, unknown, &freshness["state"], &freshness["by"]].map(Value::clone)
}

async fn a_row_shows_what_the_agreement_shows(api: Api) {
    let case = Case::new(api).await;
    let is = |a: &str, n: u64, b: &str, c: &str| [json!(a), json!(n), json!(b), json!(c)];
    assert_eq!(state(&case).await, is("unknown", 2, "stale", "signing"));
    // What a partner says tells nothing until it is confirmed.
    let body = json!({"on": {"edtf": "2025-06-30"}, "status": "fulfilled"});
    let made = case.partner.post(&case.path(0), &body).await.expect(201);
    assert_eq!(state(&case).await, is("unknown", 2, "stale", "signing"));
    let path = format!("{}/{}", case.path(0), made.id());
    let confirm = format!("{path}/confirm");
    case.api.post(&confirm, &json!({})).await.expect(200);
    assert_eq!(state(&case).await, is("in_progress", 1, "ageing", "report"));
    case.report(1, "2026-11-20", "unfulfilled").await;
    let kept = is("partly_fulfilled", 0, "current", "report");
    assert_eq!(state(&case).await, kept);
    // The policy of the day tells what is fresh.
    let city = format!("/municipalities/{}", case.city);
    let strict = json!({"policies": [{"ageing_after_months": 1, "stale_after_months": 2, "self_approval": true}]});
    case.api.patch(&city, "*", &strict).await.expect(200);
    assert_eq!(state(&case).await, kept);
    let later = case.api.at("2026-12-25T03:00:00Z").await;
    let then = row(&later, &case.id, "&freshness=ageing").await;
    assert_eq!(then["freshness"]["state"], "ageing");
    let why = json!({"reason": {"ko": "오기"}});
    let retraction = format!("{path}/retraction");
    case.api.post(&retraction, &why).await.expect(200);
    assert_eq!(
        state(&case).await,
        is("in_progress", 1, "current", "report")
    );
    let review = json!({"on": {"edtf": "2026-11-22"}, "rating": "good"});
    let reviews = format!("/agreements/{}/reviews", case.id);
    case.api.post(&reviews, &review).await.expect(201);
    assert_eq!(
        state(&case).await,
        is("in_progress", 1, "current", "review")
    );
    let more = json!({"text": {"ko": "해외시장 조사"}});
    let parts = format!("/agreements/{}/commitments?correction_reason=x", case.id);
    case.api.post(&parts, &more).await.expect(201);
    assert_eq!(
        state(&case).await,
        is("in_progress", 2, "current", "review")
    );
    let open: Vec<String> = crate::reports::ids(&case.read("").await);
    let decided: Vec<Value> = [&open[0], &open[2]]
        .map(|id| json!({"commitment_id": id, "becomes": "dropped"}))
        .to_vec();
    let end = json!({"to": "completed", "reason": {"ko": "만료"}, "commitments": decided});
    case.step(end).await.expect(200);
    let (fulfilment, freshness) = told(&case).await;
    assert_eq!(fulfilment["status"], "unfulfilled");
    assert_eq!(fulfilment["counts"]["dropped"], 2);
    assert_eq!(freshness, Value::Null);
}

async fn what_was_written_before_shows_the_same(api: Api) {
    let case = Case::new(api).await;
    case.report(0, "2025-11-20", "fulfilled").await;
    let other = json!({"municipality_id": case.city, "kind": "mou", "title": {"ko": "초안"}});
    case.api.post("/agreements", &other).await.expect(201);
    let list = "/agreements?sort=id";
    let now = case.api.get(list).await.expect(200).body;
    assert_eq!(now["items"][0]["fulfilment"]["counts"]["fulfilled"], 1);
    assert_eq!(now["items"][1]["freshness"], Value::Null);
    let mut conn = dialect::connect(&case.api.url).unwrap();
    let forget = match conn {
        AnyConnection::Sqlite(_) => {
            "UPDATE agreements SET summary = json_remove(summary, '$.followed')"
        }
        AnyConnection::Postgres(_) => {
            "UPDATE agreements SET summary = (summary::jsonb - 'followed')::text"
        }
    };
    run(&mut conn, forget);
    assert_eq!(case.api.get(list).await.expect(200).body, now);
    told(&case).await;
}

async fn a_row_shows_what_was_recorded_by_an_instant(api: Api) {
    let case = Case::new(api).await;
    let later = case.api.at("2026-12-05T03:00:00Z").await;
    let body = json!({"on": {"edtf": "2026-11-30"}, "status": "fulfilled"});
    later.post(&case.path(0), &body).await.expect(201);
    for (instant, fulfilled, by) in [("2026-12-01", 0, "signing"), ("2026-12-06", 1, "report")] {
        let query = format!("recorded_as_of={instant}T00:00:00Z");
        let row = row(&later, &case.id, &format!("&{query}")).await;
        let whole = later.get(&format!("/agreements/{}?{query}", case.id)).await;
        let whole = whole.expect(200).body;
        assert_eq!(row["fulfilment"], whole["fulfilment"], "{instant}");
        assert_eq!(row["freshness"], whole["freshness"], "{instant}");
        assert_eq!(row["fulfilment"]["counts"]["fulfilled"], fulfilled);
        assert_eq!(row["freshness"]["by"], by);
    }
}
