//! Imprecise dates in JSON, and their schemas.

use chrono::NaiveDate;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{ImpreciseDate, Precision, Shape};
use crate::kernel::language::Language;
use crate::kernel::values::bounds::Bounds;
use crate::kernel::values::edtf::EdtfError;
use crate::kernel::values::relative::RelativeTo;

impl ImpreciseDate {
    /// Returns the date as a request states it, without what is derived.
    pub fn as_sent(&self) -> Value {
        match &self.relative_to {
            Some(relative) => json!({ "as_stated": self.as_stated, "relative_to": relative }),
            None => json!({ "edtf": self.edtf(), "as_stated": self.as_stated }),
        }
    }
}

/// Removes what is derived from the dates in a value, which records show and no request states.
pub fn remove_derived(value: &mut Value) {
    if value.get("precision").is_some()
        && let Ok(date) = ImpreciseDate::deserialize(&*value)
    {
        *value = date.as_sent();
        return;
    }
    match value {
        Value::Object(members) => members.values_mut().for_each(remove_derived),
        Value::Array(items) => items.iter_mut().for_each(remove_derived),
        _ => {}
    }
}

/// A date as precise as its source states it: a year, a month, a day, a quarter, a half-year or an
/// interval, or the wording alone, whose bounds are unknown ("until the project is complete").
/// Write `edtf`, `as_stated` or both; the other members are derived from `edtf`.
#[derive(ToSchema)]
#[schema(as = ImpreciseDate, example = json!({
    "edtf": "../2024", "as_stated": "2024년까지", "earliest": null, "latest": "2024-12-31",
    "precision": "year", "approximate": false, "text": "2024년까지",
}))]
#[expect(dead_code, reason = "used by the spec only")]
struct ImpreciseDateSchema {
    /// A subset of EDTF (ISO 8601-2:2019): `2022`, `2021-08`, `2021-08-31`, quarters `2022-33` to
    /// `2022-36` (or `2022-Q1`), half-years `2022-40` and `2022-41` (or `2022-H1`), `../2024` (by),
    /// `2024/..` (from), `2022/2024` (between); `~` at the end means approximate. Null if the date is
    /// known in words alone.
    #[schema(format = "edtf", max_length = 40, example = "../2024")]
    edtf: Option<String>,
    /// The source's wording. Required if `edtf` is missing.
    #[schema(max_length = 500, pattern = r"\S", example = "2024년까지")]
    as_stated: Option<String>,
    /// The first possible day; null if the start is open.
    #[schema(read_only, format = "date", example = json!(null))]
    earliest: Option<String>,
    /// The last possible day; null if the end is open.
    #[schema(read_only, format = "date", example = "2024-12-31")]
    latest: Option<String>,
    /// Precision of the date; for an interval, that of its coarser end. Null if the date is known in
    /// words alone.
    #[schema(read_only)]
    precision: Option<Precision>,
    /// Whether the source gives the date as approximate.
    #[schema(read_only)]
    approximate: bool,
    /// The date in words, in Korean or English by `Accept-Language`; the source's wording if nothing
    /// else is known. Records as the log holds them (`before` and `after` of a change) have none.
    #[schema(read_only, example = "2024년까지")]
    text: String,
}

/// A date as precise as its source states it, like `ImpreciseDate`, or relative to another: "36
/// months after groundbreaking" is recorded as its wording and derived from its anchor, and moves
/// with it. Write `edtf`, `as_stated` or both, or `as_stated` and `relative_to`; the other members
/// are derived.
#[derive(ToSchema)]
#[schema(example = json!({
    "edtf": "2027-04-15", "as_stated": "2027년 4월 15일까지", "earliest": "2027-04-15",
    "latest": "2027-04-15", "precision": "day", "approximate": false, "text": "2027년 4월 15일",
}))]
#[expect(dead_code, reason = "used by the spec only")]
pub struct RelativeDate {
    /// A subset of EDTF, as in `ImpreciseDate`. Null if the date is relative to another or known in
    /// words alone.
    #[schema(format = "edtf", max_length = 40, example = "../2024")]
    edtf: Option<String>,
    /// The source's wording. Required if `edtf` is missing.
    #[schema(max_length = 500, pattern = r"\S", example = "체결일로부터 2년")]
    as_stated: Option<String>,
    /// How the date follows from another; null if it does not.
    relative_to: Option<RelativeTo>,
    /// The first possible day; null if it is open or the anchor is unknown.
    #[schema(read_only, format = "date", example = "2023-04-16")]
    earliest: Option<String>,
    /// The last possible day; null if it is open or the anchor is unknown.
    #[schema(read_only, format = "date", example = "2023-04-16")]
    latest: Option<String>,
    /// Precision of the date; for an interval, that of its coarser end. Null if nothing but the
    /// wording is known.
    #[schema(read_only)]
    precision: Option<Precision>,
    /// Whether the date is approximate, as one is whose anchor is only expected.
    #[schema(read_only)]
    approximate: bool,
    /// The date in words, in Korean or English by `Accept-Language`; the source's wording if nothing
    /// else is known. Records as the log holds them (`before` and `after` of a change) have none.
    #[schema(read_only, example = "2023년 4월 16일")]
    text: String,
}

impl utoipa::PartialSchema for ImpreciseDate {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        ImpreciseDateSchema::schema()
    }
}

impl ToSchema for ImpreciseDate {
    fn name() -> std::borrow::Cow<'static, str> {
        "ImpreciseDate".into()
    }

    fn schemas(
        schemas: &mut Vec<(
            String,
            utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>,
        )>,
    ) {
        schemas.push((
            "Precision".into(),
            <Precision as utoipa::PartialSchema>::schema(),
        ));
    }
}

#[derive(Serialize)]
struct Written<'a> {
    edtf: Option<String>,
    as_stated: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relative_to: Option<&'a RelativeTo>,
    earliest: Option<NaiveDate>,
    latest: Option<NaiveDate>,
    precision: Option<Precision>,
    approximate: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl Serialize for ImpreciseDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = Written {
            edtf: self.edtf().filter(|_| self.relative_to.is_none()),
            as_stated: self.as_stated(),
            relative_to: self.relative_to(),
            earliest: self.earliest(),
            latest: self.latest(),
            precision: self.precision(),
            approximate: self.approximate(),
            text: Language::spoken().map(|language| self.words(language)),
        };
        written.serialize(serializer)
    }
}

#[derive(Deserialize)]
struct Read<'a> {
    #[serde(borrow, default)]
    edtf: Option<std::borrow::Cow<'a, str>>,
    #[serde(default)]
    as_stated: Option<Box<str>>,
    #[serde(default)]
    relative_to: Option<Box<RelativeTo>>,
    #[serde(default)]
    earliest: Option<NaiveDate>,
    #[serde(default)]
    latest: Option<NaiveDate>,
    #[serde(default)]
    approximate: bool,
}

impl Read<'_> {
    /// Returns the date as given, or as last derived for a relative one.
    fn date(self) -> Result<ImpreciseDate, EdtfError> {
        let shape = match (self.edtf, &self.relative_to) {
            (Some(edtf), _) => ImpreciseDate::read(&edtf)?.shape,
            (None, _) if self.as_stated.is_none() => return Err(EdtfError::Missing),
            (None, Some(_)) => {
                let (earliest, latest) = (self.earliest, self.latest);
                Shape::between(Bounds { earliest, latest }, self.approximate)
            }
            (None, None) => Shape::Words,
        };
        Ok(ImpreciseDate {
            shape,
            as_stated: self.as_stated,
            relative_to: self.relative_to,
        })
    }
}

impl<'de> Deserialize<'de> for ImpreciseDate {
    /// Reads a plain text, or `edtf`, `as_stated` and `relative_to` of an object; the other members
    /// are derived.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let from_text = ImpreciseDate::from_text;
        deserializer.deserialize_any(Forms { from_text })
    }
}

/// Reads a date that can be relative: a plain text can state its relation to the signing.
///
/// # Errors
/// Returns the error of the deserializer.
pub fn relative_from_json<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ImpreciseDate>, D::Error> {
    struct Relative(ImpreciseDate);
    impl<'de> Deserialize<'de> for Relative {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let from_text = ImpreciseDate::from_relative_text;
            deserializer.deserialize_any(Forms { from_text }).map(Self)
        }
    }
    let date = Option::<Relative>::deserialize(deserializer)?;
    Ok(date.map(|Relative(date)| date))
}

/// The forms of a date in JSON, with the reading of plain texts.
struct Forms {
    from_text: fn(&str) -> Result<ImpreciseDate, EdtfError>,
}

impl<'de> Visitor<'de> for Forms {
    type Value = ImpreciseDate;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a date as a text or an object")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ImpreciseDate, E> {
        (self.from_text)(text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ImpreciseDate, A::Error> {
        let mut read = Read::deserialize(MapAccessDeserializer::new(map))?;
        if let Some(to) = &mut read.relative_to {
            to.beside_edtf = read.edtf.is_some();
        }
        read.date().map_err(serde::de::Error::custom)
    }
}
