//! Dates that hang on another: on the signing or the term of an agreement, or on a milestone of a project.

use serde_json::Value;

use crate::kernel::ids::MilestoneId;
use crate::kernel::values::{Anchor, ImpreciseDate, Localized};
use crate::kernel::wording::{Context, Reading, read_date};
use crate::projects::milestones::types::{Milestone, MilestoneKind};

/// Code of the note on a date that hangs on an event.
const DEPENDS: &str = "depends_on_event";

/// Reads a date, or a time that is counted from the signing or the first day in force.
pub fn read_due(text: &str) -> Reading<ImpreciseDate> {
    let relative = ImpreciseDate::from_relative_text(text).ok();
    match relative.filter(|date| date.relative_to().is_some()) {
        Some(date) => Reading::of(text, date, Vec::new()),
        None => read_date(text, &Context::default()),
    }
}

/// A milestone on which a date can hang, with the names by which a text can mean it.
#[derive(Clone, Debug)]
pub struct Hanging {
    /// Its id; `None` for one of the same request.
    pub id: Option<MilestoneId>,
    /// Its place in the same request.
    pub place: Option<u32>,
    pub names: Vec<String>,
}

impl Hanging {
    pub fn on(milestone: &Milestone) -> Self {
        let content = &milestone.content;
        Self {
            id: Some(milestone.meta.id),
            place: None,
            names: milestone_names(content.title.clone(), Some(content.kind)),
        }
    }
}

/// Returns the names of a milestone in both languages: its own, and that of its kind.
pub fn milestone_names(title: Option<Localized>, kind: Option<MilestoneKind>) -> Vec<String> {
    let all = title.into_iter().chain(kind.map(MilestoneKind::title));
    all.flat_map(|title| [title.ko, title.en])
        .flatten()
        .collect()
}

/// Returns whether a text counts a time from an event, which can be a milestone.
pub fn is_counted(reading: &Reading<ImpreciseDate>) -> bool {
    let depends = reading.notes.iter().any(|note| note.code == DEPENDS);
    depends && ImpreciseDate::from_relative_text(&reading.as_stated).is_ok()
}

/// Makes a date in words alone, such as `착공 후 36개월`, hang on the milestone that it names. It stays in
/// words if none or several have the name.
pub fn hang(date: &mut Value, milestones: &[Hanging]) {
    let is_in_words = date["edtf"].is_null() && date["relative_to"].is_null();
    let Some(text) = date["as_stated"].as_str().filter(|_| is_in_words) else {
        return;
    };
    let mut found = milestones.iter().filter_map(|one| counted_from(text, one));
    if let (Some(relative), None) = (found.next(), found.next()) {
        *date = relative.as_sent();
    }
}

/// Returns the date that a text counts from a milestone.
fn counted_from(text: &str, milestone: &Hanging) -> Option<ImpreciseDate> {
    let names = milestone.names.iter();
    let mut texts = names.filter_map(|name| from_signing(text.trim(), name));
    texts.find_map(|from_signing| {
        let date = ImpreciseDate::from_relative_text(&from_signing).ok()?;
        let mut to = *date
            .relative_to()
            .filter(|to| to.anchor == Anchor::Signing)?;
        to.anchor = Anchor::Milestone;
        to.milestone_id = milestone.id;
        to.milestone = milestone.place;
        Some(ImpreciseDate::relative(to, text))
    })
}

/// Returns a text that names a milestone as one that names the signing: what is counted is written alike
/// whatever it is counted from. Korean names the event first, English last.
fn from_signing(text: &str, name: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix(name) {
        return Some(format!("체결{rest}"));
    }
    let (text, name) = (text.to_lowercase(), name.to_lowercase());
    let rest = text.trim_end_matches('.').strip_suffix(&name)?;
    rest.ends_with(' ').then(|| format!("{rest}signing"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn milestone(last: u8, names: &[&str]) -> Hanging {
        let id = format!("0178d7fa-2c00-7000-8000-0000000000{last:02}");
        Hanging {
            id: Some(id.parse().unwrap()),
            place: None,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn hung(text: &str, milestones: &[Hanging]) -> Value {
        let mut date = read_due(text).value.unwrap().as_sent();
        hang(&mut date, milestones);
        date
    }

    #[test]
    fn a_time_hangs_on_the_milestone_that_it_names() {
        let known = [
            milestone(1, &["착공", "Groundbreaking"]),
            milestone(2, &["준공", "공장 준공", "Completion"]),
        ];
        for (text, id, months, is_limit) in [
            ("착공 후 36개월", 1, 36, false),
            ("착공 후 36개월 이내", 1, 36, true),
            ("착공일로부터 6개월 이내", 1, 6, true),
            ("공장 준공 후 3개월", 2, 3, false),
            ("36 months after groundbreaking", 1, 36, false),
            ("within six months of the completion", 2, 6, true),
        ] {
            let date = hung(text, &known);
            let to = &date["relative_to"];
            assert_eq!(to["anchor"], "milestone", "{text}");
            assert_eq!(to["milestone_id"], json!(known[id - 1].id), "{text}");
            assert_eq!(
                (&to["months"], &to["is_limit"]),
                (&json!(months), &json!(is_limit))
            );
            assert_eq!(date["as_stated"], text);
        }
        for text in [
            "보상 후 6개월",
            "착공 전까지",
            "2027년",
            "6 months after compensation",
            "by groundbreaking",
        ] {
            assert!(hung(text, &known)["relative_to"].is_null(), "{text}");
        }
        let twice = [milestone(1, &["착공"]), milestone(2, &["착공"])];
        assert!(hung("착공 후 36개월", &twice)["relative_to"].is_null());
    }

    #[test]
    fn a_time_is_counted_from_the_signing_or_the_term() {
        for (text, anchor) in [
            ("협약 체결 후 6개월 이내", "signing"),
            ("체결일로부터 6개월 이내", "signing"),
            ("발효일로부터 1년", "effective_from"),
            ("six months from signing", "signing"),
            ("within six months of signing", "signing"),
        ] {
            let date = read_due(text).value.unwrap().as_sent();
            assert_eq!(date["relative_to"]["anchor"], anchor, "{text}");
        }
        let date = read_due("2026년 하반기").value.unwrap().as_sent();
        assert_eq!(date["edtf"], "2026-41");
    }
}
