//! Answers computed over many records, which are kept until something is recorded.

use mou_registry::http::Fragments;
use mou_registry::records;
use serde_json::json;

use crate::support::log::{connect, program};
use crate::support::queries::{answered, watched};
use crate::support::records::signed;
use crate::support::{Answer, Api, Backend, CITY, run};

on_both!(new:
    a_kept_answer_lasts_until_something_is_recorded, a_kept_answer_is_for_callers_who_see_the_same,
    a_kept_page_links_to_the_next, a_kept_calendar_ends_with_its_address,
    another_program_ends_what_is_kept);
tests!(async: what_is_kept_takes_no_query_while_the_file_is_unchanged);

const FIGURES: &str = "/statistics/agreements?group_by=year";

fn count(answer: &Answer) -> i64 {
    answer.body["totals"]["count"]["count"].as_i64().unwrap()
}

async fn a_kept_answer_lasts_until_something_is_recorded(api: Api) {
    let city = api.municipality().await;
    signed(&api, &city, "2021-04-16", json!({})).await;
    let first = api.read(FIGURES).await;
    assert_eq!(count(&first), 1);
    let again = api.read(FIGURES).await;
    assert_eq!(
        (again.text, &again.headers["etag"]),
        (first.text, &first.headers["etag"])
    );
    signed(&api, &city, "2022-04-16", json!({})).await;
    assert_eq!(count(&api.read(FIGURES).await), 2);
    // Another day and another language are other questions.
    let english = [("accept-language", "en")];
    api.send("GET", FIGURES, &english, None).await.expect(200);
    let then = "/statistics/agreements?group_by=year&as_of=2021-12-31";
    assert_eq!(count(&api.read(then).await), 1);
    let later = api.at("2027-01-01T00:00:00Z").await;
    assert_eq!(later.read(FIGURES).await.body["as_of"], "2027-01-01");
}

async fn a_kept_answer_is_for_callers_who_see_the_same(api: Api) {
    let city = api.municipality().await;
    signed(&api, &city, "2021-04-16", json!({})).await;
    signed(&api, &city, "2022-04-16", json!({"visibility": "internal"})).await;
    let viewer = json!({"name": "담당자", "role": "viewer", "municipality_ids": [city]});
    let (id, viewer) = api.new_token(viewer).await;
    for _ in 0..2 {
        assert_eq!(count(&viewer.read(FIGURES).await), 2);
        assert_eq!(count(&api.with(None).read(FIGURES).await), 1);
    }
    api.act(&format!("/tokens/{id}/revocation"), &json!({}))
        .await;
    viewer.get(FIGURES).await.expect(401);
    assert_eq!(count(&api.with(None).read(FIGURES).await), 1);
}

async fn a_kept_page_links_to_the_next(api: Api) {
    let city = api.municipality().await;
    for year in 2019..2022 {
        signed(&api, &city, &format!("{year}-04-16"), json!({})).await;
    }
    let path = "/statistics/agreements/records?limit=2&fields=status";
    for _ in 0..2 {
        let page = api.read(path).await;
        let cursor = page.body["next_cursor"].as_str().unwrap();
        assert!(page.headers["link"].contains(cursor), "{:?}", page.headers);
        assert_eq!(page.body["items"][0]["status"], "signed");
        assert_eq!(page.body["items"][0].get("kind"), None);
    }
    let wrong = "/statistics/agreements/records?fields=nothing";
    api.get(wrong).await.expect(400);
}

async fn a_kept_calendar_ends_with_its_address(api: Api) {
    api.municipality().await;
    let made = api
        .create("/calendars", &json!({"name": "일정", "lang": "en"}))
        .await;
    let address = made.body["address"].as_str().unwrap();
    let feed = address.to_owned();
    let reader = api.with(None);
    for _ in 0..2 {
        let calendar = reader.read(&feed).await;
        assert_eq!(calendar.headers["content-language"], "en");
    }
    let path = format!("/calendars/{}/revocation", made.id());
    api.act(&path, &json!({})).await;
    reader.get(&feed).await.expect(404);
}

async fn what_is_kept_takes_no_query_while_the_file_is_unchanged() {
    // Without a token, whose use would be noted in the file meanwhile.
    let api = watched(Backend::Sqlite).await.with(None);
    let record = format!(
        "/agreements/{}",
        api.find("/agreements?signed_from=2021-04-01&signed_to=2021-04-30")
            .await
    );
    let list = format!("/agreements?municipality_id={CITY}&limit=3");
    for path in [FIGURES, list.as_str(), record.as_str()] {
        let (first, queries) = answered(&api, path, &[]).await;
        assert!(!queries.is_empty(), "{path}");
        let (again, queries) = answered(&api, path, &[]).await;
        assert!(queries.is_empty(), "{path}: {queries:?}");
        assert_eq!(again.text, first.text, "{path}");
        // A caller who is not known yet is looked up.
        let stranger = [("authorization", "Bearer mou_unknown")];
        let (refused, _) = answered(&api, path, &stranger).await;
        refused.expect(401);
    }
    // Where nothing is kept, everything is read.
    let mut without = api.clone();
    without.state.fragments = Fragments::new(0, &records::ALL);
    let without = without.served().await;
    for _ in 0..2 {
        let (_, queries) = answered(&without, &record, &[]).await;
        assert!(!queries.is_empty());
    }
}

/// A token that a command revokes, and a title that is changed by hand and noted as a repair.
async fn another_program_ends_what_is_kept(api: Api) {
    let city = api.municipality().await;
    let more = json!({"visibility": "internal", "title": {"ko": "가온 협약"}});
    let made = signed(&api, &city, "2021-04-16", more).await;
    let paths = [
        format!("/agreements/{}", made.id()),
        "/agreements".into(),
        FIGURES.into(),
    ];
    let viewer = json!({"name": "열람", "role": "viewer", "municipality_ids": [city]});
    let (token, viewer) = api.new_token(viewer).await;
    for path in paths.iter().chain(&paths) {
        viewer.read(path).await;
    }
    run(
        &mut connect(&api),
        "UPDATE agreements SET doc = replace(doc, '가온', '나래'), summary = replace(summary, '가온', '나래'); \
         UPDATE changes_head SET repairs = repairs + 1",
    );
    for path in &paths[..2] {
        assert!(!viewer.read(path).await.text.contains("가온"), "{path}");
    }
    let revoked = program(&api, &["token", "revoke", &token]);
    assert!(revoked.status.success(), "{revoked:?}");
    for path in &paths {
        viewer.get(path).await.expect(401);
    }
}
