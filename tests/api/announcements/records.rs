//! Announcements as records: who sees them, and their past.

use serde_json::{Value, json};

use super::{NOBODY, PRESS, city, told};
use crate::support::Api;

on_both!(new:
    announcements_are_recorded_found_and_changed, drafts_are_the_staffs,
    partners_see_what_is_theirs, pasts_know_what_was_confirmed);

async fn announcements_are_recorded_found_and_changed(api: Api) {
    let city = api.municipality().await;
    let more = json!({"announced_on": {"edtf": "2024-05-21"}, "publisher": "고양시", "url": "https://city.example/1",
        "text": {"ko": "시청에서 업무협약을 맺었다."}, "parties": [{"name": "가온대"}]});
    let made = api
        .create("/announcements", &told(&city, PRESS, more))
        .await;
    assert_eq!(
        (&made.body["standing"], &made.body["gaps"]),
        (&json!("open"), &json!([]))
    );
    let path = format!("/announcements/{}", made.id());
    for query in [
        "q=%EC%8B%9C%EC%B2%AD",
        "kind=signing",
        "from=2024-05-21&to=2024-05-21",
    ] {
        assert_eq!(
            api.find(&format!("/announcements?{query}")).await,
            made.id(),
            "{query}"
        );
    }
    let found = api.read("/search?q=%EC%8A%A4%EB%A7%88%ED%8A%B8").await;
    assert_eq!(found.items()[0]["type"], "announcement");
    let ahead = json!({"announced_on": {"edtf": "2026-12-01"}});
    let refused = api.patch(&path, made.etag(), &ahead).await.expect(422);
    assert_eq!(refused.places(), ["/announced_on"]);
    let changed = api
        .update(&path, made.etag(), &json!({"publisher": null}))
        .await;
    assert_eq!(changed.body["gaps"][0]["code"], "publisher_unknown");
    let history = api.read(&format!("{path}/history")).await;
    assert_eq!(history.items().len(), 2);
    let unknown = told(NOBODY, PRESS, json!({}));
    assert_eq!(
        api.post("/announcements", &unknown)
            .await
            .expect(422)
            .places(),
        ["/municipality_id"]
    );
    api.delete(&path, changed.etag()).await.expect(204);
    assert_eq!(api.read("/announcements").await.items().len(), 0);
}

async fn drafts_are_the_staffs(api: Api) {
    let (city, ..) = city(&api).await;
    let new = told(
        &city,
        "고양시, 병병원과 협약",
        json!({"announced_on": {"edtf": "2025-03-04"}}),
    );
    let path = format!(
        "/announcements/{}",
        api.create("/announcements", &new).await.id()
    );
    let viewer = api.staff("viewer", &city).await;
    viewer
        .post(&format!("{path}/draft"), &json!({"kind": "mou"}))
        .await
        .expect(403);
    api.act(&format!("{path}/draft"), &json!({"kind": "mou"}))
        .await;
    let public = api.with(None);
    assert_eq!(public.read(&path).await.body["agreement"], Value::Null);
    assert_ne!(viewer.read(&path).await.body["agreement"], Value::Null);
    assert_eq!(
        public.read(&format!("{path}/matches")).await.items().len(),
        0
    );
    let compared = format!("/reconciliation?municipality_id={city}");
    // For who does not see the draft, nothing is recorded.
    let all: [(_, &[&str]); 2] = [
        (&public, &["not_recorded", "not_announced"]),
        (&viewer, &["not_announced"]),
    ];
    for (caller, findings) in all {
        let rows = caller.read(&compared).await;
        let found: Vec<&str> = rows
            .items()
            .iter()
            .map(|row| row["finding"].as_str().unwrap())
            .collect();
        assert_eq!(found, findings, "{}", rows.text);
        let figures = caller
            .read(&format!("/reconciliation/figures?municipality_id={city}"))
            .await;
        let expected = findings.len() - 1;
        assert_eq!(figures.body["totals"]["not_recorded"], expected);
    }
    // Nothing is announced of a municipality that nobody recorded.
    let unknown = format!("municipality_id={NOBODY}");
    let rows = api.read(&format!("/reconciliation?{unknown}")).await;
    assert_eq!(rows.items().len(), 0);
    let figures = api
        .read(&format!("/reconciliation/figures?{unknown}"))
        .await;
    assert_eq!(figures.body["municipality"], Value::Null);
    let internal = json!({"visibility": "internal"});
    api.update(&path, "*", &internal).await;
    public.get(&path).await.expect(404);
    assert_eq!(public.read("/announcements").await.items().len(), 0);
}

async fn partners_see_what_is_theirs(api: Api) {
    let (city, university, agreement) = city(&api).await;
    let new = told(&city, PRESS, json!({"visibility": "partners"}));
    let path = format!(
        "/announcements/{}",
        api.create("/announcements", &new).await.id()
    );
    let party = api.partner(&university).await;
    party.get(&path).await.expect(404);
    api.act(
        &format!("{path}/confirm"),
        &json!({"agreement_id": agreement}),
    )
    .await;
    assert_eq!(
        party.read(&path).await.body["agreement"]["id"],
        json!(agreement)
    );
    api.with(None).get(&path).await.expect(404);
}

async fn pasts_know_what_was_confirmed(api: Api) {
    let (city, _, agreement) = city(&api).await;
    let made = api
        .create("/announcements", &told(&city, PRESS, json!({})))
        .await;
    let path = format!("/announcements/{}", made.id());
    let later = api.at("2026-11-24T03:00:00Z").await;
    later
        .act(
            &format!("{path}/confirm"),
            &json!({"agreement_id": agreement}),
        )
        .await;
    let past = later.rebuilding().await;
    let then = past
        .read(&format!("{path}?recorded_as_of=2026-11-23T12:00:00Z"))
        .await;
    assert_eq!(then.body["standing"], "open");
    let now = past
        .read(&format!("{path}?recorded_as_of=2026-11-24T12:00:00Z"))
        .await;
    assert_eq!(now.body["agreement"]["id"], json!(agreement));
}
