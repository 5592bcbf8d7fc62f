//! A row of a list of milestones: one step of a project, or a project with a column for each step.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::cells::{cells, localized, place, stated, unmapped};
use super::columns::Ledger;
use super::names::Names;
use super::projects::Meant;
use super::row::{Reader, Row, line};
use super::steps;
use crate::http::tables;
use crate::imports::book::Cell;
use crate::imports::kind::ImportKind;
use crate::imports::layout::DataRow;
use crate::imports::types::ImportChoice;
use crate::kernel::language::{Language, Message};
use crate::kernel::text::squeeze;
use crate::kernel::values::past_events::not_passed;
use crate::kernel::values::{ImpreciseDate, to_db};
use crate::kernel::wording::read_date;
use crate::projects::list::NamedProject;
use crate::projects::milestones::types::{MilestoneKind, OutcomeKind};

/// Wording of the day of a statement that the file does not state.
pub const RECEIVED: &str = "파일을 받은 날";

/// Returns the milestones of a row. A body has the project's id beside the members of the POST.
pub fn milestones(ledger: &Ledger<'_>, data: &DataRow, names: &Names<'_>) -> Vec<Row> {
    let columns: Vec<usize> = (0..ledger.columns.len())
        .filter(|column| {
            let field = ledger.columns[*column].field.as_deref();
            field.is_some_and(|field| steps::of_field(field).is_some())
        })
        .collect();
    let reader = Reader::new(ledger, data);
    let names_step = stated(&reader, "kind")
        .iter()
        .any(|(_, text)| steps::step(text).is_some());
    let mut stated = columns.iter().filter(|c| reader.stated(**c).is_some());
    let first = stated.next().copied();
    let mut rows = Vec::new();
    if columns.is_empty() || names_step || first.is_none() {
        rows.push(milestone(ledger, data, names, (None, true)));
    }
    let keeps = rows.is_empty();
    for column in first.into_iter().chain(stated.copied()) {
        // The other cells of the row stand with its first milestone.
        let is_first = keeps && Some(column) == first;
        rows.push(milestone(ledger, data, names, (Some(column), is_first)));
    }
    rows
}

/// Returns the milestone of a row, or of one of its columns.
fn milestone(
    ledger: &Ledger<'_>,
    data: &DataRow,
    names: &Names<'_>,
    (column, keeps_others): (Option<usize>, bool),
) -> Row {
    let mut reader = Reader::new(ledger, data);
    reader.out.column = column;
    cells(&mut reader);
    let project = project(&mut reader, names);
    let step = step(&mut reader, column);
    let prefix = phase(&mut reader, project, column.is_some());
    title(&mut reader, step, prefix);
    if keeps_others {
        unmapped(&mut reader, ImportKind::Milestones);
    }
    if keeps_others && column.is_some() {
        // Beside columns of steps, they are of the row as a whole.
        for field in ["outcome", "outcome_on", "target"] {
            for (column, text) in stated(&reader, field) {
                reader.keep(column, &text);
            }
        }
    }
    match column {
        Some(column) => cell(&mut reader, column),
        None => row(&mut reader),
    }
    reader.out
}

/// Finds the project, or asks for it. None is ever recorded by an import.
fn project<'a>(reader: &mut Reader<'_>, names: &'a Names<'_>) -> Option<&'a NamedProject> {
    let column = reader.ledger.first("project");
    let Some(text) = column.and_then(|column| reader.stated(column)) else {
        let message = Message::fixed("사업이 없습니다.", "The project is missing.");
        reader.problem(column, "", "project_missing", message);
        return None;
    };
    let text = line(&text, 300);
    let alike = match names.projects.meant(&text) {
        Meant::One(project) => {
            reader.set("project_id", json!(project.id));
            return Some(project);
        }
        Meant::Unclear(alike) => alike,
    };
    let mut choices: Vec<ImportChoice> = alike.iter().map(choice).collect();
    choices.push(ImportChoice {
        value: "skip".into(),
        message: Message::fixed("기록하지 않음", "Leave it out"),
    });
    let message = Message::new(
        format!("“{text}”은(는) 등록된 사업과 이름이 다릅니다. 어느 사업입니까?"),
        format!("No project is recorded as “{text}”. Which one is meant?"),
    );
    let answer = reader.ask(column, "project_unknown", message, choices)?;
    let chosen = alike.iter().map(|(project, _)| *project);
    let chosen = chosen.into_iter().find(|p| p.id.to_string() == answer);
    if let Some(project) = chosen {
        reader.set("project_id", json!(project.id));
    } else {
        let message = Message::fixed(
            "기록하지 않기로 한 사업입니다.",
            "The project is left out, as answered.",
        );
        reader.problem(column, "", "left_out", message);
    }
    chosen
}

fn choice((project, score): &(&NamedProject, usize)) -> ImportChoice {
    let title = project.titles.first();
    let named = |language| title.map_or("", |title| title.in_language(language));
    ImportChoice {
        value: project.id.to_string(),
        message: Message::new(
            format!("{} ({score}점)", named(Language::Korean)),
            format!("{} (score {score})", named(Language::English)),
        ),
    }
}

/// Returns the step of the column, or the one that the row names.
fn step(reader: &mut Reader<'_>, column: Option<usize>) -> MilestoneKind {
    let field = column.and_then(|column| reader.ledger.columns[column].field.as_deref());
    let named = stated(reader, "kind").pop();
    let step = field
        .and_then(steps::of_field)
        .or_else(|| steps::step(&named.as_ref()?.1));
    if step.is_none() && named.is_none() {
        let column = reader.ledger.first("kind");
        let message = Message::fixed("추진 단계가 없습니다.", "The milestone is missing.");
        reader.problem(column, "/kind", "kind_missing", message);
    }
    let step = step.unwrap_or(MilestoneKind::Other);
    reader.set("kind", json!(step));
    step
}

/// Finds the phase. Returns words for one that the project does not have, which go into the title.
fn phase(
    reader: &mut Reader<'_>,
    project: Option<&NamedProject>,
    in_columns: bool,
) -> Option<String> {
    let mut named = stated(reader, "phase");
    if in_columns {
        // Where each step has a column, a column of steps numbers the phases.
        named.extend(stated(reader, "kind"));
    }
    let (column, text) = named.into_iter().next()?;
    let text = line(&text, 50);
    let wanted = squeeze(&text);
    let digits: String = wanted.chars().filter(char::is_ascii_digit).collect();
    let is_meant = |(key, title): &&(String, crate::kernel::values::Localized)| {
        squeeze(key) == wanted || title.texts().any(|title| squeeze(title) == wanted)
    };
    let phases = project.map_or(&[][..], |project| &project.phases);
    let by_number = || phases.iter().find(|(key, _)| *key == digits);
    if let Some((key, _)) = phases.iter().find(is_meant).or_else(by_number) {
        reader.set("phase", json!(key));
        return None;
    }
    let message = Message::fixed(
        "사업에 없는 단계입니다. 추진 단계의 제목에 적습니다.",
        "The project has no such phase; it becomes part of the milestone's title.",
    );
    reader.note(Some(column), "/title", "phase_unknown", message);
    Some(text)
}

/// Sets the title, unless it is that of the step.
fn title(reader: &mut Reader<'_>, step: MilestoneKind, prefix: Option<String>) {
    let named = stated(reader, "title").pop().map(|(_, text)| text);
    let is_of_step = |text: &String| {
        let own = step.title();
        let is_same = own.texts().any(|own| squeeze(own) == squeeze(text));
        is_same || step != MilestoneKind::Other && steps::step(text) == Some(step)
    };
    let named = named.filter(|text| !is_of_step(text));
    // A step without a kind of its own is known by its name.
    let other = || stated(reader, "kind").pop().map(|(_, text)| text);
    let named = match (named, step) {
        (None, MilestoneKind::Other) => other().filter(|text| steps::step(text).is_none()),
        (named, _) => named,
    };
    let title = match (prefix, named) {
        (Some(prefix), Some(named)) => format!("{prefix} {named}"),
        (Some(prefix), None) => {
            let own = step.title();
            format!("{prefix} {}", own.in_language(Language::Korean))
        }
        (None, Some(named)) => named,
        (None, None) => return,
    };
    reader.set("title", localized(&line(&title, 300)));
}

/// Reads a row that states one step: its target, and what happened.
fn row(reader: &mut Reader<'_>) {
    let event = stated(reader, "event").pop();
    let event = event.and_then(|(_, text)| tables::code_of("SlipEvent", &text));
    let target = reader.ledger.first("target");
    let date = target.and_then(|column| reader.date(column, "/forecasts/0/target"));
    match (event, date) {
        (Some("met"), Some(on)) => outcome(reader, OutcomeKind::Met, on, target),
        (Some("followed"), _) => {
            // It follows from the target of another milestone, so that it states nothing itself.
            reader.out.record = None;
        }
        (_, Some(date)) => forecast(reader, target, date),
        (_, None) => {}
    }
    happened(reader);
    rest(reader);
}

/// Reads what happened, and when.
fn happened(reader: &mut Reader<'_>) {
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
        None if steps::is_target(text) || steps::is_target(header) => {
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
        forecast(reader, Some(column), date);
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

/// Reads the cell of a step: the day on which it was met or, if that is ahead, its target.
fn cell(reader: &mut Reader<'_>, column: usize) {
    let text = reader.stated(column).unwrap_or_default();
    if let Some(kind) = steps::outcome(&text) {
        let on = json!({ "edtf": null, "as_stated": line(&text, 500) });
        outcome(reader, kind, on, Some(column));
        return rest(reader);
    }
    let is_date = matches!(reader.cell(column), Cell::Date { .. });
    if !is_date && steps::is_not_yet(&text) && !steps::is_open(&text) {
        not_yet(reader, column, &text);
        return rest(reader);
    }
    let Some(date) = reader.date(column, "/forecasts/0/target") else {
        return;
    };
    let header = &reader.ledger.columns[column].header;
    let is_target = steps::is_target(header) || steps::is_target(&text);
    let day = table_day(reader.ledger).and_then(|day| day.latest());
    let day = day.or_else(|| received(reader.ledger));
    let is_past = parsed(&date)
        .zip(day)
        .is_some_and(|(date, day)| date.earliest().is_some() && date.known_by(day));
    match is_past && !is_target && !is_denied(reader) {
        true => outcome(reader, OutcomeKind::Met, date, Some(column)),
        false => forecast(reader, Some(column), date),
    }
    rest(reader);
}

fn parsed(date: &Value) -> Option<ImpreciseDate> {
    ImpreciseDate::parse(date["edtf"].as_str()?).ok()
}

/// Returns the day on which the file came.
fn received(ledger: &Ledger<'_>) -> Option<NaiveDate> {
    ledger.origin.received_on.parse().ok()
}

/// Returns the day as of which the file says that it stands: `(2024. 6. 30. 기준)`.
fn table_day(ledger: &Ledger<'_>) -> Option<ImpreciseDate> {
    let mut days = ledger.layout.remarks.iter().filter_map(|remark| {
        let (before, _) = remark.split_once("기준").or(remark.split_once("현재"))?;
        let text = before.trim().trim_start_matches(['(', '[', '※', ' ']);
        let context = crate::kernel::wording::Context::past(ledger.year);
        read_date(text, &context).value
    });
    days.find(|day| day.latest().is_some())
}

/// Adds a target, with the day on which it was stated.
fn forecast(reader: &mut Reader<'_>, column: Option<usize>, mut target: Value) {
    if target.get("relative_to").is_some() {
        // The cell does not say which record it is counted from.
        target = json!({ "edtf": null, "as_stated": target["as_stated"] });
    }
    let stated_on = reader.ledger.first("stated_on");
    let stated_on = stated_on.and_then(|c| reader.date(c, "/forecasts/0/stated_on"));
    let stated_on = stated_on.or_else(|| Some(table_day(reader.ledger)?.as_sent()));
    let stated_on = stated_on.unwrap_or_else(|| {
        let message = Message::fixed(
            "언제 밝힌 목표인지 없어, 파일을 받은 날에 밝힌 것으로 적습니다.",
            "The day of the statement is missing; the day on which the file came is recorded.",
        );
        let pointer = "/forecasts/0/stated_on";
        reader.note(column, pointer, "stated_on_missing", message);
        json!({ "edtf": reader.ledger.origin.received_on, "as_stated": RECEIVED })
    });
    let mut new = json!({ "target": target, "stated_on": stated_on });
    if let Some((_, text)) = stated(reader, "stated_by").pop() {
        new["stated_by"] = json!(line(&text, 300));
    }
    let (mut reasons, codes) = (stated(reader, "reason"), stated(reader, "reason_code"));
    for (column, text) in codes {
        match tables::code_of("ReasonCode", &text) {
            Some(code) => new["reason_code"] = json!(code),
            None => reasons.push((column, text)),
        }
    }
    let reasons: Vec<String> = reasons.into_iter().map(|(_, text)| text).collect();
    if !reasons.is_empty() {
        new["reason"] = localized(&reasons.join("\n"));
    }
    new["source"] = source(reader);
    reader.set("forecasts", json!([new]));
}

/// Adds what happened on a day.
fn outcome(reader: &mut Reader<'_>, kind: OutcomeKind, on: Value, column: Option<usize>) {
    let date = parsed(&on).zip(received(reader.ledger));
    let ahead = date.and_then(|(date, day)| not_passed(&date, "", day));
    if let Some(ahead) = ahead {
        reader.problem(column, "/outcomes/0/on", &ahead.code, ahead.message);
    }
    let new = json!({ "kind": to_db(&kind), "on": on, "source": source(reader) });
    reader.set("outcomes", json!([new]));
}

/// Returns the source: the one that the row names, with the file and the row.
fn source(reader: &mut Reader<'_>) -> Value {
    let place = place(reader);
    let title = stated(reader, "source").pop();
    let title = match title {
        Some((_, text)) => format!("{} | {place}", line(&text, 700)),
        None => place,
    };
    let mut source = json!({
        "title": line(&title, 1_000),
        "retrieved_on": { "edtf": reader.ledger.origin.received_on },
    });
    if let Some((column, text)) = stated(reader, "source_url").pop() {
        let is_address = text.starts_with("http://") || text.starts_with("https://");
        match is_address && !text.contains(char::is_whitespace) && text.len() < 2_000 {
            true => source["url"] = json!(text),
            false => reader.keep(column, &text),
        }
    }
    source
}

/// Keeps the remarks, and what no member takes, as the note of what the row states.
fn rest(reader: &mut Reader<'_>) {
    let mut notes: Vec<String> = stated(reader, "note").into_iter().map(|(_, n)| n).collect();
    notes.append(&mut reader.out.remarks);
    let body = &mut reader.out.body;
    let member = ["forecasts", "outcomes"]
        .into_iter()
        .find(|member| body.contains_key(*member));
    if notes.is_empty() {
        return;
    }
    if let Some(statement) = member.and_then(|member| body.get_mut(member)) {
        statement[0]["note"] = localized(&notes.join("\n"));
        return;
    }
    let message = Message::fixed(
        "목표 시점도 결과도 없어 비고를 적을 곳이 없습니다.",
        "The row states neither a target nor an outcome, so its remarks have no place.",
    );
    reader.note(None, "", "remarks_not_kept", message);
}
