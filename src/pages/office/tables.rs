//! Pages of facts and tables, which differ in what they show alone.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::db::page::Cursor;
use crate::kernel::error::ApiError;
use crate::pages::layout::Layout;
use crate::pages::lists::{Choice, Pager};
use crate::pages::markup::{Dated, Fact, Link, Text, Value};
use crate::pages::reader::Frame;
use crate::pages::words::Words;

/// Name of the parameter that says that something was done before a page was shown.
pub const DONE: &str = "done";

/// A table of a page.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub caption: String,
    /// What is said in place of a table without rows.
    pub none: &'static str,
    pub heads: Vec<&'static str>,
    /// Rows with a cell below each head. The first names the row.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Returns the cells of a row, each with its head.
    pub fn labelled<'a>(
        &'a self,
        row: &'a [Cell],
    ) -> impl Iterator<Item = (&'static str, &'a Cell)> + 'a {
        self.heads.iter().copied().zip(row)
    }
}

/// The values of a cell.
#[derive(Clone, Debug, Default)]
pub struct Cell(Vec<Value>);

impl fmt::Display for Cell {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, value) in self.0.iter().enumerate() {
            if place > 0 {
                out.write_str("<br>")?;
            }
            value.fmt(out)?;
        }
        Ok(())
    }
}

impl HtmlSafe for Cell {}

impl From<Text> for Cell {
    fn from(text: Text) -> Self {
        Self(vec![Value::Text(text)])
    }
}

impl From<Dated> for Cell {
    fn from(date: Dated) -> Self {
        Self(vec![Value::Date(date)])
    }
}

impl From<Link> for Cell {
    fn from(link: Link) -> Self {
        Self(vec![Value::Link(link)])
    }
}

impl From<Vec<Link>> for Cell {
    fn from(links: Vec<Link>) -> Self {
        Self(links.into_iter().map(Value::Link).collect())
    }
}

impl From<Vec<Text>> for Cell {
    fn from(texts: Vec<Text>) -> Self {
        Self(texts.into_iter().map(Value::Text).collect())
    }
}

/// A field by which a list is filtered.
pub struct TypedFilter {
    name: &'static str,
    label: &'static str,
    /// Type of the input.
    kind: &'static str,
    value: String,
}

impl TypedFilter {
    pub fn of(frame: &Frame, name: &'static str, label: &'static str, kind: &'static str) -> Self {
        Self {
            name,
            label,
            kind,
            value: frame.get(name).unwrap_or_default().to_owned(),
        }
    }
}

/// A page of facts and tables.
#[derive(Default)]
pub struct Sheet {
    pub title: String,
    pub lead: Vec<String>,
    pub acts: Vec<Link>,
    pub choices: Vec<Choice>,
    pub typed: Vec<TypedFilter>,
    pub facts: Vec<Fact>,
    pub tables: Vec<Table>,
    pub pager: Pager,
}

#[derive(Template)]
#[template(path = "office_sheet.html")]
struct SheetPage {
    l: Layout,
    done: Option<&'static str>,
    lead: Vec<String>,
    acts: Vec<Link>,
    action: String,
    choices: Vec<Choice>,
    typed: Vec<TypedFilter>,
    facts: Vec<Fact>,
    tables: Vec<Table>,
    pager: Pager,
}

impl Sheet {
    /// Renders the page.
    ///
    /// # Errors
    /// Internal, if the page cannot be rendered.
    pub fn page(self, frame: &Frame) -> Result<String, ApiError> {
        let page = SheetPage {
            l: Layout::new(frame, self.title.clone(), self.title),
            done: frame
                .get(DONE)
                .map(|_| frame.w.t("기록했습니다.", "Recorded.")),
            lead: self.lead,
            acts: self.acts,
            action: frame.own(),
            choices: self.choices,
            typed: self.typed,
            facts: self.facts,
            tables: self.tables,
            pager: self.pager,
        };
        page.render().map_err(ApiError::internal)
    }
}

/// Returns the links to the other pages of a list.
pub fn pager(frame: &Frame, filters: &[&str], next: Option<&Cursor>) -> Pager {
    Pager::of(frame, filters, next, None)
}

/// Returns an instant in words, to the minute.
pub fn instant(w: Words, zone: Tz, at: DateTime<Utc>) -> Text {
    let at = at.with_timezone(&zone);
    Text::stated(
        format!("{} {}", w.day(at.date_naive()), at.format("%H:%M")),
        w,
    )
}

/// Returns the day of an instant, or the word for an unknown one.
pub fn day_of(w: Words, zone: Tz, at: Option<DateTime<Utc>>, none: &str) -> Cell {
    match at {
        Some(at) => Dated::day(at.with_timezone(&zone).date_naive(), w).into(),
        None => Text::stated(none, w).into(),
    }
}
