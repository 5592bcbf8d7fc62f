//! A form as it is shown: with what was typed, what that is understood to mean, and what is wrong.

use std::fmt;

use askama::filters::HtmlSafe;

use super::opened::{held_of, opened};
use super::quoted::{Quoted, quoted};
use super::said::{said, said_elsewhere};
use super::terms;
use super::typed::{PARTIES, chosen_reading, is_typed, items, name, readings};
use super::understood::{says_more, understood};
use super::{ANEW, FOR, Field, Group, Kind};
use crate::http::forms::Form;
use crate::kernel::error::{FieldError, Place};
use crate::pages::lists::pick;
use crate::pages::words::Words;

/// Values that a page offers, with their labels.
pub type Choices = Vec<(String, String)>;

/// A group of fields, as shown.
pub struct Section {
    pub title: &'static str,
    /// The list, to which items can be added; empty for none.
    pub list: &'static str,
    /// Label of the button that adds one; empty where the record gives the items.
    pub add: String,
    pub items: Vec<Item>,
    pub is_open: bool,
    pub closed: bool,
}

/// The fields of one item.
pub struct Item {
    /// Heading of an item of a list; empty for the body itself.
    pub title: String,
    pub fields: Vec<Input>,
}

/// A field, as shown.
pub struct Input {
    pub id: String,
    pub name: String,
    pub label: &'static str,
    pub hint: String,
    pub value: String,
    /// How its text is read while it is typed; empty if it means itself.
    pub read: &'static str,
    /// Whether organizations are suggested while it is typed.
    pub suggests: bool,
    pub control: Control,
    /// What is wrong with it.
    pub errors: Vec<String>,
    /// What the text is understood to mean, where that differs from the text.
    pub understood: Vec<String>,
    /// What the paper says from which it was filled.
    pub quoted: Vec<Quoted>,
    /// Whether the keyboard goes here first.
    pub first: bool,
    pub choices: Vec<Candidate>,
    /// The organization that was chosen for the text, where nothing is left to choose.
    pub kept: Option<String>,
    /// The ways in which the text can be read, if there are several.
    pub readings: Vec<Candidate>,
    /// Kinds of organizations, for a new one.
    pub kinds: Vec<(String, String, bool)>,
}

impl Input {
    /// Offers values where the page does.
    pub fn offer(&mut self, values: &[(String, String)], form: &Form) {
        let chosen = |code: &String| form.all(&self.name).any(|one| one == code);
        let values = values
            .iter()
            .map(|(code, label)| (code.clone(), label.clone(), chosen(code)));
        match &mut self.control {
            Control::Select(offered) => offered.extend(values),
            Control::Checks(offered) => *offered = values.collect(),
            Control::Line | Control::Lines | Control::Organization | Control::Hidden => {}
        }
    }

    /// Returns whether it offers boxes of which there are none.
    pub fn offers_none(&self) -> bool {
        matches!(&self.control, Control::Checks(boxes) if boxes.is_empty())
            && self.errors.is_empty()
    }

    /// Returns the attributes that lead from a field to what is said of it.
    pub fn described(&self) -> Attributes {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.id));
        let errors = (1..=self.errors.len()).map(|error| format!("{}-error{error}", self.id));
        let quoted = (1..=self.quoted.len()).map(|place| format!("{}-paper{place}", self.id));
        let all = hint.into_iter().chain(errors).chain(quoted);
        Attributes {
            described_by: all.collect::<Vec<_>>().join(" "),
            invalid: !self.errors.is_empty(),
            first: self.first,
        }
    }
}

/// Attributes of a field that describe it.
pub struct Attributes {
    /// Ids, made of names of fields, which hold nothing that means something in HTML.
    described_by: String,
    invalid: bool,
    first: bool,
}

impl fmt::Display for Attributes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.described_by.is_empty() {
            write!(out, " aria-describedby=\"{}\"", self.described_by)?;
        }
        if self.invalid {
            out.write_str(" aria-invalid=\"true\"")?;
        }
        if self.first {
            out.write_str(" autofocus")?;
        }
        Ok(())
    }
}

impl HtmlSafe for Attributes {}

/// How a field is typed.
pub enum Control {
    Line,
    Lines,
    Select(Vec<(String, String, bool)>),
    Checks(Vec<(String, String, bool)>),
    Organization,
    Hidden,
}

/// An organization, a municipality or a reading that is perhaps meant.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// What is wrong beside the fields of a form.
pub struct Notice {
    pub text: String,
    /// The member of the body; empty for the body itself.
    pub member: String,
}

/// Returns the groups of a form with what was typed and what is wrong, and the errors that belong to
/// no field.
pub fn sections(
    groups: &[Group],
    form: &Form,
    errors: &[FieldError],
    w: Words,
    this_year: i32,
) -> (Vec<Section>, Vec<Notice>) {
    let mut places = Places::of(groups, form, errors, w);
    let mut sections = Vec::new();
    for group in groups {
        let count = items(group, form).max(group.offered);
        if count == 0 {
            continue;
        }
        let shown: Vec<Item> = (0..count)
            .map(|item| Item {
                title: match group.list {
                    "" => String::new(),
                    _ => format!("{} {}", pick(w, group.item), item + 1),
                },
                fields: group
                    .fields
                    .iter()
                    .map(|field| input(group, item, field, form, &mut places, w, this_year))
                    .collect(),
            })
            .collect();
        let is_wrong = shown
            .iter()
            .flat_map(|item| &item.fields)
            .any(|field| !field.errors.is_empty());
        let typed = (0..items(group, form)).any(|item| is_typed(group, item, form, w));
        sections.push(Section {
            title: pick(w, group.title),
            list: group.list,
            add: match w.tag() {
                _ if group.list.is_empty() || group.offered == 0 => String::new(),
                "ko" => format!("{} 추가", group.item.0),
                _ => format!("Add a {}", group.item.1),
            },
            items: shown,
            is_open: is_wrong || typed,
            closed: group.closed,
        });
    }
    (sections, places.elsewhere)
}

/// The errors by the fields to which they belong.
struct Places<'a> {
    at: Vec<(String, &'a FieldError)>,
    elsewhere: Vec<Notice>,
    groups: &'a [Group],
    /// Number of parties for which the form has a field.
    parties: usize,
    /// What the form showed when it was opened, if it shows a record.
    opened: Option<Form>,
    /// Whether a field has the keyboard.
    is_taken: bool,
}

impl<'a> Places<'a> {
    fn of(groups: &'a [Group], form: &Form, errors: &'a [FieldError], w: Words) -> Self {
        let names = names(groups, form, w);
        let mut places = Self {
            at: Vec::new(),
            elsewhere: Vec::new(),
            groups,
            parties: groups
                .iter()
                .find(|group| group.list == PARTIES)
                .map_or(0, |group| items(group, form).max(group.offered)),
            opened: opened(form),
            is_taken: false,
        };
        for error in errors {
            let pointer = match &error.place {
                Place::Body(pointer) => pointer.trim_start_matches('/'),
                // A parameter beside the body, such as the reason for a correction.
                Place::Query(name) => name,
                Place::Header(_) => "",
            };
            match nearest(&names, pointer) {
                Some(name) => places.at.push((name.to_owned(), error)),
                None => places.elsewhere.push(Notice {
                    text: said_elsewhere(error, groups, w),
                    member: pointer.split('/').next().unwrap_or_default().to_owned(),
                }),
            }
        }
        places
    }

    fn take(&mut self, name: &str) -> Vec<&'a FieldError> {
        let here = self.at.iter().filter(|(at, _)| at == name);
        here.map(|(_, error)| *error).collect()
    }
}

/// Returns the names of the fields that a form shows.
pub fn names(groups: &[Group], form: &Form, w: Words) -> Vec<String> {
    let mut names = Vec::new();
    for group in groups {
        for item in 0..items(group, form).max(group.offered) {
            // A hidden field has no place for anything that is said of it.
            let shown = group
                .fields
                .iter()
                .filter(|field| field.kind != Kind::Hidden);
            names.extend(shown.map(|field| name(group, item, field, form, w)));
        }
    }
    names
}

/// Returns the field at a place of the body: the one with its name, or else the nearest above or
/// below it.
pub fn nearest<'a>(names: &'a [String], pointer: &str) -> Option<&'a str> {
    let is_within = |inner: &str, outer: &str| {
        !outer.is_empty()
            && inner
                .strip_prefix(outer)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let pointer = pointer.strip_suffix("_id").unwrap_or(pointer);
    let member = pointer.split('/').next().unwrap_or_default();
    let pointer = match terms::MEMBERS.contains(&member) {
        true => terms::FIELD,
        false => pointer,
    };
    let above = names.iter().filter(|name| is_within(pointer, name));
    let below = || names.iter().find(|name| is_within(name, pointer));
    above
        .max_by_key(|name| name.len())
        .or_else(below)
        .map(String::as_str)
}

fn input(
    group: &Group,
    item: usize,
    field: &Field,
    form: &Form,
    places: &mut Places<'_>,
    w: Words,
    this_year: i32,
) -> Input {
    let name = name(group, item, field, form, w);
    let value = form.get(&name).to_owned();
    let held = places.opened.as_ref();
    let held = held.and_then(|opened| held_of(opened, &name, &value));
    let errors = places.take(&name);
    let first = !errors.is_empty() && !places.is_taken;
    places.is_taken |= first;
    let of = |part: &str| form.get(&format!("{name}/{part}"));
    let choices = candidates(field.kind, &errors, of("choice"), w);
    let is_chosen = choices.is_empty() && !of("choice").is_empty() && of(FOR) == value;
    Input {
        id: format!("f-{}", name.replace('/', "-")),
        label: pick(w, field.label),
        hint: hint(field, &name, w),
        understood: match held.as_ref() {
            _ if !errors.is_empty() => Vec::new(),
            Some(held) => {
                let held = held.iter().filter(|words| says_more(words, &value));
                held.cloned().collect()
            }
            None => understood(field.kind, &value, w, this_year),
        },
        read: field.kind.reading(),
        quoted: quoted(form, &name, w),
        suggests: matches!(field.kind, Kind::Organization | Kind::Recorded),
        control: control(&name, field.kind, form, places.parties, w),
        kept: is_chosen.then(|| of("choice").to_owned()),
        choices,
        // What is held stays: nothing is to choose.
        readings: match held {
            Some(_) => Vec::new(),
            None => ways(
                field.kind,
                &value,
                chosen_reading(form, &name),
                w,
                this_year,
            ),
        },
        kinds: match field.kind {
            Kind::Organization => options(
                w.choices("OrganizationKind"),
                of("kind"),
                Some(w.t("이미 등록된 기관", "Recorded already")),
            ),
            _ => Vec::new(),
        },
        errors: errors
            .iter()
            .map(|error| said(error, places.groups, w))
            .collect(),
        first,
        name,
        value,
    }
}

/// Returns what is expected of a field, and its language if that is not the one of the page.
fn hint(field: &Field, name: &str, w: Words) -> String {
    let hint = pick(w, field.hint);
    let other = field.at.replace('*', w.0.other().tag());
    match field.at.contains('*') && name.ends_with(&other) {
        true => {
            let said = w.t("영어로 적혀 있습니다.", "This is in Korean.");
            format!("{said} {hint}").trim_end().to_owned()
        }
        false => hint.to_owned(),
    }
}

/// Returns the ways in which a text can be read, if there are several.
fn ways(kind: Kind, text: &str, chosen: Option<usize>, w: Words, this_year: i32) -> Vec<Candidate> {
    let all = readings(kind, text, this_year).into_iter().enumerate();
    all.map(|(at, reason)| Candidate {
        value: at.to_string(),
        label: w.message(&reason),
        chosen: chosen == Some(at),
    })
    .collect()
}

/// Returns the organizations of which one is perhaps meant, and the choice of none of them where a new
/// one can be recorded.
fn candidates(kind: Kind, errors: &[&FieldError], chosen: &str, w: Words) -> Vec<Candidate> {
    let found = errors.iter().flat_map(|error| error.candidates.iter());
    let mut all: Vec<Candidate> = found
        .map(|one| {
            let kind = w.label("OrganizationKind", &one.kind);
            let numbers: Vec<&str> = one
                .identifiers
                .iter()
                .map(|number| number.id.as_str())
                .collect();
            let mut label = format!("{} ({kind}", one.name.in_language(w.0));
            if !numbers.is_empty() {
                label = format!("{label}, {}", numbers.join(", "));
            }
            Candidate {
                value: one.id.to_string(),
                label: format!("{label})"),
                chosen: one.id.to_string() == chosen,
            }
        })
        .collect();
    if kind == Kind::Organization && !all.is_empty() {
        all.push(Candidate {
            value: ANEW.to_owned(),
            label: w
                .t(
                    "이 가운데 없음: 새 기관으로 기록",
                    "None of these: record a new organization",
                )
                .to_owned(),
            chosen: chosen == ANEW,
        });
    }
    all
}

fn options(
    codes: Vec<(String, String)>,
    chosen: &str,
    blank: Option<&str>,
) -> Vec<(String, String, bool)> {
    let blank = blank.map(|label| (String::new(), label.to_owned(), chosen.is_empty()));
    let codes = codes.into_iter().map(|(code, label)| {
        let is_chosen = code == chosen;
        (code, label, is_chosen)
    });
    blank.into_iter().chain(codes).collect()
}

fn control(name: &str, kind: Kind, form: &Form, parties: usize, w: Words) -> Control {
    let value = form.get(name);
    let (unknown, not_chosen) = (Some(w.unknown()), Some(w.t("고르지 않음", "None")));
    match kind {
        Kind::Line
        | Kind::Date
        | Kind::Due
        | Kind::Target
        | Kind::Past
        | Kind::Day
        | Kind::Term
        | Kind::Money
        | Kind::Area
        | Kind::Count
        | Kind::Whole
        | Kind::Decimal
        | Kind::Recorded => Control::Line,
        // The page offers the values.
        Kind::Choice => Control::Select(options(Vec::new(), value, unknown)),
        Kind::ChoiceOrNone => Control::Select(options(Vec::new(), value, not_chosen)),
        Kind::Several => Control::Checks(Vec::new()),
        Kind::Lines | Kind::Texts => Control::Lines,
        Kind::Organization => Control::Organization,
        Kind::Hidden => Control::Hidden,
        Kind::Code(enumeration) => Control::Select(options(w.choices(enumeration), value, unknown)),
        Kind::CodeOr(enumeration, (ko, en)) => {
            Control::Select(options(w.choices(enumeration), value, Some(w.t(ko, en))))
        }
        Kind::Needed(enumeration, usual) => {
            let chosen = if value.is_empty() { usual } else { value };
            Control::Select(options(w.choices(enumeration), chosen, None))
        }
        Kind::Among(enumeration, codes) => {
            let mut all = w.choices(enumeration);
            all.retain(|(code, _)| codes.contains(&code.as_str()));
            all.sort_by_key(|(code, _)| codes.iter().position(|known| known == code));
            Control::Select(options(all, value, None))
        }
        Kind::YesNo => {
            let codes = [("true", Some(true)), ("false", Some(false))];
            let codes = codes.map(|(code, yes)| (code.to_owned(), w.yes_no(yes).to_owned()));
            Control::Select(options(codes.into(), value, unknown))
        }
        Kind::Yes => {
            let yes = vec![("true".to_owned(), w.yes_no(Some(true)).to_owned())];
            Control::Select(options(yes, value, Some(w.yes_no(Some(false)))))
        }
        Kind::Parties => {
            let codes = parties_of(form, parties, w).map(|(code, label)| {
                let is_chosen = form.all(name).any(|chosen| chosen == code);
                (code, label, is_chosen)
            });
            Control::Checks(codes.collect())
        }
        Kind::Party => {
            let codes = parties_of(form, parties, w).collect();
            Control::Select(options(codes, value, not_chosen))
        }
    }
}

/// Returns the parties of the form by their places, also those whose names are typed only after the form
/// was loaded.
fn parties_of(form: &Form, count: usize, w: Words) -> impl Iterator<Item = (String, String)> {
    (0..count).map(move |place| {
        let label = match form.get(&format!("parties/{place}/organization")) {
            "" => w.t("위의 당사자", "the party above"),
            label => label,
        };
        (place.to_string(), format!("{}. {label}", place + 1))
    })
}
