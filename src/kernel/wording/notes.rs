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
    wording_cut "wording_cut"
        "글이 길어 앞부분만 남깁니다."
        "The wording is long; its beginning is kept.";
}
