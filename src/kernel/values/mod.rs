//! Domain values, each with its own validation.

mod bounds;
mod candidate;
pub mod country;
mod edtf;
mod identifier;
mod imprecise_date;
mod money_words;
mod other_parties;
pub mod past_events;
mod quantity;
mod relative;
mod renewal;
mod statement;
mod target;

pub use bounds::{Bounds, both, in_calendar};
pub use candidate::{Likeness, OrganizationCandidate};
pub use edtf::EdtfError;
pub use identifier::{Identifier, Scheme};
pub use imprecise_date::{
    DayRange, ImpreciseDate, Precision, RelativeDate, relative_from_json, remove_derived,
};
pub use other_parties::OtherParties;
pub use quantity::{Amount, Area, Money};
pub use relative::{Anchor, AnchorDate, Direction, RelativeTo, misplaced_anchor, misplaced_target};
pub use renewal::{CurrentTerm, RenewalTerms};
pub use statement::{Retraction, RetractionCreate, has_an_end, no_source, range_in_order};
pub use target::{Move, deadline_slip_days, moved_days, moves};

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::clock::six_digits;
use super::error::ApiError;
use super::ids::{AgreementId, OrganizationId, ProjectId, WorkingGroupId};
use super::language::{Language, Message};
use super::rule::rule_error;
use super::text::trimmed;

/// The state of a record between two changes. After a restore of the database, a version can be
/// written a second time, so the time of the change is a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    pub id: Uuid,
    pub version: i64,
    pub updated_at: DateTime<Utc>,
}

impl Revision {
    /// From the columns that every table of records has.
    ///
    /// # Errors
    /// `internal_error` if the stored id is malformed.
    pub fn read(id: &str, version: i64, updated: NaiveDateTime) -> Result<Self, ApiError> {
        Ok(Self {
            id: stored_id(id)?,
            version,
            updated_at: updated.and_utc(),
        })
    }
}

/// A record with a version.
pub trait Versioned {
    fn revision(&self) -> Revision;

    /// Adds warnings that concern the request rather than the record; ignores them if the record
    /// has no warnings.
    fn warn(&mut self, _warnings: Vec<Warning>) {}
}

/// Metadata of every record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Meta<Id> {
    /// The record's id, a UUIDv7.
    #[schema(value_type = Uuid)]
    pub id: Id,
    /// Version of the record: 1 at creation, incremented by every change.
    #[schema(minimum = 1)]
    pub version: i64,
    /// Time of the record's creation.
    #[serde(serialize_with = "six_digits")]
    pub created_at: DateTime<Utc>,
    /// Time of the record's last change.
    #[serde(serialize_with = "six_digits")]
    pub updated_at: DateTime<Utc>,
}

impl<Id: FromStr<Err = uuid::Error>> Meta<Id> {
    /// From the columns that every table of records has.
    ///
    /// # Errors
    /// `internal_error` if the stored id is malformed.
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

impl<Id: Copy + Into<Uuid>> Meta<Id> {
    pub fn revision(&self) -> Revision {
        Revision {
            id: self.id.into(),
            version: self.version,
            updated_at: self.updated_at,
        }
    }
}

/// Parses a stored id.
///
/// # Errors
/// `internal_error` if it is malformed.
pub fn stored_id<Id: FromStr<Err = uuid::Error>>(text: &str) -> Result<Id, ApiError> {
    text.parse().map_err(ApiError::internal)
}

/// Parses a stored document.
///
/// # Errors
/// `internal_error` if it does not fit the type.
pub fn stored<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, ApiError> {
    serde_json::from_str(text).map_err(ApiError::internal)
}

/// Serializes a document for storage.
///
/// # Errors
/// `internal_error` if it cannot be written as JSON.
pub fn to_stored(value: &impl Serialize) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(ApiError::internal)
}

/// Returns the column value for an enum value: its name in JSON.
pub fn to_db(value: &impl Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Parses an enum value from a column.
///
/// # Errors
/// `internal_error` if the type has no such value.
pub fn from_db<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, ApiError> {
    serde_json::from_value(text.into()).map_err(ApiError::internal)
}

/// A text in Korean, English or both; at least one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "in_some_language"))]
#[schema(min_properties = 1, example = json!({"ko": "고양시", "en": "Goyang-si"}))]
pub struct Localized {
    /// The Korean text.
    #[serde(default, deserialize_with = "trimmed")]
    #[schema(max_length = 20000, pattern = r"\S")]
    pub ko: Option<String>,
    /// The English text.
    #[serde(default, deserialize_with = "trimmed")]
    #[schema(max_length = 20000, pattern = r"\S")]
    pub en: Option<String>,
}

/// A text on one line in Korean, English or both, such as a title or a name; at least one of them.
#[derive(ToSchema)]
#[schema(min_properties = 1, example = json!({"ko": "고양시", "en": "Goyang-si"}))]
#[expect(dead_code, reason = "the schema of members whose type is `Localized`")]
pub struct LocalizedLine {
    /// The Korean text, on one line.
    #[schema(max_length = 20000, pattern = r"^.+$")]
    ko: Option<String>,
    /// The English text, on one line.
    #[schema(max_length = 20000, pattern = r"^.+$")]
    en: Option<String>,
}

fn in_some_language(text: &Localized) -> Result<(), ValidationError> {
    if text.ko.is_none() && text.en.is_none() {
        return Err(rule_error(
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

    /// Returns a text with its language: Korean if it contains Hangul, otherwise English.
    pub fn in_its_language(text: impl Into<String>) -> Self {
        let text = text.into();
        let korean = text
            .chars()
            .any(|c| matches!(c, '가'..='힣' | 'ᄀ'..='ᇿ' | 'ㄱ'..='ㆎ'));
        match korean {
            true => Self::ko(text),
            false => Self {
                ko: None,
                en: Some(text),
            },
        }
    }

    /// Returns the available texts, Korean first.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        [&self.ko, &self.en]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    /// Returns the text in `language`, or in the other language if it is missing.
    pub fn in_language(&self, language: Language) -> &str {
        let (first, second) = match language {
            Language::Korean => (&self.ko, &self.en),
            Language::English => (&self.en, &self.ko),
        };
        first.as_deref().or(second.as_deref()).unwrap_or_default()
    }

    /// Returns the sort key: the Korean text if available, in lower case, at most 200 characters.
    pub fn sort_key(&self) -> String {
        // Truncated, because sort keys are part of cursors.
        self.texts()
            .next()
            .unwrap_or_default()
            .to_lowercase()
            .chars()
            .take(200)
            .collect()
    }
}

/// The source of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Source {
    /// The publisher.
    #[schema(max_length = 300, pattern = r"^.+$", example = "연합뉴스·한국경제")]
    pub publisher: Option<String>,
    /// The title.
    #[schema(
        max_length = 1000,
        pattern = r"^.+$",
        example = "고양시, 한국바이오의약품협회와 업무협약"
    )]
    pub title: Option<String>,
    /// The author.
    #[schema(max_length = 300, pattern = r"^.+$")]
    pub author: Option<String>,
    /// URL of the source, http or https.
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://www.hankyung.com/article/202104199856Y"
    )]
    pub url: Option<String>,
    /// Date of publication.
    pub published_on: Option<ImpreciseDate>,
    /// Date on which the source was retrieved.
    pub retrieved_on: Option<ImpreciseDate>,
}

impl Source {
    /// Returns false if the source was, or may have been, published after `day`. A source without a
    /// date counts as known.
    pub fn known_by(&self, day: NaiveDate) -> bool {
        self.published_on
            .as_ref()
            .is_none_or(|date| date.known_by(day))
    }
}

/// A document that is kept outside the registry: at a URL, on paper, or at a place that the source
/// does not state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct ExternalDocument {
    /// Title of the document.
    #[validate(nested)]
    #[schema(value_type = LocalizedLine, example = json!({"ko": "협약서(전략산업과-1234)", "en": null}))]
    pub title: Localized,
    /// URL of the document, http or https; null if it is on paper, or its URL is unknown.
    #[schema(max_length = 2000, format = "uri")]
    pub url: Option<String>,
    /// Place where the document is kept on paper.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>, example = json!({"ko": "전략산업과 문서고", "en": null}))]
    pub place_kept: Option<Localized>,
    /// Number under which it is filed.
    #[schema(max_length = 100, pattern = r"^.+$", example = "전략산업과-1234")]
    pub file_number: Option<String>,
    /// Media type, such as `application/pdf`.
    #[schema(max_length = 100, pattern = r"^.+$", example = "application/pdf")]
    pub media_type: Option<String>,
}

impl ExternalDocument {
    /// Returns true if another value replaces or clears what is stated of the document. What is filled in
    /// replaces nothing.
    pub fn is_replaced_by(&self, new: &Self) -> bool {
        fn other<T: PartialEq>(old: Option<&T>, new: Option<&T>) -> bool {
            old.is_some() && old != new
        }
        self.title != new.title
            || other(self.url.as_ref(), new.url.as_ref())
            || other(self.place_kept.as_ref(), new.place_kept.as_ref())
            || other(self.file_number.as_ref(), new.file_number.as_ref())
            || other(self.media_type.as_ref(), new.media_type.as_ref())
    }
}

/// An expected fact that is missing from a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gap {
    /// JSON Pointer to the missing member.
    #[schema(example = "/effective_until")]
    pub pointer: String,
    /// Machine-readable code of the gap.
    #[schema(example = "effective_until_unknown")]
    pub code: String,
    /// Description of the gap.
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

/// A finding about a record that deserves attention but does not prevent saving it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Warning {
    /// Machine-readable code of the warning.
    #[schema(example = "similar_name")]
    pub code: String,
    /// JSON Pointer to the member concerned.
    #[schema(example = "/name")]
    pub pointer: String,
    /// Description of the warning.
    pub message: Message,
    /// The organizations concerned.
    pub organizations: Vec<OrganizationRef>,
    /// The agreements concerned.
    pub agreements: Vec<AgreementRef>,
}

impl Warning {
    /// Returns a warning that concerns no other record.
    pub fn new(code: &str, pointer: impl Into<String>, message: Message) -> Self {
        Self {
            code: code.into(),
            pointer: pointer.into(),
            message,
            organizations: Vec::new(),
            agreements: Vec::new(),
        }
    }
}

/// A reference to an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrganizationRef {
    /// The organization's id.
    pub id: OrganizationId,
    /// The organization's name.
    pub name: Localized,
    /// 10-digit code of a Korean municipality; null for other organizations.
    #[schema(example = "4128000000")]
    pub code: Option<String>,
}

/// A reference to a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProjectRef {
    /// The project's id.
    pub id: ProjectId,
    /// The project's title.
    pub title: Localized,
}

/// A reference to a working group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkingGroupRef {
    /// The working group's id.
    pub id: WorkingGroupId,
    /// The working group's name.
    pub name: Localized,
}

/// A reference to an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgreementRef {
    /// Id of the agreement.
    pub id: AgreementId,
    /// The agreement's title.
    pub title: Localized,
}
