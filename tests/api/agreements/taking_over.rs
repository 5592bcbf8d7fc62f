//! The day on which a successor takes over, known or not: on no day are both certainly in force, and on
//! no day certainly neither.

use serde_json::{Value, json};

use crate::support::log::wrong;
use crate::support::records::{record, signed, with};
use crate::support::{Answer, Api};

on_both!(new:
    a_renewal_without_any_day, a_start_that_is_a_range, a_start_that_moves_with_a_milestone, a_start_from_the_signing,
    an_end_recorded_later_than_the_start, an_announced_end_after_the_start, a_corrected_end, a_chain_of_open_starts,
    a_predecessor_signed_after_its_successor, the_answer_names_an_end_after_the_start);

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

/// Whether each of two agreements is in force on a day, as all views tell it alike.
async fn in_force(api: &Api, [old, new]: [&str; 2], day: &str) -> [Option<bool>; 2] {
    let mut found = Vec::new();
    for id in [old, new] {
        let one = api.get(&format!("/agreements/{id}?as_of={day}")).await.body;
        found.push(one["in_force"].as_bool());
        if one["in_force"] != true {
            assert_eq!(one["expires_in_days"], Value::Null, "{day}: {one}");
        }
    }
    let list = async |value: &str| -> Vec<Value> {
        let path = format!("/agreements?in_force={value}&as_of={day}");
        let found = api.read(&path).await;
        found
            .items()
            .iter()
            .map(|item| item["id"].clone())
            .collect()
    };
    let (yes, unknown) = (list("true").await, list("unknown").await);
    for (id, found) in [old, new].iter().zip(&found) {
        assert_eq!(yes.contains(&json!(id)), *found == YES, "{day}");
        let listed = unknown.contains(&json!(id));
        // What was signed later was not known.
        assert!(!listed || found.is_none(), "{day}");
    }
    let figures = api
        .read(&format!("/statistics/agreements?as_of={day}"))
        .await;
    let counts = &figures.body["totals"]["in_force"]["counts"];
    assert_eq!(counts[0]["count"], yes.len(), "{day}: {counts}");
    assert_eq!(counts[2]["count"], unknown.len(), "{day}: {counts}");
    [found[0], found[1]]
}

/// An agreement from 2021 to 2030, and one that supersedes it.
async fn pair(api: &Api, city: &str, more: Value) -> (Answer, Answer) {
    let term = json!({"effective_until": {"edtf": "2030-12-31"}});
    let old = signed(api, city, "2021-04-16", term).await;
    let more = with(json!({"supersedes_id": old.id()}), more);
    let new = signed(api, city, "2024-01-15", more).await;
    (old, new)
}

async fn a_start_that_is_a_range(api: Api) {
    let city = api.municipality().await;
    type Case = (Value, &'static [(&'static str, [Option<bool>; 2])]);
    let cases: [Case; 5] = [
        (
            json!({"edtf": "2024-06/.."}),
            &[
                ("2024-05-31", [YES, NO]),
                ("2024-06-01", [None, None]),
                ("2026-11-23", [None, None]),
            ],
        ),
        (
            json!({"edtf": "../2024"}),
            &[
                ("2024-01-14", [YES, NO]),
                ("2024-01-15", [None, None]),
                ("2024-12-30", [None, None]),
                ("2024-12-31", [NO, YES]),
            ],
        ),
        (
            json!({"edtf": "2024"}),
            &[
                ("2024-01-14", [YES, NO]),
                ("2024-06-01", [None, None]),
                ("2024-12-31", [NO, YES]),
            ],
        ),
        (
            json!({"edtf": null, "as_stated": "예산이 확정된 날"}),
            &[
                ("2024-01-14", [YES, NO]),
                ("2024-01-15", [None, None]),
                ("2026-11-23", [None, None]),
            ],
        ),
        // The year has not passed yet, although it began before the signing was recorded.
        (
            json!({"edtf": "2026"}),
            &[
                ("2025-12-31", [YES, NO]),
                ("2026-01-01", [None, None]),
                ("2026-11-23", [None, None]),
            ],
        ),
    ];
    for (from, days) in cases {
        let more = json!({"effective_from": from, "effective_until": {"edtf": "2029-12-31"}});
        let (old, new) = pair(&api, &city, more).await;
        for (day, expected) in days {
            let found = in_force(&api, [old.id(), new.id()], day).await;
            let found = if *day < "2024-01-15" {
                [found[0], NO]
            } else {
                found
            };
            assert_eq!(found, *expected, "{from} {day}");
        }
        let path = format!("/agreements/{}", old.id());
        let seen = api.read(&path).await.body;
        let is_known = days.last().unwrap().1[0].is_some();
        let expected = match is_known {
            true => (json!("superseded"), json!("supersession")),
            false => (json!("signed"), Value::Null),
        };
        assert_eq!(
            (&seen["status"], &seen["ended_by"]),
            (&expected.0, &expected.1),
            "{from}"
        );
        assert_eq!(seen["superseded_by"]["id"], new.id());
        assert_eq!(seen["allowed_transitions"], json!(["voided"]));
        let listed = api.read("/agreements?status=superseded").await;
        assert_eq!(listed.items().len(), usize::from(is_known), "{from}");
        // Today and as of today are the same, also on the timeline and in the report.
        let report = format!("/municipalities/{city}/council-report?from=2024-01-01&to=2026-11-23");
        let totals = api.read(&report).await.body["totals"].clone();
        let unknown = if is_known { 0 } else { 2 };
        assert_eq!(totals["in_force_unknown"], unknown, "{from}: {totals}");
        let expiry = api.read("/timeline?types=expiry&sort=when").await;
        let expiry: Vec<_> = expiry.items().iter().map(|item| &item["status"]).collect();
        let cancelled = if is_known { "cancelled" } else { "planned" };
        assert_eq!(expiry, ["planned", cancelled], "{from}");
        assert_eq!(wrong(&api), None);
        for id in [new.id(), old.id()] {
            let void = json!({"to": "voided", "reason": {"ko": "오기"}});
            api.act(&format!("/agreements/{id}/transitions"), &void)
                .await;
        }
    }
}

/// A renewal without a day, or with a day in words alone: nothing tells that it has begun.
async fn a_renewal_without_any_day(api: Api) {
    let city = api.municipality().await;
    for day in [
        json!({}),
        json!({"signed_on": {"edtf": null, "as_stated": "협의가 끝난 뒤"}}),
    ] {
        let term = json!({"effective_until": {"edtf": "2030-12-31"}});
        let old = signed(&api, &city, "2021-04-16", term).await;
        let more = json!({"status": "signed", "supersedes_id": old.id()});
        let new = record(&api, &city, with(more, day.clone())).await;
        let ids = [old.id(), new.id()];
        let path = format!("/agreements/{}", ids[0]);
        assert_eq!(in_force(&api, ids, "2021-04-15").await[0], None);
        for day in [
            "2021-04-16",
            "2026-11-22",
            "2026-11-23",
            "2026-11-24",
            "2030-12-31",
        ] {
            assert_eq!(in_force(&api, ids, day).await, [None, None], "{day}");
        }
        assert_eq!(in_force(&api, ids, "2031-01-01").await[0], NO);
        let seen = api.read(&path).await.body;
        assert_eq!(
            (
                &seen["status"],
                &seen["ended_by"],
                &seen["superseded_by"]["id"]
            ),
            (&json!("signed"), &Value::Null, &json!(ids[1]))
        );
        let expected = json!({"min_days": null, "max_days": 1499});
        assert_eq!(seen["expires_in"], expected);
        let listed = api.read("/agreements?status=superseded").await;
        assert_eq!(listed.items().len(), 0);
        let report = format!("/municipalities/{city}/council-report?from=2024-01-01&to=2026-11-23");
        let totals = api.read(&report).await.body["totals"].clone();
        assert_eq!(
            (&totals["in_force_unknown"], &totals["superseded"]),
            (&json!(2), &json!(0))
        );
        // The signing alone has happened on an unknown day.
        let undated = api.read(&report).await.body["undated"].clone();
        assert_eq!(undated.as_array().unwrap().len(), 1, "{undated}");
        assert_eq!(undated[0]["became"], "signed");
        let expiry = api.read("/timeline?types=expiry").await;
        assert_eq!(expiry.body["items"][0]["status"], "planned");
        // The day that a correction states is the end of the other.
        let at = format!("/agreements/{}?correction_reason=x", ids[1]);
        api.update(
            &at,
            "*",
            &json!({"signed_on": {"edtf": "2024-01-15", "as_stated": null}}),
        )
        .await;
        assert_eq!(in_force(&api, ids, "2024-01-14").await[0], YES);
        assert_eq!(in_force(&api, ids, "2024-01-15").await[0], NO);
        assert_eq!(wrong(&api), None);
        for id in [ids[1], ids[0]] {
            let void = json!({"to": "voided", "reason": {"ko": "오기"}});
            api.act(&format!("/agreements/{id}/transitions"), &void)
                .await;
        }
    }
}

async fn a_start_that_moves_with_a_milestone(api: Api) {
    let city = api.municipality().await;
    let base = json!({"municipality_id": city, "kind": "urban_development", "title": {"ko": "일산테크노밸리"},
        "milestones": [{"kind": "completion",
            "forecasts": [{"target": {"edtf": "2025"}, "stated_on": {"edtf": "2021-04-16"}}]}]});
    let project = api.create("/projects", &base).await;
    let milestone = project.body["milestones"][0]["id"].as_str().unwrap();
    let from = json!({"as_stated": "준공 시", "relative_to": {"anchor": "milestone", "milestone_id": milestone}});
    let more = json!({"project_ids": [project.id()], "effective_from": from,
        "effective_until": {"edtf": "2029-12-31"}});
    let (old, new) = pair(&api, &city, more).await;
    let ids = [old.id(), new.id()];
    assert_eq!(in_force(&api, ids, "2024-12-31").await, [YES, NO]);
    assert_eq!(in_force(&api, ids, "2026-11-23").await, [None, None]);
    assert_eq!(wrong(&api), None);
    let version =
        async || api.read(&format!("/agreements/{}", ids[0])).await.body["version"].clone();
    let before = version().await;
    let met = json!({"kind": "met", "on": {"edtf": "2026-11-20"}});
    api.act(&format!("/milestones/{milestone}/outcomes"), &met)
        .await;
    assert_eq!(in_force(&api, ids, "2026-11-19").await, [YES, NO]);
    assert_eq!(in_force(&api, ids, "2026-11-20").await, [NO, YES]);
    let path = format!("/agreements/{}", ids[0]);
    let seen = api.read(&path).await.body;
    assert_eq!(
        (&seen["status"], &seen["transitions"][1]["on"]["edtf"]),
        (&json!("superseded"), &json!("2026-11-20"))
    );
    assert_eq!(version().await, before);
    // A correction of something else leaves it alone.
    let change = json!({"venue": {"ko": "시청"}});
    let at = format!("/agreements/{}?correction_reason=x", ids[1]);
    api.update(&at, "*", &change).await;
    assert_eq!(version().await, before);
    assert_eq!(wrong(&api), None);
}

async fn a_start_from_the_signing(api: Api) {
    let city = api.municipality().await;
    let from =
        json!({"as_stated": "체결 30일 후", "relative_to": {"anchor": "signing", "days": 30}});
    let (old, new) = pair(&api, &city, json!({"effective_from": from})).await;
    let ids = [old.id(), new.id()];
    assert_eq!(in_force(&api, ids, "2024-02-13").await, [YES, NO]);
    assert_eq!(in_force(&api, ids, "2024-02-14").await[0], NO);
    let at = format!("/agreements/{}?correction_reason=x", ids[1]);
    api.update(&at, "*", &json!({"signed_on": {"edtf": "2024-01-25"}}))
        .await;
    assert_eq!(in_force(&api, ids, "2024-02-23").await, [YES, NO]);
    assert_eq!(in_force(&api, ids, "2024-02-24").await[0], NO);
    assert_eq!(wrong(&api), None);
}

/// An agreement that was completed on a day, and the one that supersedes it.
async fn completed(api: &Api, city: &str, on: &str) -> (Answer, Answer) {
    let steps = json!([{"to": "completed", "on": {"edtf": on}, "reason": {"ko": "정산 완료"}}]);
    let old = json!({"status": "completed", "transitions": steps,
        "effective_until": {"edtf": "2030-12-31"}});
    let old = record(
        api,
        city,
        with(json!({"signed_on": {"edtf": "2021-04-16"}}), old),
    )
    .await;
    let more = json!({"supersedes_id": old.id(), "effective_from": {"edtf": "2024-03-01"}});
    let new = signed(api, city, "2024-01-15", more).await;
    (old, new)
}

async fn an_end_recorded_later_than_the_start(api: Api) {
    let city = api.municipality().await;
    let (old, new) = completed(&api, &city, "2024-06-30").await;
    let ids = [old.id(), new.id()];
    assert_eq!(in_force(&api, ids, "2024-02-29").await[0], YES);
    let path = format!("/agreements/{}", ids[0]);
    for (day, status, by) in [
        ("2024-03-01", "signed", "supersession"),
        ("2024-06-29", "signed", "supersession"),
        ("2024-06-30", "completed", "completion"),
    ] {
        assert_eq!(in_force(&api, ids, day).await[0], NO, "{day}");
        let seen = api.read(&format!("{path}?as_of={day}")).await.body;
        assert_eq!(
            (&seen["status"], &seen["ended_by"]),
            (&json!(status), &json!(by)),
            "{day}"
        );
    }
    // What was recorded stays, and the record names the successor.
    let seen = api.read(&path).await.body;
    assert_eq!(seen["transitions"][1]["on"]["edtf"], "2024-06-30");
    let warning = &seen["warnings"][0];
    assert_eq!(
        (
            &warning["code"],
            &warning["pointer"],
            &warning["agreements"][0]["id"]
        ),
        (
            &json!("ended_after_successor"),
            &json!("/transitions/1/on"),
            &json!(ids[1])
        )
    );
    assert!(
        warning["message"]["en"]
            .as_str()
            .unwrap()
            .contains("1 March 2024")
    );
    // A corrected start, a voided successor.
    let at = format!("/agreements/{}?correction_reason=x", ids[1]);
    api.update(&at, "*", &json!({"effective_from": {"edtf": "2024-05"}}))
        .await;
    assert_eq!(in_force(&api, ids, "2024-04-30").await[0], YES);
    assert_eq!(in_force(&api, ids, "2024-05-30").await[0], None);
    assert_eq!(in_force(&api, ids, "2024-05-31").await[0], NO);
    api.update(&at, "*", &json!({"effective_from": {"edtf": "2024-07-01"}}))
        .await;
    assert_eq!(in_force(&api, ids, "2024-06-29").await[0], YES);
    assert_eq!(api.read(&path).await.body["warnings"], json!([]));
    api.update(&at, "*", &json!({"effective_from": {"edtf": "2024-03-01"}}))
        .await;
    assert_eq!(in_force(&api, ids, "2024-06-29").await[0], NO);
    let void = json!({"to": "voided", "reason": {"ko": "오기"}});
    api.act(&format!("/agreements/{}/transitions", ids[1]), &void)
        .await;
    assert_eq!(in_force(&api, ids, "2024-06-29").await[0], YES);
    assert_eq!(wrong(&api), None);
}

/// A termination that was notified ahead, overtaken by a successor.
async fn an_announced_end_after_the_start(api: Api) {
    let city = api.municipality().await;
    let term = json!({"effective_until": {"edtf": "2030-12-31"}});
    let old = signed(&api, &city, "2021-04-16", term).await;
    let path = format!("/agreements/{}", old.id());
    let step = json!({"to": "terminated", "on": {"edtf": "2026-12-31"}, "reason": {"ko": "합의 해지"},
        "notified_on": {"edtf": "2026-06-01"}});
    api.act(&format!("{path}/transitions"), &step).await;
    let more = json!({"supersedes_id": old.id(), "effective_from": {"edtf": "2026-09-01"}});
    let new = signed(&api, &city, "2026-08-15", more).await;
    let ids = [old.id(), new.id()];
    assert_eq!(in_force(&api, ids, "2026-08-31").await[0], YES);
    assert_eq!(in_force(&api, ids, "2026-09-01").await[0], NO);
    let seen = api.read(&path).await.body;
    assert_eq!(
        (&seen["status"], &seen["ended_by"], &seen["expires_in"]),
        (&json!("signed"), &json!("supersession"), &Value::Null)
    );
    assert_eq!(seen["warnings"][0]["code"], "ended_after_successor");
    // Its term has not run out, and it is over.
    for query in [
        "expired=true",
        "expired=true&as_of=2026-10-01",
        "expired=false",
    ] {
        let listed = api.read(&format!("/agreements?{query}")).await;
        let mut listed = listed.items().iter();
        assert!(!listed.any(|item| item["id"] == ids[0]), "{query}");
    }
    let status = async |day: &str| {
        let line = api
            .read(&format!("/timeline?types=expiry&as_of={day}"))
            .await;
        line.body["items"][0]["status"].clone()
    };
    assert_eq!(status("2026-08-31").await, "planned");
    assert_eq!(status("2026-09-01").await, "cancelled");
    assert_eq!(status("2027-01-01").await, "cancelled");
    let figures = api.read("/statistics/agreements").await;
    let left_out = &figures.body["totals"]["execution_rate_agreements"]["left_out"];
    assert!(left_out.to_string().contains("superseded"), "{left_out}");
    assert_eq!(wrong(&api), None);
}

async fn a_corrected_end(api: Api) {
    let city = api.municipality().await;
    let (old, new) = completed(&api, &city, "2024-02-29").await;
    let ids = [old.id(), new.id()];
    let path = format!("/agreements/{}", ids[0]);
    // It had ended before its successor took over, which changes nothing of it.
    let seen = api.read(&path).await.body;
    assert_eq!(
        (&seen["version"], &seen["warnings"]),
        (&json!(1), &json!([]))
    );
    assert_eq!(in_force(&api, ids, "2024-02-28").await[0], YES);
    let step = format!("{path}/transitions/1?correction_reason=x");
    api.update(&step, "*", &json!({"on": {"edtf": "2024-12-31"}}))
        .await;
    assert_eq!(in_force(&api, ids, "2024-02-29").await[0], YES);
    assert_eq!(in_force(&api, ids, "2024-03-01").await[0], NO);
    assert_eq!(wrong(&api), None);
}

async fn a_chain_of_open_starts(api: Api) {
    let city = api.municipality().await;
    let open = json!({"effective_from": {"edtf": "2024-06/.."}});
    let (old, new) = pair(&api, &city, open).await;
    let more = json!({"supersedes_id": new.id()});
    let last = signed(&api, &city, "2026-03-01", more).await;
    assert_eq!(
        in_force(&api, [old.id(), new.id()], "2026-02-28").await,
        [None, None]
    );
    // Where the last is in force, neither of the others is.
    assert_eq!(
        in_force(&api, [old.id(), new.id()], "2026-03-01").await,
        [NO, NO]
    );
    let void = json!({"to": "voided", "reason": {"ko": "오기"}});
    api.act(&format!("/agreements/{}/transitions", last.id()), &void)
        .await;
    assert_eq!(
        in_force(&api, [old.id(), new.id()], "2026-03-01").await,
        [None, None]
    );
    assert_eq!(wrong(&api), None);
}

async fn a_predecessor_signed_after_its_successor(api: Api) {
    let city = api.municipality().await;
    let old = record(&api, &city, json!({"status": "approved"})).await;
    let more = json!({"supersedes_id": old.id(), "effective_from": {"edtf": "2024-06/.."}});
    let new = signed(&api, &city, "2024-01-31", more).await;
    let step = json!({"to": "signed", "on": {"edtf": "2021-04-16"}});
    api.act(&format!("/agreements/{}/transitions", old.id()), &step)
        .await;
    let ids = [old.id(), new.id()];
    assert_eq!(in_force(&api, ids, "2024-05-31").await, [None, NO]);
    assert_eq!(in_force(&api, ids, "2026-11-23").await, [None, None]);
    let at = format!("/agreements/{}?correction_reason=x", ids[1]);
    api.update(&at, "*", &json!({"effective_from": {"edtf": "2024-06-01"}}))
        .await;
    assert_eq!(in_force(&api, ids, "2026-11-23").await, [NO, None]);
    assert_eq!(wrong(&api), None);
}

async fn the_answer_names_an_end_after_the_start(api: Api) {
    let city = api.municipality().await;
    let (old, new) = completed(&api, &city, "2024-06-30").await;
    let expected = |of: &Value, old: &str| {
        let warning = &of["warnings"][0];
        assert_eq!(warning["code"], "ended_after_successor");
        assert_eq!(warning["pointer"], "/supersedes_id");
        assert_eq!(warning["agreements"][0]["id"], old);
        let words = warning["message"]["en"].as_str().unwrap();
        assert!(words.contains("1 March 2024"), "{words}");
    };
    expected(&new.body, old.id());
    let path = format!("/agreements/{}", new.id());
    expected(&api.read(&path).await.body, old.id());
    // By then, the end was not known.
    let then = api.read(&format!("{path}?as_of=2024-06-29")).await.body;
    assert_eq!(then["warnings"], json!([]));
    // A successor that is signed by a step.
    let step = json!({"to": "voided", "reason": {"ko": "오기"}});
    api.act(&format!("{path}/transitions"), &step).await;
    let draft = json!({"status": "approved", "supersedes_id": old.id(), "effective_from": {"edtf": "2024-03-01"}});
    let draft = record(&api, &city, draft).await;
    assert_eq!(draft.body["warnings"], json!([]));
    let step = json!({"to": "signed", "on": {"edtf": "2024-01-15"}});
    let made = api
        .act(&format!("/agreements/{}/transitions", draft.id()), &step)
        .await;
    expected(&made.body, old.id());
}
