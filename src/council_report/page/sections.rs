//! The sections of the page in their order, and the summary.

use super::cells::{Cell, Part, Section, Words, short, text};
use super::words::share;
use super::{agreements, follow_up, milestones};
use crate::council_report::types::{CouncilReport, Rate};
use crate::kernel::language::Language;

/// Returns all sections of a report.
pub(super) fn sections(report: &CouncilReport, language: Language) -> Vec<Section> {
    let w = Words(language);
    vec![
        Section {
            title: w.pick("총괄", "Summary"),
            parts: summary(report, w),
        },
        Section {
            title: w.pick("협약 체결", "Agreements signed"),
            parts: vec![agreements::signed(report, w)],
        },
        Section {
            title: w.pick("협약 종료", "Agreements ended"),
            parts: agreements::ends(report, w),
        },
        Section {
            title: w.pick("협약 사항 이행", "Commitments"),
            parts: agreements::commitments(report, w),
        },
        Section {
            title: w.pick("협약 점검", "Reviews"),
            parts: follow_up::reviews(report, w),
        },
        Section {
            title: w.pick("의회 동의 및 보고", "The council"),
            parts: follow_up::council(report, w),
        },
        Section {
            title: w.pick("기한이 지난 의무", "Overdue duties"),
            parts: vec![follow_up::duties(report, w)],
        },
        Section {
            title: w.pick("사업 추진 단계", "Milestones of projects"),
            parts: milestones::milestones(report, w),
        },
        Section {
            title: w.pick("비공개 협약", "Agreements withheld from the public"),
            parts: vec![follow_up::withheld(report, w)],
        },
        Section {
            title: w.pick("날짜를 모르는 협약", "Agreements without a day"),
            parts: vec![follow_up::undated(report, w)],
        },
    ]
}

fn summary(report: &CouncilReport, w: Words) -> Vec<Part> {
    w.lettered(vec![
        (
            w.pick("협약 현황", "How agreements stand"),
            totals(report, w),
        ),
        (w.pick("기간 중 실적", "In the period"), events(report, w)),
        (w.pick("이행률", "Execution rates"), rates(report, w)),
    ])
}

/// Returns the only row of a table of counts.
fn counts(counts: &[usize]) -> Vec<Vec<Cell>> {
    vec![counts.iter().map(short).collect()]
}

fn totals(report: &CouncilReport, w: Words) -> Part {
    let t = &report.totals;
    w.part(
        Some(w.pick(
            "기준일까지 체결된 모든 협약. 진행 중인 협약은 유효기간에 따라 나눔",
            "All agreements signed by the day. Those that go on are parted by their terms",
        )),
        &[
            ("진행 중", "Going on", ""),
            ("(유효)", "(in force)", ""),
            ("(유효하지 않음)", "(not in force)", ""),
            ("(기간 만료)", "(expired)", ""),
            ("(유효 여부 미상)", "(unknown)", ""),
            ("완료", "Completed", ""),
            ("해지", "Terminated", ""),
            ("갱신·대체", "Superseded", ""),
        ],
        counts(&[
            t.signed,
            t.in_force,
            t.not_in_force,
            t.expired,
            t.in_force_unknown,
            t.completed,
            t.terminated,
            t.superseded,
        ]),
    )
}

fn events(report: &CouncilReport, w: Words) -> Part {
    let missed = report.missed_reviews.iter();
    let missed: u32 = missed.map(|one| one.missed).sum();
    w.part(
        None,
        &[
            ("체결", "Signed", ""),
            ("완료", "Completed", ""),
            ("해지", "Terminated", ""),
            ("갱신·대체", "Superseded", ""),
            ("기간 만료", "Lapsed", ""),
            ("점검 실시", "Reviews made", ""),
            ("점검 누락", "Reviews missed", ""),
            ("의회 동의·보고", "Council actions", ""),
            ("목표 변경", "Targets moved", ""),
        ],
        counts(&[
            report.signed.len(),
            report.completed.len(),
            report.terminated.len(),
            report.superseded.len(),
            report.lapsed.len(),
            report.reviews.len(),
            missed as usize,
            report.council_actions.len(),
            report.moved_milestones.len(),
        ]),
    )
}

fn rates(report: &CouncilReport, w: Words) -> Part {
    let rate = |name: &'static str, rate: &Rate| {
        let out = rate.left_out.iter().map(|out| match w.0 {
            Language::Korean => format!("{} {}건", out.words.ko, out.count),
            Language::English => format!("{}: {}", out.words.en, out.count),
        });
        let out: Vec<String> = out.collect();
        vec![
            text([name.to_owned()]),
            short(share(rate.value, rate.numerator, rate.denominator, w.0)),
            text([match out.is_empty() {
                true => w.pick("없음", "None").to_owned(),
                false => out.join(", "),
            }]),
            text([w.message(&rate.formula)]),
        ]
    };
    w.part(
        None,
        &[
            ("지표", "Rate", "w14"),
            ("비율(분자/분모)", "Share", "w16"),
            ("집계에서 제외한 것", "Left out", "w25"),
            ("산식", "Formula", ""),
        ],
        vec![
            rate(
                w.pick("협약 사항 이행률", "Commitments carried out"),
                &report.rates.commitments,
            ),
            rate(
                w.pick(
                    "기한이 지난 모든 협약 사항의 이행률",
                    "Commitments carried out, of all that are due",
                ),
                &report.rates.commitments_due,
            ),
            rate(
                w.pick("협약 완료율", "Agreements completed"),
                &report.rates.agreements,
            ),
        ],
    )
}
