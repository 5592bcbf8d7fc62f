//! The two languages of every text shown to users.

use std::borrow::Cow;

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A language of the registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Language {
    #[default]
    #[serde(rename = "ko")]
    Korean,
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// Returns the language preferred by `Accept-Language`; Korean if it names neither.
    pub fn of(headers: &HeaderMap) -> Self {
        let header = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|v| v.to_str().ok())
            .unwrap_or("");
        let mut best = (0.0, Self::Korean);
        for range in header.split(',') {
            let (tag, quality) = range.split_once(";q=").unwrap_or((range, "1"));
            let language = match tag.trim().split('-').next().unwrap_or("") {
                tag if tag.eq_ignore_ascii_case("ko") => Self::Korean,
                tag if tag.eq_ignore_ascii_case("en") => Self::English,
                _ => continue,
            };
            let quality = quality.trim().parse().unwrap_or(0.0);
            if quality > best.0 {
                best = (quality, language);
            }
        }
        best.1
    }

    pub fn tag(self) -> &'static str {
        match self {
            Self::Korean => "ko",
            Self::English => "en",
        }
    }
}

/// A message of the registry in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// The Korean text.
    #[schema(value_type = String)]
    pub ko: Cow<'static, str>,
    /// The English text.
    #[schema(value_type = String)]
    pub en: Cow<'static, str>,
}

impl Message {
    pub const fn fixed(ko: &'static str, en: &'static str) -> Self {
        Self {
            ko: Cow::Borrowed(ko),
            en: Cow::Borrowed(en),
        }
    }

    pub fn new(ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            ko: Cow::Owned(ko.into()),
            en: Cow::Owned(en.into()),
        }
    }

    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Korean => &self.ko,
            Language::English => &self.en,
        }
    }
}
