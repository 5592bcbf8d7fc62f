//! Forms of people who are signed in. A form is a table of fields over the body of an operation: each
//! field has its place in the body, so that what is typed becomes the body, and what the operation
//! refuses is shown at its field.

mod hanging;
mod held;
mod items;
mod opened;
mod quoted;
mod said;
mod shown;
mod terms;
mod typed;
mod understood;

pub use hanging::{Hanging, hang, milestone_names};
pub use held::{changes, filled, filled_as_held, localized};
pub use items::{OF_RECORD, changes_with_items, filled_with_items};
pub use opened::{OPENED, rebased, remembered};
pub use quoted::with_quotes;
pub use said::{in_labels, warned};
pub use shown::{Candidate, Choices, Control, Input, Notice, Section, sections};
pub use typed::{body, compact, items, readings, with_organization};
pub use understood::understood;

/// What a field takes, and how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line of text.
    Line,
    /// Text of several lines.
    Lines,
    /// Short texts, one a line.
    Texts,
    /// A date in the words of a document, in any of its forms.
    Date,
    /// Like [`Self::Date`], also a time after another date ("체결일로부터 6개월 이내").
    Due,
    /// Like [`Self::Date`], also a time after a milestone of the project ("착공 후 36개월").
    Target,
    /// Like [`Self::Date`], of something that has happened.
    Past,
    /// A certain day in any of its forms, which becomes a plain day.
    Day,
    /// The term of an agreement in the words of a document: fills the members for its start, its end
    /// and its renewal.
    Term,
    Money,
    Area,
    /// A number of something, with its unit.
    Count,
    /// A whole number.
    Whole,
    /// A number with decimals.
    Decimal,
    /// One of the codes of an enumeration, or none.
    Code(&'static str),
    /// Like [`Self::Code`], with the label of the choice that leaves it open.
    CodeOr(&'static str, (&'static str, &'static str)),
    /// One of the codes of an enumeration; at first, the second value.
    Needed(&'static str, &'static str),
    /// One of some codes of an enumeration; at first, the first of them.
    Among(&'static str, &'static [&'static str]),
    YesNo,
    /// A condition that does not hold unless it is chosen.
    Yes,
    /// An organization by its name, its short name or its registration number.
    Organization,
    /// An organization that is recorded already, in the same forms. The text becomes the member itself
    /// unless a candidate was chosen, whose id becomes the member that ends with `_id`.
    Recorded,
    /// Some of the parties of the agreement in the same form.
    Parties,
    /// One of the parties of the agreement, by its place in the list.
    Party,
    /// One of the values that the page offers, or unknown.
    Choice,
    /// One of the values that the page offers, or none of them.
    ChoiceOrNone,
    /// Some of the values that the page offers.
    Several,
    /// An id, which the form passes on.
    Hidden,
}

impl Kind {
    /// Returns whether the field always has a value, which says nothing by itself.
    fn is_always_set(self) -> bool {
        matches!(self, Self::Needed(..) | Self::Among(..) | Self::Hidden)
    }

    /// Kinds whose texts are read, by their names.
    const READ: [(&str, Self); 9] = [
        ("date", Self::Date),
        ("due", Self::Due),
        ("target", Self::Target),
        ("past", Self::Past),
        ("day", Self::Day),
        ("term", Self::Term),
        ("money", Self::Money),
        ("area", Self::Area),
        ("count", Self::Count),
    ];

    /// Returns the name of the kind, if its texts are read; otherwise an empty text.
    fn reading(self) -> &'static str {
        let known = Self::READ.iter().find(|(_, kind)| *kind == self);
        known.map_or("", |(name, _)| name)
    }

    /// Returns the kind with a name, whose texts are read.
    pub fn read_as(name: &str) -> Option<Self> {
        let known = Self::READ.iter().find(|(known, _)| *known == name);
        known.map(|(_, kind)| *kind)
    }

    /// Returns the enumeration whose codes the field takes, if it takes codes.
    fn enumeration(self) -> Option<&'static str> {
        match self {
            Self::Code(name)
            | Self::CodeOr(name, _)
            | Self::Needed(name, _)
            | Self::Among(name, _) => Some(name),
            _ => None,
        }
    }

    /// Returns whether the field refers to parties by their places in the form.
    fn names_parties(self) -> bool {
        matches!(self, Self::Parties | Self::Party)
    }

    /// Returns whether the field has a value for each box that is checked.
    fn has_several(self) -> bool {
        matches!(self, Self::Parties | Self::Several)
    }
}

/// A field of a form.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The place in its group, as a JSON Pointer without the slash at its beginning. `*` stands for
    /// the language of the page.
    pub at: &'static str,
    pub kind: Kind,
    pub label: (&'static str, &'static str),
    /// What is expected, with an example; empty for none.
    pub hint: (&'static str, &'static str),
}

impl Field {
    /// Returns a field without a hint.
    pub const fn plain(at: &'static str, kind: Kind, label: (&'static str, &'static str)) -> Self {
        Self {
            at,
            kind,
            label,
            hint: ("", ""),
        }
    }
}

/// Fields under one heading: of the body itself, or of each item of one of its lists.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// The list of the body; empty for the body itself.
    pub list: &'static str,
    pub title: (&'static str, &'static str),
    pub fields: &'static [Field],
    /// The name of one item, for its heading and for the button that adds one.
    pub item: (&'static str, &'static str),
    /// Number of items that an empty form offers.
    pub offered: usize,
    /// Whether the group is closed until something of it is typed or refused.
    pub closed: bool,
}

impl Group {
    /// Returns a group of fields of the body itself.
    pub const fn of_body(title: (&'static str, &'static str), fields: &'static [Field]) -> Self {
        Self {
            list: "",
            title,
            fields,
            item: ("", ""),
            offered: 1,
            closed: false,
        }
    }

    /// Returns the place of the fields of an item.
    fn place(&self, item: usize) -> String {
        match self.list {
            "" => String::new(),
            list => format!("{list}/{item}/"),
        }
    }
}

/// Name of the button that adds an item to the list in its value.
pub const MORE: &str = "more";

/// Name of the part of a field that has the chosen one of several readings.
const READING: &str = "reading";

/// Name of the part of a field with the text that a choice was made for.
const FOR: &str = "for";

/// Name of the part of a field with a place of the paper from which it was read.
const PAPER: &str = "paper";

/// Value of the choice among candidates that records the organization anew.
pub const ANEW: &str = "anew";
