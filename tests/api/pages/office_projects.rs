//! Projects, their milestones and figures as officers record them on pages.

use serde_json::json;

use super::office::{Browser, editor_of_goyang, tag};
use super::{NASTY, holds, lacks, page};
use crate::support::city::City;
use crate::support::{Api, CITY};

on_both!(with_demo: an_officer_records_a_project_and_what_becomes_of_it, a_reading_is_chosen_by_one_click);
on_both!(new:
    a_change_meets_one_of_another_window, everything_wrong_is_named_at_its_field,
    nobody_of_another_city_records, what_is_typed_is_escaped);

const NEW: &str = "/office/projects/new";

const PROJECT: [(&str, &str); 17] = [
    ("municipality", CITY),
    ("title/ko", "드론 시험 단지"),
    ("kind", "facility"),
    ("status", "preparation"),
    ("visibility", "public"),
    ("budget", "약 120억 원"),
    ("area", "약 3만㎡"),
    ("locations/0/name/ko", "경기도 고양시 덕양구"),
    ("implementers/0/organization", "새 드론 공사"),
    ("implementers/0/organization/kind", "public_corporation"),
    ("implementers/0/share_percent", "62.5%"),
    ("phases/0/title/ko", "1단계"),
    ("milestones/1/kind", "groundbreaking"),
    ("milestones/1/forecasts/0/target", "2024년까지"),
    ("milestones/1/forecasts/0/stated_on", "2022. 3. 2."),
    (
        "milestones/1/forecasts/0/source/publisher",
        "고양시 보도자료",
    ),
    ("sources/0/publisher", "고양시"),
];

async fn an_officer_records_a_project_and_what_becomes_of_it(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    holds(
        &browser.open("/office").await.expect(200).text,
        &["office/projects/new", "office/working-groups/new"],
    );
    let text = browser.open(NEW).await.expect(200).text;
    holds(&text, &["name=\"milestones/0/kind\"", "name=\"area\""]);
    let text = browser.goes_on(NEW, &PROJECT).await;
    holds(
        &text,
        &[
            "기록했습니다.",
            "드론 시험 단지",
            "2024년까지",
            "새 드론 공사",
            "62.5%",
            "1단계",
        ],
    );
    let found = api.read("/projects?q=%EB%93%9C%EB%A1%A0").await;
    let id = found.body["items"][0]["id"].as_str().unwrap().to_owned();
    let one = api.read(&format!("/projects/{id}")).await.body;
    assert_eq!(one["budget"]["amount"], 12_000_000_000_i64);
    assert_eq!(one["area"]["as_stated"], "약 3만㎡");
    let milestone = one["milestones"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(one["milestones"][0]["target"]["edtf"], "../2024");
    // The target moves, and then it happens.
    let target = format!("/office/milestones/{milestone}/target");
    holds(
        &browser.open(&target).await.expect(200).text,
        &["지금 목표: 2024년까지", "착공"],
    );
    let moved = [
        ("target", "2026년 하반기"),
        ("stated_on", "2024. 5. 1."),
        ("stated_by", "고양시"),
        ("reason_code", "approval"),
        ("reason/ko", "실시계획 인가 지연"),
        ("source/url", "https://goyang.example/notice"),
    ];
    let text = browser.goes_on(&target, &moved).await;
    holds(&text, &["2026년 하반기", "실시계획 인가 지연"]);
    let outcome = format!("/office/milestones/{milestone}/outcome");
    let started = [
        ("kind", "started"),
        ("on", "2026. 2. 3."),
        ("note/ko", "착공식"),
    ];
    holds(&browser.goes_on(&outcome, &started).await, &["착공식"]);
    // Figures as they were stated, and one more milestone of a phase.
    let statement = format!("/office/projects/{id}/statements/new");
    let stated = [
        ("stated_on", "2025. 1. 10."),
        ("budget", "150억 원"),
        ("progress/0/measure", "construction"),
        ("progress/0/percent", "12.5"),
        ("progress/0/phase", "1"),
        ("source/publisher", "고양시의회"),
    ];
    holds(
        &browser.goes_on(&statement, &stated).await,
        &["150억 원", "12.5%", "고양시의회"],
    );
    let phase = format!("/office/projects/{id}/phases/new");
    let tagged = tag(&browser.open(&phase).await.expect(200).text);
    let second = [
        ("tag", tagged.as_str()),
        ("title/ko", "2단계"),
        ("period", "2027 ~ 2029년"),
    ];
    browser.goes_on(&phase, &second).await;
    let one = api.read(&format!("/projects/{id}")).await.body;
    assert_eq!(one["phases"][1]["title"]["ko"], "2단계");
    assert_eq!(one["phases"][0]["title"]["ko"], "1단계");
    let more = format!("/office/projects/{id}/milestones/new");
    holds(
        &browser.open(&more).await.expect(200).text,
        &["<option value=\"2\">2단계</option>"],
    );
    let completion = [
        ("kind", "completion"),
        ("phase", "2"),
        ("forecasts/0/target", "2029년"),
        ("forecasts/0/stated_on", "2025. 1. 10."),
    ];
    holds(
        &browser.goes_on(&more, &completion).await,
        &["준공", "2029년"],
    );
    // Readers see it without ways to change it, and a link that leads officers on.
    let text = page(&api.with(None), &format!("/projects/{id}")).await;
    let text = text.expect(200).text;
    lacks(&text, &["/edit", "statements/new"]);
    holds(&text, &[&format!("office/projects/{id}")]);
    let list = browser.open("/office/projects").await.expect(200).text;
    holds(&list, &[&format!("office/projects/{id}")]);
}

async fn a_reading_is_chosen_by_one_click(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let mut fields = PROJECT.to_vec();
    fields.retain(|(name, _)| *name != "milestones/1/forecasts/0/target");
    fields.push(("milestones/1/forecasts/0/target", "04.05.06"));
    let text = browser.send(NEW, &fields).await.expect(422).text;
    holds(
        &text,
        &[
            "어느 뜻입니까?",
            "name=\"milestones/0/forecasts/0/target/reading\" value=\"0\"",
            "name=\"milestones/0/forecasts/0/target/reading\" value=\"1\"",
            "name=\"milestones/0/forecasts/0/target/for\" value=\"04.05.06\"",
        ],
    );
    fields.push(("milestones/1/forecasts/0/target/for", "04.05.06"));
    // A choice for another text does not count, nor one that is none.
    for (reading, text) in [("1", "04.05.07"), ("7", "04.05.06"), ("-1", "04.05.06")] {
        let mut wrong = fields.clone();
        for (name, value) in &mut wrong {
            if *name == "milestones/1/forecasts/0/target" {
                *value = text;
            }
        }
        wrong.push(("milestones/1/forecasts/0/target/reading", reading));
        browser.send(NEW, &wrong).await.expect(422);
    }
    fields.push(("milestones/1/forecasts/0/target/reading", "1"));
    browser.goes_on(NEW, &fields).await;
    let found = api.read("/projects?q=%EB%93%9C%EB%A1%A0").await;
    let id = found.body["items"][0]["id"].as_str().unwrap();
    let one = api.read(&format!("/projects/{id}")).await.body;
    let target = &one["milestones"][0]["target"];
    assert_eq!(target["as_stated"], "04.05.06");
    assert_eq!(target["precision"], "day", "{target}");
}

async fn a_change_meets_one_of_another_window(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let new = json!({"municipality_id": city.id, "kind": "other", "title": {"ko": "사업", "en": "Project"},
        "budget": {"amount": 5, "currency": "KRW"}});
    let id = city.editor.create("/projects", &new).await.id().to_owned();
    let path = format!("/office/projects/{id}/edit");
    let text = browser.open(&path).await.expect(200).text;
    holds(&text, &["value=\"사업\"", "value=\"5 KRW\""]);
    let tagged = tag(&text);
    let fields = [
        ("tag", tagged.as_str()),
        ("title/ko", "다른 이름"),
        ("kind", "other"),
        ("status", "identification"),
        ("budget", ""),
        ("visibility", "public"),
    ];
    browser.goes_on(&path, &fields).await;
    let one = api.read(&format!("/projects/{id}")).await.body;
    assert_eq!(one["title"], json!({"ko": "다른 이름", "en": "Project"}));
    assert_eq!(one["budget"], json!(null));
    let stale = browser.send(&path, &fields).await.expect(412).text;
    holds(&stale, &["role=\"alert\"", "value=\"다른 이름\""]);
}

async fn everything_wrong_is_named_at_its_field(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let project = city
        .editor
        .create(
            "/projects",
            &json!({"municipality_id": city.id, "kind": "other",
        "title": {"ko": "사업"}, "milestones": [{"kind": "completion"}]}),
        )
        .await;
    let milestone = project.body["milestones"][0]["id"].as_str().unwrap();
    let id = project.id();
    let own = [("municipality", city.id.as_str())];
    for (path, fields, marked) in [
        (
            NEW.to_owned(),
            &[
                ("title/ko", ""),
                ("milestones/0/title/ko", "이름"),
                ("milestones/0/forecasts/0/target", "2024년"),
                ("implementers/0/share_percent", "많이"),
                ("sources/0/url", "없음"),
            ][..],
            &[
                "f-title-ko-error1",
                "f-milestones-0-kind-error1",
                "f-milestones-0-forecasts-0-stated_on-error1",
                "f-implementers-0-share_percent-error1",
                "f-sources-0-url-error1",
            ][..],
        ),
        (
            format!("/office/milestones/{milestone}/target"),
            &[("target", ""), ("stated_on", ""), ("source/url", "x")],
            &[
                "f-target-error1",
                "f-stated_on-error1",
                "f-source-url-error1",
            ],
        ),
        (
            format!("/office/milestones/{milestone}/outcome"),
            &[("kind", "met"), ("on", "2099. 1. 1.")],
            &["f-on-error1"],
        ),
        (
            format!("/office/projects/{id}/statements/new"),
            &[
                ("stated_on", "2025. 1. 1."),
                ("progress/0/measure", "other"),
                ("progress/0/percent", "10"),
            ],
            &["f-progress-0-name-ko-error1"],
        ),
        (
            format!("/office/projects/{id}/milestones/new"),
            &[("title/ko", "이름만")],
            &["f-kind-error1"],
        ),
        (
            format!("/office/projects/{id}/phases/new"),
            &[("title/ko", ""), ("area", "")],
            &["f-title-ko-error1"],
        ),
    ] {
        let shown = browser.open(&path).await;
        let mut sent: Vec<(&str, &str)> = own.to_vec();
        let tagged = match shown.text.contains("name=\"tag\"") {
            true => tag(&shown.text),
            false => String::new(),
        };
        sent.extend(fields.iter().copied());
        sent.push(("tag", &tagged));
        let text = browser.send(&path, &sent).await.expect(422).text;
        holds(&text, marked);
        holds(&text, &["autofocus", "role=\"alert\""]);
        // In English, texts have other fields.
        let english: Vec<(String, &str)> = sent
            .iter()
            .map(|(name, value)| (name.replace("/ko", "/en"), *value))
            .collect();
        let english: Vec<(&str, &str)> = english
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
            .collect();
        let text = browser.send(&format!("{path}?lang=en"), &english).await;
        let text = text.expect(422).text;
        for id in marked {
            holds(&text, &[&id.replace("-ko-", "-en-")]);
        }
        lacks(&text, &["수를 적어 주십시오"]);
    }
    let nothing = api.read(&format!("/milestones/{milestone}")).await.body;
    assert_eq!(nothing["forecast_count"], 0);
}

async fn nobody_of_another_city_records(api: Api) {
    let own = City::new(&api, "4111000000").await;
    let other = City::new(&api, "4113000000").await;
    let project = own
        .editor
        .create(
            "/projects",
            &json!({"municipality_id": own.id, "kind": "other",
        "title": {"ko": "사업"}, "milestones": [{"kind": "completion"}]}),
        )
        .await;
    let milestone = project.body["milestones"][0]["id"].as_str().unwrap();
    let id = project.id();
    let stranger = Browser::as_caller(&other.editor).await;
    let page = stranger.open(&format!("/office/projects/{id}")).await;
    lacks(&page.expect(200).text, &["/edit", "/office/milestones/"]);
    let target = [("target", "2030년"), ("stated_on", "2026. 1. 1.")];
    let path = format!("/office/milestones/{milestone}/target");
    let refused = stranger.send(&path, &target).await.expect(403).text;
    holds(&refused, &["다른 지방자치단체", "value=\"2030년\""]);
    let new = [
        ("municipality", own.id.as_str()),
        ("title/ko", "사업"),
        ("kind", "other"),
    ];
    stranger.send(NEW, &new).await.expect(403);
    let viewer = Browser::as_caller(&own.viewer).await;
    viewer.send(NEW, &new).await.expect(403);
    // An ended session keeps what was typed.
    let editor = Browser::as_caller(&own.editor).await;
    editor.send("/office/sign-out", &[]).await.expect(303);
    let kept = editor.send(&path, &target).await.expect(401).text;
    holds(&kept, &["name=\"kept:target\" value=\"2030년\""]);
    // What nobody sees has no form.
    let secret = own
        .editor
        .create(
            "/projects",
            &json!({"municipality_id": own.id, "kind": "other",
        "title": {"ko": "비밀"}, "visibility": "internal"}),
        )
        .await;
    for rest in [
        "",
        "/edit",
        "/statements/new",
        "/milestones/new",
        "/phases/new",
    ] {
        let path = format!("/office/projects/{}{rest}", secret.id());
        stranger.open(&path).await.expect(404);
    }
}

async fn what_is_typed_is_escaped(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let fields = [
        ("municipality", city.id.as_str()),
        ("title/ko", NASTY),
        ("kind", "other"),
        ("phases/0/title/ko", NASTY),
        ("milestones/0/kind", "other"),
        ("milestones/0/title/ko", NASTY),
    ];
    let wrong = [&fields[..], &[("sources/0/url", NASTY)]].concat();
    let text = browser.send(NEW, &wrong).await.expect(422).text;
    lacks(&text, &["<script>alert"]);
    let text = browser.goes_on(NEW, &fields).await;
    lacks(&text, &["<script>alert"]);
    let found = api.read("/projects?sort=-id&limit=1").await;
    let id = found.body["items"][0]["id"].as_str().unwrap();
    for rest in ["/edit", "/statements/new", "/milestones/new"] {
        let path = format!("/office/projects/{id}{rest}");
        let text = browser.open(&path).await.expect(200).text;
        lacks(&text, &["<script>alert"]);
        holds(&text, &["뒤집힘"]);
    }
}
