//! The registry as recorded by an instant, including what was corrected or deleted since.

use serde_json::json;

use crate::support::Api;

on_both!(with_demo:
    every_read_answers_as_of_an_instant, corrections_and_deletions_do_not_reach_the_past,
    what_was_taken_back_stays_so, a_later_instant_knows_no_less,
    whatever_the_clocks_a_later_instant_knows_no_less, a_clock_that_was_set_back_hides_nothing);

/// An instant after the demonstration was loaded and before the next day.
const THEN: &str = "recorded_as_of=2026-11-23T04:00:00Z";

async fn every_read_answers_as_of_an_instant(api: Api) {
    // The state rebuilt from the log equals the records.
    for path in [
        "/agreements?limit=200&with_total=true",
        "/projects",
        "/organizations?limit=200",
        "/associations",
        "/municipalities",
        "/working-groups",
        "/timeline?limit=200&with_total=true",
        "/timeline?as_of=2021-12-31",
        "/timeline?status=overdue&as_of=2023-06-30",
        "/search?q=%ED%98%91%EC%95%BD&limit=200",
        "/search?q=%EC%9C%A0%EC%B0%B0",
    ] {
        let sign = if path.contains('?') { '&' } else { '?' };
        let now = api.read(path).await;
        let then = api.read(&format!("{path}{sign}{THEN}")).await;
        assert_eq!(now.body["items"], then.body["items"], "{path}");
        assert_eq!(now.body["total"], then.body["total"], "{path}");
    }
    for list in [
        "/agreements",
        "/projects",
        "/organizations",
        "/working-groups",
    ] {
        let listed = api.read(list).await;
        for item in listed.items() {
            let path = format!("{list}/{}", item["id"].as_str().unwrap());
            let now = api.read(&path).await;
            let then = api.read(&format!("{path}?{THEN}")).await;
            assert_eq!(now.body, then.body, "{path}");
        }
    }
    // Before the first change the registry is empty.
    let before = "recorded_as_of=2020-01-01T00:00:00Z";
    assert_eq!(
        api.read(&format!("/agreements?with_total=true&{before}"))
            .await
            .body["total"],
        0
    );
    for wrong in [
        "recorded_as_of=2021-01-01",
        "recorded_as_of=x",
        "recorded_as_of=2021-01-01T00:00:00Z&recorded_as_of=2021-01-01T00:00:00Z",
    ] {
        assert_eq!(
            api.get(&format!("/agreements?{wrong}"))
                .await
                .expect(400)
                .places(),
            ["recorded_as_of"],
            "{wrong}"
        );
    }
    // Reported along with other errors.
    let wrong = "/projects/0178d7fa-2c00-7000-8000-000000000016/slip-history?limit=1&as_of=2022-02-30&recorded_as_of=x";
    let refused = api.get(wrong).await.expect(400);
    assert_eq!(refused.places(), ["as_of", "limit", "recorded_as_of"]);
    let refused = api
        .get("/agreements?limit=0&recorded_as_of=x")
        .await
        .expect(400);
    assert_eq!(refused.places(), ["limit", "recorded_as_of"]);
    // Resources without a past refuse the parameter.
    api.get(&format!("/changes?{THEN}")).await.expect(400);
    api.get(&format!("/reference/municipalities?{THEN}"))
        .await
        .expect(400);
    api.get(&format!("/tokens?{THEN}")).await.expect(400);
}

async fn corrections_and_deletions_do_not_reach_the_past(api: Api) {
    let agreement = api
        .find("/agreements?signed_from=2021-04-16&signed_to=2021-04-16")
        .await;
    let path = format!("/agreements/{agreement}");
    let gone = api.organization("사라질 기업").await;
    let city = api.find("/municipalities?code=4128000000").await;
    let draft = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "없던 일"}, "parties": [{"organization_id": gone}]});
    let draft = api.create("/agreements", &draft).await;
    let later = api.at("2026-11-24T03:00:00Z").await;
    let before = later.read(&path).await;
    let correction = json!({"signed_on": {"edtf": "2021-04-19"}, "venue": {"ko": "고양시청"}});
    later
        .update(
            &format!("{path}?correction_reason=x"),
            before.etag(),
            &correction,
        )
        .await;
    later
        .delete(&format!("/agreements/{}", draft.id()), "*")
        .await
        .expect(204);
    later
        .delete(&format!("/organizations/{gone}"), "*")
        .await
        .expect(204);
    let now = later.read(&path).await;
    assert_eq!(
        (&now.body["signed_on"]["edtf"], &now.body["version"]),
        (&json!("2021-04-19"), &json!(2))
    );
    let then = later.read(&format!("{path}?{THEN}")).await;
    assert_eq!(then.body, before.body);
    // Also in lists, timelines and searches, and combined with `as_of`.
    let signed =
        |day: &str| format!("/agreements?signed_from={day}&signed_to={day}&with_total=true");
    assert_eq!(
        later
            .get(&format!("{}&{THEN}", signed("2021-04-16")))
            .await
            .body["total"],
        1
    );
    assert_eq!(later.get(&signed("2021-04-16")).await.body["total"], 0);
    let timeline =
        "/timeline?types=signing&as_of=2021-04-17&with_total=true&from=2021-04-01&to=2021-04-30";
    assert_eq!(
        later.get(&format!("{timeline}&{THEN}")).await.body["total"],
        1
    );
    assert_eq!(later.get(timeline).await.body["total"], 0);
    let venue = "/search?q=%EA%B3%A0%EC%96%91%EC%9D%B8%EC%9E%AC&with_total=true"; // 고양인재
    assert_eq!(later.get(&format!("{venue}&{THEN}")).await.body["total"], 1);
    assert_eq!(later.get(venue).await.body["total"], 0);
    // Deleted records are there, with their references.
    let deleted = format!("/agreements/{}", draft.id());
    later.get(&deleted).await.expect(404);
    let back = later.read(&format!("{deleted}?{THEN}")).await;
    assert_eq!(
        back.body["parties"][0]["organization"]["name"]["ko"],
        "사라질 기업"
    );
}

async fn what_was_taken_back_stays_so(api: Api) {
    let path = format!(
        "/agreements/{}",
        api.find("/agreements?signed_from=2021-04-16&signed_to=2021-04-16")
            .await
    );
    let anonymous = async |api: &Api, status| {
        let caller = api.with(None);
        caller.get(&format!("{path}?{THEN}")).await.expect(status);
        let total = i32::from(status == 200);
        for query in [
            "/agreements?signed_from=2021-04-16&signed_to=2021-04-16",
            "/timeline?types=signing&from=2021-04-16&to=2021-04-16",
        ] {
            assert_eq!(
                caller
                    .read(&format!("{query}&with_total=true&{THEN}"))
                    .await
                    .body["total"],
                total,
                "{query}"
            );
        }
    };
    anonymous(&api, 200).await;
    let later = api.at("2026-11-24T03:00:00Z").await;
    let etag = later.get(&path).await.etag().to_owned();
    later
        .update(
            &format!("{path}?correction_reason=x"),
            &etag,
            &json!({"visibility": "internal"}),
        )
        .await;
    anonymous(&later, 404).await;
    // The staff still see that it was public.
    let then = later.read(&format!("{path}?{THEN}")).await;
    assert_eq!(then.body["visibility"], "public");
    // Public again, its past is public too.
    let etag = later.get(&path).await.etag().to_owned();
    let change = format!("{path}?correction_reason=x");
    let public = json!({"visibility": "public"});
    later.update(&change, &etag, &public).await;
    anonymous(&later, 200).await;
}

async fn a_later_instant_knows_no_less(api: Api) {
    // Two servers whose clocks differ.
    let fast = api.at("2026-11-24T03:00:30Z").await;
    let slow = api.at("2026-11-24T03:00:29Z").await;
    fast.organization("빠른 시계").await;
    let path = format!("/organizations/{}", slow.organization("느린 시계").await);
    fast.at("2026-11-24T05:00:00Z")
        .await
        .organization("나중")
        .await;
    for (instant, status) in [
        ("03:00:28", 404),
        ("03:00:29", 200),
        ("03:00:30", 200),
        ("04:00:00", 200),
    ] {
        let then = format!("{path}?recorded_as_of=2026-11-24T{instant}Z");
        api.get(&then).await.expect(status);
    }
}

async fn a_clock_that_was_set_back_hides_nothing(api: Api) {
    let path = |id: &str| format!("/organizations/{id}");
    // By two hours, which no difference between servers explains.
    let ahead = api.at("2026-11-24T05:00:00Z").await;
    let first = path(&ahead.organization("먼저").await);
    let second = path(
        &api.at("2026-11-24T03:00:00Z")
            .await
            .organization("나중")
            .await,
    );
    let instants = ["02:59:59", "03:00:00", "04:00:00", "05:00:00", "06:00:00"];
    for (instant, status) in instants.into_iter().zip([404, 200, 200, 200, 200]) {
        for path in [&first, &second] {
            let then = format!("{path}?recorded_as_of=2026-11-24T{instant}Z");
            api.get(&then).await.expect(status);
        }
    }
}

async fn whatever_the_clocks_a_later_instant_knows_no_less(api: Api) {
    // Clocks that run ahead and are set back, by up to five hours; the state of a generator of numbers.
    let mut state = 20_261_128_u64;
    let mut minute = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % 300
    };
    let instant = |minute: u64| format!("2026-11-25T{:02}:{:02}:00Z", minute / 60, minute % 60);
    let mut recorded = Vec::new();
    for n in 0..16 {
        let now = minute();
        let server = api.at(&instant(now)).await;
        recorded.push((now, server.organization(&format!("시계 {n}")).await));
    }
    let mut asked: Vec<String> = (0..10).map(|_| minute()).map(instant).collect();
    asked.sort();
    asked.extend(["9999-12-31T23:59:59.5Z", "%2B12026-01-01T00:00:00Z"].map(String::from));
    let mut before = 0;
    for then in asked {
        let path = format!("/organizations?q=%EC%8B%9C%EA%B3%84&limit=100&recorded_as_of={then}");
        let listed = api.read(&path).await;
        let known = listed.items().len();
        // The first so many in the order of the log, with every one that is labelled with the instant or
        // an earlier one.
        for (n, (minute, id)) in recorded.iter().enumerate() {
            let is_known = listed.items().iter().any(|item| item["id"] == **id);
            assert_eq!(is_known, n < known, "{then}: {n}");
            assert!(
                is_known || instant(*minute) > then || then.starts_with('%'),
                "{then}: {n}"
            );
        }
        assert!(
            before <= known,
            "{then} knows {known}, and an earlier instant {before}"
        );
        before = known;
    }
    assert_eq!(before, recorded.len());
}
