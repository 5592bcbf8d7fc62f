//! Facts that are stated about a project on a day.

use serde_json::{Value, json};

use crate::support::Api;

on_both!(new:
    a_past_day_knows_only_what_was_stated, undated_facts_count_from_what_is_dated,
    statements_are_retracted_and_never_edited, a_statement_says_something,
    those_named_are_kept_and_see_no_more, progress_and_funding_are_those_of_the_day);
on_both!(with_demo: the_budget_of_ilsan_grew);

pub async fn company(api: &Api, name: &str) -> String {
    let body = json!({"kind": "company", "name": {"ko": name}});
    api.create("/organizations", &body).await.id().to_owned()
}

pub fn project(city: &str, more: Value) -> Value {
    let mut body =
        json!({"municipality_id": city, "kind": "urban_development", "title": {"ko": "진위3산단"}});
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

pub fn ids(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    let id = |one: &Value| {
        one.get("organization_id")
            .or(one.get("id"))
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    list.map(id).collect()
}

async fn a_past_day_knows_only_what_was_stated(api: Api) {
    let city = api.municipality().await;
    let (old, new) = (
        company(&api, "옛 시행자").await,
        company(&api, "진위3산단㈜").await,
    );
    let statements = json!([
        {"stated_on": {"edtf": "2016-02-16"}, "title": {"ko": "진위3산단"}, "area": {"square_metres": 826_370},
            "implementers": [{"organization_id": new}], "source": {"title": "고시", "published_on": {"edtf": "2016-02-16"}}},
        {"stated_on": {"edtf": "2010"}, "title": {"ko": "Kdb 유토플렉스"}, "area": {"square_metres": 2_148_760.0, "as_stated": "65만 평"},
            "implementers": [{"organization_id": old}]}]);
    let made = api
        .create(
            "/projects",
            &project(&city, json!({"statements": statements})),
        )
        .await;
    let path = format!("/projects/{}", made.id());
    // The latest statement is the present view.
    assert_eq!(made.body["area"]["square_metres"], 826_370.0);
    assert_eq!(ids(&made.body["implementers"]), [new.as_str()]);
    for (day, title, area, implementers) in [
        ("2010-12-30", "진위3산단", Value::Null, vec![]),
        (
            "2010-12-31",
            "Kdb 유토플렉스",
            json!(2_148_760.0),
            vec![old.clone()],
        ),
        (
            "2016-02-15",
            "Kdb 유토플렉스",
            json!(2_148_760.0),
            vec![old.clone()],
        ),
        (
            "2016-02-16",
            "진위3산단",
            json!(826_370.0),
            vec![new.clone()],
        ),
    ] {
        let then = api.read(&format!("{path}?as_of={day}")).await.body;
        assert_eq!(then["title"]["ko"], title, "{day}");
        assert_eq!(then["area"]["square_metres"], area, "{day}");
        assert_eq!(ids(&then["implementers"]), implementers, "{day}");
        assert_eq!(
            ids(&then["implementing_organizations"]),
            implementers,
            "{day}"
        );
    }
    let then = api.read(&format!("{path}?as_of=2012-01-01")).await.body;
    assert_eq!(then["statements"].as_array().unwrap().len(), 1);
    assert_eq!(ids(&then["named_organizations"]), [old.as_str()]);
    assert_eq!(then["stated_changes"], json!([]));
    let changes: Vec<(&Value, &Value)> = made.body["stated_changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["fact"], &one["direction"]))
        .collect();
    let expected = [json!("title"), json!("area"), json!("implementers")];
    assert_eq!(
        changes.iter().map(|one| one.0).collect::<Vec<_>>(),
        expected.iter().collect::<Vec<_>>()
    );
    assert_eq!(changes[1].1, "decreased");
    // Former names are found.
    assert_eq!(
        api.find("/projects?q=%EC%9C%A0%ED%86%A0%ED%94%8C%EB%A0%89%EC%8A%A4")
            .await,
        made.id()
    );
}

async fn undated_facts_count_from_what_is_dated(api: Api) {
    let city = api.municipality().await;
    let company = company(&api, "진위3산단(주)").await;
    let body = project(
        &city,
        json!({"area": {"square_metres": 826_370}, "implementers": [{"organization_id": company}],
        "milestones": [{"kind": "plan_amendment", "outcomes": [{"kind": "met", "on": {"edtf": "2016-02-16"}}]}]}),
    );
    let made = api.create("/projects", &body).await;
    let path = format!("/projects/{}", made.id());
    for (query, known) in [
        ("?as_of=2012-01-01", false),
        ("?as_of=2016-02-15", false),
        ("?as_of=2016-02-16", true),
        ("", true),
    ] {
        let then = api.read(&format!("{path}{query}")).await.body;
        assert_eq!(then["title"]["ko"], "진위3산단");
        assert_eq!(!then["area"].is_null(), known, "{query}");
        assert_eq!(
            then["implementers"].as_array().unwrap().len(),
            usize::from(known),
            "{query}"
        );
        assert_eq!(
            then["implementing_organizations"].as_array().unwrap().len(),
            usize::from(known)
        );
        // What a past view leaves out is no gap.
        let gaps = then["gaps"].as_array().unwrap();
        assert!(
            gaps.iter().all(|gap| gap["code"] != "area_unknown"),
            "{query}"
        );
    }
    // A statement that was made later lacks nothing in a past view.
    let cost = json!({"budget": {"amount": 2, "currency": "KRW"}});
    let stated = |on: &str| json!({"stated_on": {"edtf": on}, "budget": cost["budget"]});
    let told = json!({"statements": [stated("2022-05-01"), stated("2020-05-01")]});
    let made = api.create("/projects", &project(&city, told)).await;
    for (query, lacking) in [("?as_of=2019-01-01", 0), ("?as_of=2021-01-01", 1), ("", 2)] {
        let path = format!("/projects/{}{query}", made.id());
        let then = api.read(&path).await.body;
        let gaps = then["gaps"].as_array().unwrap().iter();
        let gaps = gaps.filter(|gap| gap["pointer"].as_str().unwrap().starts_with("/statements/"));
        assert_eq!(gaps.count(), lacking, "{query}");
        assert_eq!(
            then["statements"].as_array().unwrap().len(),
            lacking,
            "{query}"
        );
    }
    // Nothing is dated: it counts from the day on which it was recorded.
    let made = api
        .create(
            "/projects",
            &project(&city, json!({"budget": {"as_stated": "미정"}})),
        )
        .await;
    let path = format!("/projects/{}", made.id());
    assert_eq!(
        api.read(&format!("{path}?as_of=2026-11-22")).await.body["budget"],
        Value::Null
    );
    let later = api.at("2027-03-01T00:00:00Z").await;
    assert_eq!(
        later.read(&format!("{path}?as_of=2026-11-22")).await.body["budget"],
        Value::Null
    );
    assert_eq!(
        later.read(&format!("{path}?as_of=2026-11-23")).await.body["budget"]["as_stated"],
        "미정"
    );
}

async fn statements_are_retracted_and_never_edited(api: Api) {
    let city = api.municipality().await;
    let won = |amount: i64| json!({"amount": amount, "currency": "KRW"});
    let made = api
        .create(
            "/projects",
            &project(&city, json!({"budget": won(823_400_000_000)})),
        )
        .await;
    let path = format!("/projects/{}", made.id());
    let add = async |on: &str, budget: Value| {
        let body = json!({"stated_on": {"edtf": on}, "budget": budget});
        api.act(&format!("{path}/statements"), &body).await
    };
    add("2020-01-13", won(823_400_000_000)).await;
    let grown = add("2021-04-16", won(849_300_000_000)).await;
    assert_eq!(grown.body["budget"]["amount"], 849_300_000_000_i64);
    let change = &grown.body["stated_changes"][0];
    assert_eq!(
        (&change["fact"], &change["direction"], &change["percent"]),
        (&json!("budget"), &json!("increased"), &json!(3.15))
    );
    assert_eq!(change["became"], 849_300_000_000.0);
    // An older statement changes nothing about the present.
    assert_eq!(
        add("2019-01-01", won(1)).await.body["budget"]["amount"],
        849_300_000_000_i64
    );
    let listed = api.read(&format!("{path}/statements")).await;
    let days: Vec<_> = listed
        .items()
        .iter()
        .map(|s| s["stated_on"]["edtf"].as_str().unwrap())
        .collect();
    assert_eq!(days, ["2019-01-01", "2020-01-13", "2021-04-16"]);
    let last = listed.items()[2]["id"].as_str().unwrap();
    let retraction = format!("{path}/statements/{last}/retraction");
    let after = api
        .act(&retraction, &json!({"reason": {"ko": "오독"}}))
        .await;
    assert_eq!(after.body["budget"]["amount"], 823_400_000_000_i64);
    assert_eq!(
        after.body["statements"][2]["retraction"]["retracted_on"],
        "2026-11-23"
    );
    api.post(&retraction, &json!({"reason": {"ko": "또"}}))
        .await
        .expect(409);
    api.delete(&path, "*").await.expect(409);
    let history = api.read(&format!("{path}/history")).await;
    assert_eq!(history.items().len(), 5);
    // A change of the member itself is the present view again.
    let patched = api.update(&path, "*", &json!({"budget": won(5)})).await;
    assert_eq!(patched.body["budget"]["amount"], 5);
    let then = api.read(&format!("{path}?as_of=2020-12-31")).await;
    assert_eq!(then.body["budget"]["amount"], 823_400_000_000_i64);
}

async fn a_statement_says_something(api: Api) {
    let city = api.municipality().await;
    let missing = "0178d7fa-2c00-7000-8000-00000000ffff";
    let statements = json!([
        {"stated_on": {"edtf": "2021"}},
        {"stated_on": {"edtf": "2027"}, "title": {"ko": "이름"}, "implementers": [{"organization_id": missing}]},
        {"stated_on": {"edtf": "2021/.."}, "title": {"ko": "이름"}},
        {"stated_on": {"edtf": "2021"}, "implementers": [
            {"organization_id": city, "share_percent": 65}, {"organization_id": city, "share_percent": 36}]}]);
    let refused = api
        .post(
            "/projects",
            &project(&city, json!({"statements": statements})),
        )
        .await
        .expect(422);
    let mut places = refused.places();
    places.sort_unstable();
    places.dedup();
    assert_eq!(
        places,
        [
            "/statements/0",
            "/statements/1/implementers/0/organization_id",
            "/statements/1/stated_on",
            "/statements/2/stated_on",
            "/statements/3/implementers",
        ]
    );
}

async fn those_named_are_kept_and_see_no_more(api: Api) {
    let city = api.municipality().await;
    let former = company(&api, "옛 시행자").await;
    let statements = json!([{"stated_on": {"edtf": "2010"}, "implementers": [{"organization_id": former}]},
        {"stated_on": {"edtf": "2016"}, "implementers": [{"organization_id": city}]}]);
    let body = project(
        &city,
        json!({"statements": statements, "visibility": "partners"}),
    );
    let made = api.create("/projects", &body).await;
    assert_eq!(ids(&made.body["implementers"]), [city.as_str()]);
    let by = api
        .read(&format!("/projects?organization_id={former}"))
        .await;
    assert_eq!(by.items().len(), 0);
    api.delete(&format!("/organizations/{former}"), "*")
        .await
        .expect(409);
    let survivor = company(&api, "남는 기관").await;
    let merge = json!({"into_id": survivor});
    api.act(&format!("/organizations/{former}/merge"), &merge)
        .await;
    let now = api.read(&format!("/projects/{}", made.id())).await.body;
    assert_eq!(
        ids(&now["statements"][0]["implementers"]),
        [survivor.as_str()]
    );
    assert!(ids(&now["named_organizations"]).contains(&survivor));
}

async fn the_budget_of_ilsan_grew(api: Api) {
    let id = api.find("/projects").await;
    let now = api.read(&format!("/projects/{id}")).await.body;
    assert_eq!(now["budget"]["amount"], 849_300_000_000_i64);
    let changes = now["stated_changes"].as_array().unwrap();
    let budget = changes.iter().find(|one| one["fact"] == "budget").unwrap();
    assert_eq!(
        (&budget["direction"], &budget["percent"]),
        (&json!("increased"), &json!(3.15))
    );
    let then = api
        .read(&format!("/projects/{id}?as_of=2020-12-31"))
        .await
        .body;
    assert_eq!(then["area"]["square_metres"], 850_385.0);
    assert_eq!(then["budget"]["amount"], 823_400_000_000_i64);
    // The implementers are named without a day.
    assert_eq!(then["implementers"], json!([]));
    let before = api
        .read(&format!("/projects/{id}?as_of=2019-12-31"))
        .await
        .body;
    assert_eq!(
        (&before["area"], &before["budget"]),
        (&Value::Null, &Value::Null)
    );
}

/// 재원과 공정률: what was stated last by the day, for the project and for each phase.
async fn progress_and_funding_are_those_of_the_day(api: Api) {
    let city = api.municipality().await;
    let won = |amount: i64| json!({"amount": amount, "currency": "KRW"});
    let part = |origin: &str, amount: i64| json!({"origin": origin, "amount": won(amount)});
    let built = |percent: f64| json!({"measure": "construction", "percent": percent});
    let of_phase = json!({"measure": "construction", "percent": 90, "phase": "1"});
    let statements = json!([
        {"stated_on": {"edtf": "2024-03"}, "progress": [built(12.5), {"measure": "sales", "percent": 40}],
            "funding": [part("national", 70), part("municipal", 30)]},
        {"stated_on": {"edtf": "2025-03"}, "progress": [built(37.5), of_phase],
            "funding": [part("national", 70), part("municipal", 50)]}]);
    let phases = json!([{"title": {"ko": "1단계"}}]);
    let body = json!({"budget": won(100), "phases": phases, "statements": statements});
    let made = api.create("/projects", &project(&city, body)).await;
    let path = format!("/projects/{}", made.id());
    let figures = |project: &Value| -> Vec<String> {
        let all = project["progress"].as_array().unwrap().iter();
        let all = all.map(|one| {
            let on = one["stated_on"]["edtf"].as_str().unwrap();
            format!(
                "{} {} {} {on}",
                one["measure"], one["phase"], one["percent"]
            )
        });
        all.map(|line| line.replace('"', "")).collect()
    };
    assert_eq!(
        figures(&made.body),
        [
            "sales null 40.0 2024-03",
            "construction null 37.5 2025-03",
            "construction 1 90.0 2025-03"
        ]
    );
    assert_eq!(made.body["funding"][1]["amount"]["amount"], 50);
    assert_eq!(made.body["warnings"][0]["code"], "funding_over_budget");
    assert_eq!(made.body["stated_changes"][0]["fact"], "funding");
    let then = api.read(&format!("{path}?as_of=2024-12-31")).await.body;
    assert_eq!(
        figures(&then),
        ["construction null 12.5 2024-03", "sales null 40.0 2024-03"]
    );
    assert_eq!(then["funding"][1]["amount"]["amount"], 30);
    let before = api.read(&format!("{path}?as_of=2024-03-30")).await.body;
    assert_eq!(
        (&before["progress"], &before["funding"]),
        (&json!([]), &json!([]))
    );

    // A figure names its measure and a phase that exists, and the phase stays.
    let wrong = json!({"stated_on": {"edtf": "2025-06"}, "progress": [
        {"measure": "other", "percent": 5, "phase": "2"}]});
    let refused = api.post(&format!("{path}/statements"), &wrong).await;
    assert_eq!(
        refused.expect(422).places(),
        ["/progress/0/name", "/progress/0/phase"]
    );
    let current = api.read(&path).await;
    let refused = api
        .patch(&path, current.etag(), &json!({"phases": []}))
        .await;
    assert_eq!(refused.expect(422).places(), ["/phases"]);
}
