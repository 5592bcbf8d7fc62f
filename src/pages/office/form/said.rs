//! The words for errors on a form. They name a field by its label where the API names a member.

use super::{Field, Group};
use crate::kernel::error::{FieldError, Place};
use crate::kernel::language::Language;
use crate::kernel::member_names::member_name;
use crate::kernel::values::Warning;
use crate::pages::lists::pick;
use crate::pages::words::Words;
use crate::reference::labels::labels;

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
    let text = w.message(&error.message);
    match error.code.as_str() {
        "organization_unclear" => w
            .t(
                "어느 기관인지 분명하지 않습니다. 아래에서 고르십시오.",
                "It is unclear which organization is meant. Choose it below.",
            )
            .to_owned(),
        // A form can have one field for several members.
        "one_required" if is_one_field(&text, groups, w) => {
            w.t("필수 항목입니다.", "This is required.").to_owned()
        }
        _ => in_labels(&text, groups, w),
    }
}

/// Returns whether the members that a text names after its colon have one label.
fn is_one_field(text: &str, groups: &[Group], w: Words) -> bool {
    let (_, names) = text.split_once(": ").unwrap_or_default();
    let names = names.trim_end_matches('.').split(", ");
    let mut labels = names.map(|name| label_of(name, groups, w));
    let first = labels.next().flatten();
    first.is_some() && labels.all(|label| label == first)
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
        // Not twice.
        Some(label) if !text.contains(&label) => format!("{label}: {text}"),
        _ => text,
    }
}

/// Returns a text that names members or codes, with their labels.
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
        let label = match is_named(&out, word, after, w) {
            true => label_of(word, groups, w).or_else(|| label_of_code(word, groups, w)),
            false => None,
        };
        match label {
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

/// Returns whether a word of a text is the name of a member or a code. In an English sentence only a
/// name of several words is sure to be one; in a Korean one, each that stands among Korean words.
fn is_named(before: &str, word: &str, after: &str, w: Words) -> bool {
    if word.contains('_') {
        return true;
    }
    let is_latin = |c: char| c.is_ascii_alphanumeric();
    let joins = |c: char| is_latin(c) || "/:@-".contains(c);
    let mut next = after.chars();
    let follows = match (next.next(), next.next()) {
        (Some('.'), Some(c)) => is_latin(c),
        (c, _) => c.is_some_and(joins),
    };
    let touches = follows
        || before
            .chars()
            .next_back()
            .is_some_and(|c| joins(c) || c == '.');
    let beside = before.trim_end().chars().next_back().is_some_and(is_latin)
        || after.trim_start().chars().next().is_some_and(is_latin);
    w.0 == Language::Korean && !touches && !beside
}

/// Returns the label of a code: of a field of the form, or else of any enumeration.
fn label_of_code(code: &str, groups: &[Group], w: Words) -> Option<String> {
    let fields = groups.iter().flat_map(|group| group.fields);
    let own = fields.filter_map(|field| field.kind.enumeration());
    let all = labels().iter().map(|known| known.enumeration.as_str());
    own.chain(all)
        .map(|enumeration| w.label(enumeration, &code))
        .find(|label| label != code)
}

/// Returns the label of a member: that of its field, or else its name in words. `None` for a word that
/// is no member.
fn label_of(member: &str, groups: &[Group], w: Words) -> Option<String> {
    fn parts(field: &Field) -> std::str::Split<'static, char> {
        field.at.trim_end_matches("/*").split('/')
    }
    let is_field = |field: &&Field| {
        let last = parts(field).next_back();
        last == Some(member) || last == member.strip_suffix("_id")
    };
    let fields = || groups.iter().flat_map(|group| group.fields);
    // What is hidden has no label.
    let labelled = |field: &&Field| !field.label.0.is_empty();
    if let Some(field) = fields().filter(labelled).find(is_field) {
        return Some(pick(w, field.label).to_owned());
    }
    let name = member_name(member);
    if name.ko != member {
        return Some(w.message(&name));
    }
    // A member of which the form has a part alone.
    let mut around = fields()
        .filter(labelled)
        .filter(|field| parts(field).next() == Some(member));
    around.next().map(|field| pick(w, field.label).to_owned())
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
    use crate::kernel::language::Message;
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
            "토큰은 the_rest이고 종류가"
        );
        assert_eq!(ko("signed_on"), "맺은 날짜");
        // Codes, and members of one word, where they are not words of a sentence.
        assert_eq!(
            ko("fulfilled는 100, not_started는 0이어야 합니다."),
            "이행은 100, 미착수는 0이어야 합니다."
        );
        assert_eq!(
            ko("회의는 planned로 기록합니다."),
            "회의는 예정으로 기록합니다."
        );
        assert_eq!(
            ko("필요한 역할: admin, approver, editor"),
            "필요한 역할: 관리자, 승인자, 편집자"
        );
        for kept in [
            "이 협약 사항: open a new title",
            "https://city.example/title",
            "editor@city.example",
            "Opened를 title.pdf로",
        ] {
            assert_eq!(ko(kept), kept);
        }
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

    const ORGANIZATION: &[Group] = &[Group::of_body(
        ("", ""),
        &[Field::plain(
            "organization",
            Kind::Organization,
            ("기관", "Organization"),
        )],
    )];

    #[test]
    fn one_field_for_several_members_is_required() {
        let message = Message::new(
            "다음 가운데 하나는 있어야 합니다: organization_id, organization",
            "One of these members is required: organization_id, organization.",
        );
        let error = FieldError::body("/organization_id", "one_required", message);
        for (language, text) in [
            (Language::Korean, "필수 항목입니다."),
            (Language::English, "This is required."),
        ] {
            assert_eq!(said(&error, ORGANIZATION, Words(language)), text);
        }
    }

    #[test]
    fn a_member_is_not_named_twice() {
        let warning = Warning::new(
            "similar_agreement",
            "/title",
            Message::fixed("제목이 같은 협약이 있습니다.", "Another has this title."),
        );
        let text = warned(&warning, Words(Language::Korean));
        assert_eq!(text, "제목이 같은 협약이 있습니다.");
    }

    #[test]
    fn an_error_without_a_field_names_its_member() {
        let message = Message::fixed("모르는 것입니다.", "It is unknown.");
        let error = FieldError::body("/project_ids/3", "unknown", message);
        let said = said_elsewhere(&error, GROUPS, Words(Language::Korean));
        assert!(said.ends_with(": 모르는 것입니다."), "{said}");
    }
}
