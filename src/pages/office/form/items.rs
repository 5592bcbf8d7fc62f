//! Lists of a record in the form that changes it: each item keeps its place among those of the record, so
//! that what the form does not show of it stays.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{Field, Group, Kind, changes, filled, items};
use crate::http::forms::Form;
use crate::http::signed_in::Typed;
use crate::kernel::error::Place;
use crate::pages::words::Words;

/// The place of an item among those of the record; empty for a new one.
pub const OF_RECORD: Field = Field::plain("of_record", Kind::Hidden, ("", ""));

/// Adds to a form the items of a list of a record.
pub fn with_items(mut form: Form, group: &Group, record: &Value, w: Words) -> Form {
    let held = record[group.list].as_array();
    for (place, item) in held.into_iter().flatten().enumerate() {
        let shown = filled(&[alone(group)], item, w);
        for (name, value) in shown.fields().filter(|(name, _)| *name != OF_RECORD.at) {
            form = form.with(format!("{}{name}", group.place(place)), value);
        }
        let of_record = format!("{}{}", group.place(place), OF_RECORD.at);
        form = form.with(of_record, place.to_string());
    }
    form
}

/// Adds to a patch a list of the record as a form leaves it, if that differs, and an error for each text
/// that cannot be read. An item whose fields were emptied is no longer in the form.
pub fn change_items(
    typed: &mut Typed,
    group: &Group,
    form: &Form,
    record: &Value,
    (w, today): (Words, NaiveDate),
) {
    let held = record[group.list].as_array().cloned().unwrap_or_default();
    let mut left = Vec::new();
    for place in 0..items(group, form) {
        let at = group.place(place);
        let fields = form.fields().filter_map(|(name, value)| {
            let name = name.strip_prefix(&at)?;
            Some((name.to_owned(), value.to_owned()))
        });
        let fields = Form::of(fields.collect());
        let of_record = fields.get(OF_RECORD.at).parse::<usize>().ok();
        let known = of_record.and_then(|place| held.get(place).cloned());
        let mut item = known.unwrap_or_else(|| json!({}));
        let Typed { mut body, unclear } = changes(&[alone(group)], &fields, &item, w, today);
        if let Some(members) = body.as_object_mut() {
            members.remove(OF_RECORD.at);
        }
        json_patch::merge(&mut item, &body);
        left.push(item);
        typed.unclear.extend(unclear.into_iter().map(|mut error| {
            if let Place::Body(pointer) = &mut error.place {
                *pointer = format!("/{}{pointer}", at.trim_end_matches('/'));
            }
            error
        }));
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

    fn patched(change: impl Fn(&str, &str) -> String) -> Typed {
        let w = Words(Language::Korean);
        let record = json!({"places": [
            {"name": {"ko": "가", "en": "A"}, "code": "1", "area": null},
            {"name": {"ko": "나", "en": null}, "code": "2", "floors": 3,
             "area": {"square_metres": 5, "approximate": true, "as_stated": "약 5㎡"}},
        ]});
        let shown = with_items(Form::default(), &GROUP, &record, w);
        let fields = shown.fields();
        let fields = fields.map(|(name, value)| (name.to_owned(), change(name, value)));
        let form = compact(&[GROUP], &Form::of(fields.collect()), w);
        let mut typed = Typed::from(json!({}));
        let today = NaiveDate::from_ymd_opt(2026, 11, 29).unwrap();
        change_items(&mut typed, &GROUP, &form, &record, (w, today));
        typed
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
