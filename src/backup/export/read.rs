//! Reads an export, and refuses one that is not whole.

use std::fs::File;
use std::io::BufRead;
use std::path::Path;

use anyhow::Context;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::format::{End, Header, Line, Logged, NAME, Tally, VERSION, digest};
use super::select::kinds;
use crate::backup::load::{is_compressed, reader};
use crate::backup::progress::Progress;
use crate::kernel::clock::rfc3339;
use crate::ledger::Visibility;
use crate::ledger::chain::Entry;

/// What is wrong with a file that is loaded.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// A line that is not as it was written; the number begins with 1.
    #[error("line {0}: {1}")]
    Broken(u64, String),
    #[error("line 1: version {0} of the format is not known; this program reads version {VERSION}")]
    UnknownVersion(u64),
}

/// The lines of an export, one after the other.
struct Lines<'a> {
    from: Box<dyn BufRead + 'a>,
    number: u64,
    digest: Sha256,
    text: Vec<u8>,
}

impl Lines<'_> {
    /// Returns the next line as JSON; `None` at the end of the file.
    fn next(&mut self) -> Result<Option<Value>, Flaw> {
        if self.number > 0 {
            self.digest.update(&self.text);
        }
        self.number += 1;
        self.text.clear();
        let read = self.from.read_until(b'\n', &mut self.text);
        let read = read.map_err(|error| self.broken(format!("it cannot be read: {error}")))?;
        if read == 0 {
            return Ok(None);
        }
        if self.text.last() != Some(&b'\n') {
            return Err(self.broken("the file ends within it"));
        }
        let value = serde_json::from_slice(&self.text);
        value
            .map(Some)
            .map_err(|error| self.broken(format!("it is not JSON: {error}")))
    }

    fn broken(&self, what: impl Into<String>) -> Flaw {
        Flaw::Broken(self.number, what.into())
    }
}

/// Reads a file as a whole, and calls `keep` with the logged versions of each record, oldest first.
/// `keep` fails if two of them have the same number.
///
/// # Errors
/// Fails with a [`Flaw`] if the file is no export, of another version, cut or changed.
pub fn read(
    path: &Path,
    progress: &Progress,
    keep: &mut dyn FnMut(&Entry) -> anyhow::Result<bool>,
) -> anyhow::Result<(Header, End)> {
    let name = || path.display().to_string();
    let file = File::open(path).with_context(name)?;
    let compressed = is_compressed(&file)?;
    let mut lines = Lines {
        from: reader(&file, compressed)?,
        number: 0,
        digest: Sha256::new(),
        text: Vec::new(),
    };
    let header = header(&mut lines)?;
    progress.phase(format!("reading {}", name()));
    let (mut tally, mut last) = (Tally::default(), None);
    let end = loop {
        let Some(value) = lines.next()? else {
            return Err(lines
                .broken("the last line is missing: the file was cut")
                .into());
        };
        if value.get("sha256").is_some() {
            break serde_json::from_value::<End>(value)
                .map_err(|error| lines.broken(format!("it is no last line: {error}")))?;
        }
        let (line, digest) = record(value).map_err(|what| lines.broken(what))?;
        let place = place(&line).map_err(|what| lines.broken(what))?;
        if last.is_some_and(|last| last >= place) {
            return Err(lines.broken("it is not in the order of the file").into());
        }
        last = Some(place);
        tally.add(&line, &digest);
        for entry in entries(line).map_err(|what| lines.broken(what))? {
            if !keep(&entry)? {
                let what = format!("a version before has the number {} too", entry.seq);
                return Err(lines.broken(what).into());
            }
        }
        progress.rows(1);
    };
    let found = tally.end(crate::kernel::hex(lines.digest.clone().finalize()));
    if (&found.records, found.versions) != (&end.records, end.versions) {
        return Err(lines.broken("its counts are not those of the lines").into());
    }
    if found != end {
        return Err(lines
            .broken("its digests are not those of the lines")
            .into());
    }
    if lines.next()?.is_some() {
        return Err(lines.broken("it follows the last line").into());
    }
    Ok((header, end))
}

fn header(lines: &mut Lines<'_>) -> Result<Header, Flaw> {
    let first = lines.next()?;
    let first = first.filter(|line| line["format"] == NAME);
    let first = first.ok_or_else(|| lines.broken("this is no export of a registry"))?;
    match first["version"].as_u64() {
        Some(version) if version == u64::from(VERSION) => {}
        version => return Err(Flaw::UnknownVersion(version.unwrap_or(0))),
    }
    serde_json::from_value(first)
        .map_err(|error| lines.broken(format!("it is no first line: {error}")))
}

/// Reads the line of a record, and returns its digest.
fn record(value: Value) -> Result<(Line, String), String> {
    let stated = value["digest"].as_str().unwrap_or_default();
    let digest = digest(&value);
    if stated != digest {
        return Err("it was changed: its digest is not that of its content".to_owned());
    }
    let line: Line =
        serde_json::from_value(value).map_err(|error| format!("it is no record: {error}"))?;
    let last = line.history.last().map(|last| (last.version, &last.state));
    if last != Some((line.version, &line.state)) {
        return Err("the record is not its last version".to_owned());
    }
    Ok((line, digest))
}

/// Returns the place of a record in the order of the file.
fn place(line: &Line) -> Result<(usize, Uuid), String> {
    let kind = kinds().position(|kind| kind.name == line.kind);
    let kind = kind.ok_or_else(|| format!("{:?} is no kind of record", line.kind))?;
    Ok((kind, id(&line.id)?))
}

/// Reads an id, which becomes part of statements.
fn id(text: &str) -> Result<Uuid, String> {
    let id = Uuid::try_parse(text).ok();
    id.filter(|id| id.to_string() == text)
        .ok_or_else(|| format!("{text:?} is no id"))
}

/// Returns the versions of a record as entries of the log.
fn entries(line: Line) -> Result<Vec<Entry>, String> {
    let (mut before, mut last) = (Value::Null, 0);
    let versions = line.history.into_iter().map(|version| {
        check(&version, last)?;
        last = version.seq;
        let entry = version.entry(&line.kind, &line.id, before.take());
        let entry = entry.ok_or("a version has no instants")?;
        before = entry.after.clone();
        Ok(entry)
    });
    versions.collect()
}

fn check(version: &Logged, last: i64) -> Result<(), String> {
    if version.seq <= last {
        return Err(format!(
            "the version with the number {} is misplaced",
            version.seq
        ));
    }
    version.municipality_id.as_deref().map(id).transpose()?;
    id(&version.context_id)?;
    let visibilities = [
        Visibility::Public,
        Visibility::Partners,
        Visibility::Internal,
    ];
    if !visibilities
        .map(Visibility::as_str)
        .contains(&&*version.visibility)
    {
        return Err(format!("{:?} is no visibility", version.visibility));
    }
    let at: Option<chrono::DateTime<chrono::Utc>> = version.recorded_at.parse().ok();
    match at.is_some_and(|at| rfc3339(at) == version.recorded_at) {
        true => Ok(()),
        false => Err(format!("{:?} is no instant", version.recorded_at)),
    }
}
