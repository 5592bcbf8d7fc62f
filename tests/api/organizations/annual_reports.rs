//! The yearly report of a municipality to its council on all its agreements: a duty of its own.

use serde_json::{Value, json};

use crate::support::records::{demand, signed, with};
use crate::support::{Api, log};

on_both!(new:
    it_is_a_duty_of_the_municipality, a_report_fulfils_it_and_can_be_undone,
    what_is_wrong_with_a_report_is_named, it_is_in_the_report_to_the_council,
    it_passes_over_with_the_municipality, it_goes_with_the_municipality);

/// Art. 7(3) of the ordinance of Busan, with a day as other cities name one.
fn yearly() -> Value {
    json!({"valid_from": "2016-01-01", "reference": {"title": "업무협약 관리 조례", "article": "제7조제3항"},
        "annual_report": {"by": "01-31"}})
}

async fn reported(api: &Api, city: &str, reports: Value) {
    let body = json!({"annual_reports": reports});
    api.update(&format!("/municipalities/{city}"), "*", &body)
        .await
        .expect(200);
}

/// The duties of a municipality itself as `due status missed`.
async fn duties(api: &Api, city: &str, more: &str) -> Vec<String> {
    let path = format!("/duties?municipality_id={city}&kind=annual_report{more}");
    let list = api.read(&path).await;
    let told = list.items().iter().map(|duty| {
        assert_eq!(duty["agreement"], Value::Null);
        let of = |member: &str| duty[member].as_str().unwrap().to_owned();
        let due = duty["due"]["edtf"].as_str().unwrap();
        format!("{due} {} {}", of("status"), duty["missed"])
    });
    told.collect()
}

async fn it_is_a_duty_of_the_municipality(api: Api) {
    let city = api.municipality().await;
    demand(&api, &city, json!([yearly()])).await;
    let list = api
        .read(&format!("/duties?municipality_id={city}&with_total=true"))
        .await;
    assert_eq!(list.body["total"], 1);
    let duty = &list.items()[0];
    assert_eq!(duty["id"], format!("{city}:annual_report:year:1"));
    let shown = json!({"kind": "annual_report", "occasion": "year", "agreement": null, "department": null,
        "legal_basis": "업무협약 관리 조례 제7조제3항", "status": "overdue", "missed": 11, "done_by": null,
        "due_moved_from": null, "last_working_day": "2016-01-29", "waived_because": null});
    for (member, value) in shown.as_object().unwrap() {
        assert_eq!(duty[member], *value, "{member}");
    }
    assert_eq!(duty["municipality"]["id"], city.as_str());
    for (as_of, expected) in [
        ("2015-12-31", None),
        ("2016-01-31", Some("2016-01-31 open 0")),
        ("2018-01-31", Some("2016-01-31 overdue 2")),
    ] {
        let told = duties(&api, &city, &format!("&as_of={as_of}")).await;
        assert_eq!(told, expected.into_iter().collect::<Vec<_>>(), "{as_of}");
    }
    // Policies are public, and so is what follows from them.
    let anyone = api.with(None);
    assert_eq!(duties(&anyone, &city, "&status=overdue").await.len(), 1);
    // An agreement has no such duty, and the day of a session is not derived.
    let made = signed(&api, &city, "2025-03-01", json!({})).await;
    assert_eq!(made.body["duties"], json!([]));
    let session =
        json!({"valid_from": "2026-01-01", "annual_report": {"in_session": "제2차 정례회"}});
    demand(&api, &city, json!([session])).await;
    let list = api.read(&format!("/duties?municipality_id={city}")).await;
    let duty = &list.items()[0];
    assert_eq!(
        (
            &duty["due"]["edtf"],
            &duty["due_as_stated"],
            &duty["status"]
        ),
        (
            &json!("2026"),
            &json!({"ko": "제2차 정례회", "en": "in the council's session: 제2차 정례회"}),
            &json!("open")
        )
    );
    assert_eq!(log::wrong(&api), None);
    demand(&api, &city, json!([])).await;
    assert_eq!(duties(&api, &city, "").await, [""; 0]);
    assert_eq!(log::wrong(&api), None);
}

async fn a_report_fulfils_it_and_can_be_undone(api: Api) {
    let city = api.municipality().await;
    demand(&api, &city, json!([yearly()])).await;
    let open = ["2016-01-31 overdue 11"];
    assert_eq!(duties(&api, &city, "").await, open);
    let later = api.at("2026-11-24T03:00:00Z").await;
    let source = json!([{"title": "2025년도 업무협약 추진현황 보고"}]);
    let report =
        json!({"on": {"edtf": "2026-01-20"}, "session": "제300회 임시회", "sources": source});
    reported(&later, &city, json!([report])).await;
    let done = ["2016-01-31 done_late 10", "2027-01-31 open 0"];
    assert_eq!(duties(&later, &city, "").await, done);
    let list = later
        .read(&format!("/duties?municipality_id={city}&status=done_late"))
        .await;
    let done_by = &list.items()[0]["done_by"];
    assert_eq!(done_by["kind"], "annual_report");
    assert_eq!(
        (&done_by["id"], &done_by["on"]["edtf"]),
        (&Value::Null, &json!("2026-01-20"))
    );
    // On an earlier day, and as recorded before, it was not known.
    let before = ["2016-01-31 overdue 10"];
    assert_eq!(duties(&later, &city, "&as_of=2026-01-19").await, before);
    let past = "&recorded_as_of=2026-11-23T23:00:00Z";
    assert_eq!(duties(&later, &city, past).await, open);
    let found = later
        .read("/search?q=%EC%B6%94%EC%A7%84%ED%98%84%ED%99%A9")
        .await;
    assert_eq!(found.items()[0]["id"], city.as_str());
    assert_eq!(log::wrong(&later), None);
    // Of the year before: the report of this year is overdue again.
    let corrected = with(report, json!({"due_year": 2025}));
    reported(&later, &city, json!([corrected])).await;
    let told = ["2016-01-31 done_late 10", "2026-01-31 overdue 1"];
    assert_eq!(duties(&later, &city, "").await, told);
    reported(&later, &city, json!([])).await;
    assert_eq!(duties(&later, &city, "").await, open);
    assert_eq!(log::wrong(&later), None);
    let history = later.read(&format!("/municipalities/{city}/history")).await;
    let history = history.body.to_string();
    assert!(history.contains("제300회 임시회"), "{history}");
}

async fn what_is_wrong_with_a_report_is_named(api: Api) {
    let city = api.municipality().await;
    let path = format!("/municipalities/{city}");
    let policy = |rule: Value| json!({"policies": [{"annual_report": rule}]});
    for (rule, place) in [
        (json!({}), "/policies/0/annual_report"),
        (json!({"by": "02-29"}), "/policies/0/annual_report/by"),
        (json!({"by": "2026-01-31"}), "/policies/0/annual_report/by"),
    ] {
        let refused = api.patch(&path, "*", &policy(rule)).await.expect(422);
        assert_eq!(refused.places(), [place]);
    }
    let reports = json!({"annual_reports": [{"on": {"edtf": "2026-12-20"}}]});
    let refused = api.patch(&path, "*", &reports).await.expect(422);
    assert_eq!(refused.places(), ["/annual_reports/0/on"]);
    let years = json!({"annual_reports": [{"on": {"edtf": "2025-12/2026-01"}}, {"on": {"as_stated": "정례회 때"}}]});
    let refused = api.patch(&path, "*", &years).await.expect(422);
    let places = ["/annual_reports/0/due_year", "/annual_reports/1/due_year"];
    assert_eq!(refused.places(), places);
    let in_words = json!([{"on": {"as_stated": "정례회 때"}, "due_year": 2026}]);
    let new = json!({"code": "4111000000", "policies": [yearly()], "annual_reports": in_words});
    let other = api.create("/municipalities", &new).await;
    let on = &other.body["annual_reports"][0]["on"];
    assert_eq!(on["edtf"], "../2026-11-23");
    assert_eq!(on["as_stated"], "정례회 때");
    let told = duties(&api, other.id(), "").await;
    assert_eq!(told[1], "2027-01-31 open 0");
    assert_eq!(log::wrong(&api), None);
}

async fn it_is_in_the_report_to_the_council(api: Api) {
    let city = api.municipality().await;
    demand(&api, &city, json!([yearly()])).await;
    let report = format!("/municipalities/{city}/council-report?from=2025-01-01&to=2025-12-31");
    let read = api.read(&report).await;
    assert_eq!(read.body["annual_reports"], json!([]));
    let overdue = read.body["overdue_duties"].as_array().unwrap();
    assert_eq!(overdue.len(), 1);
    assert_eq!(overdue[0]["kind"], "annual_report");
    let session = |on: &str| json!({"on": {"edtf": on}, "session": "제300회 임시회"});
    reported(
        &api,
        &city,
        json!([session("2026-01-20"), session("2025-01-20")]),
    )
    .await;
    let read = api.read(&report).await;
    let made = read.body["annual_reports"].as_array().unwrap();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["on"]["edtf"], "2025-01-20");
    assert_eq!(read.body["overdue_duties"], json!([]));
    let page = api.get(&format!("{report}&format=html&lang=ko")).await;
    assert!(page.text.contains("제300회 임시회"));
}

async fn it_passes_over_with_the_municipality(api: Api) {
    let town = |code: &str| json!({"code": code});
    let old = api.create("/municipalities", &town("4613000000")).await;
    demand(
        &api,
        old.id(),
        json!([with(yearly(), json!({"annual_report": {"by": "12-15"}}))]),
    )
    .await;
    reported(&api, old.id(), json!([{"on": {"edtf": "2025-12-10"}}])).await;
    let told = duties(&api, old.id(), "").await;
    assert_eq!(told, ["2016-12-15 done_late 9", "2026-12-15 open 0"]);
    // From 2026-07-01 the successor is to report, under the ordinance that remains in force.
    let new = api.create("/municipalities", &town("1213000000")).await;
    let list = api
        .read(&format!("/duties?municipality_id={}", new.id()))
        .await;
    let ids: Vec<&str> = list
        .items()
        .iter()
        .map(|duty| duty["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 2);
    assert!(ids[0].starts_with(old.id()) && ids[1].starts_with(new.id()));
    assert_eq!(duties(&api, new.id(), "").await, told);
    reported(&api, new.id(), json!([{"on": {"edtf": "2026-11-20"}}])).await;
    let told = duties(&api, new.id(), "").await;
    assert_eq!(told[1..], ["2026-12-15 done 0", "2027-12-15 open 0"]);
    assert_eq!(log::wrong(&api), None);
}

async fn it_goes_with_the_municipality(api: Api) {
    let city = api.municipality().await;
    demand(&api, &city, json!([yearly()])).await;
    assert_eq!(api.read("/duties").await.items().len(), 1);
    api.delete(&format!("/organizations/{city}"), "*")
        .await
        .expect(204);
    assert_eq!(api.read("/duties").await.items().len(), 0);
    assert_eq!(log::wrong(&api), None);
}
