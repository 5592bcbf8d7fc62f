//! `mou-registry import`: takes a ledger over from a file, for operators with access to the database.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::token::{in_words, municipality};
use crate::app::config::ImportArgs;
use crate::db::{AnyConnection, DatabaseUrl, dialect};
use crate::imports::apply::{Work, apply};
use crate::imports::files::{self, FileProblem, Limits};
use crate::imports::store;
use crate::imports::types::{ImportApply, ImportContent, ImportNote, LedgerImport};
use crate::kernel::clock::{Clock, NewIds};
use crate::kernel::error::ApiError;
use crate::kernel::language::Language;
use crate::ledger::RequestContext;
use crate::organizations::named::Recorded;

/// Exit code if some rows have problems or questions.
const INCOMPLETE: u8 = 3;

/// Imports a file and prints what becomes of it. Without `--apply` nothing is kept.
///
/// # Errors
/// Returns the cause, in English.
pub fn run(url: &DatabaseUrl, args: &ImportArgs) -> anyhow::Result<ExitCode> {
    crate::app::spec();
    let limits = Limits {
        unpacked: u64::from(args.max_import),
    };
    let bytes = read(&args.file, limits)?;
    let book = files::read(&bytes, "", limits)
        .map_err(|problem| anyhow!("{}: {}", args.file.display(), problem.message().en))?;
    let mapping = args.mapping.as_deref().map(mapping).transpose()?;
    let name = args.file.file_name().map(|name| name.to_string_lossy());
    let mut conn = dialect::connect(url).context("cannot open the database")?;
    dialect::migrate(&mut conn)?;
    let cx = RequestContext::new(&Clock::system(args.days.time_zone), NewIds::Random);
    let bar = bar();
    let mut seen = None;
    let done = dialect::write(&mut conn, |conn| {
        let id = municipality(conn, &args.municipality)?;
        let made = store::create(conn, &cx, (id, args.kind), name.as_deref(), &book)?;
        let import = taken(conn, &cx, made, mapping, (args.apply, &bar))?;
        seen = Some(import);
        match args.apply {
            true => Ok(()),
            // A dry run leaves nothing behind.
            false => Err(ApiError::collision()),
        }
    });
    bar.finish_and_clear();
    match (done, seen) {
        (Err(error), None) => Err(anyhow!(in_words(&error))),
        (Err(error), Some(_)) if args.apply => Err(anyhow!(in_words(&error))),
        (_, Some(import)) => Ok(told(&import, args.apply)),
        (Ok(()), None) => Err(anyhow!("nothing was imported")),
    }
}

/// Reads a file, unless it is larger than what it may unpack to.
fn read(path: &Path, limits: Limits) -> anyhow::Result<Vec<u8>> {
    let name = || path.display().to_string();
    let file = std::fs::File::open(path).with_context(name)?;
    let mut bytes = Vec::new();
    let mut part = file.take(limits.unpacked.saturating_add(1));
    part.read_to_end(&mut bytes).with_context(name)?;
    if bytes.len() as u64 > limits.unpacked {
        let problem = FileProblem::TooLarge(limits.unpacked);
        return Err(anyhow!("{}: {}", name(), problem.message().en));
    }
    Ok(bytes)
}

/// Corrects the mapping of an import, and records its rows if asked to.
fn taken(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    mut import: LedgerImport,
    mapping: Option<BTreeMap<String, String>>,
    (applies, bar): (bool, &ProgressBar),
) -> Result<LedgerImport, ApiError> {
    let id = import.summary.meta.id;
    if let Some(mapping) = mapping {
        let content = ImportContent {
            mapping,
            ..ImportContent::default()
        };
        import = store::correct(conn, cx, id, content)?;
    }
    if !applies {
        return Ok(import);
    }
    let work = Work {
        organizations: &Recorded,
        told: &|_, done, all| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        },
    };
    apply(conn, cx, id, &work, &ImportApply::default())
}

/// Reads the fields of columns from a JSON file: `{"C": "parties"}`.
fn mapping(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

/// Returns a progress bar on standard error, which stays silent unless that is a terminal.
fn bar() -> ProgressBar {
    let target = match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} rows");
    let bar = ProgressBar::with_draw_target(None, target);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Prints what became of a file, with a table of its problems and questions.
fn told(import: &LedgerImport, applied: bool) -> ExitCode {
    let counts = &import.counts;
    let columns = import.columns.iter().filter_map(|column| {
        let field = column.field.as_deref()?;
        Some(format!("{} {} = {field}", column.letters, column.header))
    });
    println!("Columns: {}", columns.collect::<Vec<_>>().join(", "));
    println!(
        "{} rows: {} new, {} the same as recorded, {} that differ from a record; {} valid, {} left out",
        counts.rows, counts.new, counts.same, counts.change, counts.valid, counts.left_out
    );
    let mut lines: Vec<[String; 4]> = Vec::new();
    let said = |message: &crate::kernel::language::Message| {
        // The text comes from a file and could contain terminal escape sequences.
        let text = message.in_language(Language::English);
        text.escape_debug().to_string()
    };
    let mut note = |row: String, kind: &str, note: &ImportNote| {
        let cell = note.cell.clone().unwrap_or_default();
        lines.push([
            row,
            cell,
            format!("{kind} {}", note.code),
            said(&note.message),
        ]);
    };
    for problem in &import.problems {
        note(String::new(), "problem", problem);
    }
    for row in &import.rows {
        for problem in &row.problems {
            note(row.row.to_string(), "problem", problem);
        }
        for question in &row.questions {
            let asked = ImportNote {
                cell: question.cell.clone(),
                pointer: None,
                code: question.code.clone(),
                message: question.message.clone(),
            };
            note(row.row.to_string(), "question", &asked);
        }
    }
    if !lines.is_empty() {
        println!("{:>5}  {:<6}  {:<28}  text", "row", "cell", "what");
    }
    for [row, cell, what, text] in &lines {
        println!("{row:>5}  {cell:<6}  {what:<28}  {text}");
    }
    match applied {
        true => println!(
            "Recorded {}, as import {}.",
            counts.recorded, import.summary.meta.id
        ),
        false => println!("Nothing is recorded; --apply records the valid rows."),
    }
    match lines.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(INCOMPLETE),
    }
}
