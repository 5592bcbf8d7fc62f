//! The facts of a project on a day, case by case.

use serde_json::{Value, json};

use super::super::changes::changes;
use super::super::types::{FactDirection, ProjectFact};
use super::*;
use crate::kernel::values::{Localized, Retraction};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn content(more: Value) -> ProjectContent {
    let mut body = json!({"kind": "urban_development", "title": {"ko": "진위3산단"}});
    let members = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(members);
    serde_json::from_value(body).unwrap()
}

fn statement(id: u128, on: &str, facts: Value) -> ProjectStatement {
    let mut body = json!({"stated_on": {"edtf": on}});
    let facts = facts.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(facts);
    ProjectStatement {
        id: uuid::Uuid::from_u128(id).into(),
        content: serde_json::from_value(body).unwrap(),
        retraction: None,
    }
}

fn area(square_metres: f64) -> Value {
    json!({"area": {"square_metres": square_metres}})
}

fn area_on(content: &ProjectContent, statements: &[ProjectStatement], on: &str) -> Option<f64> {
    let mut then = content.clone();
    as_of(&mut then, statements, RecordedDays::default(), &[], day(on));
    then.area.and_then(|area| area.square_metres)
}

#[test]
fn a_fact_is_what_was_stated_by_the_day() {
    let statements = [
        statement(2, "2020-01", area(850_385.0)),
        statement(
            1,
            "2010",
            json!({"title": {"ko": "Kdb 유토플렉스"}, "area": {"square_metres": 1.0}}),
        ),
        statement(
            3,
            "2021-04-16",
            json!({"budget": {"amount": 1, "currency": "KRW"}}),
        ),
    ];
    let now = content(area(871_761.0));
    assert_eq!(area_on(&now, &statements, "2009-12-31"), None);
    assert_eq!(area_on(&now, &statements, "2010-12-30"), None);
    assert_eq!(area_on(&now, &statements, "2010-12-31"), Some(1.0));
    assert_eq!(area_on(&now, &statements, "2020-01-31"), Some(850_385.0));
    let title = |on: &str| {
        let mut then = now.clone();
        as_of(
            &mut then,
            &statements,
            RecordedDays::default(),
            &[],
            day(on),
        );
        (then.title, then.budget.is_some())
    };
    assert_eq!(
        title("2015-01-01"),
        (Localized::ko("Kdb 유토플렉스"), false)
    );
    // Before the first statement, a project still has a title.
    assert_eq!(title("2009-01-01"), (Localized::ko("진위3산단"), false));
    assert!(title("2021-04-16").1);
}

#[test]
fn an_undated_fact_counts_from_what_is_dated_or_the_day_it_was_recorded() {
    let known = |content: &ProjectContent, notices: &[&str], recorded: Option<&str>, on: &str| {
        let notices: Vec<NaiveDate> = notices.iter().map(|on| day(on)).collect();
        let recorded = RecordedDays {
            area: recorded.map(day),
            ..RecordedDays::default()
        };
        let mut then = content.clone();
        as_of(&mut then, &[], recorded, &notices, day(on));
        then.area.is_some()
    };
    let plain = content(area(826_370.0));
    assert!(!known(&plain, &[], None, "2025-01-01"));
    assert!(!known(&plain, &["2016-02-16"], None, "2012-01-01"));
    assert!(known(&plain, &["2016-02-16"], None, "2016-02-16"));
    // Which notice stated it is unknown: the last certainly did.
    assert!(!known(
        &plain,
        &["2008-05-30", "2016-02-16"],
        None,
        "2012-01-01"
    ));
    assert!(known(
        &plain,
        &["2016-02-16"],
        Some("2011-01-01"),
        "2012-01-01"
    ));
    assert!(known(&plain, &[], Some("2024-01-01"), "2024-01-01"));
    assert!(!known(&plain, &[], Some("2024-01-01"), "2023-12-31"));
    let sourced = content(json!({"area": {"square_metres": 1}, "sources": [
        {"title": "기사", "published_on": {"edtf": "2021-04"}}, {"title": "날짜 없음"}]}));
    assert!(!known(&sourced, &[], None, "2021-04-29"));
    assert!(known(&sourced, &[], None, "2021-04-30"));
}

#[test]
fn the_latest_statement_becomes_the_present_view_until_it_is_retracted() {
    let mut statements = vec![statement(1, "2021", area(2.0))];
    let mut now = content(json!({}));
    fill(&mut now, &statements);
    let shown = |now: &ProjectContent| now.area.as_ref().and_then(|area| area.square_metres);
    assert_eq!(shown(&now), Some(2.0));
    statements.push(statement(2, "2010", area(1.0)));
    adopt(&mut now, &statements, statements[1].id);
    assert_eq!(shown(&now), Some(2.0), "an older statement is no news");
    statements.push(statement(3, "2022", area(3.0)));
    adopt(&mut now, &statements, statements[2].id);
    assert_eq!(shown(&now), Some(3.0));
    statements[2].retraction = Some(Retraction {
        reason: Localized::ko("오독"),
        retracted_on: day("2026-01-01"),
    });
    let retracted = statements[2].content.clone();
    abandon(&mut now, &statements, &retracted);
    assert_eq!(shown(&now), Some(2.0));
    // What was given beside the statements stays.
    now.area = content(area(9.0)).area;
    abandon(&mut now, &statements, &retracted);
    assert_eq!(shown(&now), Some(9.0));
}

#[test]
fn a_grown_budget_or_area_is_a_change() {
    let won = |amount: i64| json!({"budget": {"amount": amount, "currency": "KRW"}});
    let (a, b) = (uuid::Uuid::from_u128(7), uuid::Uuid::from_u128(8));
    let statements = [
        statement(1, "2020-01-13", won(823_400_000_000)),
        statement(2, "2021-04-16", won(849_300_000_000)),
        statement(3, "2021-05-01", won(849_300_000_000)),
        statement(
            4,
            "2022-01-01",
            json!({"budget": {"min_amount": 800_000_000_000_i64, "currency": "KRW"}}),
        ),
        statement(
            5,
            "2022-02-01",
            json!({"budget": {"max_amount": 1000, "currency": "KRW"}}),
        ),
        statement(6, "2022-03-01", json!({"budget": {"as_stated": "미정"}})),
        statement(
            7,
            "2020-02-01",
            json!({"title": {"ko": "옛 이름"}, "implementers": [{"organization_id": a, "share_percent": 65}]}),
        ),
        statement(
            8,
            "2022-04-01",
            json!({"title": {"ko": "새 이름"}, "implementers": [{"organization_id": a}]}),
        ),
        statement(
            9,
            "2022-05-01",
            json!({"implementers": [{"organization_id": b}]}),
        ),
    ];
    let found = changes(&statements, None);
    let told: Vec<_> = found
        .iter()
        .map(|c| (c.fact, c.stated_on.edtf().unwrap(), c.direction, c.percent))
        .collect();
    use FactDirection::{Changed, Decreased, Increased};
    let on = |on: &str| on.to_owned();
    assert_eq!(
        told,
        [
            (ProjectFact::Budget, on("2021-04-16"), Increased, Some(3.15)),
            (ProjectFact::Budget, on("2022-02-01"), Decreased, None),
            (ProjectFact::Title, on("2022-04-01"), Changed, None),
            (ProjectFact::Implementers, on("2022-05-01"), Changed, None),
        ]
    );
    assert_eq!(found[0].became, Some(849_300_000_000.0));
    assert_eq!(changes(&statements, Some(day("2021-12-31"))).len(), 1);
}

#[test]
fn a_statement_of_an_unknown_day_puts_no_dated_one_out_of_date() {
    let all = [
        statement(1, "2016-06-01", area(850_385.0)),
        statement(2, "../2026-11-28", area(500_000.0)),
        statement(3, "2021", area(871_761.0)),
    ];
    let now = |statements: &[ProjectStatement]| {
        let mut now = content(json!({}));
        fill(&mut now, statements);
        now.area.and_then(|area| area.square_metres)
    };
    assert_eq!(now(&all), Some(871_761.0));
    assert_eq!(now(&all[1..2]), Some(500_000.0));
    assert_eq!(
        area_on(&content(json!({})), &all, "2026-11-28"),
        Some(871_761.0)
    );
    let mut adopted = content(area(871_761.0));
    adopt(&mut adopted, &all, all[1].id);
    assert_eq!(adopted.area.unwrap().square_metres, Some(871_761.0));
    let changed: Vec<_> = changes(&all, None)
        .into_iter()
        .map(|c| c.statement_id)
        .collect();
    assert_eq!(changed, [all[2].id]);
}
