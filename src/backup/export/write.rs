//! Writes an export.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::format::{
    End, Header, Line, Logged, Municipality, NAME, Position, Stated, Tally, VERSION, digest,
};
use super::select::{Selection, kinds};
use crate::changes::store;
use crate::db::AnyConnection;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::to_stored;
use crate::ledger::RequestContext;
use crate::ledger::chain::Entry;
use crate::organizations::store as organizations;
use crate::organizations::types::OrganizationKind;

/// Returns the first line of an export.
///
/// # Errors
/// `not_found` if there is no such municipality.
pub fn header(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: Option<OrganizationId>,
) -> Result<Header, ApiError> {
    let municipality = match municipality {
        Some(id) => {
            let kind = Some(OrganizationKind::Municipality);
            let found = organizations::get(conn, id, kind)?;
            Some(Municipality {
                id: found.meta.id,
                code: found.code,
                name: found.doc.content.name,
            })
        }
        None => None,
    };
    let (seq, hash, recorded_until) = store::last_seen(conn, cx)?;
    Ok(Header {
        format: NAME.to_owned(),
        version: VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        municipality,
        recorded_until,
        checkpoint: Position { seq, hash },
        time_zone: cx.zone.name().to_owned(),
    })
}

/// Writes lines, with a digest of all of them.
pub struct Lines<W> {
    to: W,
    digest: Sha256,
}

impl<W: Write> Lines<W> {
    pub fn new(to: W) -> Self {
        Self {
            to,
            digest: Sha256::new(),
        }
    }

    fn put(&mut self, line: &str) -> io::Result<()> {
        for part in [line, "\n"] {
            self.digest.update(part);
            self.to.write_all(part.as_bytes())?;
        }
        Ok(())
    }
}

/// Writes all lines. `between` is called after each record with the writer and the length of the line.
///
/// # Errors
/// Fails if the log cannot be read; with the error that `failed` makes, if a line cannot be written.
pub fn write<W: Write>(
    conn: &mut AnyConnection,
    selection: &Selection,
    header: &Header,
    to: W,
    failed: fn(io::Error) -> ApiError,
    between: &mut dyn FnMut(&mut W, usize),
) -> Result<W, ApiError> {
    let mut lines = Lines::new(to);
    lines.put(&to_stored(header)?).map_err(failed)?;
    let mut tally = Tally::default();
    each(conn, selection, &mut |line| {
        let mut value = serde_json::to_value(&line).map_err(ApiError::internal)?;
        let digest = digest(&value);
        tally.add(&line, &digest);
        value["digest"] = digest.into();
        let text = value.to_string();
        lines.put(&text).map_err(failed)?;
        between(&mut lines.to, text.len());
        Ok(())
    })?;
    let sha256 = crate::kernel::hex(lines.digest.clone().finalize());
    lines.put(&to_stored(&tally.end(sha256))?).map_err(failed)?;
    Ok(lines.to)
}

/// Returns the last line of an export of a whole registry, as far as it follows from the records.
///
/// # Errors
/// Fails if the log cannot be read.
pub fn summary(conn: &mut AnyConnection) -> Result<End, ApiError> {
    let mut tally = Tally::default();
    each(conn, &Selection::everything(), &mut |line| {
        let value = serde_json::to_value(&line).map_err(ApiError::internal)?;
        tally.add(&line, &digest(&value));
        Ok(())
    })?;
    Ok(tally.end(String::new()))
}

/// Calls `work` with each record of a selection, in the order in which registries are rebuilt.
fn each(
    conn: &mut AnyConnection,
    selection: &Selection,
    work: &mut dyn FnMut(Line) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    for kind in kinds() {
        let mut after = None;
        loop {
            let ids = selection.ids(conn, kind, after)?;
            let Some(last) = ids.last() else { break };
            after = Some(*last);
            let mut entries = selection.entries(conn, kind, &ids)?.into_iter().peekable();
            while let Some(first) = entries.next() {
                let id = first.record_id.clone();
                let mut history = vec![logged(first)?];
                while let Some(entry) = entries.next_if(|entry| entry.record_id == id) {
                    history.push(logged(entry)?);
                }
                work(line(kind.name, id, history)?)?;
            }
        }
    }
    Ok(())
}

fn logged(entry: Entry) -> Result<Logged, ApiError> {
    Ok(Logged {
        seq: entry.seq,
        version: entry.version,
        recorded_at: entry.recorded_at,
        actor: entry.actor,
        request_id: entry.request_id,
        operation: entry.operation,
        reason: entry.reason,
        municipality_id: entry.municipality_id,
        visibility: entry.visibility,
        context_id: entry.context_id,
        state: Stated::of(entry.after)?,
    })
}

/// Returns the line of a record: its last version, and all of them.
fn line(kind: &str, id: String, history: Vec<Logged>) -> Result<Line, ApiError> {
    let last = history.last();
    let last = last.ok_or_else(|| ApiError::internal("a record was never logged"))?;
    Ok(Line {
        kind: kind.to_owned(),
        id,
        version: last.version,
        state: last.state.clone(),
        history,
    })
}
