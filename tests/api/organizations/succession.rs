//! A municipality's successor holds its records from its first day.

use serde_json::{Value, json};

use crate::support::records::{busan, demand, record, signed, signed_mou};
use crate::support::{Api, log};

on_both!(new:
    a_successor_holds_what_its_predecessor_signed, on_an_earlier_day_it_is_the_predecessors,
    tokens_and_rights_pass_over, duties_pass_over_with_the_ordinance, split_and_merged_territory,
    one_command_shows_what_passes_over_and_does_it,
    a_succession_recorded_by_mistake_is_taken_back,
    a_shared_agreement_keeps_the_succession_on_which_it_rests);

/// Yeosu before and after 2026-07-01, recorded with the succession of the official list.
async fn yeosu(api: &Api) -> (String, String) {
    (town(api, "4613000000").await, town(api, "1213000000").await)
}

async fn town(api: &Api, code: &str) -> String {
    let new = json!({"code": code});
    let created = api.create("/municipalities", &new).await;
    created.id().to_owned()
}

fn names(items: &[Value]) -> Vec<&str> {
    let ids = items.iter();
    ids.filter_map(|item| item["municipality"]["id"].as_str())
        .collect()
}

async fn a_successor_holds_what_its_predecessor_signed(api: Api) {
    let (old, new) = yeosu(&api).await;
    let more = json!({"effective_until": {"edtf": "2028-02-28"}, "commitments": [{"text": {"ko": "지원한다"}}]});
    let agreement = signed(&api, &old, "2025-03-01", more).await;
    let project = json!({"municipality_id": old, "kind": "programme", "title": {"ko": "사업"},
        "milestones": [{"kind": "completion", "forecasts": [{"target": {"edtf": "2027"}, "stated_on": {"edtf": "2025-01-01"}}]}]});
    api.create("/projects", &project).await;
    let group = json!({"municipality_id": old, "name": {"ko": "실무협의체"}});
    api.create("/working-groups", &group).await;
    let report = json!({"status": "in_progress", "on": {"edtf": "2026-01-02"}});
    let commitment = agreement.body["commitments"][0]["id"].as_str().unwrap();
    let path = format!(
        "/agreements/{}/commitments/{commitment}/reports",
        agreement.id()
    );
    api.create(&path, &report).await;
    for path in [
        "/agreements",
        "/projects",
        "/working-groups",
        "/timeline",
        "/reports",
    ] {
        let count = api.read(path).await.items().len();
        assert!(count > 0, "{path}");
        // The old id answers as its successor.
        for id in [&new, &old] {
            let list = api.read(&format!("{path}?municipality_id={id}")).await;
            assert_eq!(list.items().len(), count, "{path}");
            let all = names(list.items());
            assert!(all.iter().all(|id| **id == new), "{path}: {all:?}");
        }
    }
    let found = api
        .read(&format!(
            "/search?q=%EC%8B%A4%EB%AC%B4%ED%98%91%EC%9D%98%EC%B2%B4&municipality_id={new}"
        ))
        .await;
    assert_eq!(names(found.items()), [&new]);
    let read = api.read(&format!("/agreements/{}", agreement.id())).await;
    assert_eq!(read.body["municipality_id"], json!(new));
    let period = "from=2025-01-01&to=2025-12-31";
    let report = format!("/municipalities/{new}/council-report?{period}");
    let report = api.read(&report).await;
    assert_eq!(report.body["signed"].as_array().unwrap().len(), 1);
    let path = format!("/statistics/agreements?group_by=municipality&municipality_id={new}");
    let statistics = api.read(&path).await;
    assert_eq!(statistics.body["groups"][0]["key"]["value"], json!(new));
    let city = api.read(&format!("/municipalities/{old}")).await;
    assert_eq!(city.body["succession"]["on"], "2026-07-01");
    assert_eq!(city.body["succession"]["successors"][0]["id"], json!(new));
    let city = api.read(&format!("/municipalities/{new}")).await;
    assert_eq!(
        city.body["predecessors"][0]["municipality"]["id"],
        json!(old)
    );
    let kept = api.delete(&format!("/municipalities/{new}"), "*").await;
    kept.expect(409);
    assert_eq!(log::wrong(&api), None);
}

async fn on_an_earlier_day_it_is_the_predecessors(api: Api) {
    let (old, new) = yeosu(&api).await;
    signed(&api, &old, "2025-03-01", json!({})).await;
    let timeline = async |id: &str, day: &str| {
        let path = format!("/timeline?municipality_id={id}&as_of={day}");
        let list = api.read(&path).await;
        names(list.items())
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        timeline(&old, "2026-06-30").await,
        std::slice::from_ref(&old)
    );
    assert!(timeline(&new, "2026-06-30").await.is_empty());
    assert_eq!(
        timeline(&new, "2026-07-01").await,
        std::slice::from_ref(&new)
    );
    let id = api.find("/agreements").await;
    let before = api
        .read(&format!("/agreements/{id}?as_of=2026-06-30"))
        .await;
    assert_eq!(before.body["municipality"]["id"], json!(old));
    let groups = async |id: &str, day: &str| {
        let path = format!(
            "/statistics/agreements?group_by=municipality&municipality_id={id}&as_of={day}"
        );
        let groups = api.read(&path).await.body["groups"].clone();
        let groups = groups.as_array().unwrap().iter();
        let ids = groups.map(|group| group["key"]["value"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert!(groups(&new, "2026-06-30").await.is_empty());
    assert_eq!(groups(&old, "2026-06-30").await, std::slice::from_ref(&old));
    assert_eq!(groups(&old, "2026-07-01").await, std::slice::from_ref(&new));
}

async fn tokens_and_rights_pass_over(api: Api) {
    let (old, new) = yeosu(&api).await;
    let hidden = json!({"visibility": "internal"});
    let agreement = signed(&api, &old, "2025-03-01", hidden.clone()).await;
    let path = format!("/agreements/{}", agreement.id());
    let (before, after) = (
        api.staff("editor", &old).await,
        api.staff("editor", &new).await,
    );
    for staff in [&before, &after] {
        staff.read(&path).await;
        let draft = record(staff, &new, hidden.clone()).await;
        before.read(&format!("/agreements/{}", draft.id())).await;
        let me = staff.read("/me").await;
        assert_eq!(me.body["municipalities"].as_array().unwrap().len(), 1);
        assert_eq!(me.body["municipalities"][0]["id"], json!(new));
    }
    let other = api.staff("editor", &api.municipality().await).await;
    other.get(&path).await.expect(404);
}

async fn duties_pass_over_with_the_ordinance(api: Api) {
    let old = town(&api, "4613000000").await;
    demand(&api, &old, json!([busan()])).await;
    signed(&api, &old, "2025-03-01", json!({})).await;
    let new = town(&api, "1213000000").await;
    let duties = async |id: &str| {
        let list = api.read(&format!("/duties?municipality_id={id}")).await;
        list.items().clone()
    };
    assert_eq!(names(&duties(&new).await), [&new]);
    // The ordinance of the predecessor remains in force until the successor has its own.
    let city = api.read(&format!("/municipalities/{new}")).await;
    assert_eq!(city.body["policy"]["review_interval_months"], 12);
    let own = json!([{"valid_from": "2026-08-01", "disclosure_within_days": 30, "review_interval_months": 6}]);
    demand(&api, &new, own).await;
    let agreement = signed(&api, &new, "2026-09-01", json!({})).await;
    let of_new = format!("/duties?agreement_id={}&kind=disclosure", agreement.id());
    assert_eq!(api.read(&of_new).await.items().len(), 1);
    assert!(duties(&new).await.len() >= 3);
    let city = api.read(&format!("/municipalities/{old}")).await;
    assert_eq!(city.body["policy"]["review_interval_months"], 6);
    assert_eq!(log::wrong(&api), None);
}

async fn split_and_merged_territory(api: Api) {
    // 인천 서구 was divided into 서해구 and 검단구: the list does not say to whom a record passes.
    let (old, one) = (
        town(&api, "2826000000").await,
        town(&api, "2827500000").await,
    );
    signed(&api, &old, "2025-03-01", json!({})).await;
    let read = async |id: &str| {
        let list = api.read(&format!("/agreements?municipality_id={id}")).await;
        names(list.items())
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert!(read(&one).await.is_empty());
    let two = town(&api, "2829000000").await;
    for id in [&old, &one, &two] {
        assert_eq!(read(id).await, std::slice::from_ref(&old));
    }
    let kept = api.staff("editor", &old).await;
    let draft = record(&api, &one, json!({"visibility": "internal"})).await;
    kept.get(&format!("/agreements/{}", draft.id()))
        .await
        .expect(404);
    // 청원군 became part of 청주시 in 2014.
    let (county, city) = (
        town(&api, "4371000000").await,
        town(&api, "4311000000").await,
    );
    signed(&api, &county, "2012-03-01", json!({})).await;
    assert_eq!(read(&city).await, std::slice::from_ref(&city));
}

async fn one_command_shows_what_passes_over_and_does_it(api: Api) {
    let old = town(&api, "4613000000").await;
    let staff = api.staff("editor", &old).await;
    let company = api.organization("회사").await;
    let new = signed_mou(&[&old, &company], "2025-03-01", json!({}));
    api.create("/agreements", &new).await;
    let text = |arguments: &[&str]| {
        let done = log::program(&api, arguments);
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    let dry = text(&["municipalities", "succeed"]);
    assert!(
        dry.contains("4613000000 전라남도 여수시 -> 1213000000"),
        "{dry}"
    );
    assert!(
        dry.contains("1 agreements") && dry.contains("1 tokens"),
        "{dry}"
    );
    let recorded = api.read("/municipalities?code=1213000000").await;
    assert!(recorded.items().is_empty());
    text(&[
        "municipalities",
        "succeed",
        "--code",
        "4613000000",
        "--apply",
    ]);
    let recorded = api.read("/municipalities?code=1213000000").await;
    let id = recorded.items()[0]["id"].as_str().unwrap();
    let list = staff
        .read(&format!("/agreements?municipality_id={id}"))
        .await;
    assert_eq!(names(list.items()), [id]);
    let log = api.read(&format!("/organizations/{old}/history")).await;
    let last = log.items().last().unwrap().clone();
    assert_eq!(last["version"], 2, "{last}");
    let again = text(&["municipalities", "succeed", "--apply"]);
    assert!(again.starts_with("No recorded"), "{again}");
    // What the official list does not name is stated; a cycle is refused.
    let back = [
        "municipalities",
        "succeed",
        "--code",
        "1213000000",
        "--into",
        "4613000000",
    ];
    let back = [&back[..], &["--on", "2026-08-01", "--apply"]].concat();
    assert!(!log::program(&api, &back).status.success());
    assert_eq!(log::wrong(&api), None);
}

async fn a_succession_recorded_by_mistake_is_taken_back(api: Api) {
    let (old, new) = yeosu(&api).await;
    demand(&api, &old, json!([busan()])).await;
    let agreement = signed(&api, &old, "2025-03-01", json!({})).await;
    let path = format!("/agreements/{}", agreement.id());
    let held = async |town: &str| {
        let list = api
            .read(&format!("/agreements?municipality_id={town}"))
            .await;
        list.items().len()
    };
    assert_eq!((held(&old).await, held(&new).await), (1, 1));
    let retract = |apply: bool| {
        let base = [
            "municipalities",
            "retract",
            "--code",
            "4613000000",
            "--reason",
            "잘못 등록함",
        ];
        let apply: &[&str] = if apply { &["--apply"] } else { &[] };
        log::program(&api, &[&base[..], apply].concat())
    };
    let refused = |named: &str| {
        let done = retract(true);
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(!done.status.success() && said.contains(named), "{said}");
    };
    // A change by the right of the successor stands in its way.
    let staff = api.staff("editor", &new).await;
    let review = json!({"on": {"edtf": "2026-11-02"}, "rating": "good"});
    staff.create(&format!("{path}/reviews"), &review).await;
    refused(agreement.id());
    assert_eq!(held(&new).await, 1);
    // So does a further succession, and nothing else: who works for the predecessor keeps its right.
    let (old, new) = (
        town(&api, "4684000000").await,
        town(&api, "1281000000").await,
    );
    let staff = api.staff("editor", &old).await;
    let made = signed(&api, &old, "2025-03-01", json!({})).await;
    staff
        .create(&format!("/agreements/{}/reviews", made.id()), &review)
        .await;
    let run = |arguments: &[&str]| log::program(&api, arguments);
    let succeed = ["municipalities", "succeed", "--code"];
    let pass = |from: &str, into: &str, on: &str| {
        let done = run(&[&succeed[..], &[from, "--into", into, "--on", on, "--apply"]].concat());
        assert!(done.status.success(), "{done:?}");
    };
    let codes = ("4684000000", "1281000000");
    let body = api.read(&format!("/municipalities/{old}")).await.body;
    if body["succession"].is_null() {
        pass(codes.0, codes.1, "2026-07-01");
    }
    let back = |code: &str| {
        run(&[
            "municipalities",
            "retract",
            "--code",
            code,
            "--reason",
            "오기",
            "--apply",
        ])
    };
    pass(codes.1, "1213000000", "2026-08-01");
    let done = back(codes.0);
    let said = String::from_utf8(done.stderr.clone()).unwrap();
    assert!(!done.status.success() && said.contains(codes.1), "{said}");
    assert!(back(codes.1).status.success());
    let done = back(codes.0);
    assert!(done.status.success(), "{done:?}");
    assert_eq!((held(&old).await, held(&new).await), (1, 0));
    let body = api.read(&format!("/municipalities/{old}")).await.body;
    assert_eq!(body["succession"], Value::Null);
    let log = api.read(&format!("/organizations/{old}/history")).await;
    assert_eq!(log.items().last().unwrap()["reason"]["ko"], "오기");
    let done = back(codes.0);
    assert!(!done.status.success());
    assert_eq!(log::wrong(&api), None);
}

/// What the successor did to the agreement of a third town, which the predecessor shares as a co-owner.
async fn a_shared_agreement_keeps_the_succession_on_which_it_rests(api: Api) {
    let (old, new) = yeosu(&api).await;
    let third = api.municipality().await;
    let shared = json!({"co_owner_ids": [old], "commitments": [{"text": {"ko": "함께 지원한다"}}]});
    let shared = signed_mou(&[&third, &old], "2025-03-01", shared);
    let agreement = api.create("/agreements", &shared).await;
    let path = format!("/agreements/{}", agreement.id());
    let retract = || {
        let base = ["municipalities", "retract", "--code", "4613000000"];
        let more = ["--reason", "잘못 등록함", "--apply"];
        let done = log::program(&api, &[&base[..], &more[..]].concat());
        let said = String::from_utf8(done.stderr).unwrap();
        (done.status.success(), said)
    };
    let review = |town: &str| json!({"on": {"edtf": "2026-11-02"}, "rating": "good", "municipality_id": town});
    // Each town acts by its own right.
    let own = api.staff("editor", &third).await;
    own.create(
        &format!("{path}/reviews"),
        &json!({"on": {"edtf": "2026-11-01"}, "rating": "good"}),
    )
    .await;
    let staff = api.staff("editor", &new).await;
    staff
        .create(&format!("{path}/reviews"), &review(&new))
        .await;
    let (taken_back, said) = retract();
    assert!(!taken_back && said.contains(agreement.id()), "{said}");
    assert!(
        said.contains("협약 ") || said.contains("Agreement "),
        "{said}"
    );
    let held = api
        .read(&format!("/agreements?municipality_id={new}"))
        .await;
    assert_eq!(held.items().len(), 1);
    assert_eq!(log::wrong(&api), None);
}
