//! Columns of a table, with their fields.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::steps;
use super::visibility::said_of_all;
use crate::http::tables;
use crate::imports::book::place;
use crate::imports::exported::Exported;
use crate::imports::layout::{DataRow, Layout};
use crate::imports::mapping::{MappingRule, Match};
use crate::imports::personal::is_personal;
use crate::imports::types::{ImportContent, Origin};
use crate::kernel::wording::{
    Context, Parties, PartyName, Reading, header_unit, is_money, order_of, read_parties,
};

/// Fields that are dates, besides the steps of projects.
const DATES: &[&str] = &[
    "signed_on",
    "signing_planned_on",
    "effective_from",
    "effective_until",
    "held_on",
    "founded",
    "target",
    "stated_on",
    "outcome_on",
    "terminated_on",
    "completed_on",
    "ended_on",
    "first_target",
];

/// Fields that are amounts of money.
const MONEY: [&str; 5] = [
    "cost",
    "cost_min",
    "cost_max",
    "commitment_amount",
    "amount",
];

/// Returns the unit of money that a table states beside it: `(단위: 천원, 명)`; `None` if it states two.
fn unit_of_table(remarks: &[String]) -> Option<String> {
    let behind = remarks.iter().filter_map(|remark| {
        let (_, behind) = remark
            .split_once("단위")
            .or_else(|| remark.split_once("Unit"))?;
        Some(behind.trim_start_matches(['s', ' ', ':', '：', '-']))
    });
    let signs: &[char] = &[',', '/', '·', ')', ']', '(', '、', '，', '）'];
    let parts = behind.flat_map(|behind| behind.split(signs));
    let mut units: Vec<String> = parts
        .filter_map(|part| header_unit(&format!("({})", part.trim())))
        .filter(|unit| is_money(unit))
        .collect();
    units.sort_unstable();
    units.dedup();
    match units.len() {
        1 => units.pop(),
        _ => None,
    }
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    pub header: String,
    pub field: Option<String>,
    /// Whether it is hidden, and nobody has said what it states.
    pub is_hidden: bool,
    /// Whether its header announces data about persons.
    pub is_personal: bool,
    /// The context in which the cells of the column are read.
    pub context: Context,
}

/// A table with its mapped columns and the answers of the caller.
pub struct Ledger<'a> {
    pub layout: &'a Layout,
    pub columns: Vec<Column>,
    pub origin: &'a Origin,
    pub sheet: &'a str,
    answers: &'a BTreeMap<String, String>,
    /// The questions that were answered with one of their choices.
    answered: RefCell<BTreeSet<String>>,
    /// The year in which the file came.
    pub year: i32,
    /// The columns of an export.
    pub exported: Option<&'a Exported>,
    /// Words beside the table, or in the name of the sheet or file, for all of it being internal.
    pub internal: Option<String>,
}

impl<'a> Ledger<'a> {
    pub fn new(
        layout: &'a Layout,
        (mapping, exported): (&[Match], Option<&'a Exported>),
        origin: &'a Origin,
        sheet: &'a str,
        content: &'a ImportContent,
    ) -> Self {
        let year = origin.received_on.get(..4).and_then(|y| y.parse().ok());
        let year = year.unwrap_or(2049);
        let corrected = content.cells.keys().filter_map(|cell| place(cell));
        let corrected: BTreeSet<(usize, usize)> = corrected.collect();
        let columns = layout.headers.iter().zip(mapping).enumerate();
        let columns = columns.map(|(index, (header, found))| Column {
            header: header.clone(),
            field: found.field.clone(),
            is_hidden: found.rule == MappingRule::Hidden,
            is_personal: is_personal(header),
            context: context(
                (layout, &corrected),
                index,
                found.field.as_deref(),
                header,
                year,
            ),
        });
        let remarks = layout.remarks.iter().map(String::as_str);
        let beside = remarks.chain([sheet]).chain(origin.file_name.as_deref());
        Self {
            layout,
            columns: columns.collect(),
            origin,
            sheet,
            answers: &content.answers,
            answered: RefCell::default(),
            year,
            exported,
            internal: said_of_all(beside),
        }
    }

    /// Returns the caller's answer to a question, if it is one of its choices.
    pub fn answer(&self, id: &str, is_choice: impl Fn(&str) -> bool) -> Option<String> {
        let answer = self.answers.get(id).filter(|answer| is_choice(answer))?;
        self.answered.borrow_mut().insert(id.to_owned());
        Some(answer.clone())
    }

    /// Returns the questions whose answers the rows took, once they are read.
    pub fn answered(&self) -> BTreeSet<String> {
        self.answered.borrow().clone()
    }

    /// Returns the columns that state a field.
    pub fn of<'b>(&'b self, field: &'b str) -> impl Iterator<Item = usize> + 'b {
        let columns = self.columns.iter().enumerate();
        columns.filter_map(move |(i, c)| (c.field.as_deref() == Some(field)).then_some(i))
    }

    /// Returns the values in a cell that an export joined, with an empty text for each that is
    /// unknown; `None` for another cell.
    pub fn values(&self, column: usize, text: &str) -> Option<Vec<String>> {
        let exported = self.exported.filter(|exported| exported.is_joined(column));
        exported.map(|_| tables::values(text))
    }

    /// Returns the parties that a cell names: one for each value that an export joined, else by the
    /// wording.
    pub fn parties(
        &self,
        column: usize,
        text: &str,
        is_known: &dyn Fn(&str) -> bool,
    ) -> Reading<Parties> {
        let Some(values) = self.values(column, text) else {
            return read_parties(text, &self.columns[column].context, is_known);
        };
        let named = values.into_iter().filter(|name| !name.is_empty());
        let named = named.map(|name| PartyName {
            name,
            ..PartyName::default()
        });
        let parties = Parties {
            named: named.collect(),
            others: None,
        };
        Reading::of(text, parties, Vec::new())
    }

    /// Returns the first column that states a field.
    pub fn first(&self, field: &str) -> Option<usize> {
        self.of(field).next()
    }
}

/// Returns the context of a column. A cell that was corrected shows no order: what it says now settles no
/// other cell.
fn context(
    (layout, corrected): (&Layout, &BTreeSet<(usize, usize)>),
    index: usize,
    field: Option<&str>,
    header: &str,
    year: i32,
) -> Context {
    let mut context = match field {
        Some(
            "signed_on" | "founded" | "stated_on" | "outcome_on" | "terminated_on" | "completed_on"
            | "ended_on",
        ) => Context::past(year),
        _ => Context::default(),
    };
    let is_date =
        field.is_some_and(|field| DATES.contains(&field) || steps::of_field(field).is_some());
    if is_date {
        let stated = |row: &&DataRow| {
            let first = row.shared[index].unwrap_or(row.row);
            !corrected.contains(&(first, index + row.shift))
        };
        let rows = layout.rows.iter().filter(stated);
        let texts = rows.filter_map(|row| row.cells[index].as_text());
        context.order = order_of(texts, context.years);
    }
    let is_money = field.is_some_and(|field| MONEY.contains(&field));
    let of_table = || unit_of_table(&layout.remarks).filter(|_| is_money);
    context.unit = header_unit(header).or_else(of_table);
    context.country_first = header.contains("국가");
    context
}
