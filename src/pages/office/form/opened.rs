//! What a form showed when it was opened. When somebody else has changed the record since, each field that
//! was not touched takes over the change, and each that was says what it is now.

use serde_json::{Value, json};

use super::held;
use super::items::{OF_RECORD, held_texts, with_lists};
use super::typed::{items, name};
use super::{Field, Group, Kind};
use crate::http::forms::Form;
use crate::kernel::error::FieldError;
use crate::kernel::language::Message;
use crate::pages::words::Words;

/// Name of the field with what the form showed when it was opened.
pub const OPENED: &str = "opened";

/// Before the names by which a form keeps what the record holds of its texts.
const HELD: &str = "held/";

/// Returns a form that keeps what it shows of a record, and what the record holds of each text.
pub fn remembered(form: Form, groups: &[Group], record: &Value, w: Words) -> Form {
    let all = state(&form, groups, record, w);
    form.with(OPENED, all)
}

fn state(form: &Form, groups: &[Group], record: &Value, w: Words) -> String {
    let held = held_texts(groups, record, w).into_iter();
    let held = held.map(|(name, words)| (format!("{HELD}{name}"), words));
    let shown = form.fields();
    let shown = shown.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let all: Vec<(String, String)> = shown.chain(held).collect();
    json!(all).to_string()
}

/// Returns what a form showed when it was opened.
pub fn opened(form: &Form) -> Option<Form> {
    serde_json::from_str(form.get(OPENED)).ok().map(Form::of)
}

/// Returns what the record holds of a text that is as it was when the form was opened: it stays, whatever
/// the text would be read as now. `None` for another text.
pub fn held_of(opened: &Form, name: &str, text: &str) -> Option<Vec<String>> {
    let held: Vec<String> = opened
        .all(&format!("{HELD}{name}"))
        .map(str::to_owned)
        .collect();
    (!held.is_empty() && opened.get(name) == text).then_some(held)
}

/// Brings a form up to a record that somebody else has changed since it was opened. Returns the form, and
/// what was changed at each of its fields.
pub fn rebased(groups: &[Group], form: &Form, record: &Value, w: Words) -> (Form, Vec<FieldError>) {
    let Some(before) = opened(form) else {
        return (form.clone(), Vec::new());
    };
    let mut now = with_lists(Form::default(), groups, record, w);
    let mut theirs = Vec::new();
    let mut replaced: Vec<(String, Vec<String>)> = Vec::new();
    let (lists, own): (Vec<&Group>, Vec<&Group>) =
        groups.iter().partition(|group| !group.list.is_empty());
    for (group, field) in own
        .into_iter()
        .flat_map(|group| group.fields.iter().map(move |field| (group, field)))
    {
        let name = name(group, 0, field, form, w);
        for value in held::values(field.kind, record, &name, w) {
            now = now.with(name.clone(), value);
        }
        let [was, is, typed] = [&before, &now, form].map(|form| values(form, &name));
        if !form.has(&name) || was == is || typed == is {
            continue;
        }
        let kept = typed != was;
        theirs.push(changed(field, &name, (&was, &is), kept, w));
        if !kept {
            replaced.push((name, is));
        }
    }
    let mut left: Vec<(String, String)> = Vec::new();
    let is_gone = |field: &str| {
        let base = |name: &String| field == name || is_part(field, name);
        field == OPENED || replaced.iter().any(|(name, _)| base(name))
    };
    let kept = form.fields().filter(|(field, _)| !is_gone(field));
    left.extend(kept.map(|(field, value)| (field.to_owned(), value.to_owned())));
    for (name, values) in &replaced {
        left.extend(values.iter().map(|value| (name.clone(), value.clone())));
    }
    for group in lists {
        theirs.extend(rebase_list(&mut left, group, [&before, &now, form]));
    }
    left.push((OPENED.to_owned(), state(&now, groups, record, w)));
    (Form::of(left), theirs)
}

/// Returns whether a field is a part of another, such as the choice for its text.
fn is_part(field: &str, name: &str) -> bool {
    field
        .strip_prefix(name)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// Returns the values of a field that say something, in order.
fn values(form: &Form, name: &str) -> Vec<String> {
    let all = form.all(name).filter(|value| !value.is_empty());
    let mut all: Vec<String> = all.map(str::to_owned).collect();
    all.sort_unstable();
    all
}

/// Says what somebody else made of a field.
fn changed(
    field: &Field,
    name: &str,
    (was, is): (&[String], &[String]),
    kept: bool,
    w: Words,
) -> FieldError {
    let said = |values: &[String]| match said(field.kind, values, w) {
        None => w.t("다른 값", "another value").to_owned(),
        Some(text) if text.is_empty() => w.t("빈 칸", "nothing").to_owned(),
        Some(text) => format!("‘{text}’"),
    };
    let (was, is) = (said(was), said(is));
    let message = match kept {
        true => Message::new(
            format!(
                "그사이 다른 사람이 이 칸을 바꾸었습니다. 지금 기록된 값: {is}. 아래는 적으신 값이고, 다시 보내면 이 값이 됩니다."
            ),
            format!(
                "Somebody else has changed this meanwhile. It is now {is}. Below is what you typed: it is recorded if you send the form again."
            ),
        ),
        false => Message::new(
            format!("그사이 다른 사람이 바꾼 값입니다. 앞의 값: {was}."),
            format!("Somebody else has changed this meanwhile. Before: {was}."),
        ),
    };
    FieldError::body(format!("/{name}"), "changed_meanwhile", message)
}

/// Returns the values of a field in words; `None` if they are ids.
fn said(kind: Kind, values: &[String], w: Words) -> Option<String> {
    let value = values.first().map_or("", String::as_str);
    Some(match kind {
        Kind::Code(enumeration)
        | Kind::CodeOr(enumeration, _)
        | Kind::Needed(enumeration, _)
        | Kind::Among(enumeration, _) => {
            let known = w.choices(enumeration).into_iter();
            let mut known = known.filter(|(code, _)| code == value);
            known.next().map_or_else(String::new, |(_, label)| label)
        }
        Kind::Yes | Kind::YesNo => match value {
            "" => String::new(),
            value => w.yes_no(Some(value == "true")).to_owned(),
        },
        Kind::Choice | Kind::ChoiceOrNone | Kind::Several | Kind::Parties | Kind::Party => {
            return None;
        }
        _ => value.to_owned(),
    })
}

/// The fields of an item, without its place.
type Item = Vec<(String, String)>;

fn list(group: &Group, form: &Form) -> Vec<Item> {
    let all = (0..items(group, form)).map(|place| {
        let at = group.place(place);
        let fields = form.fields().filter_map(|(name, value)| {
            let name = name.strip_prefix(&at)?;
            Some((name.to_owned(), value.trim().to_owned()))
        });
        fields.collect()
    });
    all.collect()
}

fn mark(item: &Item) -> &str {
    let mark = item.iter().find(|(name, _)| name == OF_RECORD.at);
    mark.map_or("", |(_, mark)| mark.as_str())
}

/// Brings a list up to the one of the record, and says so if that differs: items of others come in and go
/// with them, and items that were touched stay.
fn rebase_list(
    left: &mut Vec<(String, String)>,
    group: &Group,
    [before, now, typed]: [&Form; 3],
) -> Option<FieldError> {
    let [was, is, typed] = [before, now, typed].map(|form| list(group, form));
    let has = |items: &[Item], item: &Item| items.iter().any(|known| mark(known) == mark(item));
    let are_same = was.len() == is.len() && is.iter().all(|item| has(&was, item));
    if are_same {
        return None;
    }
    // An item that nobody touched is what the record had.
    let is_untouched = |item: &Item| {
        let known = was.iter().find(|known| mark(known) == mark(item));
        known.is_some_and(|known| known.iter().all(|field| item.contains(field)))
    };
    let kept = typed.into_iter();
    let kept = kept.filter(|item| has(&is, item) || !is_untouched(item));
    let new = is.iter().filter(|item| !has(&was, item)).cloned();
    let all: Vec<Item> = kept.chain(new).collect();
    left.retain(|(name, _)| !is_part(name, group.list));
    for (place, item) in all.into_iter().enumerate() {
        let at = group.place(place);
        let fields = item.into_iter();
        left.extend(fields.map(|(name, value)| (format!("{at}{name}"), value)));
    }
    let message = Message::fixed(
        "그사이 다른 사람이 이 목록을 바꾸었습니다. 바뀐 내용이 들어와 있으니 확인해 주십시오.",
        "Somebody else has changed this list meanwhile. The change is in it: look at it.",
    );
    Some(FieldError::body(
        format!("/{}", group.list),
        "changed_meanwhile",
        message,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::error::Place;
    use crate::kernel::language::Language;
    use crate::pages::office::form::{changes_with_items, filled_with_items};

    const W: Words = Words(Language::Korean);

    const GROUPS: &[Group] = &[
        Group::of_body(
            ("", ""),
            &[
                Field::plain("venue/*", Kind::Line, ("", "")),
                Field::plain("department", Kind::Line, ("", "")),
                Field::plain("kind", Kind::Needed("AgreementKind", "mou"), ("", "")),
            ],
        ),
        Group {
            list: "places",
            title: ("", ""),
            fields: &[OF_RECORD, Field::plain("name/*", Kind::Line, ("", ""))],
            item: ("", ""),
            offered: 1,
            closed: false,
        },
    ];

    fn record(venue: &str, department: &str, places: &[&str]) -> Value {
        let places = places
            .iter()
            .map(|name| json!({"name": {"ko": name, "en": null}}));
        json!({"venue": {"ko": venue}, "department": department, "kind": "mou",
            "places": places.collect::<Vec<_>>()})
    }

    /// Returns the record after a form that was opened with one state was sent again for another, and the
    /// fields at which that was said.
    fn again(opened: &Value, now: &Value, typed: &[(&str, &str)]) -> (Value, Vec<String>) {
        let shown = filled_with_items(GROUPS, opened, W);
        let fields = shown.fields().map(|(name, value)| {
            let typed = typed.iter().find(|(known, _)| *known == name);
            (
                name.to_owned(),
                typed.map_or(value, |(_, typed)| typed).to_owned(),
            )
        });
        let (form, theirs) = rebased(GROUPS, &Form::of(fields.collect()), now, W);
        let form = super::super::compact(GROUPS, &form, W);
        let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
        let typed = changes_with_items(GROUPS, &form, now, (W, today));
        let mut after = now.clone();
        json_patch::merge(&mut after, &typed.body);
        let at = theirs.into_iter().map(|error| match error.place {
            Place::Body(at) => at,
            other => panic!("{other:?}"),
        });
        (after, at.collect())
    }

    #[test]
    fn what_somebody_else_changed_stays() {
        let opened = record("시청", "가과", &["1", "2"]);
        let now = record("킨텍스", "가과", &["1", "둘"]);
        let (after, said) = again(&opened, &now, &[("department", "나과")]);
        assert_eq!(after, record("킨텍스", "나과", &["1", "둘"]));
        assert_eq!(said, ["/venue/ko", "/places"]);
    }

    #[test]
    fn what_both_changed_is_the_last_word_of_who_was_told() {
        let opened = record("시청", "가과", &["1", "2"]);
        let now = record("킨텍스", "가과", &["1", "2", "3"]);
        let typed = [("venue/ko", "별관"), ("places/0/name/ko", "하나")];
        let (after, said) = again(&opened, &now, &typed);
        assert_eq!(after, record("별관", "가과", &["하나", "2", "3"]));
        assert_eq!(said, ["/venue/ko", "/places"]);
        // What both made alike is no matter.
        let (after, said) = again(&opened, &now, &[("venue/ko", "킨텍스")]);
        assert_eq!(after, now);
        assert_eq!(said, ["/places"]);
    }

    #[test]
    fn an_item_that_went_comes_back_only_if_it_was_touched() {
        let opened = record("시청", "가과", &["1", "2"]);
        let now = record("시청", "가과", &["2"]);
        let (after, _) = again(&opened, &now, &[("department", "나과")]);
        assert_eq!(after, record("시청", "나과", &["2"]));
        let (after, _) = again(&opened, &now, &[("places/0/name/ko", "하나")]);
        let names = |place: usize| after["places"][place]["name"]["ko"].clone();
        assert_eq!((names(0), names(1)), (json!("하나"), json!("2")));
    }
}
