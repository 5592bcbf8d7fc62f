//! Lists as of a day: each row is what the record itself shows with the same `as_of`, and filters,
//! orders, totals and pages go by the values of that day.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::full::full;
use crate::support::records::{mou, signed_mou};
use crate::support::{Api, CITY};

on_both!(new: agreements_as_of_a_day, filters_of_agreements_go_by_the_day, groups_and_projects_as_of_a_day);
on_both!(with_demo: every_row_is_what_its_record_shows);

const DAYS: [&str; 9] = [
    "2010-01-01",
    "2019-12-31",
    "2021-04-16",
    "2022-06-30",
    "2024-12-31",
    "2026-06-30",
    "2026-11-22",
    "2026-11-23",
    "2030-01-01",
];
const LISTS: [&str; 3] = ["agreements", "working-groups", "projects"];

fn ids(rows: &[Value]) -> Vec<String> {
    let rows = rows.iter();
    rows.map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

/// The rows of a list, read in pages of two, which are as many as their total.
async fn paged(api: &Api, path: &str, query: &str) -> Vec<Value> {
    let first = format!("/{path}?limit=2&with_total=true&{query}");
    let mut answer = api.read(&first).await;
    let total = answer.body["total"].as_u64().unwrap();
    let mut rows = answer.items().clone();
    while let Some(cursor) = answer.body["next_cursor"].as_str() {
        let next = format!("/{path}?limit=2&cursor={cursor}&{query}");
        answer = api.read(&next).await;
        rows.extend(answer.items().clone());
    }
    assert_eq!(rows.len() as u64, total, "{path} {query}");
    rows
}

/// Asserts that a list as of a day has the records that are known on it, as they show themselves.
async fn compare(api: &Api, path: &str, day: &str) {
    let all = ids(api.read(&format!("/{path}?limit=200")).await.items());
    let rows = paged(api, path, &format!("as_of={day}")).await;
    for id in &all {
        let whole = api.get(&format!("/{path}/{id}?as_of={day}")).await;
        let row = rows.iter().find(|row| row["id"] == json!(id));
        if whole.status == 404 {
            assert_eq!(row, None, "{path} {id} {day}");
            continue;
        }
        let row = row.unwrap_or_else(|| panic!("{path} {id} {day} is missing"));
        for (name, value) in row.as_object().unwrap() {
            let shown = &whole.body[name];
            match name.as_str() {
                "commitment_count" => {
                    let count = whole.body["commitments"].as_array().unwrap().len();
                    assert_eq!(value, &json!(count), "{id} {day}");
                }
                "individual_party_count" => {}
                // Rows have plain dates, without what they are relative to.
                "effective_from" | "effective_until" => {
                    for member in ["earliest", "latest", "as_stated", "text"] {
                        assert_eq!(value[member], shown[member], "{id} {name} {day}");
                    }
                }
                "parties" => {
                    let of = |all: &Value| -> Vec<Value> {
                        let all = all.as_array().unwrap().iter();
                        all.map(|p| json!([p["organization"], p["role"]])).collect()
                    };
                    assert_eq!(of(value), of(shown), "{id} {day}");
                }
                _ => assert_eq!(value, shown, "{path} {id} {name} {day}"),
            }
        }
    }
    assert!(rows.len() <= all.len());
}

async fn every_row_is_what_its_record_shows(api: Api) {
    let api = full(api).await;
    let anyone = api.with(None);
    let editor = api.staff("editor", CITY).await;
    for path in LISTS {
        for day in DAYS {
            compare(&api, path, day).await;
        }
        for day in ["2022-06-30", "2026-06-30"] {
            compare(&anyone, path, day).await;
            compare(&editor, path, day).await;
        }
        let tagged = format!("/{path}?as_of=2022-06-30&fields=id");
        let answer = api.read(&tagged).await;
        let members = answer.items().iter().map(|row| row.as_object().unwrap());
        assert!(members.into_iter().all(|row| row.len() == 1), "{path}");
        let known = [("if-none-match", answer.etag())];
        let again = api.open(&tagged, &known).await;
        assert_eq!(again.status().as_u16(), 304, "{path}");
    }
}

/// A city whose agreements were drafted, signed, joined, left and ended on various days.
async fn agreements(api: &Api) -> (String, String, Vec<String>) {
    let city = api.municipality().await;
    let first = api.organization("첫째").await;
    let second = api.organization("둘째").await;
    let parties = json!([{"organization_id": city}, {"organization_id": first},
        {"organization_id": second, "from": {"edtf": "2024-03-01"}}]);
    let mut made = Vec::new();
    for new in [
        signed_mou(
            &[&city, &first],
            "2022-03-01",
            json!({"title": {"ko": "끝난 협약"},
            "effective_until": {"edtf": "2025-02-28"}, "parties": parties,
            "commitments": [{"text": {"ko": "교육"}, "owed_by": [first], "due": {"edtf": "2024"}}]}),
        ),
        signed_mou(
            &[&city, &second],
            "2024-05-01",
            json!({"title": {"ko": "이어지는 협약"}, "effective_until": {"edtf": "2027-04-30"}}),
        ),
        mou(
            &[&city, &first],
            json!({"title": {"ko": "초안"},
            "effective_until": {"as_stated": "체결일로부터 2년", "relative_to": {"anchor": "signing", "years": 2}}}),
        ),
    ] {
        made.push(api.create("/agreements", &new).await.id().to_owned());
    }
    (city, second, made)
}

async fn agreements_as_of_a_day(api: Api) {
    let (_, _, made) = agreements(&api).await;
    let later = api.at("2026-12-05T03:00:00Z").await;
    for to in ["in_review", "approved", "signed"] {
        let path = format!("/agreements/{}/transitions", made[2]);
        let step = json!({"to": to, "on": {"edtf": "2026-12-05"}});
        later.act(&path, &step).await;
    }
    let report = json!({"on": {"edtf": "2024-06-30"}, "status": "fulfilled"});
    let whole = later.read(&format!("/agreements/{}", made[0])).await.body;
    let commitment = whole["commitments"][0]["id"].as_str().unwrap();
    let path = format!("/agreements/{}/commitments/{commitment}/reports", made[0]);
    later.create(&path, &report).await;
    let end = json!({"to": "terminated", "on": {"edtf": "2026-12-01"}, "reason": {"ko": "합의"}});
    later
        .act(&format!("/agreements/{}/transitions", made[1]), &end)
        .await;
    for day in DAYS
        .into_iter()
        .chain(["2024-02-29", "2024-03-01", "2024-05-01"])
    {
        compare(&later, "agreements", day).await;
    }
    for day in [
        "2026-11-30",
        "2026-12-01",
        "2026-12-05",
        "2026-12-06",
        "2029-01-01",
    ] {
        compare(&later, "agreements", day).await;
    }
    let on = async |day: &str| {
        let query = format!("as_of={day}&sort=id");
        let rows = paged(&later, "agreements", &query).await;
        let row = |row: &Value| (row["status"].clone(), row["in_force"].clone());
        rows.iter().map(row).collect::<Vec<_>>()
    };
    let is = |status: &str, force: bool| (json!(status), json!(force));
    assert!(on("2022-02-28").await.is_empty());
    assert_eq!(on("2022-03-01").await, [is("signed", true)]);
    let both = [is("signed", false), is("signed", true)];
    assert_eq!(on("2026-11-22").await, both);
    let three = [&both[..], &[is("draft", false)]].concat();
    assert_eq!(on("2026-11-24").await, three);
    let ended = [
        is("signed", false),
        is("terminated", false),
        is("signed", true),
    ];
    assert_eq!(on("2026-12-05").await, ended);
}

async fn filters_of_agreements_go_by_the_day(api: Api) {
    let (_, second, made) = agreements(&api).await;
    let listed = async |query: &str| {
        let rows = paged(&api, "agreements", query).await;
        let place = |id: String| made.iter().position(|one| *one == id).unwrap();
        ids(&rows).into_iter().map(place).collect::<Vec<_>>()
    };
    for (query, found) in [
        ("as_of=2024-12-31&sort=signed_on", vec![0, 1]),
        ("as_of=2024-12-31&sort=-effective_until", vec![1, 0]),
        ("as_of=2024-12-31&in_force=true&sort=id", vec![0, 1]),
        ("as_of=2025-03-01&in_force=true", vec![1]),
        ("as_of=2025-03-01&expired=true", vec![0]),
        ("as_of=2024-12-31&expiring_within_days=59", vec![0]),
        ("as_of=2024-12-30&expiring_within_days=59", vec![]),
        (
            "as_of=2024-12-31&status=signed&signed_to=2023-12-31",
            vec![0],
        ),
        ("as_of=2024-04-30&signed_from=2024-01-01", vec![]),
        ("as_of=2024-05-01&signed_from=2024-01-01", vec![1]),
        ("as_of=2022-06-30&freshness=current", vec![0]),
        ("as_of=2023-06-30&freshness=ageing", vec![0]),
        ("as_of=2022-06-30&status=draft", vec![]),
        ("as_of=2022-06-30&gap=commitments_unknown", vec![]),
        ("as_of=2024-06-30&gap=commitments_unknown", vec![1]),
        ("as_of=2022-06-30&q=%ED%98%91%EC%95%BD", vec![0]),
        ("as_of=2026-11-24&status=draft", vec![2]),
    ] {
        assert_eq!(listed(query).await, found, "{query}");
    }
    let party = |day: &str| format!("as_of={day}&organization_id={second}&sort=id");
    assert_eq!(listed(&party("2024-02-29")).await, [0; 0]);
    assert_eq!(listed(&party("2024-03-01")).await, [0]);
    assert_eq!(listed(&party("2024-05-01")).await, [0, 1]);
    let before: BTreeSet<String> =
        ids(&paged(&api.with(None), "agreements", "as_of=2024-12-31").await)
            .into_iter()
            .collect();
    assert_eq!(before.len(), 2);
}

async fn groups_and_projects_as_of_a_day(api: Api) {
    let city = api.municipality().await;
    let hospital = api.organization("병원").await;
    let group = json!({"municipality_id": city, "name": {"ko": "협의체"}, "established": {"edtf": "2022"},
        "members": [{"organization_id": hospital, "joined": {"edtf": "2023-05-01"}}]});
    let group = api.create("/working-groups", &group).await;
    let row = async |query: &str| paged(&api, "working-groups", query).await;
    assert!(row("as_of=2021-12-31").await.is_empty());
    assert_eq!(row("as_of=2022-01-01").await[0]["members"], json!([]));
    assert_eq!(row("as_of=2022-01-01&gap=members_unknown").await.len(), 1);
    assert_eq!(row("as_of=2023-05-01&gap=members_unknown").await.len(), 0);
    let member = |day: &str| format!("as_of={day}&organization_id={hospital}");
    assert_eq!(row(&member("2023-04-30")).await.len(), 0);
    assert_eq!(row(&member("2023-05-01")).await.len(), 1);
    for day in ["2021-12-31", "2022-01-01", "2023-05-01", "2026-11-24"] {
        compare(&api, "working-groups", day).await;
    }
    assert!(!group.id().is_empty());
    let stated = |on: &str, title: &str, who: &str| {
        json!({"stated_on": {"edtf": on}, "title": {"ko": title},
            "implementers": [{"organization_id": who, "share_percent": 100}]})
    };
    let other = api.organization("공사").await;
    let project = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "하"},
        "implementers": [{"organization_id": other}],
        "statements": [stated("2020-01-01", "가", &hospital), stated("2023-01-01", "하", &other)]});
    api.create("/projects", &project).await;
    let fixed = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "나"}});
    api.create("/projects", &fixed).await;
    let titles = async |query: &str| {
        let rows = paged(&api, "projects", query).await;
        let title = |row: &Value| row["title"]["ko"].as_str().unwrap().to_owned();
        rows.iter().map(title).collect::<Vec<_>>()
    };
    assert_eq!(titles("as_of=2022-12-31").await, ["가", "나"]);
    assert_eq!(titles("as_of=2023-01-01").await, ["나", "하"]);
    assert_eq!(titles("as_of=2022-12-31&sort=-title").await, ["나", "가"]);
    assert_eq!(titles("as_of=2022-12-31&sort=id").await, ["가", "나"]);
    let by = |day: &str| format!("as_of={day}&organization_id={hospital}");
    assert_eq!(titles(&by("2022-12-31")).await, ["가"]);
    assert_eq!(titles(&by("2023-01-01")).await, [""; 0]);
    assert_eq!(
        titles("as_of=2022-12-31&gap=budget_unknown").await,
        ["가", "나"]
    );
    for day in ["2019-12-31", "2020-01-01", "2022-12-31", "2023-01-01"] {
        compare(&api, "projects", day).await;
    }
}
