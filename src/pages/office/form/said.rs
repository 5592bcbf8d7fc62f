//! The words for errors on a form. They name a field by its label where the API names a member.

use super::{Field, Group};
use crate::kernel::error::{FieldError, Place};
use crate::kernel::member_names::member_name;
use crate::kernel::values::Warning;
use crate::pages::lists::pick;
use crate::pages::words::Words;

/// Particles whose form depends on the end of the word before: after a consonant, and after a vowel.
const PARTICLES: [(&str, &str); 5] = [
    ("은", "는"),
    ("이", "가"),
    ("을", "를"),
    ("과", "와"),
    ("으로", "로"),
];

/// Returns the words for an error at its field, which offers choices where the API names members.
pub fn said(error: &FieldError, groups: &[Group], w: Words) -> String {
    match error.code.as_str() {
        "organization_unclear" => w
            .t(
                "어느 기관인지 분명하지 않습니다. 아래에서 고르십시오.",
                "It is unclear which organization is meant. Choose it below.",
            )
            .to_owned(),
        _ => in_labels(&w.message(&error.message), groups, w),
    }
}

/// Returns the words for an error of which the form has no field, with the name of the member.
pub fn said_elsewhere(error: &FieldError, groups: &[Group], w: Words) -> String {
    let pointer = match &error.place {
        Place::Body(pointer) => pointer.as_str(),
        Place::Query(_) | Place::Header(_) => "",
    };
    at_member(pointer, said(error, groups, w), groups, w)
}

/// Returns the words for a warning, with the name of the member that it is about.
pub fn warned(warning: &Warning, w: Words) -> String {
    let text = in_labels(&w.message(&warning.message), &[], w);
    at_member(&warning.pointer, text, &[], w)
}

fn at_member(pointer: &str, text: String, groups: &[Group], w: Words) -> String {
    let mut members = pointer.rsplit('/');
    let member = members.find(|part| part.parse::<usize>().is_err());
    match member.and_then(|member| label_of(member, groups, w)) {
        Some(label) if !text.contains(&label) => format!("{label}: {text}"),
        _ => text,
    }
}

/// Returns a text that names members, with their labels.
pub fn in_labels(text: &str, groups: &[Group], w: Words) -> String {
    let is_of_name = |c: char| c.is_ascii_lowercase() || c == '_';
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(is_of_name) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c| !is_of_name(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        out.push_str(before);
        rest = after;
        // Other words can be those of a sentence.
        let label = Some(word).filter(|word| word.contains('_'));
        match label.and_then(|word| label_of(word, groups, w)) {
            Some(label) => {
                let (particle, left) = fitting(&label, after);
                out.push_str(&label);
                out.push_str(particle);
                rest = left;
            }
            None => out.push_str(word),
        }
    }
    out.push_str(rest);
    out
}

/// Returns the label of a member: that of its field, or else its name in words. `None` for a word that
/// is no member.
fn label_of(member: &str, groups: &[Group], w: Words) -> Option<String> {
    let is_field = |field: &&Field| {
        let at = field.at.trim_end_matches("/*");
        let last = at.rsplit('/').next().unwrap_or_default();
        last == member || Some(last) == member.strip_suffix("_id")
    };
    let mut fields = groups.iter().flat_map(|group| group.fields);
    if let Some(field) = fields.find(is_field) {
        return Some(pick(w, field.label).to_owned());
    }
    let name = member_name(member);
    (name.ko != member).then(|| w.message(&name))
}

/// Returns the particle at the beginning of a text in the form that follows a word, and the rest of the
/// text.
fn fitting<'a>(word: &str, text: &'a str) -> (&'static str, &'a str) {
    let found = PARTICLES.iter().find_map(|(closed, open)| {
        let rest = text.strip_prefix(closed).or(text.strip_prefix(open))?;
        // A longer word that begins so is another.
        let is_whole = rest.chars().next().is_none_or(|c| !c.is_alphanumeric());
        is_whole.then_some((*closed, *open, rest))
    });
    let Some((closed, open, rest)) = found else {
        return ("", text);
    };
    let last = word.chars().last().map_or(0, u32::from);
    // Hangul syllables are ordered by their final consonants, of which the first is none and the
    // eighth ㄹ.
    let consonant = match last {
        0xAC00..=0xD7A3 => (last - 0xAC00) % 28,
        _ => 0,
    };
    let is_open = consonant == 0 || (consonant == 8 && open == "로");
    (if is_open { open } else { closed }, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::language::{Language, Message};
    use crate::pages::office::form::Kind;

    const GROUPS: &[Group] = &[Group::of_body(
        ("", ""),
        &[Field::plain(
            "source/signed_on",
            Kind::Past,
            ("맺은 날짜", "Day of signing"),
        )],
    )];

    #[test]
    fn members_are_named_by_their_labels() {
        let ko = |text: &str| in_labels(text, GROUPS, Words(Language::Korean));
        assert_eq!(
            ko("signed_on과 다른 날입니다."),
            "맺은 날짜와 다른 날입니다."
        );
        assert_eq!(
            ko("협약을 supersedes_id로 등록하면"),
            "협약을 이전 협약으로 등록하면"
        );
        assert_eq!(
            ko("token_id는 the_rest이고 kind가"),
            "토큰은 the_rest이고 kind가"
        );
        assert_eq!(ko("signed_on"), "맺은 날짜");
        let en = |text: &str| in_labels(text, GROUPS, Words(Language::English));
        assert_eq!(
            en("It differs from signed_on."),
            "It differs from Day of signing."
        );
        assert_eq!(
            en("Name it in supersedes_id, or in the_rest."),
            "Name it in supersedes id, or in the_rest."
        );
    }

    #[test]
    fn an_error_without_a_field_names_its_member() {
        let message = Message::fixed("모르는 것입니다.", "It is unknown.");
        let error = FieldError::body("/project_ids/3", "unknown", message);
        let said = said_elsewhere(&error, GROUPS, Words(Language::Korean));
        assert!(said.ends_with(": 모르는 것입니다."), "{said}");
    }
}
