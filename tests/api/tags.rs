//! The tags of lists: the same while nothing has changed, and then the list is not asked for.

use chrono::Duration;
use mou_registry::app::Clock;
use serde_json::json;

use crate::harness::{Answer, Api, Backend, now};
use crate::queries::{CITY, answered, lists, watched};

on_both!(with_demo: what_is_shown_makes_the_tag, another_day_makes_another_tag, a_tag_tells_nothing_of_what_is_hidden,
    the_use_of_a_token_is_seen);

async fn again(api: &Api, path: &str, tag: &str) -> Answer {
    api.send("GET", path, &[("if-none-match", tag)], None).await
}

async fn what_is_at_hand_is_not_asked_for(backend: Backend) {
    let api = watched(backend).await;
    let mut all = lists(&api).await;
    let agreement = all[7].clone();
    let agreement = api.get(&agreement).await.body["items"][0]["id"].clone();
    let agreement = agreement.as_str().unwrap();
    all.extend([
        "/changes?limit=5".into(),
        format!("/agreements/{agreement}/history"),
        format!("/agreements/{agreement}/parties?limit=1"),
        format!("/municipalities/{CITY}/withheld-agreements"),
    ]);
    for path in &all {
        for (caller, few) in [(api.clone(), 2), (api.with(None), 1)] {
            let seen = caller.get(path).await.expect(200);
            let known = [("if-none-match", seen.etag())];
            let (same, asked) = answered(&caller, path, &known).await;
            let same = same.expect(304);
            assert_eq!(same.etag(), seen.etag(), "{path}");
            // Who asks, and where the log ends.
            assert_eq!(asked.len(), few, "{path}: {asked:#?}");
            assert!(asked[few - 1].contains("changes_head"), "{asked:#?}");
            // Several tags, weak as a cache in between may make them; and whatever there is.
            let some = format!("\"0\", W/{}", seen.etag());
            again(&caller, path, &some).await.expect(304);
            again(&caller, path, "*").await.expect(304);
            again(&caller, path, "\"0\"").await.expect(200);
        }
    }
    // There is nothing to have at hand of what is not there.
    let missing = "/projects/0178d7fa-2c00-7000-8000-00000000ffff/timeline";
    again(&api, missing, "*").await.expect(404);
}

#[actix_web::test]
async fn what_is_at_hand_is_not_asked_for_on_sqlite() {
    what_is_at_hand_is_not_asked_for(Backend::Sqlite).await;
}

#[actix_web::test]
#[cfg_attr(
    not(postgres_programs),
    ignore = "PostgreSQL's programs are not installed"
)]
async fn what_is_at_hand_is_not_asked_for_on_postgres() {
    what_is_at_hand_is_not_asked_for(Backend::Postgres).await;
}

/// A signed agreement, and its address.
async fn signed(api: &Api, visibility: &str) -> String {
    let party = api.organization("협력 기업").await;
    let new = json!({"municipality_id": CITY, "kind": "mou", "title": {"ko": "협약"}, "status": "signed", "visibility": visibility,
        "signed_on": {"edtf": "2026-01-01"}, "effective_from": {"edtf": "2026-01-01"}, "effective_until": {"edtf": "2026-12-31"},
        "parties": [{"organization_id": CITY}, {"organization_id": party}]});
    let made = api.post("/agreements", &new).await.expect(201);
    format!("/agreements/{}", made.id())
}

async fn what_is_shown_makes_the_tag(api: Api) {
    let seen = api.get("/timeline").await.expect(200);
    again(&api, "/timeline", seen.etag()).await.expect(304);
    // What is refused changes nothing, and what is not on it does not change it.
    let refused = json!({"kind": "company", "name": {}});
    api.post("/organizations", &refused).await.expect(422);
    again(&api, "/timeline", seen.etag()).await.expect(304);
    api.organization("가").await;
    again(&api, "/timeline", seen.etag()).await.expect(304);
    let path = signed(&api, "public").await;
    let new = again(&api, "/timeline", seen.etag()).await.expect(200);
    assert_ne!(new.etag(), seen.etag());
    let changed = json!({"title": {"ko": "다른 협약"}});
    api.patch(&format!("{path}?correction_reason=x"), "*", &changed)
        .await
        .expect(200);
    again(&api, "/timeline", new.etag()).await.expect(200);
}

async fn another_day_makes_another_tag(mut api: Api) {
    signed(&api, "public").await;
    let seen = api.get("/agreements").await.expect(200);
    // Noon in Seoul: eleven hours later it is the same day, twelve hours later the next, and the
    // agreement expires in a day less.
    for (hours, status) in [(11, 304), (12, 200)] {
        let later = now() + Duration::hours(hours);
        api.state.clock = Clock::fixed(chrono_tz::Asia::Seoul, later);
        api = api.served().await;
        let then = again(&api, "/agreements", seen.etag()).await;
        then.expect(status);
    }
}

async fn a_tag_tells_nothing_of_what_is_hidden(api: Api) {
    let anonymous = api.with(None);
    let paths = [
        "/agreements?limit=200",
        "/timeline?limit=200",
        "/search?q=%ED%98%91%EC%95%BD",
        "/statistics/agreements",
        "/changes?limit=500",
    ];
    let mut seen = Vec::new();
    for path in paths {
        let seen_by = async |api: &Api| api.get(path).await.expect(200).etag().to_owned();
        seen.push((seen_by(&api).await, seen_by(&anonymous).await));
    }
    signed(&api, "internal").await;
    // The organization that it names is everybody's: the log tells of it.
    for (path, (own, public)) in paths.into_iter().zip(&seen) {
        again(&api, path, own).await.expect(200);
        let status = if path.starts_with("/changes") {
            200
        } else {
            304
        };
        again(&anonymous, path, public).await.expect(status);
    }
}

/// It is noted beside the log.
async fn the_use_of_a_token_is_seen(mut api: Api) {
    let seen = api.get("/tokens").await.expect(200);
    let later = now() + Duration::hours(2);
    api.state.clock = Clock::fixed(chrono_tz::Asia::Seoul, later);
    let api = api.served().await;
    for _ in 0..100 {
        if again(&api, "/tokens", seen.etag()).await.status == 200 {
            return;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the use of a token is never seen");
}
