//! Sections on the follow-up of agreements: reviews, council actions, overdue duties, and withheld
//! or undated agreements.

use super::cells::{NUMBER, Part, Words, numbered, short, text, titled};
use super::words::{date, day};
use crate::council_report::types::CouncilReport;

pub(super) fn reviews(report: &CouncilReport, w: Words) -> Vec<Part> {
    w.lettered(vec![
        (w.pick("실시한 점검", "Made"), made_reviews(report, w)),
        (
            w.pick("실시하지 않은 점검", "Missed"),
            missed_reviews(report, w),
        ),
        (
            w.pick("점검이 한 번도 없는 협약", "Agreements never reviewed"),
            never_reviewed(report, w),
        ),
    ])
}

fn made_reviews(report: &CouncilReport, w: Words) -> Part {
    let rows = report.reviews.iter().map(|one| {
        let review = &one.review;
        let renewal = review.renewal.map(|renewal| w.word(renewal));
        vec![
            titled(&one.agreement.title, None, w.0),
            w.date(Some(&review.on)),
            short(w.word(review.rating)),
            text([
                w.of(review.findings.as_ref()).unwrap_or_default(),
                renewal.unwrap_or_default(),
            ]),
            text(w.of(review.improvement_plan.as_ref())),
        ]
    });
    w.part(
        None,
        &[
            NUMBER,
            ("협약", "Agreement", ""),
            ("점검일", "Made", "w12"),
            ("평가", "Rating", "w10"),
            ("점검 결과", "Findings", "w25"),
            ("개선 계획", "Improvement", "w22"),
        ],
        numbered(rows),
    )
}

fn missed_reviews(report: &CouncilReport, w: Words) -> Part {
    let rows = report.missed_reviews.iter().map(|one| {
        let done = one.done_by.as_ref();
        let since = done.map(|done| date(done.on.as_ref(), w.0));
        vec![
            titled(&one.agreement.title, one.department.as_deref(), w.0),
            text([w.or_unknown(one.legal_basis.clone())]),
            w.date(one.due.as_ref()),
            short(one.missed),
            short(since.unwrap_or_else(|| w.pick("미실시", "Not made").to_owned())),
        ]
    });
    w.part(
        None,
        &[
            NUMBER,
            ("협약", "Agreement", ""),
            ("근거", "Ordinance", "w25"),
            ("최초 기한", "First due", "w12"),
            ("기간 중 누락 횟수", "Missed in the period", "w12"),
            ("이후 점검", "Made since", "w12"),
        ],
        numbered(rows),
    )
}

fn never_reviewed(report: &CouncilReport, w: Words) -> Part {
    let rows = report.never_reviewed.iter().map(|one| {
        vec![
            titled(&one.title, None, w.0),
            text([w.names(&one.parties)]),
            w.date(one.signed_on.as_ref()),
            short(w.or_unknown(one.lead_department.clone())),
        ]
    });
    w.part(
        Some(w.pick(
            "기준일 현재 유효하거나 유효 여부를 모르는 협약 가운데",
            "Of those that are in force on the day, or of which that is unknown",
        )),
        &[
            NUMBER,
            ("협약", "Agreement", ""),
            ("당사자", "Parties", "w30"),
            ("체결일", "Signed", "w12"),
            ("담당 부서", "Department", "w14"),
        ],
        numbered(rows),
    )
}

pub(super) fn council(report: &CouncilReport, w: Words) -> Vec<Part> {
    w.lettered(vec![
        (
            w.pick("협약별", "On single agreements"),
            council_actions(report, w),
        ),
        (
            w.pick(
                "전체 협약에 관한 연간 보고",
                "Annual reports on all agreements",
            ),
            annual_reports(report, w),
        ),
    ])
}

fn council_actions(report: &CouncilReport, w: Words) -> Part {
    let rows = report.council_actions.iter().map(|one| {
        let action = &one.action;
        let result = action.result.map(|result| w.word(result));
        let session = [action.session.clone(), action.bill_number.clone()];
        let session: Vec<String> = session.into_iter().flatten().collect();
        let kind = [w.word(action.kind), w.word(action.occasion)];
        vec![
            titled(&one.agreement.title, None, w.0),
            short(kind.join(" / ")),
            w.date(Some(&action.on)),
            text([w.or_unknown(Some(session.join(" ")).filter(|text| !text.is_empty()))]),
            short(w.or_unknown(result)),
            text(w.of(action.note.as_ref())),
        ]
    });
    let heads = [
        NUMBER,
        ("협약", "Agreement", ""),
        ("구분 / 계기", "What, on what", "w14"),
        ("날짜", "Day", "w12"),
        ("회기 및 의안번호", "Session and bill", "w20"),
        ("결과", "Result", "w10"),
        ("비고", "Note", "w14"),
    ];
    w.part(None, &heads, numbered(rows))
}

fn annual_reports(report: &CouncilReport, w: Words) -> Part {
    let rows = report.annual_reports.iter().map(|one| {
        vec![
            w.date(Some(&one.on)),
            short(w.or_unknown(one.year().map(|year| year.to_string()))),
            text([w.or_unknown(one.session.clone())]),
            text(w.of(one.note.as_ref())),
        ]
    });
    let heads = [
        NUMBER,
        ("날짜", "Day", "w12"),
        ("보고 기한의 해", "Due in", "w12"),
        ("회기", "Session", ""),
        ("비고", "Note", "w25"),
    ];
    w.part(None, &heads, numbered(rows))
}

pub(super) fn duties(report: &CouncilReport, w: Words) -> Part {
    let rows = report.overdue_duties.iter().map(|duty| {
        vec![
            match &duty.agreement {
                Some(agreement) => titled(&agreement.title, duty.department.as_deref(), w.0),
                None => titled(&duty.municipality.name, None, w.0),
            },
            short(w.word(duty.kind)),
            short(w.word(duty.occasion)),
            w.date(duty.due.as_ref()),
            text([w.or_unknown(duty.legal_basis.clone())]),
        ]
    });
    let heads = [
        NUMBER,
        ("협약", "Agreement", ""),
        ("의무", "Duty", "w14"),
        ("계기", "Occasion", "w10"),
        ("기한", "Due", "w12"),
        ("근거", "Ordinance", "w30"),
    ];
    w.part(None, &heads, numbered(rows))
}

pub(super) fn withheld(report: &CouncilReport, w: Words) -> Part {
    let rows = report.withheld.iter().map(|group| {
        let why = group.withholding.as_ref();
        let until = why.and_then(|why| why.until);
        let basis = why.map(|why| why.legal_basis.clone());
        vec![
            text([w.or_unknown(basis)]),
            short(w.or_unknown(until.map(day))),
            short(group.count),
        ]
    });
    let heads = [
        NUMBER,
        ("비공개 근거", "Legal basis", ""),
        ("비공개 기한", "Until", "w16"),
        ("건수", "How many", "w10"),
    ];
    w.part(None, &heads, numbered(rows))
}

pub(super) fn undated(report: &CouncilReport, w: Words) -> Part {
    let rows = report.undated.iter().map(|one| {
        vec![
            titled(&one.agreement.title, None, w.0),
            short(w.word(one.became)),
        ]
    });
    let heads = [
        NUMBER,
        ("협약", "Agreement", ""),
        ("날짜를 모르는 것", "What has no day", "w22"),
    ];
    let note = w.pick(
        "체결하거나 끝난 날을 정확히 몰라 위의 기간별 목록에 넣지 않은 협약",
        "They were signed or ended on a day that is not known exactly, and are in no list of the period",
    );
    w.part(Some(note), &heads, numbered(rows))
}
