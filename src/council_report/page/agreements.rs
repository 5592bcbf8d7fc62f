//! Sections on signed agreements, ended agreements and commitments.

use super::cells::{Cell, Head, NUMBER, Part, Words, numbered, short, text, titled};
use super::words::term;
use crate::agreements::reports::types::CommitmentStatus;
use crate::agreements::types::AgreementStatus;
use crate::council_report::types::{
    CouncilReport, EndedAgreement, ReportedAgreement, ReportedCommitment,
};

fn status(one: &ReportedAgreement, w: Words) -> Cell {
    let in_force = match one.in_force {
        Some(true) => w.pick("유효", "in force"),
        Some(false) => w.pick("유효하지 않음", "not in force"),
        None => w.pick("유효 여부 미상", "in force: unknown"),
    };
    let mut cell = short(w.word(one.status));
    let open = one.status == AgreementStatus::Signed;
    cell.lines.extend(open.then(|| in_force.to_owned()));
    cell
}

/// Returns the names of the parties, and how many others the source does not name.
fn parties(one: &ReportedAgreement, w: Words) -> Cell {
    let named = w.names(&one.parties);
    let others = one
        .other_parties
        .as_ref()
        .and_then(|others| match others.count {
            Some(count) => {
                let (before, after) = (w.pick("외 ", "and "), w.pick("곳", " others"));
                Some(format!("{before}{count}{after}"))
            }
            None => others.as_stated.clone(),
        });
    let individuals = match one.individual_party_count {
        0 => None,
        1 => Some(w.pick("개인 1명", "an individual").to_owned()),
        count => Some(format!(
            "{}{count}{}",
            w.pick("개인 ", ""),
            w.pick("명", " individuals")
        )),
    };
    text([named].into_iter().chain(individuals).chain(others))
}

fn department(one: &ReportedAgreement, w: Words) -> Cell {
    short(w.or_unknown(one.lead_department.clone()))
}

/// Formats the term of an agreement. It starts on the day of signing unless stated otherwise.
fn validity(one: &ReportedAgreement, w: Words) -> String {
    let (from, until) = (one.effective_from.as_ref(), one.effective_until.as_ref());
    let signed = one.signed_on.as_ref().filter(|_| until.is_some());
    term(from.or(signed), until, w.0)
}

pub(super) fn signed(report: &CouncilReport, w: Words) -> Part {
    let rows = report.signed.iter().map(|one| {
        vec![
            titled(&one.title, Some(&w.word(one.kind)), w.0),
            parties(one, w),
            w.date(one.signed_on.as_ref()),
            short(validity(one, w)),
            department(one, w),
            status(one, w),
        ]
    });
    let heads = [
        NUMBER,
        ("협약", "Agreement", ""),
        ("당사자", "Parties", "w20"),
        ("체결일", "Signed", "w12"),
        ("유효기간", "Term", "w14"),
        ("담당 부서", "Department", "w12"),
        ("상태", "Status", "w10"),
    ];
    w.part(None, &heads, numbered(rows))
}

pub(super) fn ends(report: &CouncilReport, w: Words) -> Vec<Part> {
    let reason = |one: &EndedAgreement| text([w.or_unknown(w.of(one.reason.as_ref()))]);
    let successor = |one: &EndedAgreement| {
        let successor = one.superseded_by.as_ref();
        let title = successor.map(|other| other.title.in_language(w.0).to_owned());
        let reason = w.of(one.reason.as_ref());
        text([w.or_unknown(title), reason.unwrap_or_default()])
    };
    let why = ("사유", "Reason", "w25");
    let by = ("새 협약과 사유", "By what, and why", "w25");
    w.lettered(vec![
        (
            w.pick("완료", "Completed"),
            ended(&report.completed, w, why, reason),
        ),
        (
            w.pick("해지", "Terminated"),
            ended(&report.terminated, w, why, reason),
        ),
        (
            w.pick("갱신·대체", "Superseded"),
            ended(&report.superseded, w, by, successor),
        ),
        (w.pick("기간 만료", "Lapsed"), lapsed(report, w)),
    ])
}

/// Returns a table of ended agreements, with a last column of its own.
fn ended(
    all: &[EndedAgreement],
    w: Words,
    last_head: Head,
    last_cell: impl Fn(&EndedAgreement) -> Cell,
) -> Part {
    let rows = all.iter().map(|one| {
        let agreement = &one.agreement;
        vec![
            titled(&agreement.title, agreement.lead_department.as_deref(), w.0),
            parties(agreement, w),
            w.date(agreement.signed_on.as_ref()),
            w.date(Some(&one.ended_on)),
            last_cell(one),
        ]
    });
    let heads = [
        NUMBER,
        ("협약", "Agreement", ""),
        ("당사자", "Parties", "w20"),
        ("체결일", "Signed", "w12"),
        ("종료일", "Ended", "w12"),
        last_head,
    ];
    w.part(None, &heads, numbered(rows))
}

fn lapsed(report: &CouncilReport, w: Words) -> Part {
    let rows = report.lapsed.iter().map(|one| {
        vec![
            titled(&one.title, one.lead_department.as_deref(), w.0),
            parties(one, w),
            w.date(one.signed_on.as_ref()),
            w.date(one.effective_until.as_ref()),
        ]
    });
    w.part(
        Some(w.pick(
            "유효기간이 지난 첫날(만료일 다음 날)이 기간에 있고, 완료·해지·갱신 기록이 없는 협약",
            "The day after their last in force lies in the period, and neither completion, termination nor renewal is recorded",
        )),
        &[
            NUMBER,
            ("협약", "Agreement", ""),
            ("당사자", "Parties", "w30"),
            ("체결일", "Signed", "w12"),
            ("만료일", "Last day", "w12"),
        ],
        numbered(rows),
    )
}

pub(super) fn commitments(report: &CouncilReport, w: Words) -> Vec<Part> {
    use CommitmentStatus as S;
    let is_overdue = |one: &ReportedCommitment| one.overdue == Some(true);
    let list =
        |is_selected: &dyn Fn(&ReportedCommitment) -> bool| commitment_list(report, w, is_selected);
    w.lettered(vec![
        (
            w.pick("현황", "How they stand"),
            commitment_counts(report, w),
        ),
        (
            w.pick("이행", "Fulfilled"),
            list(&|one| one.status == S::Fulfilled),
        ),
        (w.pick("기한 경과", "Overdue"), list(&is_overdue)),
        (
            w.pick("추진 중 또는 미착수", "Open"),
            list(&|one| !is_overdue(one) && matches!(one.status, S::InProgress | S::NotStarted)),
        ),
        (
            w.pick("이행 여부 미상", "Unknown"),
            list(&|one| !is_overdue(one) && one.status == S::Unknown),
        ),
        (
            w.pick(
                "미이행·취소·다른 협약으로 넘김",
                "Not fulfilled, dropped or carried over",
            ),
            list(&|one| matches!(one.status, S::Unfulfilled | S::Dropped | S::CarriedOver)),
        ),
    ])
}

fn commitment_counts(report: &CouncilReport, w: Words) -> Part {
    let c = &report.commitment_counts;
    let counts = [
        c.fulfilled,
        c.in_progress,
        c.not_started,
        c.unknown,
        c.unfulfilled,
        c.dropped,
        c.carried_over,
    ];
    w.part(
        Some(w.pick(
            "기간 말까지 체결되어 기간 전에 끝나지 않은 협약의 협약 사항",
            "Of the agreements that were signed by the end of the period and had not ended before it",
        )),
        &[
            ("이행", "Fulfilled", ""),
            ("추진 중", "In progress", ""),
            ("미착수", "Not started", ""),
            ("미상", "Unknown", ""),
            ("미이행", "Not fulfilled", ""),
            ("취소", "Dropped", ""),
            ("다른 협약으로 넘김", "Carried over", ""),
        ],
        vec![counts.iter().map(short).collect()],
    )
}

/// Returns the reached number beside the target: `38 / 50명 (76%)`.
fn reached(one: &ReportedCommitment, w: Words) -> Option<String> {
    let target = one.target.as_ref()?;
    let unit = match target.unit.as_str() {
        "KRW" => w.pick("원", " won").to_owned(),
        "persons" => w.pick("명", " persons").to_owned(),
        "jobs" => w.pick("개 일자리", " jobs").to_owned(),
        "square_metres" => w.pick("㎡", " m²").to_owned(),
        "items" => w.pick("건", " items").to_owned(),
        other => format!(" {other}"),
    };
    let value = one
        .value
        .map_or_else(|| "-".to_owned(), |value| value.to_string());
    let share = one.percent_of_target.map(|share| format!(" ({share}%)"));
    Some(format!(
        "{value} / {}{unit}{}",
        target.value,
        share.unwrap_or_default()
    ))
}

fn commitment_list(
    report: &CouncilReport,
    w: Words,
    is_selected: impl Fn(&ReportedCommitment) -> bool,
) -> Part {
    let selected = report.commitments.iter().filter(|one| is_selected(one));
    let rows = selected.map(|one| {
        let percent = one.percent.map(|percent| format!("{percent}%"));
        let reported = one.reported_on.as_ref();
        let mut status = short(w.word(one.status));
        status.lines.extend(percent);
        status.lines.extend(reached(one, w));
        let by = w.names(&one.owed_by);
        vec![
            text([one.text.in_language(w.0).to_owned()]),
            titled(&one.agreement.title, None, w.0),
            text([w.or_unknown(Some(by).filter(|by| !by.is_empty()))]),
            w.date(one.due.as_ref()),
            status,
            reported.map_or_else(|| short("-"), |on| w.date(Some(on))),
        ]
    });
    let heads = [
        NUMBER,
        ("협약 사항", "Commitment", ""),
        ("협약", "Agreement", "w20"),
        ("이행 주체", "Owed by", "w14"),
        ("기한", "Due", "w12"),
        ("상태", "Status", "w10"),
        ("보고일", "Reported", "w12"),
    ];
    w.part(None, &heads, numbered(rows))
}
