//! Reference data of the program: the official municipalities of Korea, in force and abolished.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::get;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::Session;
use crate::db::page::{Listed, Order};
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{Filter, List, Logged, Paged, Paging};
use crate::values::Localized;

/// The table of 법정동코드 (administrative codes) as of October 2026.
const TABLE: &str = include_str!("municipalities.csv");

/// Whether a local government is metropolitan (광역) or basic (기초).
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

/// The kinds of local government in Korea's Local Autonomy Act and its special acts.
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
    /// The 10-digit 법정동코드.
    #[schema(example = "4128000000")]
    pub code: String,
    /// Metropolitan or basic.
    pub level: MunicipalityLevel,
    /// What kind of local government it is.
    pub kind: MunicipalityKind,
    /// Its name; the English one where sources agree.
    pub name: Localized,
    /// Its name with its parent's.
    pub full_name: Localized,
    /// The code of the metropolitan government that it lies in; null for one that is metropolitan.
    #[schema(example = "4100000000")]
    pub parent_code: Option<String>,
    /// ISO 3166-2, for metropolitan governments.
    #[schema(example = "KR-41")]
    pub iso_3166_2: Option<String>,
    /// The first day in force; null where it is not recorded.
    pub valid_from: Option<NaiveDate>,
    /// The first day no longer in force; null while it is.
    pub valid_to: Option<NaiveDate>,
    /// The codes of what succeeded it.
    pub succeeded_by: Vec<String>,
}

impl ReferenceMunicipality {
    /// True when it is in force on the day, as far as is recorded.
    pub fn is_active_on(&self, day: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| day >= from) && self.valid_to.is_none_or(|to| day < to)
    }
}

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

/// The municipality with the code.
pub fn municipality(code: &str) -> Option<&'static ReferenceMunicipality> {
    BY_CODE.get(code).copied()
}

/// Which municipalities of the official list are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReferenceFilter {
    /// Part of the name, in Korean or English.
    #[param(max_length = 100, example = "고양")]
    q: Option<String>,
    /// Only those in force on this day.
    #[param(example = "2026-11-23")]
    active_on: Option<NaiveDate>,
    /// Only those of this level.
    level: Option<MunicipalityLevel>,
    /// Only those of this metropolitan government.
    #[param(pattern = "^[0-9]{10}$", example = "4100000000")]
    parent_code: Option<String>,
}

impl Filter for ReferenceFilter {
    fn order(&self) -> Order {
        Order::ascending("code", "code")
    }
}

/// List the official municipalities
///
/// The local governments of Korea in force and those abolished since 2010, with their successors,
/// in the order of their codes.
#[utoipa::path(tag = "reference", operation_id = "list_reference_municipalities",
    params(ReferenceFilter, Paging), responses((status = 200, description = "One page of municipalities", body = crate::db::page::PageBody<ReferenceMunicipality>)))]
#[get("/reference/municipalities")]
async fn list_reference_municipalities(
    session: Session,
    list: List<ReferenceFilter>,
) -> Result<Paged<ReferenceMunicipality>, ApiError> {
    // The list stands in no database; who asks is found out there all the same.
    session.read(|_, _| Ok(())).await?;
    let List { filter, page } = list;
    let q = filter.q.map(|q| q.to_lowercase());
    let wanted = |m: &&ReferenceMunicipality| {
        let named = |q: &String| {
            m.name
                .texts()
                .chain(m.full_name.texts())
                .any(|t| t.to_lowercase().contains(q.as_str()))
        };
        q.as_ref().is_none_or(named)
            && filter.active_on.is_none_or(|day| m.is_active_on(day))
            && filter.level.is_none_or(|level| m.level == level)
            && filter
                .parent_code
                .as_ref()
                .is_none_or(|code| m.parent_code.as_ref() == Some(code))
    };
    let found: Vec<_> = MUNICIPALITIES.iter().filter(wanted).collect();
    let listed: Listed<&ReferenceMunicipality> =
        page.of(found, |m| m.code.clone(), |m| m.code.clone());
    Ok(Paged(Logged::New(listed.map(Clone::clone))))
}

pub fn configure(config: &mut impl Mount) {
    config.service(list_reference_municipalities);
}

#[cfg(test)]
mod tests {
    use super::*;

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
