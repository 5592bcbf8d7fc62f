//! Building blocks of the page's tables.

use super::words::{UNKNOWN, date, letter};
use crate::kernel::language::{Language, Message};
use crate::kernel::values::{ImpreciseDate, Localized, OrganizationRef};
use crate::kernel::words::Word;

/// A numbered section.
pub(super) struct Section {
    pub title: &'static str,
    pub parts: Vec<Part>,
}

/// A table of a section.
pub(super) struct Part {
    /// `None` if the section has a single table.
    pub title: Option<String>,
    pub note: Option<&'static str>,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

pub(super) struct Column {
    pub title: &'static str,
    /// CSS class of the width.
    pub width: &'static str,
}

#[derive(Clone, Copy)]
pub(super) enum Align {
    Left,
    Centre,
}

impl Align {
    pub fn class(self) -> &'static str {
        match self {
            Self::Left => "l",
            Self::Centre => "c",
        }
    }
}

/// A table cell.
pub(super) struct Cell {
    pub align: Align,
    /// Non-empty lines; all but the first are set in small type.
    pub lines: Vec<String>,
    /// Text and URL of a link.
    pub link: Option<(String, String)>,
}

pub(super) fn text(lines: impl IntoIterator<Item = String>) -> Cell {
    Cell {
        align: Align::Left,
        lines: lines.into_iter().filter(|line| !line.is_empty()).collect(),
        link: None,
    }
}

pub(super) fn short(text: impl ToString) -> Cell {
    Cell {
        align: Align::Centre,
        lines: vec![text.to_string()],
        link: None,
    }
}

/// Returns a cell with a title and an optional second line, such as a department.
pub(super) fn titled(title: &Localized, below: Option<&str>, language: Language) -> Cell {
    let title = title.in_language(language).to_owned();
    text([title, below.unwrap_or_default().to_owned()])
}

/// Text helpers for a language.
#[derive(Clone, Copy)]
pub(super) struct Words(pub Language);

/// Column title in both languages, and the CSS class of its width.
pub(super) type Head = (&'static str, &'static str, &'static str);

impl Words {
    pub fn pick(self, ko: &'static str, en: &'static str) -> &'static str {
        match self.0 {
            Language::Korean => ko,
            Language::English => en,
        }
    }

    pub fn word(self, value: impl Word) -> String {
        value.word().in_language(self.0).to_owned()
    }

    pub fn message(self, message: &Message) -> String {
        message.in_language(self.0).to_owned()
    }

    pub fn or_unknown(self, text: Option<String>) -> String {
        text.unwrap_or_else(|| self.message(&UNKNOWN))
    }

    pub fn of(self, text: Option<&Localized>) -> Option<String> {
        text.map(|text| text.in_language(self.0).to_owned())
    }

    pub fn date(self, on: Option<&ImpreciseDate>) -> Cell {
        short(date(on, self.0))
    }

    pub fn names(self, organizations: &[OrganizationRef]) -> String {
        let names = organizations.iter().map(|one| one.name.in_language(self.0));
        names.collect::<Vec<_>>().join(", ")
    }

    pub fn part(self, note: Option<&'static str>, heads: &[Head], rows: Vec<Vec<Cell>>) -> Part {
        let columns = heads.iter().map(|(ko, en, width)| Column {
            title: self.pick(ko, en),
            width,
        });
        Part {
            title: None,
            note,
            columns: columns.collect(),
            rows,
        }
    }

    /// Prefixes the titles of a section's parts with letters, in order.
    pub fn lettered(self, parts: Vec<(&'static str, Part)>) -> Vec<Part> {
        let parts = parts.into_iter().enumerate();
        let parts = parts.map(|(i, (title, part))| Part {
            title: Some(format!("{}. {title}", letter(i, self.0))),
            ..part
        });
        parts.collect()
    }
}

/// Prepends the row number to each row.
pub(super) fn numbered(rows: impl Iterator<Item = Vec<Cell>>) -> Vec<Vec<Cell>> {
    let rows = rows.enumerate().map(|(i, mut row)| {
        row.insert(0, short(i + 1));
        row
    });
    rows.collect()
}

pub(super) const NUMBER: Head = ("번호", "No.", "w5");
