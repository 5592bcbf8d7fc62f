//! Entity tags of lists: unchanged lists are not queried.

use chrono::Duration;
use mou_registry::kernel::clock::Clock;
use serde_json::json;

use crate::db::queries::lists;
use crate::support::CITY;
use crate::support::queries::{answered, watched};
use crate::support::records::signed_mou;
use crate::support::{Answer, Api, Backend, now};

on_both!(with_demo:
    what_is_shown_makes_the_tag, another_day_makes_another_tag,
    a_tag_tells_nothing_of_what_is_hidden, the_use_of_a_token_is_seen);
on_both!(async: what_is_at_hand_is_not_asked_for);

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
        for caller in [api.clone(), api.with(None)] {
            let seen = caller.read(path).await;
            let known = [("if-none-match", seen.etag())];
            let (same, asked) = answered(&caller, path, &known).await;
            let same = same.expect(304);
            assert_eq!(same.etag(), seen.etag(), "{path}");
            // Only the head of the log is looked up, or nothing while SQLite's file is unchanged: the caller is
            // known while no rights change.
            assert!(asked.len() <= 1, "{path}: {asked:#?}");
            assert!(
                asked.iter().all(|sql| sql.contains("changes_head")),
                "{asked:#?}"
            );
            // Several tags, weak ones as caches make them, and a wildcard.
            let some = format!("\"0\", W/{}", seen.etag());
            again(&caller, path, &some).await.expect(304);
            again(&caller, path, "*").await.expect(304);
            again(&caller, path, "\"0\"").await.expect(200);
        }
    }
    // A missing resource has no tag to match.
    let missing = "/projects/0178d7fa-2c00-7000-8000-00000000ffff/timeline";
    again(&api, missing, "*").await.expect(404);
}

/// Records a signed agreement. Returns its path.
async fn signed(api: &Api, visibility: &str) -> String {
    let party = api.organization("협력 기업").await;
    let more = json!({"visibility": visibility, "effective_from": {"edtf": "2026-01-01"}, "effective_until": {"edtf": "2026-12-31"}});
    let new = signed_mou(&[CITY, &party], "2026-01-01", more);
    let made = api.create("/agreements", &new).await;
    format!("/agreements/{}", made.id())
}

async fn what_is_shown_makes_the_tag(api: Api) {
    let seen = api.read("/timeline").await;
    again(&api, "/timeline", seen.etag()).await.expect(304);
    // Neither refused changes nor changes of other records affect the tag.
    let refused = json!({"kind": "company", "name": {}});
    api.post("/organizations", &refused).await.expect(422);
    again(&api, "/timeline", seen.etag()).await.expect(304);
    api.organization("가").await;
    again(&api, "/timeline", seen.etag()).await.expect(304);
    let path = signed(&api, "public").await;
    let new = again(&api, "/timeline", seen.etag()).await.expect(200);
    assert_ne!(new.etag(), seen.etag());
    let changed = json!({"title": {"ko": "다른 협약"}});
    api.update(&format!("{path}?correction_reason=x"), "*", &changed)
        .await;
    again(&api, "/timeline", new.etag()).await.expect(200);
}

async fn another_day_makes_another_tag(mut api: Api) {
    signed(&api, "public").await;
    let seen = api.read("/agreements").await;
    // It is noon in Seoul: eleven hours later is the same day, twelve hours later the next, when
    // the agreement expires in one day less.
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
        let seen_by = async |api: &Api| api.read(path).await.etag().to_owned();
        seen.push((seen_by(&api).await, seen_by(&anonymous).await));
    }
    signed(&api, "internal").await;
    // The new organization is public, so the log has changed for everybody.
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

/// The use is noted outside the log.
async fn the_use_of_a_token_is_seen(mut api: Api) {
    let seen = api.read("/tokens").await;
    let later = now() + Duration::hours(2);
    api.state.clock = Clock::fixed(chrono_tz::Asia::Seoul, later);
    let api = api.served().await;
    for _ in 0..3_000 {
        if again(&api, "/tokens", seen.etag()).await.status == 200 {
            return;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the use of a token is never seen");
}
