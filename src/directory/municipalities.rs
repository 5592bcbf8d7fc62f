//! Reference data of the program: the official municipalities of Korea, in force and abolished.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::values::Localized;

/// Table of 법정동코드 (administrative codes) as of October 2026.
const TABLE: &str = include_str!("municipalities.csv");

/// Level of a local government: metropolitan (광역) or basic (기초).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MunicipalityLevel {
    Metropolitan,
    Basic,
}

impl MunicipalityLevel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Metropolitan => "metropolitan",
            Self::Basic => "basic",
        }
    }
}

/// Kind of a local government, by Korea's Local Autonomy Act and its special acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MunicipalityKind {
    SpecialCity,
    IntegratedSpecialCity,
    MetropolitanCity,
    SpecialSelfGoverningCity,
    Province,
    SpecialSelfGoverningProvince,
    City,
    County,
    District,
}

impl MunicipalityKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SpecialCity => "special_city",
            Self::IntegratedSpecialCity => "integrated_special_city",
            Self::MetropolitanCity => "metropolitan_city",
            Self::SpecialSelfGoverningCity => "special_self_governing_city",
            Self::Province => "province",
            Self::SpecialSelfGoverningProvince => "special_self_governing_province",
            Self::City => "city",
            Self::County => "county",
            Self::District => "district",
        }
    }
}

#[derive(Deserialize)]
struct Row {
    code: String,
    level: MunicipalityLevel,
    kind: MunicipalityKind,
    name_ko: String,
    full_name_ko: String,
    name_en: Option<String>,
    parent_code: Option<String>,
    iso_3166_2: Option<String>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    succeeded_by: Option<String>,
}

/// A local government of the official list, in force or abolished.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReferenceMunicipality {
    /// 10-digit 법정동코드.
    #[schema(example = "4128000000")]
    pub code: String,
    /// Level: metropolitan or basic.
    pub level: MunicipalityLevel,
    /// Kind of local government.
    pub kind: MunicipalityKind,
    /// Name; the English name is present if sources agree on it.
    pub name: Localized,
    /// Name preceded by the name of the parent.
    pub full_name: Localized,
    /// Code of the metropolitan government that contains it; null for a metropolitan government.
    #[schema(example = "4100000000")]
    pub parent_code: Option<String>,
    /// ISO 3166-2 code; metropolitan governments only.
    #[schema(example = "KR-41")]
    pub iso_3166_2: Option<String>,
    /// First day in force; null if not recorded.
    pub valid_from: Option<NaiveDate>,
    /// First day no longer in force; null while in force.
    pub valid_to: Option<NaiveDate>,
    /// Codes of its successors.
    pub succeeded_by: Vec<String>,
}

impl ReferenceMunicipality {
    /// Returns whether it is in force on a day, as far as recorded.
    pub fn is_active_on(&self, day: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| day >= from) && self.valid_to.is_none_or(|to| day < to)
    }
}

#[expect(
    clippy::expect_used,
    reason = "the table is embedded, and a test reads it"
)]
pub static MUNICIPALITIES: LazyLock<Vec<ReferenceMunicipality>> = LazyLock::new(|| {
    let mut rows: Vec<ReferenceMunicipality> = csv::Reader::from_reader(TABLE.as_bytes())
        .deserialize::<Row>()
        .map(|row| {
            row.expect("the embedded table is well formed, as a test shows")
                .into()
        })
        .collect();
    rows.sort_by(|a, b| a.code.cmp(&b.code));
    rows
});

static BY_CODE: LazyLock<HashMap<&'static str, &'static ReferenceMunicipality>> =
    LazyLock::new(|| {
        MUNICIPALITIES
            .iter()
            .map(|m| (m.code.as_str(), m))
            .collect()
    });

impl From<Row> for ReferenceMunicipality {
    fn from(row: Row) -> Self {
        let successors = row.succeeded_by.as_deref().unwrap_or_default();
        Self {
            name: Localized {
                ko: Some(row.name_ko),
                en: row.name_en,
            },
            full_name: Localized::ko(row.full_name_ko),
            succeeded_by: successors
                .split(';')
                .filter(|c| !c.is_empty())
                .map(str::to_owned)
                .collect(),
            code: row.code,
            level: row.level,
            kind: row.kind,
            parent_code: row.parent_code,
            iso_3166_2: row.iso_3166_2,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        }
    }
}

/// Returns the municipality with the given code.
pub fn municipality(code: &str) -> Option<&'static ReferenceMunicipality> {
    BY_CODE.get(code).copied()
}

/// Reads the name of a local government behind that of its province or metropolitan city: `경기도 파주시` and
/// `파주시` of `경기 파주시`.
pub fn within_parent(name: &str) -> Option<(String, &str)> {
    let (parent, rest) = name.trim().split_once(' ')?;
    let rest = rest.trim_start();
    let is_local = ["시", "군", "구"].iter().any(|end| rest.ends_with(end));
    let mut metropolitan = MUNICIPALITIES
        .iter()
        .filter(|one| one.level == MunicipalityLevel::Metropolitan)
        .filter_map(|one| one.name.ko.as_deref());
    let parent = metropolitan.find(|full| parent == *full || parent == short(full))?;
    (is_local && !rest.contains(' ')).then(|| (format!("{parent} {rest}"), rest))
}

/// Returns the short name of a metropolitan government: `경기` of `경기도`, `충북` of `충청북도`.
fn short(name: &str) -> String {
    const KINDS: [&str; 6] = [
        "통합특별시",
        "특별자치도",
        "특별자치시",
        "특별시",
        "광역시",
        "도",
    ];
    let kind = KINDS.iter().find_map(|kind| name.strip_suffix(kind));
    let stem: Vec<char> = kind.unwrap_or(name).chars().collect();
    match stem[..] {
        [first, _, side @ ('남' | '북')] => [first, side].iter().collect(),
        _ => stem.iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_province_before_a_city_is_told() {
        for (name, right) in [
            ("경기도 파주시", Some(("경기도 파주시", "파주시"))),
            ("경기 파주시", Some(("경기도 파주시", "파주시"))),
            ("충북 청주시", Some(("충청북도 청주시", "청주시"))),
            ("서울 중구", Some(("서울특별시 중구", "중구"))),
            ("파주시", None),
            ("경기 파주시 문산읍", None),
            ("경기 도시공사", None),
            ("한국 파주시", None),
        ] {
            let found = within_parent(name);
            let found = found.as_ref().map(|(full, own)| (full.as_str(), *own));
            assert_eq!(found, right, "{name}");
        }
    }

    #[test]
    fn the_official_list_is_whole() {
        let on = |day: &str| {
            let day = day.parse().unwrap();
            let active: Vec<_> = MUNICIPALITIES
                .iter()
                .filter(|m| m.is_active_on(day))
                .collect();
            let metropolitan = active
                .iter()
                .filter(|m| m.level == MunicipalityLevel::Metropolitan)
                .count();
            (metropolitan, active.len() - metropolitan)
        };
        assert_eq!(on("2026-10-01"), (16, 227));
        assert_eq!(on("2023-06-10").0, 17);
        for m in MUNICIPALITIES.iter() {
            let related = m.parent_code.iter().chain(&m.succeeded_by);
            assert!(
                related.into_iter().all(|code| municipality(code).is_some()),
                "{}",
                m.code
            );
        }
    }

    #[test]
    fn goyang() {
        let goyang = municipality("4128000000").unwrap();
        assert_eq!(goyang.name.ko.as_deref(), Some("고양시"));
        assert_eq!(goyang.parent_code.as_deref(), Some("4100000000"));
    }
}
