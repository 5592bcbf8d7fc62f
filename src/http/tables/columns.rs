//! The columns of tables: which member of a row each shows, and its header in both languages.

use super::lists::{OF_VALUES, tables};
use crate::kernel::language::{Language, Message};
use crate::kernel::member_names::member_name;

/// How the values of a column become cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By their own type: texts, numbers, imprecise dates, texts in two languages, yes and no.
    Plain,
    /// Codes of an enumeration, as its labels name them.
    Code(&'static str),
    /// Days.
    Day,
    /// The number of the row in the file.
    Ordinal,
}

/// Where the header of a column comes from.
#[derive(Clone, Copy, Debug)]
enum Header {
    /// From the name of the member in which its path begins.
    Member,
    Own(&'static str, &'static str),
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The members that lead to the value, with `*` for the items of a list: `parties/*/role`.
    pub path: &'static str,
    pub kind: Kind,
    header: Header,
    width: u16,
}

/// Returns a column under the name of the member in which its path begins.
pub(super) const fn column(path: &'static str, kind: Kind) -> Column {
    Column {
        path,
        kind,
        header: Header::Member,
        width: match kind {
            Kind::Plain => 20,
            Kind::Code(_) => 14,
            Kind::Day => 12,
            Kind::Ordinal => 6,
        },
    }
}

pub(super) const fn plain(path: &'static str) -> Column {
    column(path, Kind::Plain)
}

pub(super) const fn code(path: &'static str, enumeration: &'static str) -> Column {
    column(path, Kind::Code(enumeration))
}

pub(super) const fn day(path: &'static str) -> Column {
    column(path, Kind::Day)
}

impl Column {
    /// Returns the column under a header of its own.
    pub(super) const fn headed(mut self, ko: &'static str, en: &'static str) -> Self {
        self.header = Header::Own(ko, en);
        self
    }

    /// Returns the column with a width, in characters.
    pub(super) const fn wide(mut self, width: u16) -> Self {
        self.width = width;
        self
    }

    /// Returns the member of the row in which the path begins.
    pub fn member(&self) -> &'static str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// Returns the header in both languages: the word of the registry for the member.
    #[must_use]
    pub fn header(&self) -> Message {
        match self.header {
            Header::Own(ko, en) => Message::fixed(ko, en),
            Header::Member => {
                let Message { ko, en } = member_name(self.member());
                let mut letters = en.chars();
                let first = letters.next().into_iter().flat_map(char::to_uppercase);
                Message::new(ko, first.chain(letters).collect::<String>())
            }
        }
    }

    /// Returns the name by which a request selects the column alone, made of its English header:
    /// `slip_at_least_days`.
    #[must_use]
    pub fn name(&self) -> String {
        let header = self.header().en.to_lowercase();
        let words = header.split(|letter: char| !letter.is_ascii_alphabetic());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        words.join("_")
    }

    /// Returns whether a cell has the values of all items of a list.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.path.contains('*')
    }

    /// Returns the width, in characters.
    pub fn width(&self) -> u16 {
        self.width
    }
}

/// A list as a table.
#[derive(Debug)]
pub struct Table {
    /// The name of the schema of its rows.
    pub rows: &'static str,
    /// What the rows are, which names the file and the sheet.
    pub name: Message,
    pub columns: &'static [Column],
}

impl Table {
    /// Returns the name of the table in a language.
    pub fn named(&self, language: Language) -> &str {
        self.name.in_language(language)
    }
}

/// Returns the table for lists of rows of a schema, if they can be one.
pub fn table_of(schema: &str) -> Option<&'static Table> {
    tables().find(|table| table.rows == schema)
}

/// Returns the table for an answer of a schema that is no list, if it can be one.
pub fn table_of_value(schema: &str) -> Option<&'static Table> {
    OF_VALUES.iter().find(|table| table.rows == schema)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn headers_are_words_that_tell_the_columns_apart() {
        for table in tables().chain(OF_VALUES) {
            for language in [Language::Korean, Language::English] {
                let headers = table.columns.iter().map(Column::header);
                let headers: Vec<String> = headers
                    .map(|header| header.in_language(language).to_owned())
                    .collect();
                let distinct: BTreeSet<&String> = headers.iter().collect();
                assert_eq!(distinct.len(), headers.len(), "{}: {headers:?}", table.rows);
            }
            let names: BTreeSet<String> = table.columns.iter().map(Column::name).collect();
            assert_eq!(
                names.len(),
                table.columns.len(),
                "{}: {names:?}",
                table.rows
            );
            for column in table.columns {
                // As the parameter `fields` takes them.
                let is_lower = |c: char| c.is_ascii_lowercase() || c == '_';
                let name = column.name();
                assert!(name.chars().all(is_lower) && name.len() <= 50, "{name}");
                let ko = column.header().ko;
                assert!(
                    !ko.is_ascii() || ko == "ID",
                    "{}: {}",
                    table.rows,
                    column.path
                );
            }
        }
    }
}
