//! Reads a backup in JSON Lines and fills an empty database with it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, bail};
use diesel::prelude::*;
use diesel::sql_types::Text;
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};

use super::format::{End, Header, NAME, VERSION};
use super::progress::Progress;
use super::tables::{Table, tables};
use crate::db::{AnyConnection, migrations};

/// Number of rows, and size in bytes, of a statement that inserts.
const BATCH: (usize, usize) = (500, 1 << 20);

/// A backup whose lines are all there.
pub struct Lines {
    file: File,
    compressed: bool,
    pub header: Header,
    pub rows: u64,
}

impl Lines {
    /// Opens a backup and reads it once, to know before anything is restored that it is whole.
    ///
    /// # Errors
    /// Fails if the file is no backup, of another version, cut, or changed.
    pub fn open(path: &Path, progress: &Progress) -> anyhow::Result<Self> {
        let name = path.display();
        let file = File::open(path).with_context(|| name.to_string())?;
        let compressed = is_compressed(&file)?;
        progress.phase(format!("reading {name}"));
        let mut lines = reader(&file, compressed)?;
        let (mut digest, mut line, mut rows) = (Sha256::new(), String::new(), 0);
        lines
            .read_line(&mut line)
            .with_context(|| format!("{name} is no backup"))?;
        let header: Header =
            serde_json::from_str(&line).with_context(|| format!("{name} is no backup"))?;
        if header.format != NAME || header.version != VERSION {
            bail!("{name} is a backup that this version of the program does not know");
        }
        let cut = || format!("{name} is not whole: its end is missing");
        let end = loop {
            digest.update(&line);
            line.clear();
            if lines.read_line(&mut line).with_context(cut)? == 0 {
                bail!(cut());
            }
            if line.starts_with("{\"rows\":") {
                break serde_json::from_str::<End>(&line).with_context(cut)?;
            }
            rows += 1;
            progress.rows(1);
        };
        if end.rows != rows || end.sha256 != crate::kernel::hex(digest.finalize()) {
            bail!("{name} was changed: its digest is not that of its lines");
        }
        drop(lines);
        Ok(Self {
            file,
            compressed,
            header,
            rows,
        })
    }

    /// Inserts all rows. The tables are those of the header's migrations, and empty.
    ///
    /// # Errors
    /// Fails if a table or a row is not one of the registry.
    pub fn fill(&self, conn: &mut AnyConnection, progress: &Progress) -> anyhow::Result<()> {
        known(&self.header.tables)?;
        let mut lines = reader(&self.file, self.compressed)?;
        let mut line = String::new();
        lines.read_line(&mut line)?;
        let mut batch = Batch::default();
        progress.phase(format!("restoring {} rows", self.rows));
        for _ in 0..self.rows {
            line.clear();
            lines.read_line(&mut line)?;
            let (table, row) = parts(&line).context("a line is no row of a table")?;
            if batch.table != table || batch.is_full() {
                self.insert(conn, &mut batch, progress)?;
                table.clone_into(&mut batch.table);
            }
            batch.add(row);
        }
        self.insert(conn, &mut batch, progress)
    }

    fn insert(
        &self,
        conn: &mut AnyConnection,
        batch: &mut Batch,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        let Batch { table, rows, count } = std::mem::take(batch);
        if count == 0 {
            return Ok(());
        }
        let known = self.header.tables.iter().find(|known| known.name == table);
        let known = known.with_context(|| format!("{table} is no table of the registry"))?;
        let insertion = diesel::sql_query(known.insertion(conn));
        let inserted = insertion.bind::<Text, _>(rows + "]").execute(conn);
        let inserted = inserted.with_context(|| format!("rows of {table}"))?;
        if inserted != count {
            bail!("{inserted} of {count} rows of {table} were restored");
        }
        progress.rows(count as u64);
        Ok(())
    }
}

/// Returns the table and the row of a line, as `dump` writes it.
fn parts(line: &str) -> Option<(&str, &str)> {
    let (table, row) = line
        .strip_prefix("{\"table\":\"")?
        .split_once("\",\"row\":")?;
    Some((table, row.trim_end().strip_suffix('}')?))
}

/// Rows that are inserted together.
#[derive(Default)]
struct Batch {
    table: String,
    /// A JSON array without its end.
    rows: String,
    count: usize,
}

impl Batch {
    fn is_full(&self) -> bool {
        self.count >= BATCH.0 || self.rows.len() >= BATCH.1
    }

    fn add(&mut self, row: &str) {
        self.rows.push(if self.count == 0 { '[' } else { ',' });
        self.rows.push_str(row);
        self.count += 1;
    }
}

/// Names become part of statements, so only those of the registry are accepted.
fn known(stated: &[Table]) -> anyhow::Result<()> {
    let own = tables()?;
    for table in stated {
        let known = own.iter().find(|own| own.name == table.name);
        let known =
            known.with_context(|| format!("{:?} is no table of the registry", table.name))?;
        if let Some(column) = table.columns.iter().find(|c| !known.columns.contains(c)) {
            bail!("{column:?} is no column of {}", table.name);
        }
    }
    Ok(())
}

/// Returns true if a file is compressed by gzip.
pub(super) fn is_compressed(mut file: &File) -> std::io::Result<bool> {
    let mut magic = [0; 2];
    file.seek(SeekFrom::Start(0))?;
    Ok(file.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b])
}

/// Reads a file from its beginning.
pub(super) fn reader(mut file: &File, compressed: bool) -> anyhow::Result<Box<dyn BufRead + '_>> {
    file.seek(SeekFrom::Start(0))?;
    let plain = BufReader::with_capacity(1 << 16, file);
    Ok(if compressed {
        Box::new(BufReader::new(GzDecoder::new(plain)))
    } else {
        Box::new(plain)
    })
}

/// Refuses a backup that a newer version of the program made.
///
/// # Errors
/// Names the migration that this version does not have.
pub fn refuse_newer(header: &Header, conn: &AnyConnection) -> anyhow::Result<()> {
    let own = migrations::own(conn)?;
    match header
        .migrations
        .iter()
        .find(|version| !own.contains(version))
    {
        Some(version) => bail!(
            "the backup was made by version {} of the program, which has a migration ({version}) that this version lacks",
            header.program
        ),
        None => Ok(()),
    }
}
