//! Dates of agreements: what was known on a day, and invalid dates.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::records::{attempt, record, with};

on_both!(new:
    before_the_signing, said_and_published_later, a_successor_counts_once_it_is_signed,
    no_signing_to_come, a_step_in_the_way_is_named, a_corrected_signing_keeps_its_place,
    a_corrected_signing_lies_before_what_followed, one_day_of_signing,
    an_end_without_a_reason_is_a_gap, voided_on_every_day, the_last_day_of_all,
    a_term_that_has_run_out_is_met, what_is_not_over_has_not_happened,
    a_counted_number_of_renewals_ends);

async fn before_the_signing(api: Api) {
    let city = api.municipality().await;
    let more = json!({"status": "signed", "signed_on": {"edtf": "2021-04-16"}, "effective_until": {"edtf": "2030"},
        "transitions": [{"to": "approved", "on": {"edtf": "2021-04-01"}}]});
    let made = record(&api, &city, more).await;
    let on = |day: &str| format!("/agreements/{}?as_of={day}", made.id());
    let before = api.read(&on("2021-04-15")).await.body;
    assert_eq!(before["status"], "approved");
    assert_eq!(
        (&before["signed_on"], &before["expires_in_days"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(before["in_force"], false);
    let after = api.read(&on("2021-04-16")).await.body;
    assert_eq!(
        (&after["signed_on"]["edtf"], &after["in_force"]),
        (&json!("2021-04-16"), &json!(true))
    );
}

async fn said_and_published_later(api: Api) {
    let city = api.municipality().await;
    let said =
        |text: &str, on: Value| json!({"speaker": "시장", "text": {"ko": text}, "said_on": on});
    let source = |title: &str, on: Value| json!({"title": title, "published_on": on});
    let more = json!({"status": "signed", "signed_on": {"edtf": "2021-04-16"},
        "statements": [said("당일", json!({"edtf": "2021-04-16"})), said("그해", json!({"edtf": "2021"})), said("모름", Value::Null)],
        "sources": [source("당일", json!({"edtf": "2021-04-16"})), source("나중", json!({"edtf": "2021-05"})), source("모름", Value::Null)]});
    let made = record(&api, &city, more).await;
    let count = |answer: &Value, list: &str| answer[list].as_array().unwrap().len();
    for (day, statements, sources) in [
        ("2021-04-16", 2, 2),
        ("2021-05-31", 2, 3),
        ("2021-12-31", 3, 3),
    ] {
        let path = format!("/agreements/{}?as_of={day}", made.id());
        let then = api.read(&path).await.body;
        assert_eq!(
            (count(&then, "statements"), count(&then, "sources")),
            (statements, sources),
            "{day}"
        );
    }
}

async fn a_successor_counts_once_it_is_signed(api: Api) {
    let city = api.municipality().await;
    let signed = |on: &str| json!({"status": "signed", "signed_on": {"edtf": on}});
    let old = record(&api, &city, signed("2021-04-16")).await;
    let more =
        json!({"status": "signed", "signed_on": {"edtf": "2024-01-31"}, "supersedes_id": old.id()});
    let new = record(&api, &city, more).await;
    let by = async |day: &str| {
        let path = format!("/agreements/{}?as_of={day}", old.id());
        api.read(&path).await.body["superseded_by"]["id"].clone()
    };
    assert_eq!(by("2024-01-30").await, Value::Null);
    assert_eq!(by("2024-01-31").await, json!(new.id()));
}

async fn no_signing_to_come(api: Api) {
    let city = api.municipality().await;
    let more = json!({"status": "terminated", "signed_on": {"edtf": "2026-12"},
        "transitions": [{"to": "terminated", "on": {"edtf": "2027"}, "reason": {"ko": "합의"}}]});
    let refused = attempt(&api, &city, more).await.expect(422);
    assert_eq!(refused.places(), ["/signed_on", "/transitions/0/on"]);
    assert_eq!(refused.body["errors"][0]["code"], "in_future");
    // The planned date of a signing is used once it has come.
    let more = json!({"status": "approved", "signed_on": {"edtf": "2026-12-01"}});
    let planned = record(&api, &city, more).await;
    let path = format!("/agreements/{}/transitions", planned.id());
    let refused = api.post(&path, &json!({"to": "signed"})).await.expect(422);
    assert_eq!(refused.places(), ["/signed_on"]);
    let refused = json!({"to": "signed", "on": {"edtf": "2026-12-01"}});
    let refused = api.post(&path, &refused).await.expect(422);
    assert_eq!(refused.places(), ["/on"]);
    let change = json!({"signed_on": {"edtf": "2026-11-23"}});
    api.update(
        &format!("/agreements/{}", planned.id()),
        planned.etag(),
        &change,
    )
    .await;
    api.act(&path, &json!({"to": "signed"})).await;
}

async fn a_step_in_the_way_is_named(api: Api) {
    let city = api.municipality().await;
    let made = record(&api, &city, json!({"status": "in_review"})).await;
    let path = format!("/agreements/{}/transitions", made.id());
    // The date defaults to today.
    let approved = json!({"to": "approved"});
    api.act(&path, &approved).await;
    let signed = json!({"to": "signed", "on": {"edtf": "2026-10-30"}});
    for (language, step, day) in [
        ("ko", "승인", "2026년 11월 23일"),
        ("en", "Approved", "23 November 2026"),
    ] {
        let headers = [
            ("accept-language", language),
            ("content-type", "application/json"),
        ];
        let body = signed.to_string().into_bytes();
        let refused = api.send("POST", &path, &headers, Some(body)).await;
        let refused = refused.expect(422);
        assert_eq!(refused.places(), ["/on"]);
        let error = &refused.body["errors"][0];
        assert_eq!(error["code"], "reversed");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(step) && message.contains(day), "{message}");
    }
    // Open-ended and future dates are different errors.
    for (day, code) in [
        ("2025/..", "open_ended"),
        ("2027/..", "open_ended"),
        ("2026-11-24", "in_future"),
    ] {
        let signed = json!({"to": "signed", "on": {"edtf": day}});
        let refused = api.post(&path, &signed).await.expect(422);
        let codes = [
            &refused.body["errors"][0]["code"],
            &refused.body["errors"][1],
        ];
        assert_eq!(codes, [&json!(code), &json!(null)], "{day}");
        assert_eq!(refused.places(), ["/on"], "{day}");
    }
}

async fn a_corrected_signing_keeps_its_place(api: Api) {
    let city = api.municipality().await;
    let more = json!({"status": "terminated", "signed_on": {"edtf": "2021-04-16"}, "transitions": [
        {"to": "approved", "on": {"edtf": "2021-04-01"}}, {"to": "signed"},
        {"to": "terminated", "on": {"edtf": "2025-03-01"}, "reason": {"ko": "합의"}}]});
    let made = record(&api, &city, more).await;
    // The transition takes the date of the signing.
    assert_eq!(made.body["transitions"][1]["on"]["edtf"], "2021-04-16");
    let path = format!("/agreements/{}?correction_reason=x", made.id());
    for (day, code) in [
        ("2021-03", "reversed"),
        ("2025-03-02", "reversed"),
        ("2026-12", "in_future"),
    ] {
        let change = json!({"signed_on": {"edtf": day}});
        let refused = api.patch(&path, made.etag(), &change).await.expect(422);
        assert_eq!(refused.places(), ["/signed_on"], "{day}");
        assert_eq!(refused.body["errors"][0]["code"], code, "{day}");
    }
    let change = json!({"signed_on": {"edtf": "2021-05"}});
    let changed = api.update(&path, made.etag(), &change).await;
    assert_eq!(changed.body["transitions"][1]["on"]["edtf"], "2021-05");
}

async fn a_corrected_signing_lies_before_what_followed(api: Api) {
    let city = api.municipality().await;
    let review = json!({"on": {"edtf": "2022-04"}, "rating": "good"});
    let told = json!({"kind": "post_report", "occasion": "signing", "on": {"edtf": "2021-06-01"}});
    let base = json!({"status": "signed", "signed_on": {"edtf": "2021-04-16"},
            "commitments": [{"text": {"ko": "할 일"}}]});
    let more = |more: Value| with(base.clone(), more);
    let reported = record(&api, &city, more(json!({}))).await;
    let path = format!("/agreements/{}", reported.id());
    let owed = reported.body["commitments"][0]["id"].as_str().unwrap();
    let reports = format!("{path}/commitments/{owed}/reports");
    let report = json!({"on": {"edtf": "2021-12-31"}, "status": "in_progress"});
    let report = api.create(&reports, &report).await;
    for (made, fits, late) in [
        (
            record(&api, &city, more(json!({"reviews": [review]}))).await,
            "2022-04-30",
            "2022-05",
        ),
        (
            record(&api, &city, more(json!({"council_actions": [told]}))).await,
            "2021-06-01",
            "2021-06-02",
        ),
        (api.get(&path).await, "2021", "2022"),
    ] {
        let path = format!("/agreements/{}?correction_reason=x", made.id());
        let on = |day: &str| json!({"signed_on": {"edtf": day}});
        let refused = api.patch(&path, "*", &on(late)).await.expect(422);
        assert_eq!(refused.places(), ["/signed_on"], "{late}");
        assert_eq!(refused.body["errors"][0]["code"], "reversed", "{late}");
        api.update(&path, "*", &on(fits)).await;
    }
    // A retracted report does not stand in the way.
    let retract = format!("{reports}/{}/retraction", report.id());
    let reason = json!({"reason": {"ko": "잘못된 보고"}});
    api.act(&retract, &reason).await;
    let path = format!("{path}?correction_reason=x");
    let late = json!({"signed_on": {"edtf": "2022"}});
    api.update(&path, "*", &late).await;
}

async fn one_day_of_signing(api: Api) {
    let city = api.municipality().await;
    let signed = |on: &str| {
        json!({"status": "signed", "signed_on": {"edtf": "2021-04-16"}, "transitions": [
            {"to": "approved", "on": {"edtf": "2021-04-01"}}, {"to": "signed", "on": {"edtf": on}}]})
    };
    let refused = attempt(&api, &city, signed("2021-04-17")).await.expect(422);
    assert_eq!(refused.places(), ["/transitions/1/on"]);
    assert_eq!(refused.body["errors"][0]["code"], "contradicts_signed_on");
    record(&api, &city, signed("2021-04-16")).await;
}

async fn an_end_without_a_reason_is_a_gap(api: Api) {
    let city = api.municipality().await;
    for (status, at) in [("terminated", 1), ("voided", 0), ("withdrawn", 0)] {
        let made = record(&api, &city, json!({"status": status})).await;
        let gaps: Vec<&str> = made.body["gaps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|g| g["pointer"].as_str().unwrap())
            .collect();
        for member in ["on", "reason"] {
            let at = format!("/transitions/{at}/{member}");
            assert!(gaps.contains(&at.as_str()), "{status}: {gaps:?}");
        }
    }
}

/// The statuses of the timeline's entries of a type.
async fn line(api: &Api, types: &str, day: &str) -> Vec<String> {
    let path = format!("/timeline?types={types}&as_of={day}");
    let items = api.read(&path).await.body["items"].clone();
    let items = items.as_array().unwrap().iter();
    items
        .map(|i| i["status"].as_str().unwrap().to_owned())
        .collect()
}

/// What was entered in error never happened.
async fn voided_on_every_day(api: Api) {
    let city = api.municipality().await;
    let more = json!({"status": "signed", "signed_on": {"edtf": "2021-04-16"}, "effective_until": {"edtf": "2023"}});
    let made = record(&api, &city, more).await;
    let path = format!("/agreements/{}", made.id());
    let report = format!("/municipalities/{city}/council-report?from=2021-01-01&to=2022-12-31");
    let signed = async || {
        api.read(&report).await.body["signed"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(line(&api, "signing", "2022-01-01").await, ["met"]);
    assert_eq!(signed().await, 1);
    let void = json!({"to": "voided", "on": {"edtf": "2024-05-01"}, "reason": {"ko": "오기"}});
    api.act(&format!("{path}/transitions"), &void).await;
    for day in ["2022-01-01", "2024-04-30", "2024-05-01"] {
        let then = api.read(&format!("{path}?as_of={day}")).await;
        assert_eq!(then.body["status"], "voided");
        assert_eq!(then.body["in_force"], false);
        for types in ["signing", "expiry"] {
            assert!(line(&api, types, day).await.is_empty());
        }
    }
    assert_eq!(signed().await, 0);
    api.get(&format!("{path}?as_of=2021-04-15"))
        .await
        .expect(404);
}

async fn the_last_day_of_all(api: Api) {
    let city = api.municipality().await;
    let more = json!({"status": "signed", "signed_on": {"edtf": "2021"}, "effective_until": {"edtf": "9999"}});
    record(&api, &city, more).await;
    for day in ["9999-12-30", "9999-12-31"] {
        assert_eq!(line(&api, "signing", day).await, ["met"]);
        assert_eq!(line(&api, "expiry", day).await, ["due"]);
    }
    for day in ["%2B10000-01-01", "10000-01-01"] {
        let path = format!("/timeline?as_of={day}");
        assert_eq!(api.get(&path).await.expect(400).places(), ["as_of"]);
    }
}

async fn a_term_that_has_run_out_is_met(api: Api) {
    let city = api.municipality().await;
    let until = |day: &str| json!({"status": "signed", "signed_on": {"edtf": "2020"}, "effective_until": {"edtf": day}});
    let old = record(&api, &city, until("2023-12-31")).await;
    for (day, status) in [
        ("2023-12-30", "planned"),
        ("2023-12-31", "due"),
        ("2024-01-01", "met"),
    ] {
        assert_eq!(line(&api, "expiry", day).await, [status], "{day}");
    }
    let item = api.get("/timeline?types=expiry&status=met").await.body["items"][0].clone();
    assert_eq!(item["actual"]["edtf"], "2023-12-31");
    // A renewal after the expiry changes nothing; one before it cancels the expiry.
    let renewal = |old: &str| json!({"status": "signed", "signed_on": {"edtf": "2024-06-01"}, "auto_renews": true, "supersedes_id": old});
    record(&api, &city, renewal(old.id())).await;
    assert_eq!(line(&api, "expiry", "2026-01-01").await, ["met"]);
    let old = record(&api, &city, until("2024-06-01")).await;
    record(&api, &city, renewal(old.id())).await;
    assert_eq!(line(&api, "expiry", "2024-05-31").await, ["met", "planned"]);
    assert_eq!(
        line(&api, "expiry", "2026-01-01").await,
        ["met", "cancelled"]
    );
}

async fn what_is_not_over_has_not_happened(api: Api) {
    let city = api.municipality().await;
    for (on, code) in [
        ("2026", "in_future"),
        ("2026-11", "in_future"),
        ("../2026", "in_future"),
        ("2026-10/2026-12", "in_future"),
        ("2024/..", "open_ended"),
    ] {
        let more = json!({"status": "signed", "signed_on": {"edtf": on}});
        let refused = attempt(&api, &city, more).await.expect(422);
        let wrong = &refused.body["errors"][0];
        assert_eq!(
            (&wrong["pointer"], &wrong["code"]),
            (&json!("/signed_on"), &json!(code)),
            "{on}"
        );
        let made = record(
            &api,
            &city,
            json!({"status": "signed", "signed_on": {"edtf": "2021"}}),
        )
        .await;
        let steps = format!("/agreements/{}/transitions", made.id());
        let step = json!({"to": "completed", "on": {"edtf": on}, "reason": {"ko": "완료"}});
        let refused = api.post(&steps, &step).await.expect(422);
        assert_eq!(refused.body["errors"][0]["code"], code, "{on}");
    }
    let more = json!({"status": "signed", "signed_on": {"edtf": "2026-01-01/2026-11-23"}});
    record(&api, &city, more).await;
}

async fn a_counted_number_of_renewals_ends(api: Api) {
    let city = api.municipality().await;
    let term = |times: Value| {
        json!({"status": "signed", "signed_on": {"edtf": "2020-02-29"}, "effective_until": {"edtf": "2021-02-28"},
            "auto_renews": true, "renewal": {"months": 12, "times": times}})
    };
    record(&api, &city, term(Value::Null)).await;
    let made = record(&api, &city, term(json!(2))).await;
    for (day, status) in [
        ("2020-06-01", "planned"),
        ("2022-12-01", "planned"),
        ("2023-03-01", "met"),
    ] {
        let path = format!("/timeline?type=expiry&as_of={day}");
        let found = api.read(&path).await;
        let items = found.items();
        assert_eq!(items.len(), 1, "{day}: {items:?}");
        assert_eq!(items[0]["agreement"]["id"], made.id());
        assert_eq!(items[0]["when"]["edtf"], "2023-02-28", "{day}");
        assert_eq!(items[0]["status"], status, "{day}");
    }
    let one = api
        .read(&format!("/agreements/{}?as_of=2023-02-28", made.id()))
        .await;
    assert_eq!(one.body["expires_in_days"], 0);
}
