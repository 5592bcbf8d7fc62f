//! Reads of personal data are recorded: who, when, from where and on whom.

use serde_json::{Value, json};

use diesel::{QueryDsl, RunQueryDsl};
use mou_registry::db::dialect;

use crate::support::records::signed_mou;
use crate::support::{Api, CITY};

on_both!(with_demo:
    each_reading_of_a_contact_is_recorded, what_shows_no_contact_is_not,
    admins_see_the_reads_of_their_own_municipalities, what_was_recorded_stays,
    what_was_erased_is_not_answered_again, who_no_longer_sees_a_record_gets_no_answer_again);

async fn token(api: &Api, role: &str, city: &str) -> Api {
    let new =
        json!({"name": format!("{role} of the city"), "role": role, "municipality_ids": [city]});
    api.caller(new).await
}

/// The path of a draft with a contact.
async fn draft(api: &Api) -> String {
    let new = json!({"municipality_id": CITY, "kind": "mou", "title": {"ko": "담당자"},
        "contact": {"name": "홍길동", "phone": "031-123-4567"}});
    let made = api.create("/agreements", &new).await;
    format!("/agreements/{}", made.id())
}

async fn reads(api: &Api, query: &str) -> Vec<Value> {
    let path = format!("/personal-data-reads{query}");
    let found = api.read(&path).await;
    found.items().clone()
}

async fn each_reading_of_a_contact_is_recorded(api: Api) {
    let path = draft(&api).await;
    let viewer = token(&api, "viewer", CITY).await;
    let shown = viewer.from("192.0.2.10").read(&path).await;
    assert_eq!(shown.body["contact"]["name"], "홍길동");
    let all = reads(&api, "").await;
    // The answer to its creation showed the contact too.
    let operations: Vec<&Value> = all.iter().map(|read| &read["operation"]).collect();
    assert_eq!(operations, ["get_agreement", "create_agreement"]);
    let read = &all[0];
    assert_eq!(read["account"], "viewer of the city");
    assert_eq!(read["origin"], "192.0.2.10");
    assert_eq!(read["agreement_id"], shown.body["id"]);
    assert_eq!(read["agreement_version"], 1);
    assert_eq!(read["read_at"], "2026-11-23T03:00:00.000000Z");
    assert!(!read["token_id"].is_null() && !read["request_id"].is_null());
    let all = serde_json::to_string(&all).unwrap();
    assert!(!all.contains("홍길동") && !all.contains("031-123"));
    // Each filter finds the read or excludes it.
    let id = read["token_id"].as_str().unwrap();
    let agreement = shown.id();
    for (query, expected) in [
        (format!("?token_id={id}"), 1),
        (format!("?agreement_id={agreement}"), 2),
        (format!("?agreement_id={id}"), 0),
        ("?from=2026-11-23T03:00:00Z".into(), 2),
        ("?to=2026-11-23T03:00:00Z".into(), 0),
        (format!("?municipality_id={CITY}"), 2),
        ("?limit=1".into(), 1),
    ] {
        assert_eq!(reads(&api, &query).await.len(), expected, "{query}");
    }
    let counted = api.read("/personal-data-reads?with_total=true").await;
    assert_eq!(counted.body["total"], 2);
    // A change shows the contact again; after erasure there is none to show.
    let venue = json!({"venue": {"ko": "시청"}});
    let patched = api.update(&path, shown.etag(), &venue).await;
    assert_eq!(reads(&api, "").await.len(), 3);
    let nobody = json!({"contact": null});
    api.update(&path, patched.etag(), &nobody).await;
    viewer.read(&path).await;
    assert_eq!(reads(&api, "").await.len(), 3);
}

async fn what_shows_no_contact_is_not(api: Api) {
    let path = draft(&api).await;
    let other = api.find("/municipalities?code=4100000000").await;
    let other = token(&api, "editor", &other).await;
    let before = reads(&api, "").await.len();
    other.get(&path).await.expect(404);
    api.with(None).get(&path).await.expect(404);
    for part in ["/parties", "/commitments", "/documents", "/history"] {
        api.read(&format!("{path}{part}")).await;
    }
    api.read("/agreements").await;
    let past = format!("{path}?recorded_as_of=2026-11-23T03:00:00Z");
    let past = api.read(&past).await;
    assert_eq!(past.body["contact"], Value::Null);
    assert_eq!(reads(&api, "").await.len(), before);
}

async fn admins_see_the_reads_of_their_own_municipalities(api: Api) {
    draft(&api).await;
    let (own, other) = (CITY, api.find("/municipalities?code=4100000000").await);
    let own = token(&api, "admin", own).await;
    let other = token(&api, "admin", &other).await;
    assert_eq!(reads(&own, "").await.len(), 1);
    assert_eq!(reads(&other, "").await.len(), 0);
    let viewer = token(&api, "viewer", CITY).await;
    viewer.get("/personal-data-reads").await.expect(403);
    api.with(None).get("/personal-data-reads").await.expect(401);
    let wrong = api.get("/personal-data-reads?from=yesterday").await;
    assert_eq!(wrong.expect(400).places(), ["from"]);
}

async fn what_was_recorded_stays(api: Api) {
    draft(&api).await;
    for meddling in [
        "UPDATE personal_data_reads SET account = 'nobody'",
        "DELETE FROM personal_data_reads",
    ] {
        let mut conn = dialect::connect(&api.url).unwrap();
        let refused = diesel::sql_query(meddling).execute(&mut conn);
        assert!(refused.unwrap_err().to_string().contains("is not changed"));
    }
    assert_eq!(reads(&api, "").await.len(), 1);
}

const KEYED: [(&str, &str); 2] = [
    ("content-type", "application/json"),
    ("idempotency-key", "k"),
];

async fn what_was_erased_is_not_answered_again(api: Api) {
    let new = json!({"municipality_id": CITY, "kind": "mou", "title": {"ko": "담당자"},
        "contact": {"name": "홍길동", "phone": "031-123-4567"}});
    let body = new.to_string().into_bytes();
    let post = || api.send("POST", "/agreements", &KEYED, Some(body.clone()));
    let first = post().await.expect(201);
    assert_eq!(first.body["contact"]["name"], "홍길동");
    // Repeated answers omit the contact even before erasure, so that nothing is left to erase.
    let again = post().await.expect(201);
    assert_eq!(again.body["contact"], Value::Null);
    let mut same = first.body.clone();
    same["contact"].take();
    assert_eq!(again.body, same);
    assert_eq!(reads(&api, "").await.len(), 1);
    let kept: String = {
        use mou_registry::db::schema::idempotency_keys as k;
        let mut conn = dialect::connect(&api.url).unwrap();
        k::table.select(k::body).first(&mut conn).unwrap()
    };
    assert!(!kept.contains("홍길동") && !kept.contains("031-123"));
}

async fn who_no_longer_sees_a_record_gets_no_answer_again(api: Api) {
    let city = CITY;
    let owing = api.organization("약속한 회사").await;
    let owed = json!({"commitments": [{"text": {"ko": "짓는다"}, "owed_by": [owing]}]});
    let new = signed_mou(&[city, &owing], "2024-03-01", owed);
    let made = api.create("/agreements", &new).await;
    let commitment = made.body["commitments"][0]["id"].as_str().unwrap();
    let path = format!("/agreements/{}", made.id());
    let reports = format!("{path}/commitments/{commitment}/reports");
    let partner = api.partner(&owing).await;
    let report = json!({"on": {"edtf": "2025-01-15"}, "status": "in_progress"});
    let report = report.to_string().into_bytes();
    let post = || partner.send("POST", &reports, &KEYED, Some(report.clone()));
    let first = post().await.expect(201);
    assert_eq!(post().await.expect(201).body, first.body);
    let etag = api.get(&path).await.etag().to_owned();
    let hidden = json!({"visibility": "internal"});
    let change = format!("{path}?correction_reason=x");
    api.update(&change, &etag, &hidden).await;
    post().await.expect(404);
}
