//! An agreement as known on two days, and what differs, in the words of its page.

use chrono::NaiveDate;

use super::commitments::{Promise, promises};
use super::facts::{PartyRow, facts, in_force, linked, parties};
use super::follow_up::{DutyRow, Event, acts, duties, steps};
use super::publications::publications;
use crate::agreements::read;
use crate::agreements::types::Agreement;
use crate::db::AnyConnection;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::AgreementId;
use crate::ledger::RequestContext;
use crate::pages::agreements::one::{corrections, gaps, source};
use crate::pages::files::Files;
use crate::pages::markup::{Dated, Fact, Text};
use crate::pages::reader::{self, AS_OF, Frame, not_a_day};
use crate::pages::words::Words;

/// Name of the parameter for the other day.
pub const COMPARE: &str = "compare";

/// A comparison of two days, and the form that asks for one.
pub struct Comparison {
    pub path: String,
    /// The days as the form has them.
    pub asked: [String; 2],
    /// Instant of the system time, which the form passes on.
    pub recorded_as_of: Option<String>,
    /// `None` if nothing is compared.
    pub shown: Option<Shown>,
}

/// Two days, and what differs between them.
pub struct Shown {
    pub days: [Dated; 2],
    /// A day by which nothing was known of the agreement.
    pub unknown_on: Option<Dated>,
    pub rows: Vec<Difference>,
}

/// Something that is stated on one of the days at least.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    /// Part of the page, and the name of the thing in it.
    part: &'static str,
    name: Text,
    words: Vec<String>,
}

/// A thing that differs: its words on the first day and on the second one; `None` where it is not
/// recorded.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    pub part: &'static str,
    pub name: Text,
    pub before: Option<Vec<Text>>,
    pub after: Option<Vec<Text>>,
}

/// Compares an agreement as known on the day of the page with another day, if the reader asks.
///
/// # Errors
/// `invalid_parameters` if the other day is none.
pub fn comparison(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    id: AgreementId,
) -> Result<Comparison, ApiError> {
    let own = frame.as_of.unwrap_or(cx.today);
    let text = |name| frame.get(name).unwrap_or_default().to_owned();
    let shown = match frame.get(COMPARE) {
        Some(day) => {
            let other = reader::day(day).ok_or_else(|| {
                ApiError::new(Code::InvalidParameters).and(vec![not_a_day(COMPARE, day)])
            })?;
            let days = [other.min(own), other.max(own)];
            Some(shown(conn, cx, frame, id, days)?)
        }
        None => None,
    };
    Ok(Comparison {
        path: frame.own(),
        asked: [text(COMPARE), text(AS_OF)],
        recorded_as_of: frame.get(crate::http::RECORDED_AS_OF).map(str::to_owned),
        shown,
    })
}

fn shown(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    id: AgreementId,
    days: [NaiveDate; 2],
) -> Result<Shown, ApiError> {
    let [before, after] = days.map(|day| lines_on(conn, cx, frame, id, day));
    let (before, after) = (before?, after?);
    let missing = [&before, &after].iter().position(|lines| lines.is_none());
    let rows = match (before, after) {
        (Some(before), Some(after)) => differences(frame.w, &before, &after),
        _ => Vec::new(),
    };
    Ok(Shown {
        days: days.map(|day| Dated::day(day, frame.w)),
        unknown_on: missing.map(|place| Dated::day(days[place], frame.w)),
        rows,
    })
}

/// Returns what is stated as known on a day; `None` if nothing was known.
fn lines_on(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    id: AgreementId,
    day: NaiveDate,
) -> Result<Option<Vec<Line>>, ApiError> {
    let one = match read::get(conn, cx, id, Some(day)) {
        Ok(one) => one,
        Err(error) if error.code == Code::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut frame = frame.clone();
    frame.as_of = Some(day);
    let promises = promises(conn, cx, &frame, &one, Files::of_everyone(&frame))?;
    Ok(Some(lines(&frame, cx, &one, &promises)))
}

/// Returns what the page states, part by part.
fn lines(frame: &Frame, cx: &RequestContext, one: &Agreement, promises: &[Promise]) -> Vec<Line> {
    let w = frame.w;
    let agreement = w.t("협약 내용", "The agreement");
    let plain = |name: &str, words: Vec<String>| Line {
        part: agreement,
        name: Text::stated(name, w),
        words,
    };
    let mut lines = vec![
        plain(
            w.t("상태", "Status"),
            vec![w.label("AgreementStatus", &one.status), in_force(w, one)],
        ),
        plain(
            w.t("미상 항목", "What is not known"),
            gaps(w, &one.gaps, "AgreementGap"),
        ),
    ];
    let facts = facts(frame, one);
    // Whether it is in force stands beside the status.
    let force = w.t("효력", "In force");
    let facts = facts.iter().filter(|fact| fact.name != force);
    lines.extend(facts.map(|fact| of_fact(w, agreement, fact)));
    lines.extend(parties(frame, one).iter().map(|party| of_party(w, party)));
    lines.extend(promises.iter().map(|promise| of_promise(w, promise)));
    lines.extend(
        duties(frame, &one.duties)
            .iter()
            .map(|duty| of_duty(w, duty)),
    );
    let linked = linked(frame, one);
    let part = w.t("관련 협약", "Linked agreements");
    lines.extend(linked.iter().map(|fact| of_fact(w, part, fact)));
    if let Some(next) = &one.superseded_by {
        let name = w.t("갱신·대체한 협약", "Renewed or replaced by");
        let words = vec![next.title.in_language(w.0).to_owned()];
        lines.push(plain(name, words));
    }
    let part = w.t("단계", "Steps");
    lines.extend(steps(w, one).iter().map(|event| of_event(w, part, event)));
    let part = w.t("점검과 의회", "Reviews and the council");
    let acts = acts(w, one, Files::of_everyone(frame));
    lines.extend(acts.iter().map(|event| of_event(w, part, event)));
    let corrections = corrections(frame, cx, one);
    let part = w.t("체결 후 정정", "Corrections after signing");
    lines.extend(corrections.iter().map(|event| of_event(w, part, event)));
    let sources = one.content.sources.iter();
    let words = sources.map(|one| source(w, one).text.plain().to_owned());
    lines.push(plain(w.t("출처", "Sources"), words.collect()));
    let part = w.t("공개", "Publications");
    let publications = publications(w, one);
    lines.extend(publications.iter().map(|event| of_event(w, part, event)));
    lines
}

fn of_fact(w: Words, part: &'static str, fact: &Fact) -> Line {
    let words = fact.values.iter().map(|value| value.plain().to_owned());
    let note = fact.note.as_ref().map(|note| format!("“{}”", note.plain()));
    Line {
        part,
        name: Text::stated(fact.name, w),
        words: words.chain(note).collect(),
    }
}

fn of_party(w: Words, party: &PartyRow) -> Line {
    let days = party.days.iter();
    let days = days.map(|(name, day)| format!("{name} {}", day.plain()));
    let signed = w.t("서명자", "Signed by");
    let signed = format!("{signed}: {}", party.signatory.plain());
    Line {
        part: w.t("당사자", "Parties"),
        name: party.name.text.clone(),
        words: [party.role.clone(), signed]
            .into_iter()
            .chain(days)
            .collect(),
    }
}

fn of_promise(w: Words, promise: &Promise) -> Line {
    let due = format!("{}: {}", w.t("기한", "Due"), promise.due.plain());
    let status = match promise.overdue {
        true => format!("{}, {}", promise.status, w.t("기한 지남", "overdue")),
        false => promise.status.clone(),
    };
    let reports = promise.reports.iter().map(|report| {
        let parts = [report.on.plain().to_owned(), report.status.clone()];
        let note = report.note.iter().map(|note| note.plain().to_owned());
        let figures = report.figures.iter().cloned();
        let parts: Vec<String> = parts.into_iter().chain(figures).chain(note).collect();
        parts.join(" ")
    });
    Line {
        part: w.t("협약 사항과 이행", "Commitments"),
        name: promise.text.clone(),
        words: [status, due].into_iter().chain(reports).collect(),
    }
}

fn of_duty(w: Words, duty: &DutyRow) -> Line {
    let done = duty.done_on.iter().map(|on| on.plain().to_owned());
    let due = format!("{}: {}", w.t("기한", "Due"), duty.due.plain());
    Line {
        part: w.t("조례에 따른 의무", "Duties by ordinance"),
        name: Text::stated(duty.name.clone(), w),
        words: [duty.status.clone(), due].into_iter().chain(done).collect(),
    }
}

fn of_event(w: Words, part: &'static str, event: &Event) -> Line {
    let texts = event.texts.iter().map(|text| text.plain().to_owned());
    Line {
        part,
        name: Text::stated(event.name.clone(), w),
        words: std::iter::once(event.on.plain().to_owned())
            .chain(texts)
            .collect(),
    }
}

/// Returns what differs between two days, in the order of the page. Things with one name, such as
/// reviews of several years, are matched in their order.
fn differences(w: Words, before: &[Line], after: &[Line]) -> Vec<Difference> {
    let same = |a: &Line, b: &Line| a.part == b.part && a.name == b.name;
    let texts = |line: &Line| -> Vec<Text> {
        let words = line.words.iter();
        words.map(|word| Text::stated(word.clone(), w)).collect()
    };
    let mut left: Vec<&Line> = before.iter().collect();
    let mut rows = Vec::new();
    for line in after {
        let found = left.iter().position(|old| same(old, line));
        let old = found.map(|place| left.remove(place));
        if old.is_none_or(|old| old.words != line.words) {
            rows.push(Difference {
                part: line.part,
                name: line.name.clone(),
                before: old.map(texts),
                after: Some(texts(line)),
            });
        }
    }
    rows.extend(left.into_iter().map(|line| Difference {
        part: line.part,
        name: line.name.clone(),
        before: Some(texts(line)),
        after: None,
    }));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::language::Language;

    const W: Words = Words(Language::Korean);

    fn line(name: &str, words: &[&str]) -> Line {
        Line {
            part: "단계",
            name: Text::stated(name, W),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    #[test]
    fn only_what_differs_is_shown() {
        let before = [
            line("상태", &["체결"]),
            line("점검", &["2023"]),
            line("담당", &["미상"]),
        ];
        let after = [
            line("상태", &["종료"]),
            line("점검", &["2023"]),
            line("점검", &["2024"]),
            line("담당", &["미상"]),
        ];
        let rows = differences(W, &before, &after);
        let text = |words: &str| Some(vec![Text::stated(words, W)]);
        let names: Vec<&str> = rows.iter().map(|row| row.name.plain()).collect();
        assert_eq!(names, ["상태", "점검"]);
        assert_eq!(
            (&rows[0].before, &rows[0].after),
            (&text("체결"), &text("종료"))
        );
        // Recorded on the second day only: that is no empty value.
        assert_eq!((&rows[1].before, &rows[1].after), (&None, &text("2024")));
        assert_eq!(differences(W, &after, &before)[1].after, None);
        assert!(differences(W, &before, &before).is_empty());
    }
}
