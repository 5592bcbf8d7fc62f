//! The sections of the page, as tables of words.

use super::types::{
    CouncilReport, EndedAgreement, MilestoneRef, Rate, ReportedAgreement, ReportedCommitment,
};
use super::words::{UNKNOWN, Word, date, day, letter, share, slip, term};
use crate::agreements::reports::types::CommitmentStatus;
use crate::http::language::{Language, Message};
use crate::values::{ImpreciseDate, Localized, OrganizationRef, Source};

/// A numbered section.
pub struct Section {
    pub title: &'static str,
    pub parts: Vec<Part>,
}

/// A table of a section.
pub struct Part {
    /// None where it is the section's only one.
    pub title: Option<String>,
    pub note: Option<&'static str>,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

pub struct Column {
    pub title: &'static str,
    /// The class that says how wide it is.
    pub width: &'static str,
}

#[derive(Clone, Copy)]
pub enum Align {
    Left,
    Centre,
}

impl Align {
    pub fn class(self) -> &'static str {
        match self {
            Self::Left => "l",
            Self::Centre => "c",
        }
    }
}

/// What stands in a field of a table.
pub struct Cell {
    pub align: Align,
    /// What is not empty of it; but for the first line in small letters.
    pub lines: Vec<String>,
    /// The words and the address of a link.
    pub link: Option<(String, String)>,
}

fn text(lines: impl IntoIterator<Item = String>) -> Cell {
    Cell {
        align: Align::Left,
        lines: lines.into_iter().filter(|line| !line.is_empty()).collect(),
        link: None,
    }
}

fn short(text: impl ToString) -> Cell {
    Cell {
        align: Align::Centre,
        lines: vec![text.to_string()],
        link: None,
    }
}

/// A title with a second line, as of a department.
fn titled(title: &Localized, below: Option<&str>, language: Language) -> Cell {
    let title = title.in_language(language).to_owned();
    text([title, below.unwrap_or_default().to_owned()])
}

/// The words of a language.
#[derive(Clone, Copy)]
struct Words(Language);

/// A column's title in both languages, and the class of its width.
type Head = (&'static str, &'static str, &'static str);

impl Words {
    fn say(self, ko: &'static str, en: &'static str) -> &'static str {
        match self.0 {
            Language::Korean => ko,
            Language::English => en,
        }
    }

    fn word(self, value: impl Word) -> String {
        value.word().in_language(self.0).to_owned()
    }

    fn message(self, message: &Message) -> String {
        message.in_language(self.0).to_owned()
    }

    fn or_unknown(self, text: Option<String>) -> String {
        text.unwrap_or_else(|| self.message(&UNKNOWN))
    }

    fn of(self, text: Option<&Localized>) -> Option<String> {
        text.map(|text| text.in_language(self.0).to_owned())
    }

    fn date(self, on: Option<&ImpreciseDate>) -> Cell {
        short(date(on, self.0))
    }

    fn names(self, organizations: &[OrganizationRef]) -> String {
        let names = organizations.iter().map(|one| one.name.in_language(self.0));
        names.collect::<Vec<_>>().join(", ")
    }

    fn part(self, note: Option<&'static str>, heads: &[Head], rows: Vec<Vec<Cell>>) -> Part {
        let columns = heads.iter().map(|(ko, en, width)| Column {
            title: self.say(ko, en),
            width,
        });
        Part {
            title: None,
            note,
            columns: columns.collect(),
            rows,
        }
    }

    /// Gives the parts of a section their letters, in their order.
    fn lettered(self, parts: Vec<(&'static str, Part)>) -> Vec<Part> {
        let parts = parts.into_iter().enumerate();
        let parts = parts.map(|(i, (title, part))| Part {
            title: Some(format!("{}. {title}", letter(i, self.0))),
            ..part
        });
        parts.collect()
    }
}

/// Puts the number of its row before each.
fn numbered(rows: impl Iterator<Item = Vec<Cell>>) -> Vec<Vec<Cell>> {
    let rows = rows.enumerate().map(|(i, mut row)| {
        row.insert(0, short(i + 1));
        row
    });
    rows.collect()
}

const NUMBER: Head = ("번호", "No.", "w5");

/// The sections of a report, in a language.
pub fn sections(report: &CouncilReport, language: Language) -> Vec<Section> {
    let w = Words(language);
    vec![
        Section {
            title: w.say("총괄", "Summary"),
            parts: summary(report, w),
        },
        Section {
            title: w.say("협약 체결", "Agreements signed"),
            parts: vec![signed(report, w)],
        },
        Section {
            title: w.say("협약 종료", "Agreements ended"),
            parts: ends(report, w),
        },
        Section {
            title: w.say("협약 사항 이행", "Commitments"),
            parts: commitments(report, w),
        },
        Section {
            title: w.say("협약 점검", "Reviews"),
            parts: reviews(report, w),
        },
        Section {
            title: w.say("의회 동의 및 보고", "The council"),
            parts: vec![council(report, w)],
        },
        Section {
            title: w.say("기한이 지난 의무", "Overdue duties"),
            parts: vec![duties(report, w)],
        },
        Section {
            title: w.say("사업 추진 단계", "Milestones of projects"),
            parts: milestones(report, w),
        },
        Section {
            title: w.say("비공개 협약", "Agreements withheld from the public"),
            parts: vec![withheld(report, w)],
        },
        Section {
            title: w.say("날짜를 모르는 협약", "Agreements without a day"),
            parts: vec![undated(report, w)],
        },
    ]
}

fn summary(report: &CouncilReport, w: Words) -> Vec<Part> {
    let t = &report.totals;
    let counts = |counts: &[usize]| vec![counts.iter().map(short).collect::<Vec<Cell>>()];
    let standing = w.part(
        Some(w.say(
            "기준일까지 체결된 모든 협약. 진행 중인 협약은 유효기간에 따라 나눔",
            "All agreements signed by the day. Those that go on are parted by their terms",
        )),
        &[
            ("진행 중", "Going on", ""),
            ("(유효)", "(in force)", ""),
            ("(유효하지 않음)", "(not in force)", ""),
            ("(유효 여부 미상)", "(unknown)", ""),
            ("완료", "Completed", ""),
            ("해지", "Terminated", ""),
            ("갱신·대체", "Superseded", ""),
        ],
        counts(&[
            t.signed,
            t.in_force,
            t.not_in_force,
            t.in_force_unknown,
            t.completed,
            t.terminated,
            t.superseded,
        ]),
    );
    let missed = report.missed_reviews.iter();
    let missed: u32 = missed.map(|one| one.missed).sum();
    let events = w.part(
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
    );
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
                true => w.say("없음", "None").to_owned(),
                false => out.join(", "),
            }]),
            text([w.message(&rate.formula)]),
        ]
    };
    let rates = w.part(
        None,
        &[
            ("지표", "Rate", "w14"),
            ("비율(분자/분모)", "Share", "w16"),
            ("세지 않은 것", "Left out", "w25"),
            ("산식", "Formula", ""),
        ],
        vec![
            rate(
                w.say("협약 사항 이행률", "Commitments carried out"),
                &report.rates.commitments,
            ),
            rate(
                w.say("협약 완료율", "Agreements completed"),
                &report.rates.agreements,
            ),
        ],
    );
    w.lettered(vec![
        (w.say("협약 현황", "How agreements stand"), standing),
        (w.say("기간 중 실적", "In the period"), events),
        (w.say("이행률", "Execution rates"), rates),
    ])
}

fn status(one: &ReportedAgreement, w: Words) -> Cell {
    let in_force = match one.in_force {
        Some(true) => w.say("유효", "in force"),
        Some(false) => w.say("유효하지 않음", "not in force"),
        None => w.say("유효 여부 미상", "in force: unknown"),
    };
    let mut cell = short(w.word(one.status));
    let open = one.status == crate::agreements::types::AgreementStatus::Signed;
    cell.lines.extend(open.then(|| in_force.to_owned()));
    cell
}

fn department(one: &ReportedAgreement, w: Words) -> Cell {
    short(w.or_unknown(one.lead_department.clone()))
}

/// From when to when an agreement is in force: from the day of signing where nothing else is said.
fn validity(one: &ReportedAgreement, w: Words) -> String {
    let (from, until) = (one.effective_from.as_ref(), one.effective_until.as_ref());
    let signed = one.signed_on.as_ref().filter(|_| until.is_some());
    term(from.or(signed), until, w.0)
}

fn signed(report: &CouncilReport, w: Words) -> Part {
    let rows = report.signed.iter().map(|one| {
        vec![
            titled(&one.title, Some(&w.word(one.kind)), w.0),
            text([w.names(&one.parties)]),
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

fn ends(report: &CouncilReport, w: Words) -> Vec<Part> {
    let ended = |all: &[EndedAgreement], last: &dyn Fn(&EndedAgreement) -> Cell, head: Head| {
        let rows = all.iter().map(|one| {
            vec![
                titled(
                    &one.agreement.title,
                    one.agreement.lead_department.as_deref(),
                    w.0,
                ),
                text([w.names(&one.agreement.parties)]),
                w.date(one.agreement.signed_on.as_ref()),
                w.date(Some(&one.ended_on)),
                last(one),
            ]
        });
        let heads = [
            NUMBER,
            ("협약", "Agreement", ""),
            ("당사자", "Parties", "w20"),
            ("체결일", "Signed", "w12"),
            ("종료일", "Ended", "w12"),
            head,
        ];
        w.part(None, &heads, numbered(rows))
    };
    let reason = |one: &EndedAgreement| text([w.or_unknown(w.of(one.reason.as_ref()))]);
    let successor = |one: &EndedAgreement| {
        let successor = one.superseded_by.as_ref();
        let title = successor.map(|other| other.title.in_language(w.0).to_owned());
        let reason = w.of(one.reason.as_ref());
        text([w.or_unknown(title), reason.unwrap_or_default()])
    };
    let why = ("사유", "Reason", "w25");
    let by = ("새 협약과 사유", "By what, and why", "w25");
    let lapsed = report.lapsed.iter().map(|one| {
        vec![
            titled(&one.title, one.lead_department.as_deref(), w.0),
            text([w.names(&one.parties)]),
            w.date(one.signed_on.as_ref()),
            w.date(one.effective_until.as_ref()),
        ]
    });
    let lapsed = w.part(
        Some(w.say(
            "유효기간의 마지막 날이 기간에 있고, 완료·해지·갱신 기록이 없는 협약",
            "Their last day in force lies in the period, and neither completion, termination nor renewal is recorded",
        )),
        &[
            NUMBER,
            ("협약", "Agreement", ""),
            ("당사자", "Parties", "w30"),
            ("체결일", "Signed", "w12"),
            ("만료일", "Last day", "w12"),
        ],
        numbered(lapsed),
    );
    w.lettered(vec![
        (
            w.say("완료", "Completed"),
            ended(&report.completed, &reason, why),
        ),
        (
            w.say("해지", "Terminated"),
            ended(&report.terminated, &reason, why),
        ),
        (
            w.say("갱신·대체", "Superseded"),
            ended(&report.superseded, &successor, by),
        ),
        (w.say("기간 만료", "Lapsed"), lapsed),
    ])
}

fn commitments(report: &CouncilReport, w: Words) -> Vec<Part> {
    use CommitmentStatus as S;
    let list = |belongs: &dyn Fn(&ReportedCommitment) -> bool| {
        let some = report.commitments.iter().filter(|one| belongs(one));
        let rows = some.map(|one| {
            let percent = one.percent.map(|percent| format!("{percent}%"));
            let told = one.reported_on.as_ref();
            let mut stands = short(w.word(one.status));
            stands.lines.extend(percent);
            let by = w.names(&one.owed_by);
            vec![
                text([one.text.in_language(w.0).to_owned()]),
                titled(&one.agreement.title, None, w.0),
                text([w.or_unknown(Some(by).filter(|by| !by.is_empty()))]),
                w.date(one.due.as_ref()),
                stands,
                told.map_or_else(|| short("-"), |on| w.date(Some(on))),
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
    };
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
    let all = w.part(
        Some(w.say(
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
    );
    let overdue = |one: &ReportedCommitment| one.overdue == Some(true);
    w.lettered(vec![
        (w.say("현황", "How they stand"), all),
        (
            w.say("이행", "Fulfilled"),
            list(&|one| one.status == S::Fulfilled),
        ),
        (w.say("기한 경과", "Overdue"), list(&overdue)),
        (
            w.say("추진 중 또는 미착수", "Open"),
            list(&|one| !overdue(one) && matches!(one.status, S::InProgress | S::NotStarted)),
        ),
        (
            w.say("이행 여부 미상", "Unknown"),
            list(&|one| !overdue(one) && one.status == S::Unknown),
        ),
        (
            w.say(
                "미이행·취소·다른 협약으로 넘김",
                "Not fulfilled, dropped or carried over",
            ),
            list(&|one| matches!(one.status, S::Unfulfilled | S::Dropped | S::CarriedOver)),
        ),
    ])
}

fn reviews(report: &CouncilReport, w: Words) -> Vec<Part> {
    let made = report.reviews.iter().map(|one| {
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
    let made = w.part(
        None,
        &[
            NUMBER,
            ("협약", "Agreement", ""),
            ("점검일", "Made", "w12"),
            ("평가", "Rating", "w10"),
            ("점검 결과", "Findings", "w25"),
            ("개선 계획", "Improvement", "w22"),
        ],
        numbered(made),
    );
    let missed = report.missed_reviews.iter().map(|one| {
        let done = one.done_by.as_ref();
        let since = done.map(|done| date(done.on.as_ref(), w.0));
        vec![
            titled(&one.agreement.title, one.department.as_deref(), w.0),
            text([w.or_unknown(one.legal_basis.clone())]),
            w.date(one.due.as_ref()),
            short(one.missed),
            short(since.unwrap_or_else(|| w.say("미실시", "Not made").to_owned())),
        ]
    });
    let missed = w.part(
        None,
        &[
            NUMBER,
            ("협약", "Agreement", ""),
            ("근거", "Ordinance", "w25"),
            ("최초 기한", "First due", "w12"),
            ("기간 중 누락 횟수", "Missed in the period", "w12"),
            ("이후 점검", "Made since", "w12"),
        ],
        numbered(missed),
    );
    let never = report.never_reviewed.iter().map(|one| {
        vec![
            titled(&one.title, None, w.0),
            text([w.names(&one.parties)]),
            w.date(one.signed_on.as_ref()),
            department(one, w),
        ]
    });
    let never = w.part(
        Some(w.say(
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
        numbered(never),
    );
    w.lettered(vec![
        (w.say("실시한 점검", "Made"), made),
        (w.say("실시하지 않은 점검", "Missed"), missed),
        (
            w.say("점검이 한 번도 없는 협약", "Agreements never reviewed"),
            never,
        ),
    ])
}

fn council(report: &CouncilReport, w: Words) -> Part {
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

fn duties(report: &CouncilReport, w: Words) -> Part {
    let rows = report.overdue_duties.iter().map(|duty| {
        vec![
            titled(&duty.agreement.title, duty.department.as_deref(), w.0),
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

/// A source in words, and where it can be read.
fn source(source: Option<&Source>, w: Words) -> Cell {
    let mut cell = text([]);
    let Some(source) = source else {
        cell.lines.push(w.message(&UNKNOWN));
        return cell;
    };
    let published = source.published_on.as_ref().map(|on| date(Some(on), w.0));
    let parts = [source.publisher.clone(), source.title.clone(), published];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let words = parts.join(", ");
    let web = |url: &&String| url.starts_with("https://") || url.starts_with("http://");
    match source.url.as_ref().filter(web) {
        Some(url) => {
            let words = Some(words).filter(|words| !words.is_empty());
            cell.link = Some((words.unwrap_or_else(|| url.clone()), url.clone()));
        }
        None => cell
            .lines
            .push(w.or_unknown(Some(words).filter(|words| !words.is_empty()))),
    }
    cell
}

fn step(milestone: &MilestoneRef, w: Words) -> Cell {
    titled(
        &milestone.title,
        Some(milestone.project.title.in_language(w.0)),
        w.0,
    )
}

fn milestones(report: &CouncilReport, w: Words) -> Vec<Part> {
    let moved = report.moved_milestones.iter().map(|one| {
        let code = one.reason_code.map(|code| w.word(code));
        let reason = match (code, w.of(one.reason.as_ref())) {
            (Some(code), Some(reason)) => format!("{code}: {reason}"),
            (code, reason) => w.or_unknown(code.or(reason)),
        };
        vec![
            step(&one.milestone, w),
            w.date(Some(&one.stated_on)),
            short(date(Some(&one.was), w.0)),
            short(date(Some(&one.became), w.0)),
            short(slip(&one.slip, w.0)),
            text([reason]),
            source(one.source.as_ref(), w),
        ]
    });
    let moved = w.part(
        Some(w.say(
            "목표 시점이 정확한 날이 아니면 지연 일수는 범위로 나타냄",
            "Where a target is no certain day the slip is a range",
        )),
        &[
            NUMBER,
            ("추진 단계", "Milestone", "w14"),
            ("밝힌 날", "Stated", "w12"),
            ("종전 목표", "Before", "w10"),
            ("새 목표", "Then", "w10"),
            ("변동", "Slip", "w14"),
            ("사유", "Reason", "w14"),
            ("출처", "Source", ""),
        ],
        numbered(moved),
    );
    let met = report.met_milestones.iter().map(|one| {
        let late = one.slip.as_ref().map(|range| slip(range, w.0));
        let note = w.of(one.note.as_ref());
        vec![
            step(&one.milestone, w),
            w.date(one.baseline.as_ref()),
            w.date(Some(&one.on)),
            short(w.or_unknown(late)),
            text(note),
            source(one.source.as_ref(), w),
        ]
    });
    let met = w.part(
        None,
        &[
            NUMBER,
            ("추진 단계", "Milestone", "w18"),
            ("최초 목표", "First target", "w12"),
            ("달성일", "Met", "w12"),
            ("변동", "Slip", "w14"),
            ("내용", "Note", "w18"),
            ("출처", "Source", ""),
        ],
        numbered(met),
    );
    w.lettered(vec![
        (w.say("목표 시점 변경", "Targets moved"), moved),
        (w.say("달성", "Met"), met),
    ])
}

fn withheld(report: &CouncilReport, w: Words) -> Part {
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

fn undated(report: &CouncilReport, w: Words) -> Part {
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
    let note = w.say(
        "체결하거나 끝난 날을 몰라 위의 기간별 목록에 넣지 않은 협약",
        "They were signed or ended on a day that nobody knows, and are in no list of the period",
    );
    w.part(Some(note), &heads, numbered(rows))
}
