//! Writes a backup in JSON Lines: a header, one line for each row, and a line with the digest of
//! all before it.

use std::fs::File;
use std::io::{BufWriter, Write};

use anyhow::{Context, bail};
use diesel::connection::{DefaultLoadingMode, LoadConnection};
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::Text;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::format::{End, Form, Header, NAME, VERSION};
use super::progress::Progress;
use super::tables::tables;
use crate::changes::checkpoint::Checkpoint;
use crate::db::{AnyConnection, migrations};

/// Writes all rows of one snapshot, and returns the checkpoint that `sign` makes of it.
///
/// # Errors
/// Fails if a migration is missing, a row cannot be read, or the file cannot be written.
pub fn dump(
    conn: &mut AnyConnection,
    form: Form,
    file: &File,
    sign: impl FnOnce(&mut AnyConnection) -> anyhow::Result<Checkpoint>,
    progress: &Progress,
) -> anyhow::Result<Checkpoint> {
    let migrations = migrations::applied(conn)?;
    if migrations != migrations::own(conn)? {
        bail!("the tables are of another version of the program: run `mou-registry migrate` first");
    }
    let checkpoint = sign(conn)?;
    let header = Header {
        format: NAME.to_owned(),
        version: VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        migrations,
        checkpoint: checkpoint.clone(),
        tables: tables()?,
    };
    let to = BufWriter::with_capacity(1 << 16, file);
    if form == Form::CompressedLines {
        let compressed = GzEncoder::new(to, Compression::default());
        let compressed = lines(conn, &header, compressed, progress)?;
        compressed.finish()?.flush()?;
    } else {
        lines(conn, &header, to, progress)?.flush()?;
    }
    Ok(checkpoint)
}

/// Writes all lines, and returns the writer.
fn lines<W: Write>(
    conn: &mut AnyConnection,
    header: &Header,
    to: W,
    progress: &Progress,
) -> anyhow::Result<W> {
    let mut lines = Lines {
        to,
        digest: Sha256::new(),
    };
    lines.put(&serde_json::to_string(header)?)?;
    let mut count = 0;
    for table in &header.tables {
        progress.phase(format!("writing {}", table.name));
        let select = table.rows(conn)?;
        let mut put = |row: &str| {
            count += 1;
            progress.rows(1);
            lines.put(&format!("{{\"table\":\"{}\",\"row\":{row}}}", table.name))
        };
        match conn {
            AnyConnection::Sqlite(conn) => each::<_, DefaultLoadingMode>(conn, &select, &mut put),
            AnyConnection::Postgres(conn) => {
                each::<_, PgRowByRowLoadingMode>(conn, &select, &mut put)
            }
        }
        .with_context(|| table.name.clone())?;
    }
    let end = End {
        rows: count,
        sha256: crate::kernel::hex(lines.digest.clone().finalize()),
    };
    lines.put(&serde_json::to_string(&end)?)?;
    Ok(lines.to)
}

struct Lines<W> {
    to: W,
    digest: Sha256,
}

impl<W: Write> Lines<W> {
    fn put(&mut self, line: &str) -> anyhow::Result<()> {
        for part in [line, "\n"] {
            self.digest.update(part);
            self.to.write_all(part.as_bytes())?;
        }
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Calls `put` for each row of a query, without loading all of them.
fn each<C, M>(
    conn: &mut C,
    select: &str,
    put: &mut impl FnMut(&str) -> anyhow::Result<()>,
) -> anyhow::Result<()>
where
    C: LoadConnection<M>,
    Line: QueryableByName<C::Backend>,
    diesel::query_builder::SqlQuery: diesel::query_dsl::LoadQuery<'static, C, Line, M>,
{
    for row in diesel::sql_query(select).load_iter::<Line, M>(conn)? {
        put(&row?.line)?;
    }
    Ok(())
}
