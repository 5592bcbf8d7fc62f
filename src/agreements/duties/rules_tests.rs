use chrono_tz::Asia::Seoul;
use serde_json::{Value, json};

use super::super::spans::spans as spans_of;
use super::*;
use crate::agreements::duties::types::DutyStatus;
use uuid::Uuid;

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn policies(all: Value) -> Vec<Policy> {
    serde_json::from_value(all).unwrap()
}

/// Builds an agreement with its transitions; `more` goes into its content.
pub fn doc(steps: &[(&str, Option<&str>)], more: Value) -> Doc {
    let date = |on: &str| json!({"edtf": on});
    let transitions: Vec<Value> = steps
        .iter()
        .map(|(to, on)| {
            json!({"to": to, "on": on.map(date), "reason": null, "recorded_at": "2026-11-23T03:00:00Z"})
        })
        .collect();
    let mut content = json!({"kind": "mou", "title": {"ko": "협약"}});
    for (name, value) in more.as_object().unwrap() {
        content[name] = value.clone();
    }
    let nobody = Uuid::nil();
    let doc = json!({"municipality_id": nobody, "content": content, "parties": [], "commitments": [], "documents": [],
        "reviews": [], "council_actions": [], "transitions": transitions, "corrections": []});
    serde_json::from_value(doc).unwrap()
}

pub fn reviewed(doc: &mut Doc, on: &str) {
    let review = json!({"id": Uuid::now_v7(), "content": {"on": {"edtf": on}, "rating": "slow"}});
    doc.reviews.push(serde_json::from_value(review).unwrap());
}

pub fn told(doc: &mut Doc, kind: &str, occasion: &str, on: &str, result: &str) {
    let content = json!({"kind": kind, "on": {"edtf": on}, "occasion": occasion, "result": result});
    let action = json!({"id": Uuid::now_v7(), "content": content});
    doc.council_actions
        .push(serde_json::from_value(action).unwrap());
}

/// Formats the duties as `kind/occasion due status missed`.
pub fn told_on(doc: &Doc, policies: &[Policy], on: &str) -> Vec<String> {
    let on = day(on);
    let all = duties(doc, policies, &Holidays::default(), on);
    all.iter()
        .map(|duty| {
            let due = duty.due.as_ref().and_then(ImpreciseDate::edtf);
            let due = due.unwrap_or("-".into());
            let status = crate::kernel::values::to_db(&duty.status(on));
            let missed = duty.missed(on).map_or(String::new(), |n| format!(" {n}"));
            let (kind, occasion) = (duty.kind.as_str(), duty.occasion.as_str());
            format!("{kind}/{occasion} {due} {status}{missed}")
        })
        .collect()
}

#[test]
fn reports_within_fifty_days() {
    let jeungpyeong =
        policies(json!([{"council_report": {"within_days": 50, "on_completion": true}}]));
    let mut mou = doc(&[("signed", Some("2026-04-16"))], json!({}));
    assert_eq!(
        told_on(&mou, &jeungpyeong, "2026-06-05"),
        ["council_report/signing 2026-06-05 open"]
    );
    assert_eq!(
        told_on(&mou, &jeungpyeong, "2026-06-06"),
        ["council_report/signing 2026-06-05 overdue"]
    );
    // A report on another occasion does not report the signing, and a consent is no report.
    told(&mut mou, "post_report", "completion", "2026-05-01", "noted");
    told(&mut mou, "consent", "signing", "2026-05-01", "accepted");
    assert_eq!(
        told_on(&mou, &jeungpyeong, "2026-06-06"),
        ["council_report/signing 2026-06-05 overdue"]
    );
    told(&mut mou, "annual_report", "signing", "2026-06-06", "noted");
    assert_eq!(
        told_on(&mou, &jeungpyeong, "2026-06-06"),
        ["council_report/signing 2026-06-05 done_late"]
    );
    told(&mut mou, "post_report", "signing", "2026-06-05", "noted");
    assert_eq!(
        told_on(&mou, &jeungpyeong, "2026-06-06"),
        ["council_report/signing 2026-06-05 done"]
    );
    // An imprecise day gives an imprecise due date.
    let april = doc(&[("signed", Some("2026-04"))], json!({}));
    assert_eq!(
        told_on(&april, &jeungpyeong, "2026-06-18"),
        ["council_report/signing 2026-05-21/2026-06-19 open"]
    );
    let steps = [
        ("signed", Some("2025-04-16")),
        ("completed", Some("2026-01-01")),
    ];
    assert_eq!(
        told_on(&doc(&steps, json!({})), &jeungpyeong, "2026-01-02"),
        [
            "council_report/signing 2025-06-05 overdue",
            "council_report/completion 2026-02-20 open"
        ]
    );
    let steps = [
        ("signed", Some("2025-04-16")),
        ("terminated", Some("2026-01-01")),
    ];
    assert_eq!(
        told_on(&doc(&steps, json!({})), &jeungpyeong, "2026-01-02").len(),
        1
    );
}

#[test]
fn what_lies_wholly_before_does_nothing() {
    let policy = policies(json!([{"disclosure_within_days": 30,
        "council_report": {"within_days": 50, "on_signing": true, "on_completion": true}}]));
    let steps = [
        ("signed", Some("2024-03-01")),
        ("completed", Some("2025-01-10")),
    ];
    let mut mou = doc(&steps, json!({}));
    let overdue = [
        "council_report/signing 2024-04-22 overdue",
        "disclosure/signing 2024-04-01 overdue",
        "council_report/completion 2025-03-04 overdue",
    ];
    let disclosed = |doc: &mut Doc, on: &str| {
        published(
            doc,
            json!({"extent": "summary", "published_on": {"edtf": on}}),
        );
    };
    told(&mut mou, "post_report", "signing", "2020-01-01", "noted");
    told(&mut mou, "annual_report", "signing", "2023", "noted");
    told(&mut mou, "post_report", "completion", "2025-01-09", "noted");
    disclosed(&mut mou, "2019");
    assert_eq!(told_on(&mou, &policy, "2026-11-23"), overdue);
    told(&mut mou, "post_report", "signing", "2024-03", "noted");
    told(&mut mou, "post_report", "completion", "2025-01-10", "noted");
    disclosed(&mut mou, "2024");
    assert_eq!(
        told_on(&mou, &policy, "2026-11-23"),
        overdue.map(|duty| duty.replace("overdue", "done"))
    );
}

#[test]
fn the_policy_of_the_signing_counts() {
    let changed = policies(json!([
        {"valid_until": "2024-12-31", "disclosure_within_days": 30},
        {"valid_from": "2025-01-01", "disclosure_within_days": 10}]));
    let told =
        |on: Option<&str>| told_on(&doc(&[("signed", on)], json!({})), &changed, "2024-01-01");
    assert_eq!(
        told(Some("2023-04-16")),
        ["disclosure/signing 2023-05-16 overdue"]
    );
    assert_eq!(
        told(Some("2025-04-16")),
        ["disclosure/signing 2025-04-28 open"]
    );
    // Whichever it was, it had to be disclosed.
    assert_eq!(
        told(Some("2024-12/2025-01")),
        ["disclosure/signing 2024-12-11/2025-03-04 open"]
    );
    assert_eq!(told(None), ["disclosure/signing - open"]);
}

#[test]
fn a_duty_of_an_imprecise_event_is_certain_if_every_policy_demands_it() {
    let later = policies(
        json!([{"valid_from": "2023-07-01", "disclosure_within_days": 30,
        "disclosure_of_end": true, "renewal_decision_days_before_expiry": 90,
        "council_report": {"within_days": 30, "on_termination": true},
        "prior_consent": {"money": "consent", "termination": "consent"}}]),
    );
    let costly = json!({"financial_obligation": true, "effective_until": {"edtf": "2023"}});
    for on in ["2023", "2022/2024", "../2023-08"] {
        let steps = [("signed", Some(on)), ("terminated", Some(on))];
        let told = told_on(&doc(&steps, costly.clone()), &later, "2026-11-23");
        assert_eq!(told, [""; 0], "{on}");
    }
    // The one before demanded a report, this one does not; or both demand one, within other times.
    let changed = |then: Value| {
        let all = json!([{"valid_until": "2023-06-30", "council_report": {"within_days": 30}},
            {"valid_from": "2023-07-01", "council_report": then}]);
        let mou = doc(&[("signed", Some("2023"))], json!({}));
        told_on(&mou, &policies(all), "2026-11-23")
    };
    assert_eq!(changed(json!(null)), [""; 0]);
    assert_eq!(
        changed(json!({"within_days": 60})),
        ["council_report/signing 2023-01-31/2024-02-29 overdue"]
    );
    assert_eq!(
        changed(json!({"in_next_session": true})),
        ["council_report/signing 2023-01-01/.. open"]
    );
}

fn published(doc: &mut Doc, content: Value) {
    let part = json!({"id": Uuid::now_v7(), "content": content});
    doc.publications.push(serde_json::from_value(part).unwrap());
}

/// A publication without a part that is withheld until a day.
fn partly(on: &str, until: &str) -> Value {
    json!({"extent": "partial_text", "published_on": {"edtf": on},
        "withheld": [{"part": {"ko": "제5조"}, "legal_basis": "정보공개법 제9조제1항제7호", "until": until}]})
}

#[test]
fn a_withholding_that_ends_is_a_duty_without_a_policy() {
    let steps = [("signed", Some("2024-04-16"))];
    let withheld = json!({"withholding": {"legal_basis": "정보공개법 제9조제1항제5호", "until": "2025-12-31"}});
    let mut mou = doc(&steps, withheld);
    let told = |mou: &Doc, on: &str| told_on(mou, &[], on);
    let whole = |status: &str| format!("disclosure/withholding_end 2026-01-01 {status}");
    assert_eq!(told(&mou, "2026-01-01"), [whole("open")]);
    assert_eq!(told(&mou, "2026-01-02"), [whole("overdue")]);
    // A part stays withheld: it is the next to be published.
    published(&mut mou, partly("2026-03-01", "2026-06-30"));
    let part = |status: &str| format!("disclosure/withholding_end 2026-07-01 {status}");
    assert_eq!(
        told(&mou, "2026-07-02"),
        [whole("done_late"), part("overdue")]
    );
    // It was published anew without it, before its end.
    published(&mut mou, partly("2026-04-01", "2026-08-31"));
    let last = |status: &str| format!("disclosure/withholding_end 2026-09-01 {status}");
    let left = [whole("done_late"), part("overdue"), last("open")];
    assert_eq!(told(&mou, "2026-08-01"), left);
    published(
        &mut mou,
        json!({"extent": "full_text", "published_on": {"edtf": "2026-08-02"}}),
    );
    let done = [whole("done_late"), part("done_late"), last("done")];
    assert_eq!(told(&mou, "2026-09-02"), done);
    let known = spans_of(&mou, &[], &Holidays::default(), (Seoul, day("2026-09-02")));
    let on = |on: &str| {
        known
            .iter()
            .filter(|k| k.from <= day(on) && k.until.is_none_or(|u| day(on) < u))
            .count()
    };
    assert_eq!(
        ["2024-04-15", "2024-04-16", "2026-03-01", "2026-08-02"].map(on),
        [0, 1, 2, 3]
    );
    // Without an end, nothing falls due.
    let ever = json!({"withholding": {"legal_basis": "정보공개법 제9조제1항제5호"}});
    assert_eq!(told(&doc(&steps, ever), "2026-11-23"), [""; 0]);
}

#[test]
fn disclosure_is_waived_where_it_is_withheld() {
    let policy = policies(json!([{"disclosure_within_days": 30}]));
    let steps = [("signed", Some("2026-04-16"))];
    let mut mou = doc(&steps, json!({}));
    published(
        &mut mou,
        json!({"extent": "full_text", "published_on": {"edtf": "2026-05-19"}}),
    );
    assert_eq!(
        told_on(&mou, &policy, "2026-11-23"),
        ["disclosure/signing 2026-05-18 done_late"]
    );
    let withheld = json!({"withholding": {"legal_basis": "정보공개법 제9조"}});
    assert_eq!(
        told_on(&doc(&steps, withheld), &policy, "2026-11-23"),
        ["disclosure/signing 2026-05-18 waived"]
    );
}

#[test]
fn whether_to_renew() {
    let policy = policies(json!([{"renewal_decision_days_before_expiry": 90}]));
    let steps = [("signed", Some("2024-01-01"))];
    let until = json!({"effective_until": {"edtf": "2026-12-31"}});
    let mut mou = doc(&steps, until.clone());
    assert_eq!(
        told_on(&mou, &policy, "2026-10-03"),
        ["renewal_decision/expiry 2026-10-02 overdue"]
    );
    reviewed(&mut mou, "2026-09-01");
    assert_eq!(
        told_on(&mou, &policy, "2026-10-03"),
        ["renewal_decision/expiry 2026-10-02 overdue"]
    );
    mou.reviews[0].content.renewal = Some(crate::agreements::reviews::RenewalDecision::LetExpire);
    assert_eq!(
        told_on(&mou, &policy, "2026-10-03"),
        ["renewal_decision/expiry 2026-10-02 done"]
    );
    let steps = [steps[0], ("superseded", Some("2026-11-01"))];
    assert_eq!(
        told_on(&doc(&steps, until), &policy, "2026-11-23"),
        ["renewal_decision/expiry 2026-10-02 done_late"]
    );
    let renews = json!({"effective_until": {"edtf": "2026-12-31"}, "auto_renews": true});
    assert_eq!(
        told_on(&doc(&steps, renews), &policy, "2026-11-23"),
        [""; 0]
    );
}

#[test]
fn spans_tell_what_was_known_on_each_day() {
    let policy = policies(
        json!([{"valid_from": "2024-01-01", "review_interval_months": 12,
        "prior_consent": {"money": "consent"}}]),
    );
    let steps = [
        ("draft", Some("2023-06-01")),
        ("signed", Some("2024-04-16")),
    ];
    let mut mou = doc(&steps, json!({"financial_obligation": true}));
    reviewed(&mut mou, "2025-03-01");
    told(&mut mou, "consent", "signing", "2024-03-10", "accepted");
    let spans = spans_of(
        &mou,
        &policy,
        &Holidays::default(),
        (Seoul, day("2026-11-23")),
    );
    let at = |on: &str| -> Vec<(DutyKind, DutyStatus, bool)> {
        let on = day(on);
        let known = |k: &&super::super::spans::Known| {
            k.from <= on && k.until.is_none_or(|until| on < until)
        };
        let mut found: Vec<_> = spans
            .iter()
            .filter(known)
            .map(|k| (k.duty.kind, k.duty.status(on), k.signed))
            .collect();
        found.sort_by_key(|(kind, ..)| kind.as_str());
        found
    };
    use DutyKind::{Consent, Review};
    use DutyStatus::{Done, Open, Overdue};
    assert_eq!(at("2023-12-31"), []);
    assert_eq!(at("2024-01-01"), [(Consent, Open, false)]);
    assert_eq!(at("2024-03-10"), [(Consent, Done, false)]);
    assert_eq!(
        at("2024-04-16"),
        [(Consent, Done, true), (Review, Open, true)]
    );
    assert_eq!(
        at("2025-03-01"),
        [
            (Consent, Done, true),
            (Review, Done, true),
            (Review, Open, true)
        ]
    );
    assert_eq!(
        at("2026-11-23"),
        [
            (Consent, Done, true),
            (Review, Done, true),
            (Review, Overdue, true)
        ]
    );
}

#[test]
fn an_event_recorded_today_has_happened() {
    let policy = policies(json!([{"valid_from": "2024-01-01", "review_interval_months": 12}]));
    let mut mou = doc(&[("signed", Some("2024-04-16"))], json!({}));
    // However imprecise its date is.
    reviewed(&mut mou, "2026");
    let now = spans_of(
        &mou,
        &policy,
        &Holidays::default(),
        (Seoul, day("2026-11-23")),
    );
    let open = now
        .iter()
        .find(|k| k.until.is_none() && k.duty.phase() == DutyStatus::Open)
        .unwrap();
    assert_eq!(
        open.duty.due.as_ref().unwrap().edtf().unwrap(),
        "2027-01-04/2027-12-31"
    );
}

#[test]
fn the_notice_of_each_term_is_open_until_its_day() {
    let renews = json!({"signed_on": {"edtf": "2021-04-16"}, "effective_until": {"edtf": "2023-04-15"},
        "auto_renews": true, "renewal": {"months": 12, "notice_days": 30, "times": 3}});
    let mut mou = doc(&[("signed", Some("2021-04-16"))], renews.clone());
    let told = |mou: &Doc, on: &str| told_on(mou, &[], on);
    let notice = |due: &str, status: &str| vec![format!("renewal_notice/expiry {due} {status}")];
    assert_eq!(told(&mou, "2021-04-16"), notice("2023-03-16", "open"));
    assert_eq!(told(&mou, "2023-03-16"), notice("2023-03-16", "open"));
    // It renewed: never overdue.
    assert_eq!(told(&mou, "2023-03-17"), notice("2024-03-16", "open"));
    assert_eq!(told(&mou, "2025-03-16"), notice("2025-03-16", "open"));
    // The last term renews no more.
    assert_eq!(told(&mou, "2025-03-17"), [""; 0]);
    // A decision to renew counts for the running term alone.
    reviewed(&mut mou, "2023-05-02");
    mou.reviews[0].content.renewal = Some(RenewalDecision::Renew);
    assert_eq!(told(&mou, "2023-05-02"), notice("2024-03-16", "done"));
    assert_eq!(told(&mou, "2024-03-17"), notice("2025-03-16", "open"));
    let ids: Vec<usize> = duties(&mou, &[], &Holidays::default(), day("2024-03-17"))
        .iter()
        .map(|duty| duty.place)
        .collect();
    assert_eq!(ids, [3]);
    // 2024-03-16 is a Saturday.
    let open = &duties(&mou, &[], &Holidays::default(), day("2024-03-01"))[0];
    assert_eq!(open.last_working_day, Some(day("2024-03-15")));
    let steps = [
        ("signed", Some("2021-04-16")),
        ("terminated", Some("2022-06-30")),
    ];
    let ended = doc(&steps, renews.clone());
    assert_eq!(told(&ended, "2022-07-01"), notice("2023-03-16", "done"));
    assert_eq!(told(&ended, "2023-03-17"), [""; 0]);
    let draft = doc(&[("draft", None)], renews);
    assert_eq!(told(&draft, "2022-07-01"), [""; 0]);
}

#[test]
fn rows_of_notices_follow_one_another() {
    let renews = json!({"effective_until": {"edtf": "2023-04-15"}, "auto_renews": true,
        "renewal": {"months": 12, "notice_days": 30, "times": 2}});
    let mut mou = doc(&[("signed", Some("2021-04-16"))], renews);
    let span = |mou: &Doc| -> Vec<String> {
        let all = spans_of(mou, &[], &Holidays::default(), (Seoul, day("2026-11-23")));
        let told = all.iter().map(|known| {
            let until = known.until.map_or("-".into(), |day| day.to_string());
            let done = known.duty.done_by.as_ref().map_or("open", |_| "done");
            format!("{} {until} {done}", known.from)
        });
        told.collect()
    };
    assert_eq!(
        span(&mou),
        ["2021-04-16 2023-03-17 open", "2023-03-17 2024-03-17 open"]
    );
    // A termination that is notified and takes effect with the term.
    let step = json!({"to": "terminated", "on": {"edtf": "2027-04-15"}, "notified_on": {"edtf": "2023-05-02"},
        "reason": {"ko": "해지"}, "recorded_at": "2023-05-02T03:00:00Z"});
    mou.transitions.push(serde_json::from_value(step).unwrap());
    let told = span(&mou);
    assert_eq!(
        told[..3],
        [
            "2021-04-16 2023-03-17 open",
            "2023-03-17 2023-05-02 open",
            "2023-05-02 2024-03-17 done"
        ]
    );
}
