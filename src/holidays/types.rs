//! Holidays as they are sent and received.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::kernel::ids::HolidayId;
use crate::kernel::legal_days;
use crate::kernel::legal_days::HolidayKind;
use crate::kernel::values::{Localized, LocalizedLine, Meta, Revision, Versioned};

/// A public holiday that is declared after the program's table was made, such as a temporary holiday
/// or the day of an early election.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct HolidayContent {
    /// Date of the holiday.
    #[schema(example = "2027-01-04")]
    pub day: NaiveDate,
    /// Name of the holiday.
    #[validate(nested)]
    #[schema(value_type = LocalizedLine, example = json!({"ko": "임시공휴일", "en": "Temporary holiday"}))]
    pub name: Localized,
    /// Kind of the holiday.
    #[serde(default = "temporary")]
    #[schema(default = "temporary", example = "temporary")]
    pub kind: HolidayKind,
    /// Law or decree that makes the day a holiday; null if not stated.
    #[schema(
        max_length = 500,
        pattern = r"^.+$",
        example = "관공서의 공휴일에 관한 규정 제2조제11호"
    )]
    pub basis: Option<String>,
    /// Where the declaration was published.
    #[schema(
        max_length = 500,
        pattern = r"^.+$",
        example = "관보 제20917호 (인사혁신처공고 제2025-3호)"
    )]
    pub source: String,
}

fn temporary() -> HolidayKind {
    HolidayKind::Temporary
}

/// A declared holiday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeclaredHoliday {
    #[serde(flatten)]
    pub meta: Meta<HolidayId>,
    #[serde(flatten)]
    pub content: HolidayContent,
}

impl Versioned for DeclaredHoliday {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }
}

/// A public holiday, of the program's table or declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Holiday {
    /// Id of a declared holiday; null for one of the table.
    #[schema(example = json!(null))]
    pub id: Option<HolidayId>,
    /// Date of the holiday.
    #[schema(example = "2026-09-25")]
    pub day: NaiveDate,
    /// Name of the holiday.
    #[schema(value_type = LocalizedLine, example = json!({"ko": "추석", "en": "Chuseok"}))]
    pub name: Localized,
    /// Kind of the holiday.
    #[schema(example = "statutory")]
    pub kind: HolidayKind,
    /// Law or decree that makes the day a holiday; null if not stated.
    #[schema(example = "관공서의 공휴일에 관한 규정 제2조제9호; 공휴일에 관한 법률 제2조제7호")]
    pub basis: Option<String>,
    /// Source of the entry.
    #[schema(example = "대통령령 제36290호 (law.go.kr lsiSeq 285779)")]
    pub source: String,
    /// Whether an admin declared it, beside the table.
    pub declared: bool,
}

impl Holiday {
    /// Returns a holiday of the table.
    pub fn of_table(row: &legal_days::Holiday) -> Self {
        Self {
            id: None,
            day: row.day,
            name: Localized {
                ko: Some(row.name.ko.clone().into_owned()),
                en: Some(row.name.en.clone().into_owned()),
            },
            kind: row.kind,
            basis: Some(row.basis.to_owned()),
            source: row.source.to_owned(),
            declared: false,
        }
    }

    /// Returns a declared holiday as the list shows it.
    pub fn declared(DeclaredHoliday { meta, content }: DeclaredHoliday) -> Self {
        Self {
            id: Some(meta.id),
            day: content.day,
            name: content.name,
            kind: content.kind,
            basis: content.basis,
            source: content.source,
            declared: true,
        }
    }
}
