//! Values of the field, each with its own rules.

pub mod happened;
mod identifier;
mod imprecise_date;

pub use identifier::{Identifier, Scheme};
pub use imprecise_date::{DayRange, EdtfError, ImpreciseDate, Precision};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::app::Cx;
use crate::error::ApiError;
use crate::http::body::broken;
use crate::http::language::{Language, Message};

/// What every record has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Meta {
    /// The record's id: a UUIDv7.
    pub id: Uuid,
    /// Counts the changes of the record, from 1.
    #[schema(minimum = 1)]
    pub version: i64,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Meta {
    /// Of a record that is recorded now.
    pub fn new(cx: &Cx) -> Self {
        Self {
            id: cx.id(),
            version: 1,
            created_at: cx.now.and_utc(),
            updated_at: cx.now.and_utc(),
        }
    }

    /// From the columns that every table of records has.
    ///
    /// # Errors
    /// When the stored id is none.
    pub fn read(
        id: &str,
        version: i64,
        created: NaiveDateTime,
        updated: NaiveDateTime,
    ) -> Result<Self, ApiError> {
        let id = stored_id(id)?;
        Ok(Self {
            id,
            version,
            created_at: created.and_utc(),
            updated_at: updated.and_utc(),
        })
    }
}

/// An id as the database holds it.
///
/// # Errors
/// When it is none.
pub fn stored_id(text: &str) -> Result<Uuid, ApiError> {
    Uuid::try_parse(text).map_err(ApiError::internal)
}

/// A document as the database holds it.
///
/// # Errors
/// When it is not what the type says.
pub fn stored<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, ApiError> {
    serde_json::from_str(text).map_err(ApiError::internal)
}

/// A document as the database shall hold it.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn to_stored(value: &impl Serialize) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(ApiError::internal)
}

/// The word that stands for a value in a column: the same as in JSON.
pub fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The value that a word of a column stands for.
///
/// # Errors
/// When the type has no such value.
pub fn stored_word<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, ApiError> {
    serde_json::from_value(text.into()).map_err(ApiError::internal)
}

/// A text in Korean, in English, or in both; at least one of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "in_some_language"))]
#[schema(min_properties = 1, example = json!({"ko": "고양시", "en": "Goyang-si"}))]
pub struct Localized {
    /// In Korean.
    #[schema(max_length = 20000, pattern = r"\S")]
    pub ko: Option<String>,
    /// In English.
    #[schema(max_length = 20000, pattern = r"\S")]
    pub en: Option<String>,
}

fn in_some_language(text: &Localized) -> Result<(), ValidationError> {
    if text.ko.is_none() && text.en.is_none() {
        return Err(broken(
            "no_language",
            "",
            "ko와 en 가운데 하나는 있어야 합니다.",
            "One of ko and en is needed.",
        ));
    }
    Ok(())
}

impl Localized {
    pub fn ko(text: impl Into<String>) -> Self {
        Self {
            ko: Some(text.into()),
            en: None,
        }
    }

    /// The texts that are there, Korean first.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        [&self.ko, &self.en]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    /// The text in a language, or in the other where it is not there in this one.
    pub fn in_language(&self, language: Language) -> &str {
        let (first, second) = match language {
            Language::Korean => (&self.ko, &self.en),
            Language::English => (&self.en, &self.ko),
        };
        first.as_deref().or(second.as_deref()).unwrap_or_default()
    }

    /// What the text sorts by: the Korean form where there is one, in lower case.
    pub fn sort_key(&self) -> String {
        // Sort keys go into cursors, so they are cut.
        self.texts()
            .next()
            .unwrap_or_default()
            .to_lowercase()
            .chars()
            .take(200)
            .collect()
    }
}

/// An amount of money, in whole units of its currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"amount": 849_300_000_000_i64, "currency": "KRW", "approximate": true, "as_stated": "약 8,493억 원"}))]
pub struct Money {
    /// Whole units of the currency.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub amount: i64,
    /// The code of ISO 4217, three capital letters.
    #[schema(format = "iso4217", example = "KRW")]
    pub currency: String,
    /// Whether the source gives it as approximate.
    #[serde(default)]
    pub approximate: bool,
    /// The source's own words.
    #[schema(max_length = 500)]
    pub as_stated: Option<String>,
}

/// An area of land or floor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"square_metres": 870_000, "approximate": true, "as_stated": "약 87만㎡ (26만 평)"}))]
pub struct Area {
    /// Square metres.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub square_metres: f64,
    /// Whether the source gives it as approximate.
    #[serde(default)]
    pub approximate: bool,
    /// The source's own words.
    #[schema(max_length = 500)]
    pub as_stated: Option<String>,
}

/// Where a fact is taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Source {
    /// Who published it.
    #[schema(max_length = 300, pattern = r"\S", example = "연합뉴스·한국경제")]
    pub publisher: Option<String>,
    /// Its title.
    #[schema(
        max_length = 1000,
        pattern = r"\S",
        example = "고양시, 한국바이오의약품협회와 업무협약"
    )]
    pub title: Option<String>,
    /// Who wrote it.
    #[schema(max_length = 300, pattern = r"\S")]
    pub author: Option<String>,
    /// Where it can be read: an http or https address.
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://www.hankyung.com/article/202104199856Y"
    )]
    pub url: Option<String>,
    /// When it was published.
    pub published_on: Option<ImpreciseDate>,
    /// When it was read.
    pub retrieved_on: Option<ImpreciseDate>,
}

impl Source {
    /// False for what was certainly or perhaps published only after the day. One without a date is
    /// taken to have been there.
    pub fn known_by(&self, day: NaiveDate) -> bool {
        self.published_on
            .as_ref()
            .is_none_or(|date| date.known_by(day))
    }
}

/// A document that is kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Link {
    /// What the document is called.
    #[validate(nested)]
    pub title: Localized,
    /// Where it is: an http or https address.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
    /// Its media type, as in `application/pdf`.
    #[schema(max_length = 100, example = "application/pdf")]
    pub media_type: Option<String>,
}

/// An expected fact that a record lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gap {
    /// A JSON Pointer to the member that would hold it.
    #[schema(example = "/effective_until")]
    pub pointer: String,
    /// What is lacking, for programs.
    #[schema(example = "effective_until_unknown")]
    pub code: String,
    /// What is lacking, in words.
    pub message: Message,
}

impl Gap {
    pub fn new(pointer: impl Into<String>, code: &str, ko: &'static str, en: &'static str) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.into(),
            message: Message::fixed(ko, en),
        }
    }
}

/// Something about a record that deserves a look but does not stand in its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Warning {
    /// What it is, for programs.
    #[schema(example = "similar_name")]
    pub code: String,
    /// A JSON Pointer to the member that is meant.
    #[schema(example = "/name")]
    pub pointer: String,
    /// What it is, in words.
    pub message: Message,
    /// The organizations that are meant.
    pub organizations: Vec<OrganizationRef>,
}

/// An organization by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrganizationRef {
    /// The organization's id.
    pub id: Uuid,
    /// The organization's name.
    pub name: Localized,
}

/// A project by its title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProjectRef {
    /// The project's id.
    pub id: Uuid,
    /// The project's title.
    pub title: Localized,
}

/// A working group by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkingGroupRef {
    /// The working group's id.
    pub id: Uuid,
    /// The working group's name.
    pub name: Localized,
}

/// An agreement by its title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgreementRef {
    /// The agreement's id.
    pub id: Uuid,
    /// The agreement's title.
    pub title: Localized,
}
