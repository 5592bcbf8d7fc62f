use chrono::DateTime;
use uuid::Uuid;

use super::*;
use crate::agreements::reports::store::Doc;
use crate::agreements::reports::types::{Confirmation, Refusal, ReportContent};
use crate::kernel::values::Retraction;
use crate::kernel::values::{Localized, Meta};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn date(text: &str) -> ImpreciseDate {
    ImpreciseDate::parse(text).unwrap()
}

fn report(on: &str, status: ReportedStatus) -> Recorded {
    let at = DateTime::UNIX_EPOCH;
    Recorded {
        meta: Meta {
            id: Uuid::nil().into(),
            version: 1,
            created_at: at,
            updated_at: at,
        },
        commitment_id: Uuid::nil().into(),
        recorded_on: day("2026-11-23"),
        doc: Doc {
            content: ReportContent {
                on: date(on),
                status,
                percent: None,
                value: None,
                note: None,
                evidence: Vec::new(),
            },
            reported_by: "담당".into(),
            organization_id: None,
            at_end: false,
            successor_id: None,
            confirmation: None,
            refusal: None,
            retraction: None,
            files: Vec::new(),
        },
    }
}

fn by_partner(mut report: Recorded) -> Recorded {
    report.doc.organization_id = Some(Uuid::nil().into());
    report
}

fn with(mut report: Recorded, change: impl FnOnce(&mut Doc)) -> Recorded {
    change(&mut report.doc);
    report
}

fn confirmed(doc: &mut Doc) {
    doc.confirmation = Some(Confirmation {
        by: "담당".into(),
        confirmed_at: DateTime::UNIX_EPOCH,
        note: None,
    });
}

fn declined(doc: &mut Doc) {
    doc.refusal = Some(Refusal {
        by: "담당".into(),
        declined_at: DateTime::UNIX_EPOCH,
        reason: Localized::ko("증빙 없음"),
    });
}

fn retracted(doc: &mut Doc) {
    doc.retraction = Some(Retraction {
        reason: Localized::ko("오기"),
        retracted_on: day("2026-11-23"),
    });
}

use ReportedStatus::{CarriedOver, Dropped, Fulfilled, InProgress, NotStarted, Unfulfilled};

#[test]
fn what_counts() {
    let one = || report("2026-01-01", Fulfilled);
    let cases = [
        (one(), Standing::Counted),
        (by_partner(one()), Standing::AwaitingConfirmation),
        (with(by_partner(one()), confirmed), Standing::Counted),
        (with(by_partner(one()), declined), Standing::Declined),
        (with(one(), retracted), Standing::Retracted),
        (
            with(with(by_partner(one()), confirmed), retracted),
            Standing::Retracted,
        ),
    ];
    for (report, standing) in cases {
        assert_eq!(report.standing(), standing);
    }
}

/// Returns the status of a commitment with these reports on a day.
fn status_with(reports: &[Recorded], on: &str) -> Status {
    progress(reports.iter(), None, AgreementStatus::Signed, day(on)).status
}

#[test]
fn the_latest_report_tells() {
    let april = || report("2026-04-01", InProgress);
    let may = || report("2026-05-01", Fulfilled);
    assert_eq!(status_with(&[], "2026-11-23"), Status::Unknown);
    // By date, not by time of recording.
    let reports = [may(), april()];
    assert_eq!(status_with(&reports, "2026-11-23"), Status::Fulfilled);
    // On the same day, the report recorded last.
    let reports = [may(), report("2026-05-01", Unfulfilled)];
    assert_eq!(status_with(&reports, "2026-11-23"), Status::Unfulfilled);
    let reports = [april(), with(may(), retracted)];
    assert_eq!(status_with(&reports, "2026-11-23"), Status::InProgress);
    // An outcome decided at the end outranks an earlier record with a later date.
    let outcome = with(report("2026-04-01", Dropped), |doc| doc.at_end = true);
    let reports = [report("2026-05-01", InProgress), outcome];
    assert_eq!(status_with(&reports, "2026-11-23"), Status::Dropped);
}

#[test]
fn a_report_counts_once_its_date_has_passed() {
    let april = report("2026-04-01", InProgress);
    let reports = [april, report("2026-05-01", Fulfilled)];
    assert_eq!(status_with(&reports, "2026-03-31"), Status::Unknown);
    assert_eq!(status_with(&reports, "2026-04-30"), Status::InProgress);
    // An imprecise date, once its whole range has passed.
    let reports = [report("2026-04", NotStarted)];
    assert_eq!(status_with(&reports, "2026-04-29"), Status::Unknown);
    assert_eq!(status_with(&reports, "2026-04-30"), Status::NotStarted);
    // At the latest on the day of recording, as for a transition whose range is not over.
    let reports = [report("2026", Fulfilled)];
    assert_eq!(status_with(&reports, "2026-11-22"), Status::Unknown);
    assert_eq!(status_with(&reports, "2026-11-23"), Status::Fulfilled);
}

#[test]
fn overdue_is_what_is_certainly_due_and_open() {
    let due = date("2026-06");
    let cases = [
        (None, AgreementStatus::Signed, "2026-06-30", Some(false)),
        (None, AgreementStatus::Signed, "2026-07-01", Some(true)),
        (
            Some(InProgress),
            AgreementStatus::Signed,
            "2026-07-01",
            Some(true),
        ),
        (
            Some(Fulfilled),
            AgreementStatus::Signed,
            "2026-07-01",
            Some(false),
        ),
        (
            Some(Unfulfilled),
            AgreementStatus::Completed,
            "2026-07-01",
            Some(false),
        ),
        (None, AgreementStatus::Completed, "2026-07-01", None),
        (None, AgreementStatus::Draft, "2026-07-01", None),
    ];
    for (status, agreement, on, overdue) in cases {
        let reports: Vec<_> = status
            .map(|s| report("2026-01-01", s))
            .into_iter()
            .collect();
        let told = progress(reports.iter(), Some(&due), agreement, day(on));
        assert_eq!(told.overdue, overdue, "{status:?} {agreement:?} {on}");
        let undated = progress(reports.iter(), None, agreement, day(on));
        assert_eq!(undated.overdue, None);
    }
}

#[test]
fn an_agreement_is_what_its_commitments_are() {
    use FulfilmentStatus as F;
    use Status as S;
    let cases: [(&[S], F, F); 11] = [
        (&[], F::None, F::None),
        (&[S::Dropped, S::CarriedOver], F::None, F::None),
        (&[S::Unknown, S::Unknown], F::Unknown, F::Unknown),
        (&[S::Fulfilled, S::Dropped], F::Fulfilled, F::Fulfilled),
        (&[S::Unfulfilled], F::Unfulfilled, F::Unfulfilled),
        (
            &[S::Fulfilled, S::Unfulfilled],
            F::PartlyFulfilled,
            F::PartlyFulfilled,
        ),
        (&[S::NotStarted], F::InProgress, F::Unknown),
        (&[S::InProgress, S::Unknown], F::InProgress, F::Unknown),
        (
            &[S::Fulfilled, S::Unknown],
            F::InProgress,
            F::PartlyFulfilled,
        ),
        (&[S::Unfulfilled, S::Unknown], F::InProgress, F::Unknown),
        (&[S::Unknown, S::Dropped], F::Unknown, F::Unknown),
    ];
    for (commitments, signed, ended) in cases {
        for (agreement, status) in [
            (AgreementStatus::Signed, signed),
            (AgreementStatus::Completed, ended),
        ] {
            let told = fulfilment(commitments.iter().copied(), agreement);
            assert_eq!(told.status, status, "{commitments:?} {agreement:?}");
            let c = told.counts;
            let all = [c.unknown, c.not_started, c.in_progress, c.fulfilled];
            let all = all.iter().sum::<usize>() + c.unfulfilled + c.dropped + c.carried_over;
            assert_eq!(all, commitments.len());
        }
    }
}

#[test]
fn the_timeline_turns_with_the_reports() {
    let due = date("2026-06-30");
    let known = day("2026-01-01");
    let ended = Some((day("2026-08-01"), Phase::Unknown));
    let shown = |reports: &[Recorded], end| -> Vec<(String, Phase)> {
        let states = timeline_states(reports.iter(), Some(&due), known, end);
        let shown = states.iter().map(|t| (t.from.to_string(), t.phase));
        shown.collect()
    };
    let is = |from: &str, phase| (from.to_owned(), phase);
    assert_eq!(shown(&[], None), [is("2026-01-01", Phase::Open)]);
    // A report that changes nothing adds no turn.
    let reports = [
        report("2026-02-01", InProgress),
        report("2026-06-30", Fulfilled),
    ];
    let met = [is("2026-01-01", Phase::Open), is("2026-06-30", Phase::Met)];
    assert_eq!(shown(&reports, None), met);
    // A fulfilled commitment stays so when the agreement ends.
    assert_eq!(shown(&reports, ended), met);
    let late = [report("2026-07-01", Fulfilled)];
    assert_eq!(shown(&late, None)[1].1, Phase::MetLate);
    for status in [Dropped, CarriedOver] {
        let gone = [report("2026-03-01", status)];
        assert_eq!(shown(&gone, None)[1], is("2026-03-01", Phase::Cancelled));
    }
    let failed = [report("2026-03-01", Unfulfilled)];
    let broken = [
        is("2026-01-01", Phase::Open),
        is("2026-03-01", Phase::Failed),
    ];
    assert_eq!(shown(&failed, None), broken);
    // A broken promise stays so when the agreement ends, unless it is made good later.
    assert_eq!(shown(&failed, ended), broken);
    let made_good = [
        report("2026-03-01", Unfulfilled),
        report("2026-09-01", Fulfilled),
    ];
    let late = [&broken[..], &[is("2026-09-01", Phase::MetLate)]].concat();
    assert_eq!(shown(&made_good, ended), late);
    assert_eq!(shown(&[], ended)[1], is("2026-08-01", Phase::Unknown));
    // A report dated before the signing becomes known with the signing.
    let early = [report("2025-12-01", Fulfilled)];
    assert_eq!(shown(&early, None), [is("2026-01-01", Phase::Met)]);
}
