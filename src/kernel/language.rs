//! The two languages of every text shown to users.

use std::borrow::Cow;

use actix_web::HttpMessage;
use actix_web::http::header::{AcceptLanguage, Header, Quality};
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
    pub fn of(request: &impl HttpMessage) -> Self {
        // `ranked` also lists languages with `q=0`, which the caller does not accept.
        let accepted = AcceptLanguage::parse(request).map(|header| header.0);
        let mut accepted = accepted.unwrap_or_default();
        accepted.retain(|range| range.quality > Quality::ZERO);
        let known = AcceptLanguage(accepted)
            .ranked()
            .into_iter()
            .find_map(|range| {
                let tag = range.item()?.primary_language().to_ascii_lowercase();
                [Self::Korean, Self::English]
                    .into_iter()
                    .find(|language| language.tag() == tag)
            });
        known.unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use actix_web::http::header::ACCEPT_LANGUAGE;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_header_may_have_several_lines() {
        let mut request = TestRequest::default();
        for line in ["fr, ko;q=0.3", "nonsense_, ;, en; q=0.9"] {
            request = request.append_header((ACCEPT_LANGUAGE, line));
        }
        assert_eq!(Language::of(&request.to_http_request()), Language::English);
        let none = TestRequest::default().to_http_request();
        assert_eq!(Language::of(&none), Language::Korean);
    }
}
