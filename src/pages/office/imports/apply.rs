//! Recording rows of an import, after a look at what that records.

use actix_web::{HttpResponse, get, post, web};
use serde_json::{Value, json};

use super::rows::{Part, ROW, is_ready};
use super::words::{self, Said};
use super::{DONE, path};
use crate::db::AnyConnection;
use crate::directory::names::names;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, tag};
use crate::http::{Path, State};
use crate::imports::apply::{Work, apply};
use crate::imports::store::{self, Stored};
use crate::imports::types::{ImportApply, ImportOutcome, ImportRow, LedgerImport};
use crate::kernel::error::ApiError;
use crate::kernel::ids::ImportId;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;

/// Rows that are named one by one before they are recorded.
const NAMED: usize = 100;

#[get("/office/imports/{id}/apply")]
pub async fn open(Path(id): Path<ImportId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let rows = frame.only(&[ROW]).into_iter();
    let rows = rows.map(|(name, row)| (name.to_owned(), row.to_owned()));
    let form = Form::of(rows.collect());
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id);
    entry::open_as("get_import", &by, frame, form, make).await
}

#[post("/office/imports/{id}/apply")]
pub async fn send(
    Path(id): Path<ImportId>,
    sent: Submission,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let rows = rows(&sent.form);
    let body = match rows.is_empty() {
        true => json!({}),
        false => json!({ "rows": rows }),
    };
    let url = frame.with(&path(id), &[(DONE, "applied")]);
    let place = move |_: &LedgerImport| url.clone();
    let (organizations, expected) = (state.organizations.clone(), sent.expected());
    let done = sent.post(
        "apply_import",
        body,
        place,
        move |conn, cx, request: &ImportApply| {
            // What is recorded is what the page showed.
            let shown = store::load(conn, cx, id)?;
            expected.check(&shown.meta.revision())?;
            let work = Work {
                organizations: organizations.as_ref(),
                told: &|_, _, _| {},
            };
            apply(conn, cx, id, &work, request)
        },
    );
    let done = done.await;
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id);
    entry::settled(&by, frame, form, done, make).await
}

/// Returns the rows that were chosen; none if all are meant.
fn rows(form: &Form) -> Vec<u32> {
    let rows = form.fields().filter(|(name, _)| *name == ROW);
    rows.filter_map(|(_, row)| row.parse().ok()).collect()
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: ImportId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let stored = store::load(conn, cx, id)?;
    let import = store::view(conn, cx, &stored)?;
    let numbers = rows(&form);
    let chosen = chosen(&stored, &import, &numbers);
    let mut ids = Vec::new();
    for row in &chosen {
        words::ids(&row.body, &mut ids);
    }
    let said = Said {
        w,
        kind: import.summary.kind,
        names: &names(conn, ids)?,
    };
    let mut list: Vec<String> = chosen
        .iter()
        .take(NAMED)
        .map(|row| line(row, &said))
        .collect();
    if let Some(more) = chosen.len().checked_sub(NAMED).filter(|more| *more > 0) {
        let more = w.number(more);
        list.push(match w.tag() {
            "ko" => format!("그 밖에 {more}행"),
            _ => format!("and {more} more rows"),
        });
    }
    let entry = Entry {
        title: match chosen.is_empty() {
            true => w.t("기록할 행이 없습니다", "No row is to be recorded"),
            false => w.t("이대로 기록합니까?", "Record these rows?"),
        }
        .to_owned(),
        lead: lead(&import, &chosen, &said),
        list,
        groups: &[],
        send: match chosen.is_empty() {
            true => "",
            false => w.t("기록", "Record"),
        },
        back: path(id),
        tag: Some(tag(&import.revision())),
        passed: numbers.iter().map(|row| (ROW, row.to_string())).collect(),
        ..Entry::default()
    };
    Ok((entry, form))
}

/// Returns the rows that would be recorded: the chosen ones, or all that are ready and not hidden.
fn chosen<'a>(stored: &Stored, import: &'a LedgerImport, numbers: &[u32]) -> Vec<&'a ImportRow> {
    let rows = import.rows.iter();
    let rows = rows.filter(|row| match numbers.is_empty() {
        true => Part::Ready.holds(stored, row),
        false => is_ready(row) && numbers.iter().any(|number| *number as usize == row.row),
    });
    rows.collect()
}

fn lead(import: &LedgerImport, chosen: &[&ImportRow], said: &Said<'_>) -> Vec<String> {
    let w = said.w;
    let count = |ko, en, number: usize| format!("{}: {}", w.t(ko, en), w.number(number));
    let counts = &import.counts;
    let changes = chosen.iter();
    let changes = changes.filter(|row| row.outcome == ImportOutcome::Change);
    let changes = changes.count();
    let mut lead = vec![
        [
            count("새 기록", "New records", chosen.len() - changes),
            count("수정하는 기록", "Corrected records", changes),
        ]
        .join(" · "),
    ];
    let new = organizations(chosen, said);
    if !new.is_empty() {
        let title = w.t(
            "등록부에 없어 새로 기록하는 기관",
            "Organizations that are recorded for the first time",
        );
        lead.push(format!("{title}: {}", new.join(", ")));
    }
    let left = [
        count("질문 있는 행", "with questions", counts.with_questions),
        count("문제 있는 행", "with problems", counts.with_problems),
        count("이미 같은 기록", "recorded already", counts.same),
        count("숨긴 행", "hidden", counts.hidden),
    ];
    let title = w.t("파일의 행", "Rows of the file");
    lead.push(format!("{title}: {}", left.join(" · ")));
    if !chosen.is_empty() {
        let undo = w.t(
            "기록마다 파일과 행을 출처로 남깁니다. 기록한 뒤에도 되돌릴 수 있습니다.",
            "Each record names the file and its row. You can take them back afterwards.",
        );
        lead.push(undo.to_owned());
    }
    lead
}

/// Returns the names of organizations that are recorded with the rows.
fn organizations(chosen: &[&ImportRow], said: &Said<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for list in ["parties", "attendee_ids"] {
        let named = chosen.iter().filter_map(|row| row.body[list].as_array());
        let named = named.flatten().filter_map(|one| one.get("organization"));
        for name in named.map(|one: &Value| said.value(&one["name"])) {
            if !name.is_empty() && !found.contains(&name) {
                found.push(name);
            }
        }
    }
    found
}

/// Returns a row in a line: its number, what becomes of it, and the members that it changes.
fn line(row: &ImportRow, said: &Said<'_>) -> String {
    let w: Words = said.w;
    let number = match w.tag() {
        "ko" => format!("{}행", row.row),
        _ => format!("Row {}", row.row),
    };
    let outcome = w.label("ImportOutcome", &row.outcome);
    let heading = said.heading(&row.body);
    let changes = row.changes.as_ref().and_then(Value::as_object);
    let changes = changes.map(|changes| {
        let members = changes.keys().map(|name| words::member(name, w));
        format!(" ({})", members.collect::<Vec<_>>().join(", "))
    });
    format!(
        "{number} · {outcome} · {heading}{}",
        changes.unwrap_or_default()
    )
}
