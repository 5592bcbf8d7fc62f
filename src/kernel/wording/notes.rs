//! Notes on readings, in both languages.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::language::Message;

/// Something that a person should know about the reading of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Note {
    /// Machine-readable code of the note.
    #[schema(value_type = String, example = "no_such_day")]
    pub code: Cow<'static, str>,
    /// Description of the note.
    pub message: Message,
}

macro_rules! notes {
    ($($name:ident $code:literal $ko:literal $en:literal;)*) => {
        impl Note {
            $(pub(super) fn $name() -> Self {
                Self { code: Cow::Borrowed($code), message: Message::fixed($ko, $en) }
            })*
        }
    };
}

notes! {
    not_understood "not_understood"
        "읽을 수 없어 적힌 글만 남깁니다."
        "This was not understood; the wording alone is kept.";
    no_such_day "no_such_day"
        "날짜처럼 보이지만 달력에 없는 날입니다. 적힌 글만 남깁니다."
        "This looks like a date, but the calendar has no such day; the wording alone is kept.";
    reversed "reversed"
        "끝이 시작보다 앞섭니다."
        "The end is before the beginning.";
    year_missing "year_missing"
        "연도가 없어 적힌 글만 남깁니다."
        "The year is missing; the wording alone is kept.";
    depends "depends_on_event"
        "다른 일에 달린 날짜이므로 적힌 글만 남깁니다."
        "The date depends on an event; the wording alone is kept.";
    no_date "no_date_stated"
        "정해진 날짜가 없으므로 적힌 글만 남깁니다."
        "No date is stated; the wording alone is kept.";
    part_of_period "part_of_period"
        "기간의 한 부분(초, 말 등)은 그 기간 전체로 읽고, 적힌 글을 남깁니다."
        "A part of a period, such as its end, is read as the whole period; the wording is kept.";
    planned "planned"
        "예정이라고 적혀 있습니다."
        "The text says that this is planned.";
    remark "remark_in_text"
        "날짜와 함께 다른 글이 적혀 있습니다."
        "The text holds a remark beside the date.";
    order_of_column "order_of_column"
        "같은 열의 다른 날짜와 같은 순서로 읽었습니다."
        "The parts are read in the order of the other dates in the column.";
    instant "instant"
        "시각을 우리나라 시간의 날짜로 읽었습니다."
        "The instant is read as the day in Korea.";
    era "era"
        "연호를 서기로 바꾸어 읽었습니다."
        "The year of the era is read as a year of the common era.";
    lunar "lunar_date"
        "음력 날짜로 보여 적힌 글만 남깁니다."
        "This seems to be a date of the lunar calendar; the wording alone is kept.";
    no_number "no_number"
        "수가 없어 적힌 글만 남깁니다."
        "The text has no number; the wording alone is kept.";
    unit_unknown "unit_unknown"
        "단위가 적혀 있지 않습니다."
        "No unit is stated.";
    currency_assumed "currency_assumed"
        "통화가 적혀 있지 않아 원으로 읽었습니다."
        "No currency is stated; it is read as won.";
    other_figure "other_figure"
        "괄호 안에 다른 수가 있습니다."
        "Another figure stands in brackets.";
    range_not_held "range_not_held"
        "범위이므로 적힌 글만 남깁니다."
        "This is a range; the wording alone is kept.";
    start_not_stated "start_not_stated"
        "시작일이 적혀 있지 않아 효력이 생기는 날부터 셉니다."
        "The beginning is not stated; the period is counted from the first day in force.";
    approximate_length "approximate_length"
        "기간이 대략이라고 적혀 있습니다."
        "The text says that the length is approximate.";
    not_automatic "renewal_not_automatic"
        "연장에 합의나 통보가 필요한 것으로 보여 자동 연장으로 읽지 않았습니다."
        "The renewal seems to need an agreement or a notice; it is not read as automatic.";
    renewal_unclear "renewal_unclear"
        "자동 연장의 기간을 읽을 수 없습니다."
        "The length of the automatic renewal was not understood.";
    notice_in_months "notice_in_months"
        "달로 적힌 통지 기한은 일수로 바꾸지 않고 글로 남깁니다."
        "A notice period in months is not converted to days; the wording is kept.";
    unnamed_parties "unnamed_parties"
        "이름이 없는 당사자가 있습니다."
        "Some parties are not named.";
    no_party "no_party"
        "당사자의 이름이 없습니다."
        "No party is named.";
    wording_cut "wording_cut"
        "글이 길어 앞부분만 남깁니다."
        "The wording is long; its beginning is kept.";
}
