//! The two languages of every text shown to users.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Reverse;

use actix_web::HttpMessage;
use actix_web::http::header::ACCEPT_LANGUAGE;
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

thread_local! {
    /// The language of the answer that the thread serializes.
    static SPOKEN: Cell<Option<Language>> = const { Cell::new(None) };
}

impl Language {
    /// Returns the language preferred by `Accept-Language` (RFC 9110 12.5.4): the one of the highest
    /// quality, and of two the one named first. Korean if the header decides nothing.
    pub fn of(request: &impl HttpMessage) -> Self {
        let lines = request.headers().get_all(ACCEPT_LANGUAGE);
        let ranges = lines.flat_map(|line| line.to_str().unwrap_or_default().split(','));
        let ranges: Vec<(&str, u16)> = ranges.filter_map(range).collect();
        let named = |name: &str| {
            let own = ranges
                .iter()
                .enumerate()
                .filter(|(_, range)| range.0 == name);
            own.max_by_key(|(place, (_, quality))| (*quality, Reverse(*place)))
        };
        let rank = |language: Self| {
            let found = named(language.tag()).or_else(|| named("*"));
            found.map(|(place, (_, quality))| (*quality, Reverse(place)))
        };
        match (rank(Self::Korean), rank(Self::English)) {
            (Some((0, _)), None) => Self::English,
            (Some((0, _)) | None, Some((1.., _))) => Self::English,
            (Some(korean), Some(english)) if english > korean => Self::English,
            _ => Self::Korean,
        }
    }

    /// Returns what `f` returns, where dates that are serialized meanwhile also have their text in
    /// this language. Documents that are stored are serialized elsewhere, so they have none.
    pub fn speaking<T>(self, f: impl FnOnce() -> T) -> T {
        /// Ends the answer, also if `f` panics.
        struct Before(Option<Language>);
        impl Drop for Before {
            fn drop(&mut self) {
                SPOKEN.set(self.0);
            }
        }
        let _before = Before(SPOKEN.replace(Some(self)));
        f()
    }

    /// Returns the language of the answer that this thread serializes, if it serializes one.
    pub(crate) fn spoken() -> Option<Self> {
        SPOKEN.get()
    }

    pub fn tag(self) -> &'static str {
        match self {
            Self::Korean => "ko",
            Self::English => "en",
        }
    }

    /// Returns the other language.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Korean => Self::English,
            Self::English => Self::Korean,
        }
    }
}

/// Returns the primary language of a range such as `en-GB; q=0.9`, or `*`, and its quality in
/// thousandths; `None` if the quality is malformed.
fn range(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next()?.split(['-', '_']).next()?;
    let weight = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    let quality: f32 = weight.map_or(Ok(1.0), str::parse).ok()?;
    let known = ["ko", "en", "*"];
    let tag = known
        .into_iter()
        .find(|name| tag.eq_ignore_ascii_case(name))?;
    if !(0.0..=1.0).contains(&quality) {
        return None;
    }
    #[expect(clippy::cast_sign_loss, reason = "0 to 1000")]
    let thousandths = (quality * 1000.0).round() as u16;
    Some((tag, thousandths))
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
    use actix_web::test::TestRequest;
    use rstest::rstest;

    use super::*;

    fn of(lines: &[&str]) -> Language {
        let request = lines.iter().fold(TestRequest::default(), |request, line| {
            request.append_header((ACCEPT_LANGUAGE, *line))
        });
        Language::of(&request.to_http_request())
    }

    #[rstest]
    #[case(&[], "ko")]
    #[case(&["en; q=0.9"], "en")]
    #[case(&["en ;q=0.9 , ko ; Q=0.8"], "en")]
    #[case(&["fr, ko;q=0.3", "nonsense_, ;, en; q=0.9"], "en")]
    #[case(&["fr", "en"], "en")]
    #[case(&["EN-gb"], "en")]
    #[case(&["en;q=0.5, en-GB;q=0.9, ko;q=0.8"], "en")]
    #[case(&["en, ko"], "en")]
    #[case(&["ko, en"], "ko")]
    #[case(&["fr"], "ko")]
    // `*` stands for each language that is not named.
    #[case(&["*"], "ko")]
    #[case(&["en;q=0.5, *;q=0.8"], "ko")]
    #[case(&["en, *;q=0.5"], "en")]
    #[case(&["ko;q=0.1, *"], "en")]
    #[case(&["ko;q=0, *;q=0.1"], "en")]
    #[case(&["*;q=0"], "ko")]
    // A quality of 0 refuses a language.
    #[case(&["en;q=0"], "ko")]
    #[case(&["ko;q=0"], "en")]
    #[case(&["ko;q=0, en;q=0.001"], "en")]
    #[case(&["en;q=2, ko;q=0.1"], "ko")]
    fn preferred(#[case] lines: &[&str], #[case] expected: &str) {
        assert_eq!(of(lines).tag(), expected);
    }
}
