//! Mistakes of a project that officers retract on pages, and its places and phases that they change.

use serde_json::json;

use super::office::{Browser, changed, fields_of, tag};
use super::{holds, lacks, page};
use crate::support::Api;
use crate::support::city::City;

on_both!(new:
    a_mistake_is_retracted, places_and_phases_are_changed, a_project_has_sources, a_page_in_english_keeps_korean_names,
    a_form_that_is_shown_again_overwrites_nothing, a_wrong_kind_of_milestone_is_corrected);

/// A project of a city, with a target, an outcome, figures, places and phases.
async fn project(city: &City) -> serde_json::Value {
    let new = json!({"municipality_id": city.id, "kind": "other", "title": {"ko": "사업"},
        "locations": [
            {"name": {"ko": "대화동"}, "code": "4128710400", "approximate": true},
            {"name": {"ko": "법곳동"}, "code": "4128710800"}],
        "phases": [
            {"key": "가", "title": {"ko": "1단계"}, "area": {"square_metres": 870_000, "approximate": true, "as_stated": "약 87만㎡"}},
            {"key": "나", "title": {"ko": "2단계", "en": "Phase 2"}}],
        "statements": [{"stated_on": {"edtf": "2021"}, "title": {"ko": "옛 사업"}}],
        "milestones": [{"kind": "completion", "phase": "나",
            "forecasts": [{"target": {"edtf": "2024"}, "stated_on": {"edtf": "2021"}}],
            "outcomes": [{"kind": "started", "on": {"edtf": "2022"}}]}]});
    city.editor.create("/projects", &new).await.body
}

async fn a_mistake_is_retracted(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let one = project(&city).await;
    let (id, milestone) = (one["id"].as_str().unwrap(), &one["milestones"][0]);
    let own = format!("/office/projects/{id}");
    let of = |list: &str| milestone[list][0]["id"].as_str().unwrap().to_owned();
    let milestones = format!("/office/milestones/{}", milestone["id"].as_str().unwrap());
    let figures = one["statements"][0]["id"].as_str().unwrap();
    for (path, said) in [
        (
            format!("{milestones}/targets/{}/retraction", of("forecasts")),
            "목표 시점: 2024년",
        ),
        (
            format!("{milestones}/outcomes/{}/retraction", of("outcomes")),
            "시작: 2022년",
        ),
        (
            format!("{own}/statements/{figures}/retraction"),
            "밝힌 수치: 2021년",
        ),
    ] {
        let text = browser.open(&own).await.expect(200).text;
        let link = format!("..{path}\"");
        holds(&text, &[&link]);
        let form = browser.open(&path).await.expect(200).text;
        holds(&form, &["철회합니까?", said]);
        let refused = browser.send(&path, &[("reason/ko", "")]).await.expect(422);
        holds(&refused.text, &["f-reason-ko-error1"]);
        let text = browser
            .goes_on(&path, &[("reason/ko", "출처를 잘못 읽음")])
            .await;
        holds(&text, &["기록했습니다.", "철회: "]);
        lacks(&text, &[&link]);
        let again = browser
            .send(&path, &[("reason/ko", "또")])
            .await
            .expect(409);
        holds(&again.text, &["이미 철회되었습니다", "또</textarea>"]);
    }
    let one = api.read(&format!("/projects/{id}")).await.body;
    assert_eq!(one["milestones"][0]["target"], json!(null));
    assert_eq!(
        one["milestones"][0]["forecasts"][0]["retraction"]["reason"]["ko"],
        "출처를 잘못 읽음"
    );
    // Readers and viewers see what was retracted, and no way to retract.
    let viewer = Browser::as_caller(&city.viewer).await;
    lacks(&viewer.open(&own).await.expect(200).text, &["/retraction"]);
    let text = page(&api.with(None), &format!("/projects/{id}"))
        .await
        .expect(200)
        .text;
    lacks(&text, &["/retraction"]);
    let other = City::new(&api, "4128000000").await;
    let foreign = Browser::as_caller(&other.editor).await;
    let path = format!("{milestones}/targets/{}/retraction", of("forecasts"));
    foreign
        .send(&path, &[("reason/ko", "남")])
        .await
        .expect(403);
    browser
        .open(&format!(
            "{milestones}/others/{}/retraction",
            of("forecasts")
        ))
        .await
        .expect(404);
}

async fn places_and_phases_are_changed(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let one = project(&city).await;
    let id = one["id"].as_str().unwrap();
    let path = format!("/office/projects/{id}/edit");
    let text = browser.open(&path).await.expect(200).text;
    holds(
        &text,
        &[
            "name=\"locations/0/name/ko\" value=\"대화동\"",
            "name=\"phases/0/area\" value=\"약 87만㎡\"",
        ],
    );
    let same = fields_of(&text);
    let with = |changes: &[(&'static str, &'static str)]| changed(&same, changes);
    // One more item keeps what was typed.
    let more = with(&[
        ("locations/1/name/ko", "법곳동 일원"),
        ("more", "locations"),
    ]);
    let text = browser.send(&path, &more).await.expect(200).text;
    holds(
        &text,
        &["value=\"법곳동 일원\"", "name=\"locations/2/name/ko\""],
    );
    // A phase that a milestone names stays; what is unclear is named at its field.
    let gone = with(&[
        ("phases/1/title/ko", ""),
        ("phases/0/period", "2027. 2. 30."),
    ]);
    let refused = browser.send(&path, &gone).await.expect(422).text;
    holds(&refused, &["f-phases-0-period-error1", "role=\"alert\""]);
    let gone = with(&[("phases/1/title/ko", "")]);
    let refused = browser.send(&path, &gone).await.expect(422).text;
    holds(
        &refused,
        &["추진 단계나 진행률이 속한 단계는 없앨 수 없습니다"],
    );
    let edited = with(&[
        ("locations/0/name/ko", ""),
        ("locations/2/name/ko", "덕이동"),
        ("phases/0/period", "2022 ~ 2024년"),
        ("phases/1/title/ko", "둘째 단계"),
    ]);
    let text = browser.goes_on(&path, &edited).await;
    holds(&text, &["기록했습니다.", "덕이동", "둘째 단계"]);
    let now = api.read(&format!("/projects/{id}")).await.body;
    let locations = &now["locations"];
    assert_eq!(locations.as_array().unwrap().len(), 2);
    assert_eq!(locations[0]["code"], "4128710800");
    assert_eq!(locations[1]["name"]["ko"], "덕이동");
    assert_eq!(now["phases"][0]["area"], one["phases"][0]["area"]);
    assert_eq!(now["phases"][0]["period"]["edtf"], "2022/2024");
    assert_eq!(
        now["phases"][1]["title"],
        json!({"ko": "둘째 단계", "en": "Phase 2"})
    );
    assert_eq!(now["phases"][1]["key"], "나");
    // Nothing that was not changed is written.
    let text = browser.open(&path).await.expect(200).text;
    holds(&text, &["value=\"둘째 단계\"", "value=\"법곳동\""]);
}

async fn a_project_has_sources(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let one = project(&city).await;
    let id = one["id"].as_str().unwrap();
    let path = format!("/office/projects/{id}/edit");
    for (changes, left) in [
        (
            &[
                ("sources/0/publisher", "고양시 보도자료"),
                ("sources/0/published_on", "2021. 4. 16."),
                ("sources/1/title", "개발계획 고시"),
            ][..],
            &[Some("고양시 보도자료"), None][..],
        ),
        (
            &[("sources/0/publisher", "고양시"), ("sources/1/title", "")],
            &[Some("고양시")],
        ),
    ] {
        let form = fields_of(&browser.open(&path).await.expect(200).text);
        browser.goes_on(&path, &changed(&form, changes)).await;
        let now = api.read(&format!("/projects/{id}")).await.body;
        let sources = now["sources"].as_array().unwrap();
        let named: Vec<_> = sources
            .iter()
            .map(|one| one["publisher"].as_str())
            .collect();
        assert_eq!(named, left);
        assert_eq!(sources[0]["published_on"]["edtf"], "2021-04-16");
    }
    let form = fields_of(&browser.open(&path).await.expect(200).text);
    let wrong = changed(&form, &[("sources/1/url", "x")]);
    let refused = browser.send(&path, &wrong).await.expect(422).text;
    holds(&refused, &["f-sources-1-url-error1"]);
}

async fn a_page_in_english_keeps_korean_names(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let before = project(&city).await;
    let id = before["id"].as_str().unwrap();
    let path = format!("/office/projects/{id}/edit?lang=en");
    let text = browser.open(&path).await.expect(200).text;
    holds(
        &text,
        &[
            "This is in Korean. Such as: Daehwa-dong",
            "name=\"locations/0/name/ko\" value=\"대화동\"",
            "name=\"phases/0/title/ko\" value=\"1단계\"",
            "name=\"phases/1/title/en\" value=\"Phase 2\"",
            "name=\"title/en\" value=\"\"",
        ],
    );
    let same = fields_of(&text);
    browser
        .goes_on(&path, &changed(&same, &[("budget", "KRW 30 million")]))
        .await;
    let after = api.read(&format!("/projects/{id}")).await.body;
    assert_eq!(after["budget"]["amount"], json!(30_000_000));
    for list in ["title", "locations", "phases"] {
        assert_eq!(after[list], before[list], "{list}");
    }
    // An item is renamed in its language, and removed like others.
    let same = fields_of(&browser.open(&path).await.expect(200).text);
    let edited = [
        ("locations/0/name/ko", ""),
        ("locations/1/name/ko", "법곳동 일원"),
        ("title/en", "Project"),
    ];
    browser.goes_on(&path, &changed(&same, &edited)).await;
    let after = api.read(&format!("/projects/{id}")).await.body;
    assert_eq!(after["title"], json!({"ko": "사업", "en": "Project"}));
    assert_eq!(after["locations"].as_array().unwrap().len(), 1);
    let place = &after["locations"][0];
    assert_eq!(place["name"], json!({"ko": "법곳동 일원", "en": null}));
    assert_eq!(place["code"], "4128710800");
}

async fn a_form_that_is_shown_again_overwrites_nothing(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let before = project(&city).await;
    let id = before["id"].as_str().unwrap();
    let path = format!("/office/projects/{id}/edit");
    let text = browser.open(&path).await.expect(200).text;
    let (opened, form) = (tag(&text), fields_of(&text));
    // Somebody else removes the first place meanwhile.
    let left = json!({"locations": [before["locations"][1]]});
    let project = format!("/projects/{id}");
    api.patch(&project, "*", &left).await.expect(200);
    let more = [("title/ko", "새 사업"), ("more", "locations")];
    let text = browser.send(&path, &changed(&form, &more)).await;
    let text = text.expect(200).text;
    assert_eq!(tag(&text), opened);
    let form = fields_of(&text);
    let stale = browser.send(&path, &changed(&form, &[])).await.expect(412);
    holds(&stale.text, &["다른 사람이 이 기록을 바꾸었습니다"]);
    assert_ne!(tag(&stale.text), opened);
    // What the other removed stays removed, and what was typed is there.
    holds(
        &stale.text,
        &["다른 사람이 이 목록을 바꾸었습니다", "value=\"새 사업\""],
    );
    let form = fields_of(&stale.text);
    browser.goes_on(&path, &changed(&form, &[])).await;
    let after = api.read(&format!("/projects/{id}")).await.body;
    assert_eq!(after["title"]["ko"], "새 사업");
    let places = after["locations"].as_array().unwrap().iter();
    let codes: Vec<_> = places
        .map(|place| (&place["name"]["ko"], &place["code"]))
        .collect();
    assert_eq!(codes, [(&json!("법곳동"), &json!("4128710800"))]);
}

async fn a_wrong_kind_of_milestone_is_corrected(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let one = project(&city).await;
    let milestone = one["milestones"][0]["id"].as_str().unwrap();
    let path = format!("/office/milestones/{milestone}/edit");
    let page = format!("/office/projects/{}", one["id"].as_str().unwrap());
    holds(&browser.open(&page).await.expect(200).text, &[&path[1..]]);
    let fields = fields_of(&browser.open(&path).await.expect(200).text);
    let right = [("kind", "land_supply"), ("title/ko", "산업용지 공급")];
    let text = browser.goes_on(&path, &changed(&fields, &right)).await;
    holds(&text, &["산업용지 공급"]);
    let now = api.read(&format!("/milestones/{milestone}")).await.body;
    assert_eq!(now["kind"], "land_supply");
    assert_eq!(
        (&now["phase"], &now["forecast_count"]),
        (&json!("나"), &json!(1))
    );
    let refused = browser.send(&path, &changed(&fields, &right)).await;
    holds(&refused.expect(412).text, &["아직 저장하지 않았습니다."]);
    let viewer = Browser::as_caller(&city.viewer).await;
    viewer.open(&path).await.expect(403);
}
