//! Lists of a record in the form that changes it: each item keeps the mark of the one of the record that it
//! shows, so that what the form does not show of it stays.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::held::own_filled;
use super::opened::remembered;
use super::understood::held;
use super::{Field, Group, Kind, changes, filled_as_held, items};
use crate::http::forms::Form;
use crate::http::signed_in::Typed;
use crate::kernel::values::remove_derived;
use crate::pages::words::Words;

/// The mark of an item of the record; empty for a new one.
pub const OF_RECORD: Field = Field::plain("of_record", Kind::Hidden, ("", ""));

/// Returns the form that changes a record: with its texts, and the items of its lists.
pub fn filled_with_items(groups: &[Group], record: &Value, w: Words) -> Form {
    let form = own_filled(groups, record, w);
    let form = with_lists(form, groups, record, w);
    remembered(form, groups, record, w)
}

/// Adds to a form the items of the lists of a record.
pub fn with_lists(form: Form, groups: &[Group], record: &Value, w: Words) -> Form {
    let lists = groups.iter().filter(|group| !group.list.is_empty());
    lists.fold(form, |form, group| with_items(form, group, record, w))
}

/// Returns what a record holds of each text of a form that is read, by the names of its fields.
pub fn held_texts(groups: &[Group], record: &Value, w: Words) -> Vec<(String, String)> {
    let of_item = |group: &Group, place: usize, item: &Value| {
        let mut all = Vec::new();
        for field in group.fields {
            let name = format!("{}{}", group.place(place), field.at);
            let said = held(field.kind, item, field.at, w).into_iter();
            all.extend(said.map(|words| (name.clone(), words)));
        }
        all
    };
    let of_group = |group: &Group| match group.list {
        "" => of_item(group, 0, record),
        list => {
            let all = record[list].as_array().into_iter().flatten();
            let shown = all.filter(|item| shown(group, item, w).is_some());
            let all = shown.enumerate();
            all.flat_map(|(place, item)| of_item(group, place, item))
                .collect()
        }
    };
    groups.iter().flat_map(of_group).collect()
}

/// Returns the merge patch of what a form changes of a record and of its lists, and an error for each text
/// that cannot be read. The form is [compact](super::compact).
pub fn changes_with_items(
    groups: &[Group],
    form: &Form,
    record: &Value,
    (w, today): (Words, NaiveDate),
) -> Typed {
    let all = groups.iter().copied();
    let (lists, own): (Vec<Group>, Vec<Group>) = all.partition(|group| !group.list.is_empty());
    let mut typed = changes(&own, form, record, w, today);
    for group in &lists {
        change_items(&mut typed, group, form, record, (w, today));
    }
    typed
}

/// Adds to a form the items of a list of a record, with their names in the language that they have.
fn with_items(mut form: Form, group: &Group, record: &Value, w: Words) -> Form {
    let held = record[group.list].as_array().into_iter().flatten();
    let shown = held.filter_map(|item| shown(group, item, w));
    for (place, (fields, mark)) in shown.enumerate() {
        let at = group.place(place);
        for (name, value) in fields {
            form = form.with(format!("{at}{name}"), value);
        }
        form = form.with(format!("{at}{}", OF_RECORD.at), mark);
    }
    form
}

/// Returns the fields of an item with their texts, and its mark: the digest of them. `None` if the form
/// shows nothing of it.
fn shown(group: &Group, item: &Value, w: Words) -> Option<(Vec<(String, String)>, String)> {
    let form = filled_as_held(&[alone(group)], item, w);
    let fields = form.fields().filter(|(name, _)| *name != OF_RECORD.at);
    let fields = fields.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let fields: Vec<(String, String)> = fields.collect();
    let is_empty = fields.iter().all(|(_, text)| text.is_empty());
    let digest = xxhash_rust::xxh3::xxh3_64(json!(fields).to_string().as_bytes());
    (!is_empty).then(|| (fields, format!("{digest:016x}")))
}

/// Adds to a patch a list of the record as a form leaves it, if that differs, and an error for each text
/// that cannot be read. An item whose fields were emptied is no longer in the form. An item that is no
/// longer in the record as the form shows it becomes a new one.
fn change_items(
    typed: &mut Typed,
    group: &Group,
    form: &Form,
    record: &Value,
    (w, today): (Words, NaiveDate),
) {
    let mut held = record[group.list].clone();
    remove_derived(&mut held);
    let held = held.as_array().cloned().unwrap_or_default();
    let marks = held.iter().map(|item| shown(group, item, w));
    let mut marks: Vec<Option<String>> = marks.map(|shown| Some(shown?.1)).collect();
    // Nobody can have removed an item that no form shows.
    let unseen: Vec<usize> = (0..held.len()).filter(|at| marks[*at].is_none()).collect();
    let mut left = Vec::new();
    for place in 0..items(group, form) {
        let at = group.place(place);
        let fields = form.fields().filter_map(|(name, value)| {
            let name = name.strip_prefix(&at)?;
            Some((name.to_owned(), value.to_owned()))
        });
        let fields = Form::of(fields.collect());
        let mark = fields.get(OF_RECORD.at);
        let known = marks.iter().position(|own| own.as_deref() == Some(mark));
        let mut item = match known {
            Some(known) => {
                marks[known] = None;
                held[known].clone()
            }
            None => json!({}),
        };
        let Typed { mut body, unclear } = changes(&[alone(group)], &fields, &item, w, today);
        if let Some(members) = body.as_object_mut() {
            members.remove(OF_RECORD.at);
        }
        json_patch::merge(&mut item, &body);
        left.push(item);
        let at = format!("/{}", at.trim_end_matches('/'));
        let unclear = unclear.into_iter().map(|error| error.below(&at));
        typed.unclear.extend(unclear);
    }
    for place in unseen {
        left.insert(place.min(left.len()), held[place].clone());
    }
    if left != held {
        typed.body[group.list] = json!(left);
    }
}

/// Returns the fields of one item as those of a body.
fn alone(group: &Group) -> Group {
    Group { list: "", ..*group }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::error::Place;
    use crate::kernel::language::Language;
    use crate::pages::office::form::compact;

    const GROUP: Group = Group {
        list: "places",
        title: ("", ""),
        fields: &[
            OF_RECORD,
            Field::plain("name/*", Kind::Line, ("", "")),
            Field::plain("area", Kind::Area, ("", "")),
            Field::plain("floors", Kind::Whole, ("", "")),
        ],
        item: ("", ""),
        offered: 1,
        closed: false,
    };

    fn record() -> Value {
        json!({"places": [
            {"name": {"ko": "가", "en": "A"}, "code": "1", "area": null},
            {"name": {"ko": "나", "en": null}, "code": "2", "floors": 3,
             "area": {"square_metres": 5, "approximate": true, "as_stated": "약 5㎡"}},
        ]})
    }

    /// Returns the patch of a form that was opened with one record, and is sent for another.
    fn sent(
        (opened, now): (&Value, &Value),
        language: Language,
        change: impl Fn(&str, &str) -> String,
    ) -> Typed {
        let w = Words(language);
        let shown = with_items(Form::default(), &GROUP, opened, w);
        let fields = shown.fields();
        let fields = fields.map(|(name, value)| (name.to_owned(), change(name, value)));
        let form = compact(&[GROUP], &Form::of(fields.collect()), w);
        let mut typed = Typed::from(json!({}));
        let today = NaiveDate::from_ymd_opt(2026, 11, 29).unwrap();
        change_items(&mut typed, &GROUP, &form, now, (w, today));
        typed
    }

    fn patched(change: impl Fn(&str, &str) -> String) -> Typed {
        sent((&record(), &record()), Language::Korean, change)
    }

    #[test]
    fn an_item_stays_whose_name_the_language_of_the_page_lacks() {
        let mut record = record();
        // A form shows nothing of the last.
        let unseen = json!({"name": null, "code": "3"});
        record["places"].as_array_mut().unwrap().push(unseen);
        let both = (&record, &record);
        let same = |_: &str, value: &str| value.to_owned();
        assert_eq!(sent(both, Language::English, same).body, json!({}));
        let renamed = sent(both, Language::English, |name, value| match name {
            "places/0/name/en" => "C".to_owned(),
            "places/1/name/ko" => "라".to_owned(),
            _ => value.to_owned(),
        });
        let places = &renamed.body["places"];
        assert_eq!(places[0]["name"], json!({"ko": "가", "en": "C"}));
        assert_eq!(places[1]["name"], json!({"ko": "라", "en": null}));
        assert_eq!(
            (&places[1]["code"], &places[2]),
            (&json!("2"), &record["places"][2])
        );
        let emptied = sent(both, Language::English, |name, value| match name {
            "places/0/name/en" => String::new(),
            _ => value.to_owned(),
        });
        assert_eq!(emptied.body["places"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn an_item_is_merged_with_its_own_record_alone() {
        let opened = record();
        let mut now = record();
        now["places"].as_array_mut().unwrap().remove(0);
        let same = |_: &str, value: &str| value.to_owned();
        let left = sent((&opened, &now), Language::Korean, same).body["places"].clone();
        assert_eq!(left[0], json!({"name": {"ko": "가"}}));
        assert_eq!(left[1], opened["places"][1]);
        // What the form does not show may change.
        let mut now = record();
        now["places"][0]["code"] = json!("9");
        let renamed = sent(
            (&opened, &now),
            Language::Korean,
            |name, value| match name {
                "places/0/name/ko" => "다".to_owned(),
                _ => value.to_owned(),
            },
        );
        assert_eq!(renamed.body["places"][0]["code"], "9");
    }

    #[test]
    fn what_a_form_does_not_show_of_an_item_stays() {
        let same = patched(|_, value| value.to_owned());
        assert_eq!(same.body, json!({}));
        let renamed = patched(|name, value| match name {
            "places/0/name/ko" => "다".to_owned(),
            _ => value.to_owned(),
        });
        let places = &renamed.body["places"];
        assert_eq!(places[0]["name"], json!({"ko": "다", "en": "A"}));
        assert_eq!(places[0]["code"], "1");
        assert_eq!(places[1]["area"]["as_stated"], "약 5㎡");
        // The item that stays is still the second one of the record.
        let removed = patched(|name, value| match name {
            "places/0/name/ko" => String::new(),
            _ => value.to_owned(),
        });
        let places = removed.body["places"].as_array().unwrap();
        assert_eq!(places.len(), 1);
        assert_eq!(places[0]["code"], "2");
        let unclear = patched(|name, value| match name {
            "places/1/floors" => "높음".to_owned(),
            _ => value.to_owned(),
        });
        let place = unclear.unclear.first().map(|error| error.place.clone());
        assert!(matches!(place, Some(Place::Body(at)) if at == "/places/1/floors"));
    }
}
