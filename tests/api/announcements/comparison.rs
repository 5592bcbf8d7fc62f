//! What was announced compared with what is recorded.

use serde_json::{Value, json};

use super::{PRESS, city, told};
use crate::support::Api;
use crate::support::records::signed_mou;

on_both!(new:
    announcements_and_records_are_compared, what_was_given_up_is_not_recorded,
    one_of_two_alike_is_a_question, readers_see_no_proposal, what_has_no_day_is_in_no_order, names_of_the_city_are_its_own, a_title_counts_in_each_language);

/// Returns the findings of a city, each with its announcement, agreement and score.
async fn findings(api: &Api, city: &str) -> Vec<(String, Value, Value, Value)> {
    let rows = api
        .read(&format!("/reconciliation?municipality_id={city}&sort=day"))
        .await;
    let found = rows.items().iter().map(|row| {
        (
            row["finding"].as_str().unwrap().to_owned(),
            row["announcement"]["id"].clone(),
            row["agreement"]["id"].clone(),
            row["score"].clone(),
        )
    });
    found.collect()
}

/// A confirmed announcement whose record was given up since tells of nothing recorded.
async fn what_was_given_up_is_not_recorded(api: Api) {
    let (city, _, agreement) = city(&api).await;
    let new = told(
        &city,
        "고양시, 병병원과 협약",
        json!({"announced_on": {"edtf": "2025-03-04"}}),
    );
    let drafted = api.create("/announcements", &new).await.id().to_owned();
    let path = format!("/announcements/{drafted}");
    let draft = api
        .act(&format!("{path}/draft"), &json!({"kind": "mou"}))
        .await;
    let draft = draft.body["agreement"]["id"].as_str().unwrap().to_owned();
    let new = told(
        &city,
        PRESS,
        json!({"announced_on": {"edtf": "2024-05-21"}}),
    );
    let confirmed = api.create("/announcements", &new).await.id().to_owned();
    let confirm = json!({"agreement_id": agreement});
    api.act(&format!("/announcements/{confirmed}/confirm"), &confirm)
        .await;
    assert_eq!(findings(&api, &city).await, []);
    for (id, to) in [(&draft, "withdrawn"), (&agreement, "voided")] {
        let step = json!({"to": to, "reason": {"ko": "취소"}});
        api.act(&format!("/agreements/{id}/transitions"), &step)
            .await;
    }
    let gone = |id: &str| {
        (
            "not_recorded".to_owned(),
            json!(id),
            Value::Null,
            Value::Null,
        )
    };
    assert_eq!(
        findings(&api, &city).await,
        [gone(&confirmed), gone(&drafted)]
    );
    let figures = api
        .read(&format!("/reconciliation/figures?municipality_id={city}"))
        .await;
    let totals = &figures.body["totals"];
    assert_eq!(
        (&totals["not_recorded"], &totals["announced"]),
        (&json!(2), &json!(0))
    );
}

/// Of two that are as likely, a person must choose, and neither counts as never announced.
async fn one_of_two_alike_is_a_question(api: Api) {
    let (city, university, first) = city(&api).await;
    let more = json!({"title": {"ko": "스마트도시 조성 업무협약"}});
    let twin = signed_mou(&[&city, &university], "2024-05-20", more);
    api.create("/agreements", &twin).await;
    let more = json!({"announced_on": {"edtf": "2024-05-21"}});
    let made = api
        .create("/announcements", &told(&city, PRESS, more))
        .await;
    let asked = (
        "unconfirmed".to_owned(),
        json!(made.id()),
        Value::Null,
        Value::Null,
    );
    assert_eq!(findings(&api, &city).await, [asked]);
    let reject = json!({"agreement_id": first});
    api.act(&format!("/announcements/{}/reject", made.id()), &reject)
        .await;
    let found = findings(&api, &city).await;
    assert_eq!(
        (found[0].0.as_str(), &found[0].2),
        ("not_announced", &json!(first))
    );
    assert_eq!(found[1].0, "unconfirmed");
    assert_ne!(found[1].2, Value::Null);
}

/// A proposal is no fact: the staff of the city see it, and nobody else.
async fn readers_see_no_proposal(api: Api) {
    let (city, _, agreement) = city(&api).await;
    let more = json!({"announced_on": {"edtf": "2024-05-21"}});
    let made = api
        .create("/announcements", &told(&city, PRESS, more))
        .await;
    let viewer = api.staff("viewer", &city).await;
    let other = api.other_municipality().await;
    let other = api.staff("editor", &other).await;
    let matches = format!("/announcements/{}/matches", made.id());
    for (caller, sees) in [
        (&api, true),
        (&viewer, true),
        (&other, false),
        (&api.with(None), false),
    ] {
        let found = caller.read(&matches).await;
        assert_eq!(found.items().len(), usize::from(sees), "{}", found.text);
        let rows = caller
            .read(&format!("/reconciliation?municipality_id={city}"))
            .await;
        let row = &rows.items()[0];
        assert_eq!(row["finding"], "unconfirmed");
        let right = match sees {
            true => json!(agreement),
            false => Value::Null,
        };
        assert_eq!(row["agreement"]["id"], right, "{}", rows.text);
        assert_eq!(row["score"].is_null(), !sees, "{}", rows.text);
    }
}

/// Of two announcements of the same, one of unknown day is no earlier one.
async fn what_has_no_day_is_in_no_order(api: Api) {
    let (city, _, agreement) = city(&api).await;
    let tell = async |title: &str, more: Value| {
        let made = api
            .create("/announcements", &told(&city, title, more))
            .await;
        let confirm = json!({"agreement_id": agreement});
        api.act(&format!("/announcements/{}/confirm", made.id()), &confirm)
            .await;
        made.id().to_owned()
    };
    let undated = tell(PRESS, json!({})).await;
    let dated = tell("협약 소식", json!({"announced_on": {"edtf": "2024-05-03"}})).await;
    let rows = api
        .read(&format!(
            "/reconciliation?municipality_id={city}&finding=announced_twice"
        ))
        .await;
    let [row] = &rows.items()[..] else {
        panic!("{}", rows.text)
    };
    assert_eq!(
        (&row["announcement"]["id"], &row["others"][0]["id"]),
        (&json!(undated), &json!(dated))
    );
    assert_eq!(row["others"][0]["announced_on"]["edtf"], "2024-05-03");
}

/// A city has many names, and a party in words is a party.
async fn names_of_the_city_are_its_own(api: Api) {
    let (city, _, agreement) = city(&api).await;
    let others = json!({"other_parties": {"count": 2, "as_stated": "을재단, 병병원"}});
    let path = format!("/agreements/{agreement}?correction_reason=x");
    api.update(&path, "*", &others).await;
    let tell = async |names: &[&str]| {
        let parties: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
        let more = json!({"announced_on": {"edtf": "2024-05-21"}, "parties": parties});
        let title = format!("{PRESS} {}", names.join(" "));
        let made = api
            .create("/announcements", &told(&city, &title, more))
            .await;
        let confirm = json!({"agreement_id": agreement});
        api.act(&format!("/announcements/{}/confirm", made.id()), &confirm)
            .await;
    };
    for own in [
        "고양특례시",
        "고양시장",
        "고양특례시장",
        "고양",
        "경기도 고양시",
        "고양시청",
    ] {
        tell(&[own, "가온대", "(재)을재단"]).await;
    }
    let differs = format!("/reconciliation?municipality_id={city}&finding=differs");
    assert!(api.read(&differs).await.items().is_empty());
    tell(&["고양시", "정전자"]).await;
    let rows = api.read(&differs).await;
    assert_eq!(rows.items().len(), 1, "{}", rows.text);
    assert_eq!(
        rows.items()[0]["differences"][0]["recorded"]["ko"],
        "고양시, 가온대학교, 을재단, 병병원"
    );
    // So is one that a draft got from the announcement.
    let more = json!({"announced_on": {"edtf": "2025-03-04"}, "parties": [{"name": "무진재단"}],
        "amount": {"amount": 120_000_000_000_i64, "currency": "KRW", "as_stated": "1,200억원"},
        "lead_department": "복지과"});
    let new = told(&city, "고양시, 무진재단과 협약", more);
    let made = api.create("/announcements", &new).await;
    let drafted = api
        .act(
            &format!("/announcements/{}/draft", made.id()),
            &json!({"kind": "mou"}),
        )
        .await;
    assert_eq!(api.read(&differs).await.items().len(), 1);
    let id = drafted.body["agreement"]["id"].as_str().unwrap();
    let draft = api.read(&format!("/agreements/{id}")).await.body;
    assert_eq!(
        (&draft["cost"]["as_stated"], &draft["lead_department"]),
        (&json!("1,200억원"), &json!("복지과"))
    );
}

/// An announcement in Korean is about an agreement that has its title in English too.
async fn a_title_counts_in_each_language(api: Api) {
    let city = api.municipality().await;
    let both = json!({"ko": "수소버스 충전소 구축 업무협약", "en": "MOU on charging stations for hydrogen buses"});
    let new = json!({"kind": "university", "name": {"ko": "가온대학교"}});
    let university = api.create("/organizations", &new).await.id().to_owned();
    let new = signed_mou(&[&city, &university], "2023-05-20", json!({"title": both}));
    let agreement = api.create("/agreements", &new).await.id().to_owned();
    let project = json!({"municipality_id": city, "kind": "other",
        "title": {"ko": "일산테크노밸리", "en": "Ilsan Technovalley"},
        "milestones": [{"kind": "groundbreaking", "outcomes": [{"kind": "met", "on": {"edtf": "2023-10-26"}}]}]});
    let project = api.create("/projects", &project).await;
    let milestone = &project.body["milestones"][0]["id"];
    for (kind, title, day, about) in [
        (
            "signing",
            "고양시-가온대, 수소버스 충전소 구축 업무협약",
            "2023-05-20",
            &json!(agreement),
        ),
        (
            "groundbreaking",
            "일산테크노밸리 착공식 열려",
            "2023-10-26",
            milestone,
        ),
    ] {
        let more =
            json!({"kind": kind, "happened_on": {"edtf": day}, "announced_on": {"edtf": day}});
        let made = api
            .create("/announcements", &told(&city, title, more))
            .await;
        let found = api
            .read(&format!("/announcements/{}/matches", made.id()))
            .await;
        let first = &found.items()[0];
        let reasons = first["reasons"].as_array().unwrap().iter();
        let mut title = reasons.filter(|reason| reason["code"] == "title");
        let points = title.next().and_then(|title| title["points"].as_i64());
        assert!(points >= Some(30), "{}", found.text);
        let target = match kind {
            "signing" => &first["agreement"]["id"],
            _ => &first["milestone"]["id"],
        };
        assert_eq!(
            (target, &first["proposed"]),
            (about, &json!(true)),
            "{}",
            found.text
        );
    }
}

async fn announcements_and_records_are_compared(api: Api) {
    let (city, university, agreement) = city(&api).await;
    let more = json!({"title": {"ko": "도서관 책 나눔 협약"}, "lead_department": "도서관과"});
    let silent = signed_mou(&[&city, &university], "2022-02-03", more);
    let silent = api.create("/agreements", &silent).await.id().to_owned();
    let tell = async |title: &str, more: Value| {
        let made = api
            .create("/announcements", &told(&city, title, more))
            .await;
        made.id().to_owned()
    };
    let facts = json!({"announced_on": {"edtf": "2024-05-22"}, "happened_on": {"edtf": "2024-05-21"},
        "amount": {"amount": 3_000_000_000_u64, "currency": "KRW", "as_stated": "30억 원"},
        "parties": [{"name": "고양시"}, {"name": "가온대"}, {"name": "을재단"}],
        "targets": [{"kind": "completion", "target": {"edtf": "2027"}}]});
    let first = tell(PRESS, facts.clone()).await;
    let again = tell(
        "고양시 스마트도시 협약 소식",
        json!({"announced_on": {"edtf": "2024-06-01"}}),
    )
    .await;
    for id in [&first, &again] {
        api.act(
            &format!("/announcements/{id}/confirm"),
            &json!({"agreement_id": agreement}),
        )
        .await;
    }
    let new = tell(
        "고양시, 병병원과 치매 안심 마을 협약",
        json!({"announced_on": {"edtf": "2023-07-01"}, "lead_department": "보건과"}),
    )
    .await;
    let event = tell("가을 축제", json!({"kind": "other"})).await;
    let rows = api
        .read(&format!("/reconciliation?municipality_id={city}&sort=day"))
        .await;
    let rows = rows.items();
    let found: Vec<(&str, &Value, &Value)> = rows
        .iter()
        .map(|row| {
            (
                row["finding"].as_str().unwrap(),
                &row["announcement"]["id"],
                &row["agreement"]["id"],
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("not_announced", &Value::Null, &json!(silent)),
            ("not_recorded", &json!(new), &Value::Null),
            ("differs", &json!(first), &json!(agreement)),
            ("announced_twice", &json!(again), &json!(agreement)),
        ],
        "{event}"
    );
    let differences: Vec<(&str, &str, &str)> = rows[2]["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| {
            (
                d["member"].as_str().unwrap(),
                d["announced"]["ko"].as_str().unwrap(),
                d["recorded"]["ko"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        differences,
        [
            ("day", "2024년 5월 21일", "2024년 5월 20일"),
            ("amount", "30억 원", "10억 원"),
            ("parties", "고양시, 가온대, 을재단", "고양시, 가온대학교"),
            ("target", "준공 2027년", "준공 기록 없음"),
        ]
    );
    assert_eq!(rows[3]["others"][0]["id"], json!(first));
    assert_eq!(rows[0]["department"], "도서관과");
    let some = api.read(&format!("/reconciliation?municipality_id={city}&finding=differs&department=%EC%8A%A4%EB%A7%88%ED%8A%B8%EB%8F%84%EC%8B%9C%EA%B3%BC&from=2024-01-01&to=2024-12-31&with_total=true")).await;
    assert_eq!(some.body["total"], 1);
    let file = api
        .get(&format!("/reconciliation.csv?municipality_id={city}"))
        .await
        .expect(200);
    assert!(
        file.text.contains("30억 원") && file.text.contains("발표되지 않음"),
        "{}",
        file.text
    );
    let figures = api
        .read(&format!("/reconciliation/figures?municipality_id={city}"))
        .await
        .body;
    assert_eq!(
        figures["totals"],
        json!({"announcements": 4, "agreements": 2, "announced": 1, "unconfirmed": 0, "not_recorded": 1,
            "not_announced": 1, "announced_twice": 1, "differs": 1})
    );
    let years: Vec<(&Value, &Value)> = figures["years"]
        .as_array()
        .unwrap()
        .iter()
        .map(|y| (&y["year"], &y["announcements"]))
        .collect();
    assert_eq!(
        years,
        [
            (&Value::Null, &json!(1)),
            (&json!(2022), &json!(0)),
            (&json!(2023), &json!(1)),
            (&json!(2024), &json!(2))
        ]
    );
    let departments: Vec<&Value> = figures["departments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| &d["department"])
        .collect();
    assert_eq!(
        departments,
        [
            &Value::Null,
            &json!("도서관과"),
            &json!("보건과"),
            &json!("스마트도시과")
        ]
    );
    // Once the second is open again, its record is proposed.
    api.act(&format!("/announcements/{first}/reopen"), &json!({}))
        .await;
    let open = api
        .read(&format!(
            "/reconciliation?municipality_id={city}&finding=unconfirmed"
        ))
        .await;
    assert_eq!(
        (
            &open.items()[0]["announcement"]["id"],
            &open.items()[0]["agreement"]["id"]
        ),
        (&json!(first), &json!(agreement))
    );
}
