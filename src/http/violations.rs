//! Problems of a request in words, from the errors of its validation.

use jsonschema::error::{ValidationError, ValidationErrorKind as Kind};
use serde_json::Value;

use super::contract::{UNKNOWN, escape};
use super::named;
use super::openapi::{LINE, VISIBLE};
use super::uri;
use super::words;
use crate::kernel::error::FieldError;
use crate::kernel::language::Message;
use crate::kernel::text::fold;
use crate::kernel::values::{EdtfError, ImpreciseDate};
use crate::kernel::wording::{offered_date, written};

/// Code of a value of another type than expected.
pub(super) const TYPE: &str = "type";

/// Returns the names of the types that the schema expects in place of a value, in the words of JSON
/// Schema.
fn expected_types(error: &ValidationError<'_>, at: &str, names: &mut Vec<String>) {
    match error.kind() {
        Kind::Type { kind } if error.instance_path().to_string() == at => {
            let debug = format!("{kind:?}");
            let types = debug
                .split(|c: char| !c.is_ascii_alphabetic())
                .filter(|w| !matches!(*w, "" | "Single" | "Multiple" | "JsonTypeSet" | "Types"))
                .map(str::to_lowercase);
            names.extend(types);
        }
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            for inner in context.iter().flatten() {
                expected_types(inner, at, names);
            }
        }
        _ => {}
    }
}

/// Returns true if a branch refuses a value for its type alone.
fn is_of_another_type(branch: &[ValidationError<'_>], at: &str) -> bool {
    branch.iter().any(|error| match error.kind() {
        Kind::Type { .. } => error.instance_path().to_string() == at,
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            error.instance_path().to_string() == at
                && context.iter().all(|inner| is_of_another_type(inner, at))
        }
        _ => false,
    })
}

/// Returns whether a member is null that needs a value.
fn is_null_member(error: &ValidationError<'_>, at: &str) -> bool {
    let last = at.rsplit('/').next().unwrap_or_default();
    error.instance().is_null() && !last.is_empty() && last.parse::<usize>().is_err()
}

pub(super) fn report(error: &ValidationError<'_>, errors: &mut Vec<FieldError>) {
    let at = error.instance_path().to_string();
    let mut add = |pointer: String, code: &str, ko: String, en: String| {
        errors.push(FieldError::body(pointer, code, Message::new(ko, en)));
    };
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            add(
                format!("{at}/{}", escape(name)),
                "required",
                "필수 항목입니다.".into(),
                "This member is required.".into(),
            );
        }
        Kind::AdditionalProperties { unexpected } => {
            for name in unexpected {
                add(
                    format!("{at}/{}", escape(name)),
                    UNKNOWN,
                    "알 수 없거나 쓸 수 없는 항목입니다.".into(),
                    "This member is unknown or read-only.".into(),
                );
            }
        }
        Kind::Custom { message: names, .. } => {
            let first = names.split(", ").next().unwrap_or_default();
            add(
                format!("{at}/{}", escape(first)),
                "one_required",
                format!("다음 가운데 하나는 있어야 합니다: {names}"),
                format!("One of these members is required: {names}."),
            );
        }
        _ if is_null_member(error, &at) => add(
            at,
            "required",
            "필수 항목이라 비울 수 없습니다.".into(),
            "This member is required and cannot be empty.".into(),
        ),
        // A nullable member or one of several shapes: report the errors of the intended shape.
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            let mut branches = context.iter();
            if let Some(branch) = branches.find(|branch| !is_of_another_type(branch, &at)) {
                branch.iter().for_each(|e| report(e, errors));
            } else {
                let mut names = Vec::new();
                expected_types(error, &at, &mut names);
                let Message { ko, en } = match named::is_reference(&at) {
                    true => words::ORGANIZATION,
                    false => words::of_types(&names),
                };
                add(at, TYPE, ko.into(), en.into());
            }
        }
        // [`normalize`] names U+0000 in every text.
        Kind::Pattern { pattern } if pattern == LINE && has_nul(error.instance()) => {}
        kind => {
            let (code, ko, en) = describe(kind, error);
            add(at, &code, ko, en);
        }
    }
}

/// Returns the messages for an address that is no URI, with the URI that it would be, if any.
fn uri_messages(encoded: Option<String>) -> (String, String) {
    match encoded {
        Some(encoded) => (
            format!("주소에 그대로 쓸 수 없는 글자가 있습니다. 이렇게 적으십시오: {encoded}"),
            format!("The address has characters that must be encoded; write: {encoded}"),
        ),
        None => (
            "http:// 또는 https://로 시작하는 온전한 주소여야 합니다. 예: https://www.goyang.go.kr/"
                .into(),
            "A whole address that starts with http:// or https:// is needed, such as \
             https://www.goyang.go.kr/."
                .into(),
        ),
    }
}

/// Message for a text of another form than expected.
const UNFIT: Message = Message::fixed("형식이 맞지 않습니다.", "The form does not fit.");

/// Returns the messages that a text is not in one of the accepted forms of EDTF.
fn not_in_edtf(text: &str) -> (String, String) {
    let error = match ImpreciseDate::from_text(text) {
        // In `edtf`, a day as texts write it.
        Ok(date) if date.is_dated() => return in_edtf(&date),
        Ok(_) => EdtfError::Malformed,
        Err(error) => error,
    };
    let offered = Some(text).filter(|_| error == EdtfError::Malformed);
    match offered.and_then(offered_date) {
        Some(Message { ko, en }) => (ko.into(), en.into()),
        None => (error.message_ko(), error.message_en()),
    }
}

/// Returns the messages that a date as texts write it stands where its EDTF form is expected.
fn in_edtf(date: &ImpreciseDate) -> (String, String) {
    let edtf = date.edtf().unwrap_or_default();
    (
        format!(
            "여기에는 {} 적고, 출처의 표현은 as_stated에 적으십시오.",
            written(&edtf)
        ),
        format!("Write {edtf} here, and the wording of the source in as_stated."),
    )
}

#[expect(
    clippy::too_many_lines,
    reason = "a table of messages, with one line of code for each kind of error"
)]
fn describe(kind: &Kind, error: &ValidationError<'_>) -> (String, String, String) {
    let of = |code: &str, ko: String, en: String| (code.to_owned(), ko, en);
    match kind {
        Kind::Type { .. } => {
            let mut names = Vec::new();
            expected_types(error, &error.instance_path().to_string(), &mut names);
            let Message { ko, en } = words::of_types(&names);
            of(TYPE, ko.into(), en.into())
        }
        Kind::Enum { options } => {
            let options: Vec<String> = options
                .as_array()
                .into_iter()
                .flatten()
                .map(|o| o.as_str().map_or_else(|| o.to_string(), str::to_owned))
                .collect();
            let options = options.join(", ");
            of(
                "enum",
                format!("다음 중 하나여야 합니다: {options}"),
                format!("Expected one of: {options}."),
            )
        }
        Kind::Format { format } if format == "edtf" || format == words::DATE_TEXT => {
            let text = error.instance().as_str().unwrap_or_default().to_owned();
            let (ko, en) = not_in_edtf(&text);
            of("format_edtf", ko, en)
        }
        Kind::Format { format } if format == "date" => {
            let text = error.instance().as_str().unwrap_or_default();
            let Message { ko, en } = words::not_a_day(text);
            of("format_date", ko.into(), en.into())
        }
        Kind::Format { format } if format == "uri" => {
            let text = error.instance().as_str().unwrap_or_default();
            let (ko, en) = uri_messages(uri::encoded(text));
            of("format_uri", ko, en)
        }
        Kind::Format { format } => {
            let Message { ko, en } = words::of_format(format).unwrap_or(UNFIT);
            let name = if format == "iso3166-1" {
                "iso3166_1"
            } else {
                format
            };
            let code = format!("format_{name}");
            of(&code, ko.into(), en.into())
        }
        Kind::MinLength { limit } => of(
            "min_length",
            format!("{limit}자 이상이어야 합니다."),
            format!("At least {limit} characters are needed."),
        ),
        Kind::MaxLength { limit } => of(
            "max_length",
            format!("{limit}자를 넘을 수 없습니다."),
            format!("At most {limit} characters are accepted."),
        ),
        Kind::MinItems { limit } => of(
            "min_items",
            format!("{limit}개 이상이어야 합니다."),
            format!("At least {limit} items are needed."),
        ),
        Kind::MaxItems { limit } => of(
            "max_items",
            format!("{limit}개를 넘을 수 없습니다."),
            format!("At most {limit} items are accepted."),
        ),
        Kind::MinProperties { limit } => of(
            "min_properties",
            format!("항목이 {limit}개 이상 있어야 합니다."),
            format!("Members needed at least: {limit}."),
        ),
        Kind::MaxProperties { limit } => of(
            "max_properties",
            format!("항목이 {limit}개를 넘을 수 없습니다."),
            format!("Members accepted at most: {limit}."),
        ),
        Kind::Minimum { limit } => of(
            "minimum",
            format!("{limit} 이상이어야 합니다."),
            format!("The least value accepted is {limit}."),
        ),
        Kind::Maximum { limit } => of(
            "maximum",
            format!("{limit} 이하여야 합니다."),
            format!("The greatest value accepted is {limit}."),
        ),
        Kind::ExclusiveMinimum { limit } => of(
            "minimum",
            format!("{limit}보다 커야 합니다."),
            format!("The value must be greater than {limit}."),
        ),
        Kind::Pattern { pattern } if pattern == LINE && breaks_lines(error.instance()) => of(
            "line_break",
            "한 줄로 적으십시오. 줄바꿈과 탭 같은 제어 문자는 쓸 수 없습니다.".into(),
            "One line is expected here: line breaks, tabs and other control characters are not accepted."
                .into(),
        ),
        Kind::Pattern { pattern } if pattern == VISIBLE || pattern == LINE => of(
            "blank",
            "비어 있을 수 없습니다.".into(),
            "The text must not be blank.".into(),
        ),
        Kind::Pattern { pattern } => {
            let Message { ko, en } = words::of_pattern(pattern).unwrap_or(UNFIT);
            of("pattern", ko.into(), en.into())
        }
        Kind::UniqueItems => of(
            "unique_items",
            "같은 항목이 두 번 있습니다.".into(),
            "The same item stands twice.".into(),
        ),
        other => of(
            other.keyword(),
            "받아들일 수 없는 값입니다.".into(),
            "This value is not accepted.".into(),
        ),
    }
}

fn has_nul(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains('\0'))
}

/// Returns true for a text that is not blank and has line breaks or other control characters.
fn breaks_lines(value: &Value) -> bool {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let shown = |c: char| !c.is_whitespace() && !c.is_control();
    let breaks_up = |text: &str| text.contains(breaks) && fold(text).contains(shown);
    value.as_str().is_some_and(breaks_up)
}
