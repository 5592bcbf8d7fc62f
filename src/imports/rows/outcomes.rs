//! What happened at a milestone, as the cells of a row say.

use serde_json::{Value, json};

use super::apart::{before_day, brackets, dated};
use super::cells::stated;
use super::row::{Reader, line};
use super::statements::{date_targets, forecasts, outcome, parsed, received, table_day};
use super::step_headers::{Part, part};
use super::steps::{self, Before};
use crate::imports::book::Cell;
use crate::imports::types::ImportChoice;
use crate::kernel::language::Message;
use crate::kernel::values::to_db;
use crate::projects::milestones::types::OutcomeKind;

/// Reads what happened, and when.
pub fn happened(reader: &mut Reader<'_>) {
    let column = reader.ledger.first("outcome_on");
    let mut day = column.and_then(|column| Some((column, reader.stated(column)?)));
    let mut words = stated(reader, "outcome").pop();
    // A column of days can say in words that it is done.
    if let Some((_, text)) = &day
        && steps::outcome(text).is_some()
    {
        words = day.take();
    }
    let kind = words.as_ref().and_then(|(_, text)| steps::outcome(text));
    let may_be_met = matches!(kind, None | Some(OutcomeKind::Met));
    if let Some((column, text)) = day.clone().filter(|_| may_be_met)
        && let Some(against) = says_against(reader, column, &text)
    {
        let kind = match against {
            Against::Kind(kind) if words.is_none() => Some(kind),
            _ => what_happened(reader, column, &text),
        };
        if let Some((column, text)) = words {
            reader.keep(column, &text);
        }
        match (kind, reader.date(column, "/outcomes/0/on")) {
            (Some(kind), Some(on)) => outcome(reader, kind, on, Some(column)),
            _ => reader.keep(column, &text),
        }
        return;
    }
    let on = day
        .as_ref()
        .and_then(|(column, text)| happened_on(reader, (*column, text), kind));
    match (on, words, kind) {
        (Some(on), words, mut kind) => {
            if let (Some((at, text)), None) = (words, kind) {
                reader.keep(at, &text);
                if !steps::says_done(&text) {
                    kind = what_happened(reader, at, &text);
                    if kind.is_none() {
                        let day = day.map_or_else(String::new, |(_, text)| text);
                        return reader.keep(column.unwrap_or(at), &day);
                    }
                }
            }
            outcome(reader, kind.unwrap_or(OutcomeKind::Met), on, column);
        }
        (None, Some((column, text)), Some(kind)) if steps::stands_without_day(kind) => {
            let on = json!({ "edtf": null, "as_stated": line(&text, 500) });
            let message = Message::fixed(
                "날짜가 없어, 늦어도 오늘까지 있었던 일로 적습니다.",
                "The day is missing; it is recorded as having happened by today.",
            );
            reader.note(Some(column), "/outcomes/0/on", "day_missing", message);
            outcome(reader, kind, on, Some(column));
        }
        (None, Some((column, text)), _) => reader.keep(column, &text),
        (None, None, _) => {}
    }
}

/// Returns the day in a column of outcomes. Words that are no day state none, unless `kind` says in a column
/// of its own what happened.
fn happened_on(
    reader: &mut Reader<'_>,
    (column, text): (usize, &str),
    kind: Option<OutcomeKind>,
) -> Option<Value> {
    let is_date = matches!(reader.cell(column), Cell::Date { .. });
    let header = &reader.ledger.columns[column].header;
    match kind {
        Some(_) => {}
        None if !is_date && steps::is_not_yet(text) => {
            not_yet(reader, column, text);
            return None;
        }
        None if is_target(text) || steps::is_target(header) => {
            planned(reader, column, text);
            return None;
        }
        None => {}
    }
    let asked = reader.out.questions.len();
    let date = reader.date(column, "/outcomes/0/on")?;
    let is_settled = kind.is_some() || date["edtf"].is_string();
    let is_asked = reader.out.questions.len() > asked;
    (is_settled || is_asked || is_done(reader, column, text)).then_some(date)
}

/// Keeps words that say of a step that it has not happened, or goes on.
fn not_yet(reader: &mut Reader<'_>, column: usize, text: &str) {
    let message = Message::new(
        format!(
            "“{}”은(는) 이루어진 날이 아니어서 결과로 적지 않습니다.",
            line(text, 100)
        ),
        format!(
            "“{}” is no day on which it happened; no outcome is recorded.",
            line(text, 100)
        ),
    );
    reader.note(Some(column), "/outcomes", "not_happened", message);
    reader.keep(column, text);
}

/// Takes a day ahead in a column of outcomes as the target, if the row states no other.
fn planned(reader: &mut Reader<'_>, column: usize, text: &str) {
    if reader.out.body.contains_key("forecasts") {
        return not_yet(reader, column, text);
    }
    if let Some(date) = reader.date(column, "/forecasts/0/target") {
        forecasts(reader, vec![(column, date)]);
    }
}

/// Asks whether a step has happened, where a cell names no day that is understood or the row contradicts
/// itself. The words of the cell are kept unless they become the day of the outcome.
fn is_done(reader: &mut Reader<'_>, column: usize, text: &str) -> bool {
    let is_done = asked(reader, column, text, &HAPPENED[..1]).is_some();
    if !is_done {
        reader.keep(column, text);
    }
    is_done
}

/// Asks what words say that happened on a day that the row states: 유찰, 연기, 60% 보상.
fn what_happened(reader: &mut Reader<'_>, column: usize, text: &str) -> Option<OutcomeKind> {
    asked(reader, column, text, HAPPENED)
}

/// What can have happened, as answers to a question.
const HAPPENED: &[(OutcomeKind, &str, &str)] = &[
    (OutcomeKind::Met, "이루어짐", "It has happened"),
    (
        OutcomeKind::PartiallyMet,
        "일부 이루어짐",
        "It has happened in part",
    ),
    (OutcomeKind::Failed, "실패함", "It failed"),
    (OutcomeKind::Cancelled, "취소됨", "It was cancelled"),
    (OutcomeKind::Suspended, "중단됨", "It was suspended"),
];

/// Asks which of several things words say that happened; `None` for none, and while it is not answered.
fn asked(
    reader: &mut Reader<'_>,
    column: usize,
    text: &str,
    kinds: &[(OutcomeKind, &'static str, &'static str)],
) -> Option<OutcomeKind> {
    let short = line(text, 100);
    let message = Message::new(
        format!("“{short}”은(는) 이 단계가 이루어졌다는 뜻입니까?"),
        format!("Does “{short}” mean that this step has happened?"),
    );
    let choice = |value: String, message: Message| ImportChoice { value, message };
    let mut choices: Vec<ImportChoice> = kinds
        .iter()
        .map(|(kind, ko, en)| choice(to_db(kind), Message::fixed(ko, en)))
        .collect();
    let not_met = Message::fixed("이루어지지 않음", "It has not happened");
    choices.push(choice("not_met".into(), not_met));
    let answer = reader.ask(Some(column), "outcome_unclear", message, choices)?;
    let mut kinds = kinds.iter().map(|(kind, ..)| *kind);
    kinds.find(|kind| to_db(kind) == answer)
}

/// Returns whether the row says of the project as a whole what is against its steps, such as 취소, unless the
/// caller answers that they have happened.
fn is_denied(reader: &mut Reader<'_>) -> bool {
    let Some((column, text)) = stated(reader, "outcome").pop() else {
        return false;
    };
    let is_against = match steps::outcome(&text) {
        Some(kind) => !matches!(kind, OutcomeKind::Met | OutcomeKind::Started),
        None => steps::is_doubtful(&text),
    };
    is_against && asked(reader, column, &text, &HAPPENED[..1]).is_none()
}

/// Returns whether the words of a cell, beside its day, say that this day is a target. A target in brackets
/// behind a day is another day: `2023.10.26(예정 2022.3)`.
fn is_target(text: &str) -> bool {
    let (outside, asides) = brackets(text);
    let has_digit = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    let mut asides = asides.iter();
    steps::is_target(&outside)
        || asides.any(|aside| steps::is_target(aside) && !(has_digit(&outside) && has_digit(aside)))
}

/// What words beside the day of a cell say against this day being the one on which the step was met.
#[derive(Clone, Copy)]
enum Against {
    /// That this happened on it: `유찰(2022.3)`.
    Kind(OutcomeKind),
    /// Something that is asked about: `2022.3(보류)`, `2022.3(60%)`, `2022.3(미착공)`, `신청(2022.3)`.
    Unclear,
}

fn says_against(reader: &Reader<'_>, column: usize, text: &str) -> Option<Against> {
    if matches!(reader.cell(column), Cell::Date { .. }) {
        return None;
    }
    let (outside, asides) = brackets(text);
    let (words, date) = dated(&outside);
    let is_against = |words: &String| {
        let is_open = steps::is_not_yet(words) && !steps::is_target(words);
        let outcome = steps::outcome(words);
        let is_met = matches!(outcome, Some(OutcomeKind::Met | OutcomeKind::Started));
        is_open || steps::is_doubtful(words) || outcome.is_some() && !is_met
    };
    let before = before_day(text);
    // The words before the day decide, unless others are against it.
    let others = match &before {
        Some(before) => words.replacen(before, "", 1),
        None => words,
    };
    let mut all = asides.iter().chain([&others]);
    let is_unclear = (before.is_some() || date.is_some()) && all.any(is_against);
    match before.map(|words| steps::before_day(&words)) {
        _ if is_unclear => Some(Against::Unclear),
        Some(Before::Otherwise(kind)) => Some(Against::Kind(kind)),
        Some(Before::Unclear) => Some(Against::Unclear),
        Some(Before::Day) | None => None,
    }
}

/// Reads the cells of a step: its targets, and the day on which it was met or, if that is ahead, its target.
pub fn of_step(reader: &mut Reader<'_>, columns: &[usize]) {
    let ledger = reader.ledger;
    let place = |column: usize| {
        let part = part(&ledger.columns[column].header);
        ORDER.iter().position(|other| *other == part)
    };
    let mut columns = columns.to_vec();
    columns.sort_by_key(|column| place(*column));
    let mut targets: Vec<(usize, Value)> = Vec::new();
    for column in columns {
        let is_day = place(column) == Some(ORDER.len() - 1);
        targets.extend(cell(reader, column, is_day).map(|date| (column, date)));
    }
    forecasts(reader, targets);
    date_targets(reader);
}

/// The order in which the columns of a step are told.
const ORDER: [Part; 4] = [Part::First, Part::Target, Part::Revised, Part::Day];

/// Reads a cell of a step: adds what happened, or returns the target.
fn cell(reader: &mut Reader<'_>, column: usize, is_day: bool) -> Option<Value> {
    let text = reader.stated(column)?;
    if let Some(kind) = steps::outcome(&text).filter(|_| is_day) {
        let on = json!({ "edtf": null, "as_stated": line(&text, 500) });
        outcome(reader, kind, on, Some(column));
        return None;
    }
    let is_date = matches!(reader.cell(column), Cell::Date { .. });
    if !is_date && steps::is_not_yet(&text) && !steps::is_open(&text) {
        not_yet(reader, column, &text);
        return None;
    }
    let date = reader.date(column, "/forecasts/0/target")?;
    if !is_day || is_target(&text) {
        return Some(date);
    }
    let is_dated = date["edtf"].is_string();
    // `보류(예산)` says nothing of a day, and stays wording.
    if let Some(against) = says_against(reader, column, &text) {
        let kind = match against {
            Against::Kind(kind) => Some(kind),
            Against::Unclear => what_happened(reader, column, &text),
        };
        return match kind {
            Some(kind) => {
                outcome(reader, kind, date, Some(column));
                None
            }
            None if is_dated => Some(date),
            // `완료(취소 2022.3)` is no target, whatever it says.
            None => {
                reader.keep(column, &text);
                None
            }
        };
    }
    let day = table_day(reader.ledger).and_then(|day| day.latest());
    let day = day.or_else(|| received(reader.ledger));
    let is_past = parsed(&date)
        .zip(day)
        .is_some_and(|(date, day)| date.earliest().is_some() && date.known_by(day));
    if !is_past || is_denied(reader) {
        return Some(date);
    }
    outcome(reader, OutcomeKind::Met, date, Some(column));
    None
}
