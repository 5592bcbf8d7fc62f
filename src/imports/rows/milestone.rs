//! A row of a list of milestones: one step of a project, or a project with a column for each step.

use serde_json::{Value, json};

use super::cells::{cells, localized, stated, unmapped};
use super::columns::Ledger;
use super::names::Names;
use super::outcomes::{self, happened};
use super::projects::Meant;
use super::row::{Reader, Row, line};
use super::statements::{date_targets, forecasts, outcome};
use super::steps;
use super::visibility::ask_whether_public;
use crate::http::tables;
use crate::imports::kind::ImportKind;
use crate::imports::layout::DataRow;
use crate::imports::types::ImportChoice;
use crate::kernel::language::{Language, Message};
use crate::kernel::text::squeeze;
use crate::projects::list::NamedProject;
use crate::projects::milestones::types::{MilestoneKind, OutcomeKind};

/// Returns the milestones of a row. A body has the project's id beside the members of the POST.
pub fn milestones(ledger: &Ledger<'_>, data: &DataRow, names: &Names<'_>) -> Vec<Row> {
    let reader = Reader::new(ledger, data);
    let of_step = |column: &usize| {
        let field = ledger.columns[*column].field.as_deref();
        field.and_then(steps::of_field)
    };
    let columns: Vec<usize> = (0..ledger.columns.len())
        .filter(|column| of_step(column).is_some())
        .collect();
    let names_step = stated(&reader, "kind")
        .iter()
        .any(|(_, text)| steps::step(text).is_some());
    // A step has columns of its own for its targets and its day.
    let mut steps: Vec<Vec<usize>> = Vec::new();
    for column in columns
        .iter()
        .copied()
        .filter(|c| reader.stated(*c).is_some())
    {
        match steps
            .iter_mut()
            .find(|step| of_step(&step[0]) == of_step(&column))
        {
            Some(step) => step.push(column),
            None => steps.push(vec![column]),
        }
    }
    let mut rows = Vec::new();
    if columns.is_empty() || names_step || steps.is_empty() {
        rows.push(milestone(ledger, data, names, (&[], true)));
    }
    let keeps = rows.is_empty();
    for (n, step) in steps.iter().enumerate() {
        // The other cells of the row stand with its first milestone.
        rows.push(milestone(ledger, data, names, (step, keeps && n == 0)));
    }
    rows
}

/// Returns the milestone of a row, or of the columns of one step.
fn milestone(
    ledger: &Ledger<'_>,
    data: &DataRow,
    names: &Names<'_>,
    (columns, keeps_others): (&[usize], bool),
) -> Row {
    let mut reader = Reader::new(ledger, data);
    let column = columns.first().copied();
    reader.out.column = column;
    cells(&mut reader);
    let project = project(&mut reader, names);
    let step = step(&mut reader, column);
    let prefix = phase(&mut reader, project, column.is_some());
    title(&mut reader, step, prefix);
    ask_whether_public(&mut reader);
    if keeps_others {
        unmapped(&mut reader, ImportKind::Milestones);
    }
    if keeps_others && column.is_some() {
        // Beside columns of steps, they are of the row as a whole.
        for field in ["outcome", "outcome_on", "target", "first_target"] {
            for (column, text) in stated(&reader, field) {
                reader.keep(column, &text);
            }
        }
    }
    match column {
        Some(_) => outcomes::of_step(&mut reader, columns),
        None => row(&mut reader),
    }
    rest(&mut reader);
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

/// Reads a row that states one step: its targets, and what happened.
fn row(reader: &mut Reader<'_>) {
    let event = stated(reader, "event").pop();
    let event = event.and_then(|(_, text)| tables::code_of("SlipEvent", &text));
    let mut targets: Vec<(usize, Value)> = Vec::new();
    for field in ["first_target", "target"] {
        let column = reader.ledger.first(field);
        let date = column.and_then(|c| Some((c, reader.date(c, "/forecasts/0/target")?)));
        targets.extend(date);
    }
    match event {
        Some("met") => {
            if let Some((column, on)) = targets.pop() {
                outcome(reader, OutcomeKind::Met, on, Some(column));
            }
        }
        // It follows from the target of another milestone, so that it states nothing itself.
        Some("followed") => reader.out.record = None,
        _ => forecasts(reader, targets),
    }
    happened(reader);
    date_targets(reader);
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
        // The last one stands.
        if let Some(last) = statement.as_array_mut().and_then(|all| all.last_mut()) {
            last["note"] = localized(&notes.join("\n"));
        }
        return;
    }
    let message = Message::fixed(
        "목표 시점도 결과도 없어 비고를 적을 곳이 없습니다.",
        "The row states neither a target nor an outcome, so its remarks have no place.",
    );
    reader.note(None, "", "remarks_not_kept", message);
}
