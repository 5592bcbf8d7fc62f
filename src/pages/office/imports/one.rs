//! An import: its table, the fields of its columns, and its rows, which are mended in place.

use actix_web::{HttpResponse, get, post};
use askama::Template;

use super::corrections::{header_rows, patch};
use super::rows::{Part, ROW, RowView, Shower, Typed};
use super::words::{self, Said, field};
use super::{DONE, page, path};
use crate::db::AnyConnection;
use crate::directory::names::names;
use crate::http::signed_in::{Form, Submission, TAG, tag};
use crate::http::{Patch, Path};
use crate::imports::store::{self, Stored};
use crate::imports::types::{ImportContent, ImportCounts, ImportRow, ImportStatus, LedgerImport};
use crate::kernel::error::{self, ApiError, FieldError};
use crate::kernel::ids::ImportId;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::layout::Layout;
use crate::pages::markup::Text;
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
    made: Vec<(String, String)>,
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
    let (patch, unclear) = reading.await?;
    let is_unclear = !unclear.is_empty();
    let changed = sent.change(
        "update_import",
        patch,
        move |conn, cx, expected, patch: &Patch<ImportContent>| {
            let one = store::update(conn, cx, id, expected, patch)?;
            match is_unclear {
                true => Err(ApiError::invalid(Vec::new())),
                false => Ok(one),
            }
        },
    );
    let changed: Result<LedgerImport, _> = changed.await;
    let Submission { by, form } = sent;
    let error = match changed {
        Ok(_) => return Ok(go_to(&next(&frame, id, &form))),
        Err(error) => error,
    };
    let mut refusal = Refusal::of(error, &frame)?;
    refusal.add(unclear);
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
    let part = part(frame, &stored, &import);
    let chosen: Vec<&ImportRow> = import
        .rows
        .iter()
        .filter(|row| part.holds(&stored, row))
        .collect();
    let last = chosen.len().div_ceil(ROWS).max(1);
    let number = frame.get(PAGE).and_then(|page| page.parse().ok());
    let number: usize = number.unwrap_or(1).clamp(1, last);
    let shown = chosen.iter().skip((number - 1) * ROWS).take(ROWS);
    let shown: Vec<&ImportRow> = shown.copied().collect();
    let mut ids = Vec::new();
    for row in &shown {
        words::ids(&row.body, &mut ids);
    }
    let known = names(conn, ids)?;
    let shower = Shower {
        frame,
        stored: &stored,
        import: &import,
        said: Said {
            w,
            kind: import.summary.kind,
            names: &known,
        },
        typed,
    };
    let place = Place {
        frame,
        id,
        part,
        number,
        last,
    };
    let is_ready = import
        .rows
        .iter()
        .any(|row| Part::Ready.holds(&stored, row));
    let is_applied = import.summary.status == ImportStatus::Applied;
    let counts = &import.counts;
    let name = import.summary.file_name.clone();
    let title = name.unwrap_or_else(|| w.t("가져온 파일", "Imported file").to_owned());
    let view = ImportPage {
        done: frame
            .get(DONE)
            .filter(|_| refused.is_none())
            .map(|done| said_done(done, counts, w)),
        is_refused: refused.is_some(),
        notices: refused.map_or_else(Vec::new, |(_, refusal)| notices(refusal, w)),
        facts: facts(&import, w),
        problems: import
            .problems
            .iter()
            .map(|one| w.message(&one.message))
            .collect(),
        recorded: counts.recorded.min(counts.rows),
        all: counts.rows,
        progress: progress(counts, w),
        apply: is_ready.then(|| frame.to(&format!("{}/apply", path(id)))),
        undo: is_applied.then(|| frame.to(&format!("{}/undo", path(id)))),
        kept: kept(&import, w),
        action: place.url(part, number),
        tag: (TAG, tag(&import.revision())),
        sheets: sheets(&import, typed),
        header_rows: typed.value("header_rows", header_rows(&import)),
        header_errors: typed.errors("header_rows"),
        columns: columns(&import, typed),
        parts: place.parts(&stored, &import),
        rows: shown.iter().map(|row| shower.row(row)).collect(),
        pages: place.pages(),
        left_out: left_out(&import, w),
        made: made(&import, w),
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
    let some = |part: &Part| import.rows.iter().any(|row| part.holds(stored, row));
    let waiting = [Part::ToMend, Part::Ready].into_iter().find(some);
    waiting.unwrap_or(Part::All)
}

/// The page of rows that is shown.
struct Place<'a> {
    frame: &'a Frame,
    id: ImportId,
    part: Part,
    number: usize,
    last: usize,
}

impl Place<'_> {
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

fn said_done(done: &str, counts: &ImportCounts, w: Words) -> String {
    let left = counts.with_problems + counts.with_questions;
    match done {
        "taken" => w.t(
            "파일을 읽었습니다. 아직 아무것도 기록하지 않았습니다. 열의 뜻과 고칠 행을 확인하십시오.",
            "The file is read, and nothing is recorded yet. Look at the columns and at the rows to mend.",
        ),
        "saved" => w.t("고친 내용을 저장했습니다.", "Your corrections are saved."),
        "none" => w.t(
            "고른 행이 없어 기록하지 않았습니다.",
            "No row was chosen, so nothing is recorded.",
        ),
        "undone" => w.t(
            "기록한 것을 되돌렸습니다. 다시 기록할 수 있습니다.",
            "What was recorded is taken back. You can record it again.",
        ),
        _ if left > 0 => w.t(
            "기록했습니다. 고칠 행이 남아 있습니다.",
            "Recorded. Some rows are left to mend.",
        ),
        _ => w.t("기록했습니다.", "Recorded."),
    }
    .to_owned()
}

fn progress(counts: &ImportCounts, w: Words) -> String {
    let [rows, recorded, questions, problems] = [
        counts.rows,
        counts.recorded,
        counts.with_questions,
        counts.with_problems,
    ]
    .map(|number| w.number(number));
    match w.tag() {
        "ko" => format!(
            "{rows}행 가운데 {recorded}행 기록 · 질문 있는 행 {questions} · 문제 있는 행 {problems}"
        ),
        _ => format!(
            "{recorded} of {rows} rows recorded · {questions} with questions · {problems} with problems"
        ),
    }
}

fn facts(import: &LedgerImport, w: Words) -> Vec<(&'static str, String)> {
    let counts = &import.counts;
    let compared = [
        ("new", counts.new),
        ("change", counts.change),
        ("same", counts.same),
    ]
    .map(|(code, number)| format!("{} {}", w.label("ImportOutcome", &code), w.number(number)));
    let summary = &import.summary;
    let mut facts = vec![
        (
            w.t("상태", "Status"),
            w.label("ImportStatus", &summary.status),
        ),
        (
            w.t("지방자치단체", "Municipality"),
            summary.municipality.name.in_language(w.0).to_owned(),
        ),
        (
            w.t("무엇이 적혀 있습니까?", "What the file holds"),
            w.label("ImportKind", &summary.kind),
        ),
        (
            w.t("형식", "Format"),
            w.label("ImportFormat", &summary.format),
        ),
        (
            w.t("등록부와 비교", "Beside the registry"),
            compared.join(" · "),
        ),
    ];
    if counts.hidden > 0 {
        let said = w.t(
            "따로 고를 때에만 기록합니다",
            "recorded only if you choose them",
        );
        facts.push((
            w.t("숨긴 행", "Hidden rows"),
            format!("{}: {said}", w.number(counts.hidden)),
        ));
    }
    facts
}

/// Returns what could not be taken back.
fn kept(import: &LedgerImport, w: Words) -> Vec<String> {
    let mut kept = Vec::new();
    if !import.not_undone.is_empty() {
        let number = w.number(import.not_undone.len());
        kept.push(match w.tag() {
            "ko" => format!("그 뒤에 고친 기록 {number}건은 그대로 남았습니다."),
            _ => format!("Records that were changed since and stay: {number}."),
        });
    }
    for one in &import.organizations_not_undone {
        let name = one.name.in_language(w.0);
        kept.push(match w.tag() {
            "ko" => format!("다른 기록이 쓰거나 그 뒤에 고친 기관이어서 남았습니다: {name}"),
            _ => format!("Other records use it or it was changed since, so it stays: {name}"),
        });
    }
    kept
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
            let label = w.t("모름: 비고에 남김", "Not known: kept in the remarks");
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

fn left_out(import: &LedgerImport, w: Words) -> Vec<String> {
    let rows = import.left_out.iter().map(|one| {
        let why = w.label("ImportLeftOutReason", &one.why);
        match w.tag() {
            "ko" => format!("{}행 ({why}): {}", one.row, one.text),
            _ => format!("Row {} ({why}): {}", one.row, one.text),
        }
    });
    rows.collect()
}

/// Returns the corrections that were made, each with the place by which it is taken back.
fn made(import: &LedgerImport, w: Words) -> Vec<(String, String)> {
    let made = &import.corrections;
    let mapped = made.mapping.iter().map(|(column, name)| {
        (
            format!("mapping/{column}"),
            format!("{} {column}: {}", w.t("열", "Column"), field(name, w)),
        )
    });
    let cells = made.cells.iter().map(|(at, text)| {
        (
            format!("cells/{at}"),
            format!("{} {at}: {text}", w.t("칸", "Cell")),
        )
    });
    let answers = made.answers.iter().map(|(id, answer)| {
        (
            format!("answers/{id}"),
            format!("{} {id}: {answer}", w.t("답", "Answer")),
        )
    });
    mapped.chain(cells).chain(answers).collect()
}
