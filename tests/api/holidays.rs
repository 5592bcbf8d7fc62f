//! Public holidays: the table, what an admin declares, and the due dates that they move.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::log::wrong;
use crate::support::records::{demand, signed};

on_both!(new:
    the_table_is_listed_by_day, a_declared_holiday_moves_duties_until_it_is_withdrawn,
    holidays_are_declared_by_an_admin_of_all, duties_written_on_other_days_fit_the_log,
    terms_of_duties_have_their_forms, a_term_is_one_form_with_its_number);

fn temporary() -> Value {
    json!({"day": "2026-12-04", "name": {"ko": "임시공휴일", "en": "Temporary holiday"},
        "basis": "관공서의 공휴일에 관한 규정 제2조제11호", "source": "관보 제20917호"})
}

async fn days(api: &Api, query: &str) -> Vec<String> {
    let found = api.read(&format!("/reference/holidays{query}")).await;
    let word = |holiday: &Value| {
        let text = |member: &str| holiday[member].as_str().unwrap().to_owned();
        let name = holiday["name"]["ko"].as_str().unwrap();
        format!(
            "{} {name} {} {}",
            text("day"),
            text("kind"),
            holiday["declared"]
        )
    };
    found.items().iter().map(word).collect()
}

async fn the_table_is_listed_by_day(api: Api) {
    let chuseok = [
        "2026-09-24 추석 전날 statutory false",
        "2026-09-25 추석 statutory false",
        "2026-09-26 추석 다음 날 statutory false",
    ];
    assert_eq!(days(&api, "?from=2026-09-01&to=2026-09-30").await, chuseok);
    let first = api
        .read("/reference/holidays?to=2000-01-31&with_total=true")
        .await;
    assert_eq!(first.body["total"], 1);
    let new_year = &first.body["items"][0];
    assert_eq!(new_year["id"], Value::Null);
    assert_eq!(new_year["name"]["en"], "New Year's Day");
    assert_eq!(new_year["basis"], "관공서의 공휴일에 관한 규정 제2조제3호");
    assert_eq!(new_year["source"], "대통령령 제15939호");
    let all = api
        .read("/reference/holidays?limit=1&with_total=true")
        .await;
    assert_eq!(all.body["total"], 545);
    // The next page goes on, and anyone can read it.
    let cursor = all.body["next_cursor"].as_str().unwrap();
    let path = format!("/reference/holidays?limit=1&cursor={cursor}");
    let next = api.with(None).read(&path).await;
    assert_eq!(next.body["items"][0]["day"], "2000-02-04");
    let reversed = "/reference/holidays?from=2026-09-30&to=2026-09-01";
    api.get(reversed).await.expect(400);
}

/// The due date of the only duty, by the calendar, and what moved it.
async fn due(api: &Api, agreement: &str, query: &str) -> [Value; 3] {
    let list = api
        .read(&format!("/duties?agreement_id={agreement}{query}"))
        .await;
    let path = format!("/agreements/{agreement}?{}", query.trim_start_matches('&'));
    let read = api.read(&path).await;
    let duty = &list.items()[0];
    // The projection holds what the rules derive.
    assert_eq!(read.body["duties"][0], *duty);
    [
        duty["due"]["edtf"].clone(),
        duty["due_moved_from"]["edtf"].clone(),
        duty["due_moved_because"]["ko"].clone(),
    ]
}

async fn a_declared_holiday_moves_duties_until_it_is_withdrawn(api: Api) {
    let city = api.municipality().await;
    demand(
        &api,
        &city,
        json!([{"council_report": {"within_days": 18}}]),
    )
    .await;
    let mou = signed(&api, &city, "2026-11-16", json!({})).await;
    let mou = mou.id();
    let plain = [json!("2026-12-04"), json!(null), json!(null)];
    assert_eq!(due(&api, mou, "").await, plain);
    let later = api.at("2026-11-24T00:00:00Z").await;
    let made = later.create("/reference/holidays", &temporary()).await;
    let path = format!("/reference/holidays/{}", made.id());
    assert_eq!(made.body["kind"], "temporary");
    assert_eq!(later.read(&path).await.body, made.body);
    let listed = days(&later, "?from=2026-12-01&to=2026-12-24").await;
    assert_eq!(listed, ["2026-12-04 임시공휴일 temporary true"]);
    let moved = [
        json!("2026-12-07"),
        json!("2026-12-04"),
        json!("임시공휴일, 토요일, 일요일"),
    ];
    assert_eq!(due(&later, mou, "").await, moved);
    assert_eq!(wrong(&later), None);
    // As recorded before, the day was no holiday.
    let before = "&recorded_as_of=2026-11-23T23:00:00Z";
    assert_eq!(due(&later, mou, before).await, plain);
    let then = "?from=2026-12-01&to=2026-12-24&recorded_as_of=2026-11-23T23:00:00Z";
    assert_eq!(days(&later, then).await, [""; 0]);
    // The same holiday is not declared twice, and not beside the table.
    let twice = later
        .post("/reference/holidays", &temporary())
        .await
        .expect(409);
    assert_eq!(twice.body["errors"][0]["code"], "holiday_twice");
    let chuseok = json!({"day": "2026-09-25", "name": {"ko": "추석"}, "source": "달력"});
    later
        .post("/reference/holidays", &chuseok)
        .await
        .expect(409);
    later.delete(&path, "\"999-x\"").await.expect(412);
    let last = api.at("2026-11-25T00:00:00Z").await;
    last.delete(&path, made.etag()).await.expect(204);
    last.get(&path).await.expect(404);
    assert_eq!(due(&last, mou, "").await, plain);
    let recorded = "&recorded_as_of=2026-11-24T12:00:00Z";
    assert_eq!(due(&last, mou, recorded).await, moved);
    assert_eq!(wrong(&last), None);
    let history = last.read(&format!("/holidays/{}/history", made.id())).await;
    assert_eq!(history.body["items"].as_array().unwrap().len(), 2);
    let changes = last.read("/changes?types=holiday").await;
    assert_eq!(changes.body["items"][0]["record_type"], "holiday");
}

async fn holidays_are_declared_by_an_admin_of_all(api: Api) {
    let city = api.municipality().await;
    let made = api.create("/reference/holidays", &temporary()).await;
    let path = format!("/reference/holidays/{}", made.id());
    let local = json!({"name": "local", "role": "admin", "municipality_ids": [city]});
    let local = api.caller(local).await;
    for (caller, status) in [
        (&local, 403),
        (&api.staff("approver", &city).await, 403),
        (&api.with(None), 401),
    ] {
        caller
            .post("/reference/holidays", &temporary())
            .await
            .expect(status);
        caller.delete(&path, made.etag()).await.expect(status);
    }
    api.with(None).read(&path).await;
    let nothing = api
        .post("/reference/holidays", &json!({}))
        .await
        .expect(422);
    assert_eq!(nothing.places(), ["/day", "/name", "/source"]);
}

async fn duties_written_on_other_days_fit_the_log(api: Api) {
    let city = api.municipality().await;
    demand(&api, &city, json!([{"review_interval_months": 12}])).await;
    // Whether a review has happened depends on the day on which the duties were last written.
    let review = json!({"reviews": [{"on": {"edtf": "2026-10"}, "rating": "slow"}]});
    signed(&api, &city, "2021-04-16", review).await;
    let later = api.at("2026-12-01T00:00:00Z").await;
    later.create("/reference/holidays", &temporary()).await;
    assert_eq!(wrong(&later), None);
    let last = api.at("2026-12-10T00:00:00Z").await;
    signed(&last, &city, "2025-12-04", json!({})).await;
    assert_eq!(wrong(&last), None);
}

async fn terms_of_duties_have_their_forms(api: Api) {
    let city = api.municipality().await;
    let policy = json!({
        "council_report": {"within": {"unit": "working_days", "count": 10}},
        "disclosure_within": {"unit": "without_delay"},
        "prior_consent": {"money": "consent", "days_before": 10},
        "renewal_decision_days_before_expiry": 30});
    demand(&api, &city, json!([policy])).await;
    let more = json!({"financial_obligation": true, "effective_until": {"edtf": "2027-01-04"}});
    let mou = signed(&api, &city, "2026-11-19", more).await;
    let list = api
        .read(&format!("/duties?agreement_id={}", mou.id()))
        .await;
    let found = |kind: &str| {
        list.items()
            .iter()
            .find(|duty| duty["kind"] == kind)
            .unwrap()
    };
    assert_eq!(found("council_report")["due"]["edtf"], "2026-12-03");
    let disclosure = found("disclosure");
    assert_eq!(disclosure["due"]["edtf"], "2026-11-19/..");
    assert_eq!(disclosure["due_as_stated"]["ko"], "지체 없이");
    assert_eq!(disclosure["status"], "open");
    assert_eq!(found("consent")["due"]["edtf"], "2026-11-09");
    // 2026-12-05 is a Saturday; a day before an event does not move.
    let renewal = found("renewal_decision");
    assert_eq!(renewal["due"]["edtf"], "2026-12-05");
    assert_eq!(renewal["due_moved_from"], Value::Null);
    assert_eq!(renewal["last_working_day"], "2026-12-04");
    assert_eq!(wrong(&api), None);
}

async fn a_term_is_one_form_with_its_number(api: Api) {
    let city = api.municipality().await;
    let days = json!({"unit": "days", "count": 10});
    let policies = json!([
        {"valid_until": "2023-12-31", "disclosure_within_days": 30, "disclosure_within": days,
            "council_report": {"within_days": 50, "within": days}},
        {"valid_from": "2024-01-01", "disclosure_within": {"unit": "months"},
            "council_report": {"within": {"unit": "without_delay", "count": 1}, "in_next_session": true}}]);
    let path = format!("/municipalities/{city}");
    let change = json!({"policies": policies});
    let refused = api.patch(&path, "*", &change).await.expect(422);
    assert_eq!(
        refused.places(),
        [
            "/policies/0/council_report/within",
            "/policies/0/disclosure_within",
            "/policies/1/council_report/in_next_session",
            "/policies/1/council_report/within/count",
            "/policies/1/disclosure_within/count",
        ]
    );
}
