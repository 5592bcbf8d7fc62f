//! Statistics of agreements, and the lists behind their figures.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::records::{mou, with};

on_both!(new:
    only_what_is_due_and_known_counts, groups_and_their_unknown, groups_come_in_pages,
    statistics_as_of_a_day,
    everyone_counts_what_they_see, terms_of_office, bad_questions_are_refused,
    a_list_goes_on_within_an_agreement);

/// Records a signed agreement with commitments. Returns its id.
pub async fn record(api: &Api, city: &str, partner: &str, more: Value) -> String {
    let signed = json!({"status": "signed"});
    let new = mou(&[city, partner], with(signed, more));
    api.create("/agreements", &new).await.id().to_owned()
}

pub async fn report(api: &Api, agreement: &str, place: usize, status: &str, on: &str) {
    let path = format!("/agreements/{agreement}/commitments");
    let found = api.read(&path).await;
    let commitments = found.items();
    let of = |c: &&Value| c["text"]["ko"] == format!("{place}");
    let commitment = commitments.iter().find(of).unwrap()["id"].clone();
    let path = format!("{path}/{}/reports", commitment.as_str().unwrap());
    let body = json!({"on": {"edtf": on}, "status": status});
    api.create(&path, &body).await;
}

fn promises(dues: &[Option<&str>]) -> Value {
    let promise = |(place, due): (usize, &Option<&str>)| json!({"text": {"ko": place.to_string()}, "due": due.map(|due| json!({"edtf": due}))});
    dues.iter().enumerate().map(promise).collect()
}

/// A figure's value, numerator, denominator and left-out counts.
pub fn told(figure: &Value) -> (Value, u64, u64, BTreeMap<String, u64>) {
    let number = |member: &str| figure[member].as_u64().unwrap();
    let out = figure["left_out"].as_array().unwrap().iter();
    let out = out.map(|out| {
        let reason = out["reason"].as_str().unwrap().to_owned();
        (reason, out["count"].as_u64().unwrap())
    });
    (
        figure["value"].clone(),
        number("numerator"),
        number("denominator"),
        out.collect(),
    )
}

pub fn out(of: &[(&str, u64)]) -> BTreeMap<String, u64> {
    of.iter()
        .map(|(why, count)| ((*why).into(), *count))
        .collect()
}

/// Counts by status.
pub fn counts(breakdown: &Value) -> BTreeMap<String, u64> {
    let counts = breakdown["counts"].as_array().unwrap().iter();
    let counts = counts.map(|part| {
        let value = part["value"].as_str().unwrap().to_owned();
        (value, part["count"].as_u64().unwrap())
    });
    counts.filter(|(_, count)| *count > 0).collect()
}

/// The groups' keys, with the number of records in each.
pub fn groups(answer: &Value) -> Vec<(Option<String>, u64)> {
    let groups = answer["groups"].as_array().unwrap().iter();
    groups
        .map(|group| {
            let value = group["key"]["value"].as_str().map(str::to_owned);
            (value, group["figures"]["count"]["count"].as_u64().unwrap())
        })
        .collect()
}

/// The number of records behind a link, over all pages.
async fn behind(api: &Api, link: &str) -> u64 {
    let path = link.strip_prefix("/api/v1").unwrap();
    let total = api.read(&format!("{path}&limit=1&with_total=true")).await;
    let total = total.body["total"].as_u64().unwrap();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.read(&format!("{path}&limit=2{cursor}")).await;
        for item in page.items() {
            assert!(!seen.contains(item), "{path}: {item} comes twice");
            seen.push(item.clone());
        }
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len() as u64, total, "{path}");
    total
}

/// Follows every link in an answer and compares the list with the figure. Returns the number of
/// links.
pub async fn follow(api: &Api, answer: &Value) -> usize {
    let mut open = vec![answer];
    let mut followed = 0;
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => {
                let number = |member: &str| members.get(member).and_then(Value::as_u64);
                if let Some(link) = members.get("link").and_then(Value::as_str) {
                    let ways = number("later").zip(number("earlier"));
                    let expected = number("denominator")
                        .or(number("commitments"))
                        .or(ways.map(|(later, earlier)| later + earlier))
                        .or(number("count"));
                    assert_eq!(Some(behind(api, link).await), expected, "{link}");
                    followed += 1;
                }
                if let Some(link) = members.get("numerator_link").and_then(Value::as_str) {
                    assert_eq!(Some(behind(api, link).await), number("numerator"), "{link}");
                    followed += 1;
                }
                open.extend(members.values());
            }
            _ => {}
        }
    }
    followed
}

async fn only_what_is_due_and_known_counts(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협회").await;
    let path = format!("/statistics/agreements?municipality_id={city}");
    let none = api.read(&path).await.body;
    let rate = told(&none["totals"]["execution_rate_commitments"]);
    assert_eq!(rate, (Value::Null, 0, 0, out(&[])));
    assert_eq!(none["totals"]["count"]["count"], 0);
    let dues = [
        Some("2024"),
        Some("../2024"),
        Some("2025-06"),
        None,
        Some("2027"),
        Some("2024"),
    ];
    let more = json!({"signed_on": {"edtf": "2021-04-16"}, "commitments": promises(&dues)});
    let id = record(&api, &city, &partner, more).await;
    report(&api, &id, 0, "fulfilled", "2023-05").await;
    report(&api, &id, 1, "in_progress", "2024-05").await;
    report(&api, &id, 3, "fulfilled", "2024-05").await;
    report(&api, &id, 4, "fulfilled", "2024-05").await;
    report(&api, &id, 5, "dropped", "2024-05").await;
    // Commitments of drafts are not owed.
    let draft = json!({"status": "draft", "commitments": promises(&[Some("2020")])});
    record(&api, &city, &partner, draft).await;
    for status in ["completed", "terminated"] {
        record(&api, &city, &partner, json!({"status": status})).await;
    }
    let over = json!({"signed_on": {"edtf": "2020"}, "effective_until": {"edtf": "2022"}});
    record(&api, &city, &partner, over).await;
    let body = api.read(&path).await.body;
    let totals = &body["totals"];
    let left = [
        ("no_due_date", 1),
        ("not_due_yet", 1),
        ("nothing_reported", 1),
        ("released", 1),
    ];
    assert_eq!(
        told(&totals["execution_rate_commitments"]),
        (json!(0.5), 1, 2, out(&left))
    );
    assert_eq!(
        told(&totals["execution_rate_agreements"]),
        (json!(0.5), 1, 2, out(&[("not_ended", 1), ("expired", 1)]))
    );
    let statuses = [
        ("draft", 1),
        ("signed", 2),
        ("completed", 1),
        ("terminated", 1),
    ];
    assert_eq!(counts(&totals["by_status"]), out(&statuses));
    assert_eq!(
        counts(&totals["in_force"]),
        out(&[("false", 4), ("unknown", 1)])
    );
    // The agreement with reports; the one without news since 2020 has expired.
    assert_eq!(counts(&totals["freshness"]), out(&[("stale", 1)]));
    assert_eq!(
        counts(&totals["ended_by"]),
        out(&[("expiry", 1), ("completion", 1), ("termination", 1)])
    );
    let names = totals.as_object().unwrap().keys();
    for name in names {
        let formula = &body["formulas"][name];
        assert!(
            formula["ko"].is_string() && formula["en"].is_string(),
            "{name}"
        );
    }
    assert!(follow(&api, &body).await > 15);
}

async fn groups_come_in_pages(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협회").await;
    for topic in ["바이오", "의료", "교통"] {
        let more = json!({"topics": [{"ko": topic}]});
        record(&api, &city, &partner, more).await;
    }
    record(&api, &city, &partner, json!({})).await;
    for figures in ["agreements", "milestones"] {
        let path = format!("/statistics/{figures}?limit=1");
        let page = api.read(&path).await;
        assert!(page.body["next_cursor"].is_null(), "{page:?}");
    }
    let path = format!("/statistics/agreements?municipality_id={city}&group_by=topic&limit=2");
    let first = api.read(&format!("{path}&with_total=true")).await;
    let group = |topic: &str| (Some(topic.to_owned()), 1);
    assert_eq!(groups(&first.body), [group("교통"), group("바이오")]);
    assert_eq!(first.body["total"], 4);
    assert_eq!(first.body["totals"]["count"]["count"], 4);
    let cursor = first.body["next_cursor"].as_str().unwrap();
    assert!(first.headers["link"].contains(cursor));
    let second = api.read(&format!("{path}&cursor={cursor}")).await;
    assert_eq!(groups(&second.body), [group("의료"), (None, 1)]);
    assert!(second.body["next_cursor"].is_null());
    assert!(!second.headers.contains_key("link"));
    let other = api
        .get(&format!(
            "/statistics/milestones?group_by=kind&cursor=1{cursor}"
        ))
        .await;
    assert_eq!(other.status, 400);
    for other in [
        "/statistics/agreements?group_by=year",
        "/statistics/agreements?group_by=party",
        "/statistics/milestones?group_by=topic",
    ] {
        let refused = api.get(&format!("{other}&cursor={cursor}")).await;
        assert_eq!(refused.status, 400, "{other}");
        assert_eq!(
            refused.body["errors"][0]["code"], "invalid_cursor",
            "{other}"
        );
    }
}

async fn groups_and_their_unknown(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협회").await;
    let other = api.organization("대학").await;
    let new = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}});
    let project = api.create("/projects", &new).await.id().to_owned();
    let more = json!({"signed_on": {"edtf": "2021-35"}, "lead_department": "전략산업과", "kind": "moa",
        "topics": [{"ko": "바이오"}, {"ko": "의료"}, {"ko": "바이오"}], "project_ids": [project],
        "parties": [{"organization_id": city}, {"organization_id": partner}, {"organization_id": other}]});
    record(&api, &city, &partner, more).await;
    record(
        &api,
        &city,
        &partner,
        json!({"signed_on": {"edtf": "2021/2022"}}),
    )
    .await;
    record(&api, &city, &partner, json!({})).await;
    let some = |value: &str, count: u64| (Some(value.to_owned()), count);
    let cases = [
        ("year", vec![some("2021", 1), (None, 2)]),
        ("department", vec![some("전략산업과", 1), (None, 2)]),
        ("kind", vec![some("moa", 1), some("mou", 2)]),
        ("topic", vec![some("바이오", 1), some("의료", 1), (None, 2)]),
        ("project", vec![some(&project, 1), (None, 2)]),
        ("municipality", vec![some(&city, 3)]),
        ("term", vec![(None, 3)]),
        (
            "party",
            vec![some(&city, 3), some(&other, 1), some(&partner, 3)],
        ),
    ];
    for (by, expected) in cases {
        let path = format!("/statistics/agreements?municipality_id={city}&group_by={by}");
        let body = api.read(&path).await.body;
        assert_eq!(body["group_by"], by);
        let mut found = groups(&body);
        let mut expected = expected;
        if by == "party" {
            found.sort();
            expected.sort();
        }
        assert_eq!(found, expected, "{by}");
        assert_eq!(body["totals"]["count"]["count"], 3, "{by}");
        follow(&api, &body["groups"]).await;
    }
    // Filters mean the same as on the list of agreements.
    for filter in [
        "kind=moa".to_owned(),
        format!("organization_id={other}"),
        format!("project_id={project}"),
    ] {
        let of = |list: &str| format!("/{list}?with_total=true&{filter}");
        let listed = api.read(&of("agreements")).await.body["total"].clone();
        let path = format!("/statistics/agreements?{filter}");
        let counted = api.read(&path).await.body;
        assert_eq!(counted["totals"]["count"]["count"], listed, "{filter}");
    }
    let path = "/statistics/agreements?from=2022-01-01&to=2022-12-31";
    let window = api.read(path).await.body;
    assert_eq!(window["totals"]["count"]["count"], 1);
}

async fn statistics_as_of_a_day(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협회").await;
    let more = json!({"signed_on": {"edtf": "2021-04-16"}, "commitments": promises(&[Some("2022"), Some("2022")])});
    let id = record(&api, &city, &partner, more).await;
    report(&api, &id, 0, "in_progress", "2022-06-30").await;
    report(&api, &id, 1, "in_progress", "2022-06-30").await;
    report(&api, &id, 0, "fulfilled", "2024-03-01").await;
    let end = json!({"to": "terminated", "on": {"edtf": "2025-03-01"}, "reason": {"ko": "합의"}, "commitments": [
        {"commitment_id": commitment(&api, &id, "1").await, "becomes": "unfulfilled"}]});
    let path = format!("/agreements/{id}/transitions");
    api.act(&path, &end).await;
    let cases = [
        ("2020-12-31", (Value::Null, 0, 0, out(&[])), out(&[])),
        (
            "2022-12-31",
            (Value::Null, 0, 0, out(&[("not_due_yet", 2)])),
            out(&[("current", 1)]),
        ),
        (
            "2023-12-31",
            (json!(0.0), 0, 2, out(&[])),
            out(&[("ageing", 1)]),
        ),
        (
            "2024-12-31",
            (json!(0.5), 1, 2, out(&[])),
            out(&[("current", 1)]),
        ),
        ("2026-03-02", (json!(0.5), 1, 2, out(&[])), out(&[])),
    ];
    for (day, rate, fresh) in cases {
        let path = format!("/statistics/agreements?as_of={day}");
        let body = api.read(&path).await.body;
        assert_eq!(body["as_of"], day);
        let totals = &body["totals"];
        assert_eq!(told(&totals["execution_rate_commitments"]), rate, "{day}");
        assert_eq!(counts(&totals["freshness"]), fresh, "{day}");
        follow(&api, &body).await;
        // The agreement on its own shows the same.
        let alone = api.get(&format!("/agreements/{id}?as_of={day}")).await;
        if day == "2020-12-31" {
            alone.expect(404);
            continue;
        }
        let alone = alone.expect(200).body;
        let state = alone["freshness"]["state"].as_str();
        assert_eq!(fresh.keys().next().map(String::as_str), state, "{day}");
    }
    // Records of the next day are not in the earlier state.
    let later = api.at("2026-11-24T03:00:00Z").await;
    record(&later, &city, &partner, json!({})).await;
    let body = later.read("/statistics/agreements").await.body;
    assert_eq!(body["totals"]["count"]["count"], 2);
    let path = "/statistics/agreements?recorded_as_of=2026-11-23T12:00:00Z";
    let body = later.read(path).await.body;
    assert_eq!(body["totals"]["count"]["count"], 1);
    follow(&later, &body).await;
    let then = api.read("/statistics/agreements?as_of=2025-03-01").await;
    let then = told(&then.body["totals"]["execution_rate_agreements"]);
    assert_eq!(then, (json!(0.0), 0, 1, out(&[])));
}

async fn commitment(api: &Api, agreement: &str, text: &str) -> String {
    let found = api
        .read(&format!("/agreements/{agreement}/commitments"))
        .await;
    let found = found.body["items"].clone();
    let found = found
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["text"]["ko"] == text);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

async fn everyone_counts_what_they_see(api: Api) {
    let city = api.municipality().await;
    let other = api.other_municipality().await;
    let partner = api.organization("협회").await;
    for visibility in ["public", "partners", "internal"] {
        record(&api, &city, &partner, json!({"visibility": visibility})).await;
    }
    record(&api, &city, &partner, json!({"status": "draft"})).await;
    let stated = json!([{"target": {"edtf": "2024"}, "stated_on": {"edtf": "2021-04-16"}}]);
    let project = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "visibility": "internal",
        "milestones": [{"kind": "completion", "forecasts": stated}]});
    api.create("/projects", &project).await;
    let viewer = |city: &str| json!({"name": "v", "role": "viewer", "municipality_ids": [city]});
    let party = json!({"name": "p", "role": "partner", "organization_id": partner});
    for (who, agreements, milestones) in [
        (api.clone(), 4, 1),
        (api.caller(viewer(&city)).await, 4, 1),
        (api.caller(viewer(&other)).await, 1, 0),
        (api.caller(party).await, 2, 0),
        (api.with(None), 1, 0),
    ] {
        let body = who.read("/statistics/agreements?group_by=party").await.body;
        assert_eq!(body["totals"]["count"]["count"], agreements);
        let listed = who.read("/agreements?with_total=true").await.body;
        assert_eq!(listed["total"], agreements);
        follow(&who, &body["totals"]).await;
        let body = who.read("/statistics/milestones").await.body;
        assert_eq!(body["totals"]["count"]["count"], milestones);
        follow(&who, &body).await;
        // Before the signings, only the city's staff see them.
        let past = who
            .read("/statistics/agreements?as_of=2020-01-01")
            .await
            .body;
        assert_eq!(past["totals"]["count"]["count"], 0);
    }
}

async fn terms_of_office(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협회").await;
    let officers = json!({"officers": [
        {"title": {"ko": "시장"}, "name": "갑", "from": {"edtf": "2018-07-01"}, "until": {"edtf": "2022-06-30"}},
        {"title": {"ko": "부시장"}, "name": "을", "from": {"edtf": "2018-07-01"}},
        {"title": {"ko": "시장"}, "name": "병", "from": {"edtf": "2022-07-01"}}]});
    let path = format!("/municipalities/{city}");
    api.update(&path, "*", &officers).await;
    for signed in ["2021-04-16", "2022", "2024-01-31", "2025"] {
        record(
            &api,
            &city,
            &partner,
            json!({"signed_on": {"edtf": signed}}),
        )
        .await;
    }
    let body = api.read("/statistics/agreements?group_by=term").await.body;
    let found: Vec<_> = groups(&body).into_iter().map(|(_, count)| count).collect();
    let label = |i: usize| body["groups"][i]["key"]["label"]["ko"].clone();
    let mut terms = [(label(0), found[0]), (label(1), found[1])];
    terms.sort_by_key(|(label, _)| label.to_string());
    assert_eq!(
        terms,
        [
            (json!("시장 갑 (2018-07-01/2022-06-30)"), 1),
            (json!("시장 병 (2022-07-01/..)"), 2)
        ]
    );
    assert_eq!((label(2), found[2]), (Value::Null, 1));
    follow(&api, &body["groups"]).await;
}

async fn bad_questions_are_refused(api: Api) {
    for (path, place) in [
        ("/statistics/agreements?group_by=colour", "group_by"),
        ("/statistics/milestones?group_by=district", "group_by"),
        ("/statistics/agreements/records?group=2021", "group_by"),
        (
            "/statistics/agreements/records?group_by=year&group=2021&group_unknown=true",
            "group_unknown",
        ),
        (
            "/statistics/milestones/records?group_unknown=true",
            "group_by",
        ),
        (
            "/statistics/milestones/records?stated_year=23",
            "stated_year",
        ),
        ("/statistics/agreements?as_of=yesterday", "as_of"),
        ("/agreements?freshness=new", "freshness"),
    ] {
        let refused = api.get(path).await.expect(400);
        assert_eq!(refused.places(), [place], "{path}");
    }
}

async fn a_list_goes_on_within_an_agreement(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협회").await;
    for _ in 0..3 {
        let more = json!({"commitments": promises(&[None, None, None])});
        record(&api, &city, &partner, more).await;
    }
    let link = "/api/v1/statistics/agreements/records?figure=execution_rate_commitments";
    assert_eq!(behind(&api, link).await, 9);
    assert_eq!(behind(&api, &format!("{link}&part=denominator")).await, 0);
}
