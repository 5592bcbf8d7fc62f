//! What is derived from dates is certain, impossible or unknown, and the same everywhere.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::log::wrong;
use crate::support::records::demand;

on_both!(new:
    a_year_as_last_day_is_no_day, an_end_on_an_unknown_day, a_renewal_signed_early,
    a_corrected_start_of_the_renewal, a_term_that_ran_out, a_termination_notified_ahead, a_term_that_renews, what_nobody_reported_on_is_due);

/// The bodies of two parties.
async fn parties(api: &Api) -> (String, Value) {
    let city = api.municipality().await;
    let partner = api.organization("갑 기관").await;
    let parties = json!([{"organization_id": city}, {"organization_id": partner}]);
    (city, parties)
}

fn agreement(city: &str, parties: &Value, status: &str, more: &Value) -> Value {
    let mut body = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"},
        "status": status, "parties": parties});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

async fn a_year_as_last_day_is_no_day(api: Api) {
    let (city, parties) = parties(&api).await;
    let until = |edtf: &str| json!({"signed_on": {"edtf": "2024-01-15"}, "effective_until": {"edtf": edtf}});
    let made = |edtf: &str| agreement(&city, &parties, "signed", &until(edtf));
    let year = api.create("/agreements", &made("2026")).await;
    assert_eq!(year.body["in_force"], Value::Null);
    assert_eq!(year.body["expires_in_days"], Value::Null);
    // The clock of the tests says 2026-11-23.
    assert_eq!(
        year.body["expires_in"],
        json!({"min_days": -326, "max_days": 38})
    );
    let month = api.create("/agreements", &made("2026-12")).await;
    assert_eq!(month.body["in_force"], true);
    assert_eq!(month.body["expires_in_days"], Value::Null);
    let day = api.create("/agreements", &made("2026-12-15")).await;
    assert_eq!(day.body["expires_in_days"], 22);
    let found = api
        .read("/agreements?expiring_within_days=40&sort=id")
        .await;
    let ids: Vec<&str> = found
        .items()
        .iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [month.id(), day.id()]);
    for item in found.items() {
        assert_eq!(item["in_force"], true);
    }
}

async fn an_end_on_an_unknown_day(api: Api) {
    let (city, parties) = parties(&api).await;
    let dates =
        json!({"signed_on": {"edtf": "2012-03-02"}, "effective_until": {"edtf": "2030-12-31"}});
    let body = agreement(&city, &parties, "completed", &dates);
    let made = api.create("/agreements", &body).await;
    assert_eq!(made.body["in_force"], false);
    assert_eq!(made.body["ended_by"], "completion");
    let past = api
        .read(&format!("/agreements/{}?as_of=2020-01-01", made.id()))
        .await;
    assert_eq!(past.body["in_force"], Value::Null);
    assert_eq!(past.body["expires_in_days"], Value::Null);
    assert_eq!(past.body["ended_by"], Value::Null);
    let figures = api.read("/statistics/agreements?as_of=2020-01-01").await;
    let unknown = &figures.body["totals"]["in_force"]["counts"][2];
    assert_eq!(
        (&unknown["value"], &unknown["count"]),
        (&json!("unknown"), &json!(1))
    );
    let report =
        |from: &str, to: &str| format!("/municipalities/{city}/council-report?from={from}&to={to}");
    let year = api.read(&report("2020-01-01", "2020-12-31")).await;
    assert_eq!(year.body["totals"]["in_force"], 0);
    let year = api
        .read(&format!(
            "{}&as_of=2020-12-31",
            report("2020-01-01", "2020-12-31")
        ))
        .await;
    assert_eq!(year.body["totals"]["in_force_unknown"], 1);

    // It ended on some day from the signing to the recording: in a period that holds them all, or
    // in one that may or may not hold it.
    let body = agreement(
        &city,
        &parties,
        "completed",
        &json!({"signed_on": {"edtf": "2022"}}),
    );
    let recent = api.create("/agreements", &body).await;
    let rate = |report: &Value| {
        let rate = &report["rates"]["agreements"];
        let out: Vec<&Value> = rate["left_out"]
            .as_array()
            .unwrap()
            .iter()
            .map(|out| &out["reason"])
            .collect();
        (
            rate["numerator"].clone(),
            rate["denominator"].clone(),
            json!(out),
        )
    };
    api.patch(
        &format!("/agreements/{}?correction_reason=x", made.id()),
        "*",
        &json!({"signed_on": {"edtf": "2022-01-03"}}),
    )
    .await
    .expect(200);
    let whole = api.read(&report("2022-01-01", "2026-11-23")).await;
    assert_eq!(rate(&whole.body), (json!(2), json!(2), json!([])));
    let part = api.read(&report("2023-01-01", "2026-11-23")).await;
    assert_eq!(
        rate(&part.body),
        (json!(0), json!(0), json!(["cannot_tell"]))
    );
    let figures = api
        .read(&format!("/statistics/agreements?municipality_id={city}"))
        .await;
    assert_eq!(
        figures.body["totals"]["execution_rate_agreements"]["numerator"],
        2
    );
    assert_eq!(recent.body["status"], "completed");
    // Whether a review was due in 2023 depends on that day.
    let policy = json!([{"valid_from": "2012-01-01", "review_interval_months": 12}]);
    demand(&api, &city, policy).await;
    let path = format!("/agreements/{}?as_of=2024-06-01", made.id());
    assert_eq!(api.read(&path).await.body["duties"], json!([]));
    let listed = api.read("/duties?as_of=2024-06-01").await;
    assert_eq!(listed.items().len(), 0);
    let year = api.read(&report("2023-01-01", "2023-12-31")).await;
    assert_eq!(year.body["missed_reviews"], json!([]));
    assert_eq!(wrong(&api), None);
}

/// The old agreement is in force until the term of its renewal begins, on whatever day that was
/// signed: on each day one of them is, and never both.
async fn a_renewal_signed_early(api: Api) {
    let (city, parties) = parties(&api).await;
    let dates =
        json!({"signed_on": {"edtf": "2022-03-01"}, "effective_until": {"edtf": "2024-02-29"}});
    let old = api
        .create("/agreements", &agreement(&city, &parties, "signed", &dates))
        .await;
    let dates = json!({"signed_on": {"edtf": "2024-01-15"}, "effective_from": {"edtf": "2024-03-01"},
        "effective_until": {"edtf": "2026-12-31"}, "supersedes_id": old.id()});
    let new = api
        .create("/agreements", &agreement(&city, &parties, "signed", &dates))
        .await;
    for (day, first, status) in [
        ("2024-01-15", true, "signed"),
        ("2024-02-29", true, "signed"),
        ("2024-03-01", false, "superseded"),
    ] {
        let at = |id: &str| format!("/agreements/{id}?as_of={day}");
        let (old, new) = (api.read(&at(old.id())).await, api.read(&at(new.id())).await);
        assert_eq!(
            (&old.body["in_force"], &old.body["status"]),
            (&json!(first), &json!(status)),
            "{day}"
        );
        assert_eq!(new.body["in_force"], !first, "{day}");
    }
    let old = api.read(&format!("/agreements/{}", old.id())).await;
    assert_eq!(old.body["ended_by"], "supersession");

    // The same today: the next renewal begins in the new year.
    let dates = json!({"signed_on": {"edtf": "2026-11-01"}, "effective_from": {"edtf": "2027-01-01"},
        "supersedes_id": new.id()});
    let next = api
        .create("/agreements", &agreement(&city, &parties, "signed", &dates))
        .await;
    let new = api.read(&format!("/agreements/{}", new.id())).await;
    assert_eq!(
        (&new.body["status"], &new.body["in_force"]),
        (&json!("signed"), &json!(true))
    );
    assert_eq!(new.body["expires_in_days"], 38);
    assert_eq!(new.body["superseded_by"]["id"], next.id());
    assert_eq!(new.body["allowed_transitions"], json!(["voided"]));
    assert_eq!(next.body["in_force"], false);
    assert_eq!(api.find("/agreements?in_force=true").await, new.id());
    assert_eq!(
        api.find("/agreements?expiring_within_days=40").await,
        new.id()
    );
    assert_eq!(api.find("/agreements?status=superseded").await, old.id());
    let signed = api.read("/agreements?status=signed&sort=id").await;
    let ids: Vec<&Value> = signed.items().iter().map(|item| &item["id"]).collect();
    assert_eq!(ids, [&json!(new.id()), &json!(next.id())]);
    assert_eq!(signed.body["items"][0]["status"], "signed");
}

/// When the start of a renewal is corrected, its predecessor follows.
async fn a_corrected_start_of_the_renewal(api: Api) {
    let (city, parties) = parties(&api).await;
    let dates = json!({"signed_on": {"edtf": "2022-03-01"}});
    let old = api
        .create("/agreements", &agreement(&city, &parties, "signed", &dates))
        .await;
    let dates = json!({"signed_on": {"edtf": "2024-01-15"}, "effective_from": {"edtf": "2024-03-01"}, "supersedes_id": old.id()});
    let new = api
        .create("/agreements", &agreement(&city, &parties, "signed", &dates))
        .await;
    let superseded_on = async || {
        let old = api.read(&format!("/agreements/{}", old.id())).await;
        old.body["transitions"][1]["on"]["edtf"].clone()
    };
    assert_eq!(superseded_on().await, "2024-03-01");
    let at = format!("/agreements/{}?correction_reason=x", new.id());
    api.patch(&at, "*", &json!({"effective_from": {"edtf": "2024-04-01"}}))
        .await
        .expect(200);
    assert_eq!(superseded_on().await, "2024-04-01");
    api.patch(&at, "*", &json!({"effective_from": null}))
        .await
        .expect(200);
    assert_eq!(superseded_on().await, "2024-01-15");
}

async fn a_term_that_ran_out(api: Api) {
    let (city, parties) = parties(&api).await;
    let dates = json!({"signed_on": {"edtf": "2022-01-15"}, "effective_until": {"edtf": "2024-01-14"},
        "reviews": [{"on": {"edtf": "2023-01-10"}, "rating": "done", "renewal": "let_expire"}]});
    let made = api
        .create("/agreements", &agreement(&city, &parties, "signed", &dates))
        .await;
    assert_eq!(made.body["ended_by"], "expiry");
    assert_eq!(made.body["status"], "signed");
    assert_eq!(made.body["freshness"], Value::Null);
    let last = api
        .read(&format!("/agreements/{}?as_of=2024-01-14", made.id()))
        .await;
    assert_eq!(
        (&last.body["ended_by"], &last.body["in_force"]),
        (&Value::Null, &json!(true))
    );
    let figures = api.read("/statistics/agreements").await;
    let totals = &figures.body["totals"];
    assert_eq!(
        totals["execution_rate_agreements"]["left_out"][0]["reason"],
        "expired"
    );
    let expiry = &totals["ended_by"]["counts"][0];
    assert_eq!(
        (&expiry["value"], &expiry["count"]),
        (&json!("expiry"), &json!(1))
    );
    let listed = api
        .read("/statistics/agreements/records?ended_by=expiry")
        .await;
    assert_eq!(listed.body["items"][0]["agreement"]["id"], made.id());
    let none = api.read("/agreements?freshness=stale").await;
    assert_eq!(none.body["items"], json!([]));
    let report = format!("/municipalities/{city}/council-report?from=2024-01-01&to=2024-12-31");
    let report = api.read(&report).await;
    assert_eq!(report.body["totals"]["expired"], 1);
    assert_eq!(report.body["lapsed"][0]["ended_by"], "expiry");
    assert_eq!(
        report.body["rates"]["agreements"]["left_out"][0]["reason"],
        "expired"
    );
}

async fn what_nobody_reported_on_is_due(api: Api) {
    let (city, parties) = parties(&api).await;
    let promises: Vec<Value> = (0..10)
        .map(|i| json!({"text": {"ko": format!("약속 {i}")}, "due": {"edtf": "2023-12-31"}}))
        .collect();
    // By when one is due in words alone, nobody knows.
    let words =
        json!([{"text": {"ko": "준공"}, "due": {"edtf": null, "as_stated": "준공 시까지"}}]);
    let promises = [promises, words.as_array().unwrap().clone()].concat();
    let more = json!({"signed_on": {"edtf": "2022-01-15"}, "commitments": promises});
    let made = api
        .create("/agreements", &agreement(&city, &parties, "signed", &more))
        .await;
    assert_eq!(made.body["commitments"][9]["overdue"], true);
    assert_eq!(made.body["commitments"][10]["overdue"], Value::Null);
    let commitment = made.body["commitments"][0]["id"].as_str().unwrap();
    let report = json!({"on": {"edtf": "2023-12-01"}, "status": "fulfilled"});
    api.create(
        &format!("/agreements/{}/commitments/{commitment}/reports", made.id()),
        &report,
    )
    .await;
    let figures = api.read("/statistics/agreements").await;
    let rate = |name: &str| {
        let rate = &figures.body["totals"][name];
        (
            rate["value"].clone(),
            rate["numerator"].clone(),
            rate["denominator"].clone(),
        )
    };
    assert_eq!(
        rate("execution_rate_commitments"),
        (json!(1.0), json!(1), json!(1))
    );
    assert_eq!(
        rate("execution_rate_commitments_due"),
        (json!(0.1), json!(1), json!(10))
    );
    let left_out = &figures.body["totals"]["execution_rate_commitments_due"]["left_out"];
    assert_eq!(left_out[0]["reason"], "no_due_date");
    let link = figures.body["totals"]["execution_rate_commitments_due"]["link"]
        .as_str()
        .unwrap();
    let listed = api.read(link.strip_prefix("/api/v1").unwrap()).await;
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 10);
    let at = format!("/municipalities/{city}/council-report?from=2023-01-01&to=2024-12-31");
    let report = api.read(&at).await;
    assert_eq!(report.body["rates"]["commitments_due"]["denominator"], 10);
    let html = [("accept", "text/html")];
    let page = api.send("GET", &at, &html, None).await.expect(200);
    assert!(
        page.text.contains("기한이 지난 모든 협약 사항의 이행률"),
        "{}",
        page.text
    );
    assert!(page.text.contains("1/10"), "{}", page.text);
}

/// The targets and statuses of the timeline's items of a type on a day.
async fn targets(api: &Api, type_: &str, as_of: &str) -> Vec<(Value, Value)> {
    let all = api
        .read(&format!("/timeline?types={type_}&as_of={as_of}"))
        .await;
    let items = all.items().iter();
    items
        .map(|item| (item["target"]["edtf"].clone(), item["status"].clone()))
        .collect()
}

/// Notice was given, but until the day of effect the agreement is in force and its end lies ahead.
async fn a_termination_notified_ahead(api: Api) {
    let (city, parties) = parties(&api).await;
    let dates =
        json!({"signed_on": {"edtf": "2022-03-01"}, "effective_until": {"edtf": "2030-02-28"}});
    let made = api
        .create("/agreements", &agreement(&city, &parties, "signed", &dates))
        .await;
    let at = format!("/agreements/{}/transitions", made.id());
    let step = |on: &str, notified: Value| json!({"to": "terminated", "on": {"edtf": on}, "notified_on": notified, "reason": {"ko": "해지 통보"}});
    let refused = api
        .post(&at, &step("2026-12-31", Value::Null))
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/on"]);
    let refused = api
        .post(&at, &step("2026-12-31", json!({"edtf": "2026-12-01"})))
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/notified_on"]);
    let refused = api
        .post(&at, &step("2026-10-31", json!({"edtf": "2026-11-01"})))
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/notified_on"]);
    let done = api
        .post(&at, &step("2026-12-31", json!({"edtf": "2026-11-02"})))
        .await
        .expect(200);
    assert_eq!(
        (&done.body["status"], &done.body["in_force"]),
        (&json!("signed"), &json!(true))
    );
    assert_eq!(done.body["expires_in_days"], 37);
    assert_eq!(
        done.body["transitions"][1]["notified_on"]["edtf"],
        "2026-11-02"
    );
    let again = api
        .post(&at, &json!({"to": "completed", "reason": {"ko": "끝"}}))
        .await
        .expect(409);
    assert_eq!(again.body["code"], "transition_not_allowed");
    let end = async |as_of: &str| targets(&api, "expiry", as_of).await;
    assert_eq!(
        end("2026-11-01").await,
        [(json!("2030-02-28"), json!("planned"))]
    );
    assert_eq!(
        end("2026-11-23").await,
        [(json!("2026-12-31"), json!("planned"))]
    );
    assert_eq!(
        end("2027-01-01").await,
        [(json!("2026-12-31"), json!("met"))]
    );
    let figures = api.read("/statistics/agreements").await;
    assert_eq!(
        figures.body["totals"]["by_status"]["counts"][0]["value"],
        "signed"
    );
}

/// The one day on which the city has to act follows from the term and the notice period.
async fn a_term_that_renews(api: Api) {
    let (city, parties) = parties(&api).await;
    let body = |renews: bool, times: Value| {
        let more = json!({"signed_on": {"edtf": "2021-04-16"}, "effective_until": {"edtf": "2023-04-15"},
            "auto_renews": renews, "renewal": {"months": 12, "notice_days": 30, "times": times}});
        agreement(&city, &parties, "signed", &more)
    };
    let refused = api
        .post("/agreements", &body(false, Value::Null))
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/renewal"]);
    let made = api.create("/agreements", &body(true, Value::Null)).await;
    let term = json!({"number": 5, "until": "2027-04-15", "notice_by": "2027-03-16"});
    assert_eq!(
        (&made.body["current_term"], &made.body["in_force"]),
        (&term, &json!(true))
    );
    let notice = async |as_of: &str| targets(&api, "renewal_notice", as_of).await;
    assert_eq!(
        notice("2026-11-23").await,
        [(json!("2027-03-16"), json!("planned"))]
    );
    assert_eq!(
        notice("2026-03-16").await,
        [(json!("2026-03-16"), json!("due"))]
    );
    assert_eq!(
        notice("2026-03-17").await,
        [(json!("2027-03-16"), json!("planned"))]
    );
    let calendar = api.read("/timeline.ics?types=renewal_notice&lang=en").await;
    assert!(calendar.text.contains("20270316"), "{}", calendar.text);
    // Renewed twice at most, it ended in 2025.
    let ended = api.create("/agreements", &body(true, json!(2))).await;
    assert_eq!(
        (&ended.body["in_force"], &ended.body["ended_by"]),
        (&json!(false), &json!("expiry"))
    );
    assert_eq!(ended.body["current_term"], Value::Null);
    // So did one of whose first term only the month is known, on a day of April.
    let mut vague = body(true, json!(2));
    vague["effective_until"] = json!({"edtf": "2023-04"});
    let vague = api.create("/agreements", &vague).await;
    assert_eq!(
        (&vague.body["in_force"], &vague.body["ended_by"]),
        (&json!(false), &json!("expiry"))
    );
    let expiries = targets(&api, "expiry", "2026-11-23").await;
    assert!(
        expiries.contains(&(json!("2025-04"), json!("met"))),
        "{expiries:?}"
    );
    let past = api
        .read(&format!("/agreements/{}?as_of=2025-04-15", ended.id()))
        .await;
    assert_eq!(
        past.body["current_term"],
        json!({"number": 3, "until": "2025-04-15", "notice_by": null})
    );
}
