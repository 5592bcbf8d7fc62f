//! Files that are exports of the registry's own lists.
//!
//! An exported file has the headers of a list in one of the languages, and mostly the ids of the
//! records. A cell that is as the export would write it now changes nothing, whatever the wording of
//! the cell would be read as. Columns that are derived are not compared.

use serde_json::Value;
use uuid::Uuid;

use super::book::Cell;
use super::kind::ImportKind;
use super::layout::DataRow;
use super::mapping::{self, MappingRule, Match};
use crate::http::tables;
use crate::http::tables::{Column, Kind, Table};
use crate::kernel::language::Language;

/// Field of a column that is derived and states nothing.
pub const DERIVED: &str = "derived";
/// Field of the column with the ids of records.
pub const ID: &str = "id";

/// Number of known headers from which a file without ids is an export.
const ENOUGH: usize = 3;
/// Ends a text that a cell of a workbook cannot hold.
const CUT: char = '…';

/// The columns of an exported file.
#[derive(Clone, Debug)]
pub struct Exported {
    language: Language,
    /// By column of the file.
    columns: Vec<Option<Column>>,
    fields: Vec<Option<&'static str>>,
    id: Option<usize>,
    /// Schema of the rows of the list.
    rows: &'static str,
}

/// How the columns of exports are read.
pub struct Exports {
    /// Schemas of the rows of the lists.
    pub tables: &'static [&'static str],
    /// Fields that columns state, by path.
    pub fields: &'static [(&'static str, &'static str)],
    /// Paths of columns that are derived.
    pub derived: &'static [&'static str],
}

const AGREEMENTS: Exports = Exports {
    tables: &["AgreementSummary", "LedgerRow"],
    fields: &[
        ("reference_number", "reference_number"),
        ("title", "title"),
        ("title/en", "title_en"),
        ("title/ko", "title_ko"),
        ("kind", "kind"),
        ("parties/*/organization/name", "parties"),
        ("other_parties/as_stated", "other_parties"),
        ("other_parties/count", "other_parties_count"),
        ("signed_on", "signed_on"),
        ("effective_from", "effective_from"),
        ("effective_until", "effective_until"),
        ("status", "status"),
        ("lead_department", "lead_department"),
        ("topics/*", "topics"),
        ("visibility", "visibility"),
        ("purpose", "purpose"),
        ("financial_obligation", "financial_obligation"),
        ("cost/amount", "cost"),
        ("cost/min_amount", "cost_min"),
        ("cost/max_amount", "cost_max"),
        ("cost/currency", "cost_currency"),
        ("cost/approximate", "cost_approximate"),
        ("cost/as_stated", "cost_as_stated"),
        ("note", "note"),
    ],
    derived: &[
        "",
        "municipality/name",
        "in_force",
        "ended_by",
        "expires_in_days",
        "commitment_count",
        "individual_party_count",
        "fulfilment/status",
        "freshness/state",
    ],
};

/// The facts of the official list are not those of the record.
const MUNICIPALITIES: Exports = Exports {
    tables: &["Municipality"],
    fields: &[
        ("name", "name"),
        ("name/en", "name_en"),
        ("name/ko", "name_ko"),
        ("officers/*/name", "officers"),
        ("officers/*/title", "officer_titles"),
        ("website", "website"),
    ],
    derived: &[
        "code",
        "kind",
        "level",
        "parent_name",
        "valid_from",
        "valid_to",
    ],
};

const ORGANIZATIONS: Exports = Exports {
    tables: &["Association", "Organization"],
    fields: &[
        ("name", "name"),
        ("name/en", "name_en"),
        ("name/ko", "name_ko"),
        ("kind", "kind"),
        ("short_name", "short_name"),
        ("other_names/*", "other_names"),
        ("identifiers/*/id", "identifiers"),
        ("identifiers/*/scheme", "identifier_schemes"),
        ("country", "country"),
        ("officers/*/name", "officers"),
        ("officers/*/title", "officer_titles"),
        ("founded", "founded"),
        ("website", "website"),
        ("activities/*/text", "activities"),
    ],
    derived: &["recorded_members"],
};

const MEETINGS: Exports = Exports {
    tables: &["Meeting"],
    fields: &[
        ("working_group/name", "working_group"),
        ("held_on", "held_on"),
        ("title", "title"),
        ("status", "status"),
        ("venue", "venue"),
        ("attendees/*/name", "attendees"),
        ("agenda", "agenda"),
        ("decisions", "decisions"),
    ],
    derived: &[],
};

const ANNOUNCEMENTS: Exports = Exports {
    tables: &["AnnouncementSummary"],
    fields: &[
        ("announced_on", "announced_on"),
        ("kind", "kind"),
        ("title", "title"),
        ("publisher", "publisher"),
        ("parties/*/name", "parties"),
        ("happened_on", "happened_on"),
        ("amount/as_stated", "amount"),
        ("lead_department", "lead_department"),
        ("url", "url"),
    ],
    derived: &[
        "title/en",
        "title/ko",
        "municipality/name",
        "amount/amount",
        "standing",
        "agreement/title",
        "milestone/title",
        "milestone/project/title",
        "visibility",
    ],
};

const MILESTONES: Exports = Exports {
    tables: &["Milestone", "SlipHistory"],
    fields: &[
        ("project/title", "project"),
        ("phase", "phase"),
        ("kind", "kind"),
        ("title", "title"),
        ("target", "target"),
        ("actual", "outcome_on"),
        ("event", "event"),
        ("stated_on", "stated_on"),
        ("stated_by", "stated_by"),
        ("reason_code", "reason_code"),
        ("reason", "reason"),
        ("note", "note"),
        ("source/title", "source"),
        ("source/url", "source_url"),
    ],
    derived: &[
        "status",
        "baseline",
        "slip/min_days",
        "slip/max_days",
        "slip_from_previous/min_days",
        "slip_from_previous/max_days",
        "deadline_slip_days",
        "deadline_slip_days_from_previous",
        "direction",
        "overdue_days",
        "forecast_count",
        "freshness/state",
    ],
};

/// Returns the exports that an import of a kind reads. Of those that fit a file as well, it is the last.
fn exports(kind: ImportKind) -> &'static [&'static Exports] {
    match kind {
        ImportKind::Agreements => &[&AGREEMENTS],
        ImportKind::Organizations => &[&MUNICIPALITIES, &ORGANIZATIONS],
        ImportKind::Meetings => &[&MEETINGS],
        ImportKind::Milestones => &[&MILESTONES],
        ImportKind::Announcements => &[&ANNOUNCEMENTS],
    }
}

/// Returns the table that is exported for a schema.
fn table(schema: &str) -> Option<&'static Table> {
    tables::table_of(schema).or_else(|| tables::table_of_value(schema))
}

impl Exported {
    /// Returns the columns of a file with these headers, if it is an export of a list of a kind.
    pub fn find(kind: ImportKind, headers: &[String]) -> Option<Self> {
        let all = exports(kind).iter().flat_map(|exports| {
            let tables = exports.tables.iter();
            let tables = tables.filter_map(|of| table(of));
            tables.map(move |table| (*exports, table))
        });
        let all = all.flat_map(|(exports, table)| {
            let languages = [Language::Korean, Language::English];
            languages.map(|language| (exports, Self::of(table, language, headers)))
        });
        let (exports, mut best) = all.max_by_key(|(_, found)| found.known())?;
        let stated = headers.iter().filter(|header| !header.is_empty()).count();
        let known = best.known();
        let is_export = match best.id {
            Some(_) => known * 2 > stated,
            None => known == stated && known >= ENOUGH,
        };
        best.fields = best.fields(exports);
        is_export.then_some(best)
    }

    fn of(table: &Table, language: Language, headers: &[String]) -> Self {
        let columns = headers.iter().map(|header| {
            let mut columns = table.columns.iter();
            let column = columns.find(|c| c.header().in_language(language) == header);
            column.copied()
        });
        let columns: Vec<Option<Column>> = columns.collect();
        let is_id = |column: &Option<Column>| column.is_some_and(|column| column.path == ID);
        Self {
            language,
            id: columns.iter().position(is_id),
            fields: Vec::new(),
            columns,
            rows: table.rows,
        }
    }

    fn known(&self) -> usize {
        self.columns.iter().flatten().count()
    }

    /// Returns the field of each column. What is derived is a field of its own only where the records
    /// can be told by their ids.
    fn fields(&self, exports: &Exports) -> Vec<Option<&'static str>> {
        let field = |column: &Option<Column>| {
            let path = column.as_ref()?.path;
            let mut stated = exports.fields.iter();
            if path == ID {
                return Some(ID);
            }
            if self.id.is_some() && exports.derived.contains(&path) {
                return Some(DERIVED);
            }
            let field = stated.find(|(of, _)| *of == path);
            field.map(|(_, field)| *field)
        };
        self.columns.iter().map(field).collect()
    }

    /// Maps the columns of the export, and leaves to the others what these do not take.
    pub fn map(&self, mapped: Vec<Match>) -> Vec<Match> {
        let is_taken = |field: &str| self.fields.contains(&Some(field));
        let both = mapped
            .into_iter()
            .zip(self.columns.iter().zip(&self.fields));
        let both = both.map(|(other, (column, field))| match (column, field) {
            (Some(_), field) => Match {
                field: field.map(str::to_owned),
                score: if field.is_some() { 100 } else { 0 },
                rule: MappingRule::Exported,
            },
            (None, _) if other.field.as_deref().is_some_and(is_taken) => Match::NONE,
            (None, _) => other,
        });
        both.collect()
    }

    /// Returns the language of the file.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Returns the schema of the rows of the list.
    pub fn rows(&self) -> &'static str {
        self.rows
    }

    /// Returns whether the cells of a column have several values each.
    pub fn is_joined(&self, column: usize) -> bool {
        let column = self.columns.get(column).copied().flatten();
        column.is_some_and(|column| column.is_joined())
    }

    /// Returns the id of the record in a row.
    pub fn record(&self, row: &DataRow) -> Option<Uuid> {
        id_in(row.cells.get(self.id?)?)
    }

    /// Returns for each column whether its cell states nothing new of a record, as the list shows it.
    pub fn unchanged(&self, row: &DataRow, shown: &Value) -> Vec<bool> {
        let cells = row.cells.iter().zip(self.columns.iter().zip(&self.fields));
        let is_same = |(cell, (column, field)): (&Cell, (&Option<Column>, &Option<&str>))| {
            let Some(column) = column else {
                return false;
            };
            let is_told = column.kind == Kind::Ordinal || matches!(*field, Some(DERIVED | ID));
            is_told || is_as_written(cell, &tables::Cell::of(column, shown, self.language))
        };
        cells.map(is_same).collect()
    }

    /// Returns whether a column of the export states a field that no cell can correct.
    pub fn is_fixed(&self, column: usize) -> bool {
        let known = self.columns.get(column).is_some_and(Option::is_some);
        known && self.fields.get(column).is_some_and(Option::is_none)
    }
}

/// Returns the id in a cell.
pub fn id_in(cell: &Cell) -> Option<Uuid> {
    let text = cell.as_text().filter(|text| text.len() == 36)?;
    text.parse().ok()
}

/// Returns whether a header is that of the ids of records.
pub fn is_id(header: &str) -> bool {
    mapping::plain(header) == ID
}

/// Returns whether a cell of a file is one that the export writes.
fn is_as_written(cell: &Cell, written: &tables::Cell) -> bool {
    match written {
        tables::Cell::Empty => cell.is_empty(),
        tables::Cell::Number(number) => match cell {
            Cell::Number(stated) => stated == number,
            cell => cell.words().replace(',', "").parse() == Ok(*number),
        },
        tables::Cell::Day(_) => cell.words() == written.text(),
        tables::Cell::Text(text) => {
            let (stated, text) = (cell.words(), Cell::text(text).words());
            let is_cut = || {
                stated
                    .strip_suffix(CUT)
                    .is_some_and(|part| text.starts_with(part))
            };
            stated == text || is_cut()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(schema: &str, language: Language) -> Vec<String> {
        let table = tables::table_of(schema).unwrap();
        let headers = table.columns.iter().map(Column::header);
        headers
            .map(|h| h.in_language(language).to_owned())
            .collect()
    }

    #[test]
    fn exports_are_told_by_their_headers() {
        for schema in AGREEMENTS.tables {
            for language in [Language::Korean, Language::English] {
                let mut headers = headers(schema, language);
                let exported = Exported::find(ImportKind::Agreements, &headers).unwrap();
                assert_eq!(exported.known(), headers.len());
                headers.retain(|header| header != "ID");
                assert!(Exported::find(ImportKind::Agreements, &headers).is_some());
                headers.push("비고란".into());
                assert!(Exported::find(ImportKind::Agreements, &headers).is_none());
            }
        }
        let foreign = ["연번", "협약명", "협약기관", "체결일"].map(str::to_owned);
        assert!(Exported::find(ImportKind::Agreements, &foreign).is_none());
    }

    #[test]
    fn lists_of_organizations_are_told_apart() {
        for exports in exports(ImportKind::Organizations) {
            for schema in exports.tables {
                for language in [Language::Korean, Language::English] {
                    let headers = headers(schema, language);
                    let exported = Exported::find(ImportKind::Organizations, &headers);
                    assert_eq!(exported.unwrap().rows(), *schema);
                }
            }
        }
    }

    #[test]
    fn paths_are_those_of_columns() {
        for exports in [
            &AGREEMENTS,
            &MUNICIPALITIES,
            &ORGANIZATIONS,
            &MEETINGS,
            &MILESTONES,
        ] {
            let of = |schema: &&str| table(schema).unwrap().columns.iter();
            let paths: Vec<&str> = exports.tables.iter().flat_map(of).map(|c| c.path).collect();
            let fields = exports.fields.iter().map(|(path, _)| path);
            for path in fields.chain(exports.derived) {
                assert!(paths.contains(path), "{path}");
            }
        }
    }

    #[test]
    fn cells_are_compared_as_they_were_written() {
        let text = |text: &str| tables::Cell::Text(text.into());
        for (cell, written, is_same) in [
            (Cell::text("가\u{a0} 나\r\n"), text("가\u{a0} 나\n"), true),
            (Cell::text("1,200"), tables::Cell::Number(1200.0), true),
            (Cell::Number(3.0), tables::Cell::Number(3.0), true),
            (Cell::Empty, text("\u{feff}"), true),
            (Cell::text("가나…"), text("가나다라"), true),
            (Cell::text("가다"), text("가나"), false),
            (Cell::text("없음"), tables::Cell::Empty, false),
        ] {
            assert_eq!(is_as_written(&cell, &written), is_same, "{cell:?}");
        }
        let day = tables::Cell::Day("2021-04-16".parse().unwrap());
        let date = Cell::Date {
            date: "2021-04-16".into(),
        };
        assert!(is_as_written(&date, &day));
        assert_eq!(id_in(&Cell::text("2021-04-16")), None);
    }
}
