//! An import: its table, the fields of its columns, and its rows, which are mended in place.

use actix_web::{HttpResponse, get, post};
use askama::Template;

use super::corrections::{header_rows, patch};
use super::rows::{Part, ROW, RowView, Shower, Typed};
use super::words::{self, Said, field};
use super::{DONE, page, path, summary};
use crate::db::AnyConnection;
use crate::directory::names::names;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, TAG, tag};
use crate::http::{Patch, Path};
use crate::imports::mapping::MappingRule;
use crate::imports::store::{self, Stored};
use crate::imports::types::{ImportContent, ImportRow, ImportStatus, LedgerImport};
use crate::kernel::error::{self, ApiError, FieldError};
use crate::kernel::ids::ImportId;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::layout::Layout;
use crate::pages::markup::Text;
use crate::pages::office::entry::tag_of;
use crate::pages::office::visit::{Refusal, Visit, go_to};
use crate::pages::reader::Frame;
use crate::pages::words::Words;

/// Rows of a page: what a form with their cells holds stays small.
const ROWS: usize = 10;

/// Name of the parameter with the rows to show.
const SHOW: &str = "show";

/// Name of the parameter with the number of a page, from 1.
const PAGE: &str = "page";

/// Name of the buttons, which say what follows the corrections.
const THEN: &str = "then";

#[derive(Template)]
#[template(path = "office_import.html")]
struct ImportPage {
    l: Layout,
    done: Option<String>,
    is_refused: bool,
    notices: Vec<String>,
    facts: Vec<(&'static str, String)>,
    problems: Vec<String>,
    recorded: usize,
    all: usize,
    progress: String,
    /// URL of the step that records, if a row is ready.
    apply: Option<String>,
    undo: Option<String>,
    kept: Vec<String>,
    action: String,
    tag: (&'static str, String),
    sheets: Vec<(String, String, bool)>,
    header_rows: String,
    header_errors: Vec<String>,
    columns: Vec<ColumnView>,
    parts: Vec<PartView>,
    rows: Vec<RowView>,
    pages: Vec<PartView>,
    left_out: Vec<String>,
    made: Vec<String>,
}

struct ColumnView {
    letters: String,
    id: String,
    name: String,
    header: Text,
    samples: Vec<Text>,
    rule: String,
    options: Vec<(String, String, bool)>,
    errors: Vec<String>,
}

/// A link to a part of the rows.
struct PartView {
    href: String,
    name: String,
    is_current: bool,
}

#[get("/office/imports/{id}")]
pub async fn show(Path(id): Path<ImportId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let status = actix_web::http::StatusCode::OK;
    page(&by, frame, status, move |conn, cx, frame| {
        import_page(conn, cx, frame, id, None)
    })
    .await
}

/// Corrects the import, and goes on as the button says.
#[post("/office/imports/{id}")]
pub async fn send(Path(id): Path<ImportId>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let form = sent.form.clone();
    let reading = sent.by.read_as("get_import", move |conn, cx| {
        let stored = store::load(conn, cx, id)?;
        let import = store::view(conn, cx, &stored)?;
        Ok(patch(&form, &stored, &import))
    });
    let typed = reading.await?;
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &Patch<ImportContent>| {
        store::update(conn, cx, id, expected, patch)
    };
    let changed = sent.change("update_import", typed, work).await;
    let Submission { by, form } = sent;
    let Err(error) = changed else {
        return Ok(go_to(&next(&frame, id, &form)));
    };
    let refusal = Refusal::of(error, &frame)?;
    let status = refusal.status;
    page(&by, frame, status, move |conn, cx, frame| {
        import_page(conn, cx, frame, id, Some((&form, &refusal)))
    })
    .await
}

/// Returns the URL of the page that follows corrections.
fn next(frame: &Frame, id: ImportId, form: &Form) -> String {
    let rows = form.fields().filter(|(name, _)| *name == ROW);
    let rows: Vec<(&str, &str)> = rows.collect();
    let apply = format!("{}/apply", path(id));
    match form.get(THEN) {
        "all" => frame.to(&apply),
        "chosen" if !rows.is_empty() => frame.with(&apply, &rows),
        then => {
            let done = if then == "chosen" { "none" } else { "saved" };
            let mut query = frame.only(&[SHOW, PAGE]);
            query.push((DONE, done));
            frame.with(&path(id), &query)
        }
    }
}

/// The form that was refused, and why.
type Refused<'a> = Option<(&'a Form, &'a Refusal)>;

fn import_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    id: ImportId,
    refused: Refused<'_>,
) -> Result<String, ApiError> {
    let w = frame.w;
    let stored = store::load(conn, cx, id)?;
    let import = store::view(conn, cx, &stored)?;
    let typed = Typed {
        form: refused.map(|(form, _)| form),
        errors: refused.map_or(&[][..], |(_, refusal)| &refusal.errors),
        w,
    };
    let place = Place::of(frame, id, &stored, &import);
    let rows = place.rows(conn, &stored, &import, typed)?;
    let is_ready = has(&stored, &import, Part::Ready);
    let is_applied = import.summary.status == ImportStatus::Applied;
    let counts = &import.counts;
    let done = frame.get(DONE).filter(|_| refused.is_none());
    let now = tag(&import.revision());
    let tag = match refused {
        Some((form, refusal)) => tag_of(form, Some(refusal), now),
        None => now,
    };
    let name = import.summary.file_name.clone();
    let title = name.unwrap_or_else(|| w.t("가져온 파일", "Imported file").to_owned());
    let view = ImportPage {
        done: done.map(|done| summary::said_done(done, counts, w)),
        is_refused: refused.is_some(),
        notices: refused.map_or_else(Vec::new, |(_, refusal)| notices(refusal, w)),
        facts: summary::facts(&import, w),
        problems: import
            .problems
            .iter()
            .map(|one| w.message(&one.message))
            .collect(),
        recorded: counts.recorded.min(counts.rows),
        all: counts.rows,
        progress: summary::progress(counts, w),
        apply: is_ready.then(|| frame.to(&format!("{}/apply", path(id)))),
        undo: is_applied.then(|| frame.to(&format!("{}/undo", path(id)))),
        kept: summary::kept(&import, w),
        action: place.url(place.part, place.number),
        tag: (TAG, tag),
        sheets: sheets(&import, typed),
        header_rows: typed.value("header_rows", header_rows(&import)),
        header_errors: typed.errors("header_rows"),
        columns: columns(&import, typed),
        parts: place.parts(&stored, &import),
        rows,
        pages: place.pages(),
        left_out: summary::left_out(&import, w),
        made: summary::made(&import, w),
        l: Layout::new(frame, title.clone(), title),
    };
    view.render().map_err(ApiError::internal)
}

/// Returns the rows to show: those that are asked for, or else those on which work waits.
fn part(frame: &Frame, stored: &Stored, import: &LedgerImport) -> Part {
    let said = frame.get(SHOW);
    let asked = Part::EACH.iter().find(|(_, code, ..)| Some(*code) == said);
    if let Some((part, ..)) = asked {
        return *part;
    }
    let waiting = [Part::ToMend, Part::Ready].into_iter();
    let mut waiting = waiting.filter(|part| has(stored, import, *part));
    waiting.next().unwrap_or(Part::All)
}

/// Returns whether a part has rows.
fn has(stored: &Stored, import: &LedgerImport, part: Part) -> bool {
    import.rows.iter().any(|row| part.holds(stored, row))
}

/// The page of rows that is shown.
struct Place<'a> {
    frame: &'a Frame,
    id: ImportId,
    part: Part,
    number: usize,
    last: usize,
}

impl<'a> Place<'a> {
    fn of(frame: &'a Frame, id: ImportId, stored: &Stored, import: &LedgerImport) -> Self {
        let part = part(frame, stored, import);
        let held = import.rows.iter().filter(|row| part.holds(stored, row));
        let last = held.count().div_ceil(ROWS).max(1);
        let number = frame.get(PAGE).and_then(|page| page.parse().ok());
        Self {
            frame,
            id,
            part,
            number: number.unwrap_or(1).clamp(1, last),
            last,
        }
    }

    /// Returns the rows of the page.
    fn rows(
        &self,
        conn: &mut AnyConnection,
        stored: &Stored,
        import: &LedgerImport,
        typed: Typed<'_>,
    ) -> Result<Vec<RowView>, ApiError> {
        let held = import.rows.iter();
        let held = held.filter(|row| self.part.holds(stored, row));
        let shown: Vec<&ImportRow> = held.skip((self.number - 1) * ROWS).take(ROWS).collect();
        let mut ids = Vec::new();
        for row in &shown {
            words::ids(&row.body, &mut ids);
        }
        let said = Said {
            w: self.frame.w,
            kind: import.summary.kind,
            names: &names(conn, ids)?,
        };
        let shower = Shower {
            frame: self.frame,
            stored,
            import,
            said,
            typed,
        };
        Ok(shown.into_iter().map(|row| shower.row(row)).collect())
    }

    fn url(&self, part: Part, number: usize) -> String {
        let code = Part::EACH.iter().find(|(known, ..)| *known == part);
        let code = code.map_or("all", |(_, code, ..)| code);
        let number = number.to_string();
        let query = [(SHOW, code), (PAGE, number.as_str())];
        self.frame.with(&path(self.id), &query)
    }

    /// Returns links to the parts of the rows, with their sizes.
    fn parts(&self, stored: &Stored, import: &LedgerImport) -> Vec<PartView> {
        let w = self.frame.w;
        let all = Part::EACH.into_iter().map(|(part, _, ko, en)| {
            let held = import.rows.iter().filter(|row| part.holds(stored, row));
            PartView {
                href: self.url(part, 1),
                name: format!("{} ({})", w.t(ko, en), w.number(held.count())),
                is_current: part == self.part,
            }
        });
        all.collect()
    }

    /// Returns links to the pages before and after this one.
    fn pages(&self) -> Vec<PartView> {
        let w = self.frame.w;
        let link = |number: usize, ko, en| PartView {
            href: self.url(self.part, number),
            name: format!("{} ({number}/{})", w.t(ko, en), self.last),
            is_current: false,
        };
        let before = (self.number > 1).then(|| link(self.number - 1, "앞쪽", "Previous page"));
        let after =
            (self.number < self.last).then(|| link(self.number + 1, "다음 쪽", "Next page"));
        before.into_iter().chain(after).collect()
    }
}

/// Returns what is wrong with no field that the page shows.
fn notices(refusal: &Refusal, w: Words) -> Vec<String> {
    let is_elsewhere = |error: &&FieldError| match &error.place {
        error::Place::Body(pointer) => {
            let shown = ["/cells/", "/mapping/", "/header_rows"];
            !shown.iter().any(|list| pointer.starts_with(list))
        }
        _ => true,
    };
    let elsewhere = refusal.errors.iter().filter(is_elsewhere);
    let elsewhere = elsewhere.map(|error| w.message(&error.message));
    refusal.notice.iter().cloned().chain(elsewhere).collect()
}

fn sheets(import: &LedgerImport, typed: Typed<'_>) -> Vec<(String, String, bool)> {
    if import.sheets.len() < 2 {
        return Vec::new();
    }
    let w = typed.w;
    let chosen = typed.value("sheet", import.sheet.clone());
    let sheets = import.sheets.iter().map(|sheet| {
        let hidden = match sheet.hidden {
            true => w.t(", 숨김", ", hidden"),
            false => "",
        };
        let rows = w.number(sheet.rows);
        let label = match w.tag() {
            "ko" => format!("{} ({rows}행{hidden})", sheet.name),
            _ => format!("{} ({rows} rows{hidden})", sheet.name),
        };
        (sheet.name.clone(), label, sheet.name == chosen)
    });
    sheets.collect()
}

fn columns(import: &LedgerImport, typed: Typed<'_>) -> Vec<ColumnView> {
    let w = typed.w;
    let columns = import.columns.iter().map(|column| {
        let name = format!("mapping/{}", column.letters);
        let held = column.field.clone().unwrap_or_default();
        let chosen = typed.value(&name, held.clone());
        let unknown = held.is_empty().then(|| {
            let label = match column.rule {
                MappingRule::Hidden => w.t("숨긴 열: 적지 않음", "Hidden: left out"),
                _ => w.t("모름: 비고에 남김", "Not known: kept in the remarks"),
            };
            (String::new(), label.to_owned(), chosen.is_empty())
        });
        let fields = import.fields.iter().map(|one| {
            let label = field(one, w);
            (one.clone(), label, *one == chosen)
        });
        ColumnView {
            letters: column.letters.clone(),
            id: format!("m-{}", column.letters),
            header: Text::stated(column.header.clone(), w),
            samples: column
                .samples
                .iter()
                .map(|sample| Text::stated(sample.clone(), w))
                .collect(),
            rule: w.label("ImportMappingRule", &column.rule),
            options: unknown.into_iter().chain(fields).collect(),
            errors: typed.errors(&name),
            name,
        }
    });
    columns.collect()
}
