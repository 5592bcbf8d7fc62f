//! Values of pages that write their own markup, and escape what they hold.

use std::fmt;

use actix_web::web::Bytes;
use askama::filters::HtmlSafe;
use chrono::NaiveDate;

use super::words::Words;
use crate::kernel::language::Language;
use crate::kernel::values::{ImpreciseDate, Localized};

/// Writes a text with the characters escaped that mean something in HTML.
fn escaped(text: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.find(['<', '>', '&', '"', '\'']) {
        let (plain, special) = rest.split_at(at);
        out.write_str(plain)?;
        out.write_str(match special.as_bytes()[0] {
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'&' => "&amp;",
            b'"' => "&quot;",
            _ => "&#39;",
        })?;
        rest = &special[1..];
    }
    out.write_str(rest)
}

/// A text of a record: set apart from the text around it, whatever its direction, and marked where it
/// is in another language than the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    text: String,
    language: Option<Language>,
}

impl Text {
    /// Returns a text in the language of the page, or in the other one if it lacks that.
    pub fn of(text: &Localized, w: Words) -> Self {
        let (own, other) = match w.0 {
            Language::Korean => (&text.ko, Language::English),
            Language::English => (&text.en, Language::Korean),
        };
        Self {
            text: text.in_language(w.0).to_owned(),
            language: own.is_none().then_some(other),
        }
    }

    /// Returns a text in the words of a source: Korean if it contains Hangul.
    pub fn stated(text: impl Into<String>, w: Words) -> Self {
        let text = text.into();
        let korean = text.chars().any(|c| matches!(c, '가'..='힣' | 'ㄱ'..='ㆎ'));
        Self {
            language: (korean && w.0 == Language::English).then_some(Language::Korean),
            text,
        }
    }

    /// Returns the text alone, for attributes and titles.
    pub fn plain(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.language {
            Some(language) => write!(out, "<bdi lang=\"{}\">", language.tag())?,
            None => out.write_str("<bdi>")?,
        }
        escaped(&self.text, out)?;
        out.write_str("</bdi>")
    }
}

impl HtmlSafe for Text {}

/// A date in words; a certain day also for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    text: Text,
    day: Option<NaiveDate>,
}

impl Dated {
    /// Returns a date, or the word for an unknown one.
    pub fn of(date: Option<&ImpreciseDate>, w: Words) -> Self {
        let certain = date.filter(|date| date.is_certain_day());
        Self {
            text: Text::stated(w.date(date), w),
            day: certain.and_then(ImpreciseDate::earliest),
        }
    }

    pub fn day(day: NaiveDate, w: Words) -> Self {
        Self {
            text: Text::stated(w.day(day), w),
            day: Some(day),
        }
    }

    /// Returns the words alone.
    pub fn plain(&self) -> &str {
        self.text.plain()
    }
}

impl fmt::Display for Dated {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.day {
            Some(day) => {
                write!(out, "<time datetime=\"{day}\">")?;
                escaped(self.text.plain(), out)?;
                out.write_str("</time>")
            }
            None => self.text.fmt(out),
        }
    }
}

impl HtmlSafe for Dated {}

/// Data for programs in a page. No browser runs it.
#[derive(Clone, Debug)]
pub struct JsonLd(String);

impl JsonLd {
    pub fn of(data: &serde_json::Value) -> Self {
        // Nothing in it can end the element.
        let text = data.to_string();
        Self(
            text.replace('<', "\\u003c")
                .replace('>', "\\u003e")
                .replace('&', "\\u0026"),
        )
    }
}

impl fmt::Display for JsonLd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl HtmlSafe for JsonLd {}

/// A text that links to a page of the registry, or to a source elsewhere.
#[derive(Clone, Debug)]
pub struct Link {
    pub href: Option<String>,
    pub text: Text,
    is_elsewhere: bool,
}

impl Link {
    /// Returns a link to a page.
    pub fn to(href: String, text: Text) -> Self {
        Self::perhaps(Some(href), text)
    }

    /// Returns a link to a page, or the text alone if it has none.
    pub fn perhaps(href: Option<String>, text: Text) -> Self {
        Self {
            href,
            text,
            is_elsewhere: false,
        }
    }

    /// Returns a link to a URL that was recorded; the text alone if no browser should follow it.
    pub fn elsewhere(url: Option<&str>, text: Text) -> Self {
        let url = url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        Self {
            href: url.map(str::to_owned),
            text,
            is_elsewhere: true,
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(href) = &self.href else {
            return self.text.fmt(out);
        };
        out.write_str("<a href=\"")?;
        escaped(href, out)?;
        out.write_str(match self.is_elsewhere {
            true => "\" rel=\"noreferrer external\">",
            false => "\">",
        })?;
        self.text.fmt(out)?;
        out.write_str("</a>")
    }
}

impl HtmlSafe for Link {}

/// A fact of a record: its name, its value, and the words of the source.
#[derive(Clone, Debug)]
pub struct Fact {
    pub name: &'static str,
    pub values: Vec<Value>,
    pub note: Option<Text>,
}

/// A value of a fact.
#[derive(Clone, Debug)]
pub enum Value {
    Text(Text),
    Date(Dated),
    Link(Link),
}

impl Value {
    /// Returns the text alone.
    pub fn plain(&self) -> &str {
        match self {
            Self::Text(text) => text.plain(),
            Self::Date(date) => date.plain(),
            Self::Link(link) => link.text.plain(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(out),
            Self::Date(date) => date.fmt(out),
            Self::Link(link) => link.fmt(out),
        }
    }
}

impl HtmlSafe for Value {}

/// HTML that a template of this program rendered before.
#[derive(Default)]
pub struct Markup(Bytes);

impl Markup {
    /// Takes the text of a template.
    pub fn of(rendered: Bytes) -> Self {
        Self(rendered)
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(std::str::from_utf8(&self.0).map_err(|_| fmt::Error)?)
    }
}

impl HtmlSafe for Markup {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_escape_themselves() {
        let w = Words(Language::English);
        let text = Text::of(&Localized::ko("<b>\"협약\"</b> & 'x'"), w);
        assert_eq!(
            text.to_string(),
            "<bdi lang=\"ko\">&lt;b&gt;&quot;협약&quot;&lt;/b&gt; &amp; &#39;x&#39;</bdi>"
        );
        let text = Text::stated("plain", w);
        assert_eq!(text.to_string(), "<bdi>plain</bdi>");
        let link = Link::elsewhere(Some("javascript:alert(1)"), Text::stated("x", w));
        assert_eq!(link.to_string(), "<bdi>x</bdi>");
        let link = Link::elsewhere(Some("https://a.example/?a=\"&b"), Text::stated("x", w));
        assert_eq!(
            link.to_string(),
            "<a href=\"https://a.example/?a=&quot;&amp;b\" rel=\"noreferrer external\"><bdi>x</bdi></a>"
        );
        let data = JsonLd::of(&json!({"name": "</script><script>&"}));
        assert_eq!(
            data.to_string(),
            r#"{"name":"\u003c/script\u003e\u003cscript\u003e\u0026"}"#
        );
    }

    #[test]
    fn a_certain_day_is_also_for_programs() {
        let w = Words(Language::Korean);
        let day = ImpreciseDate::parse("2021-04-16").unwrap();
        assert_eq!(
            Dated::of(Some(&day), w).to_string(),
            "<time datetime=\"2021-04-16\">2021.\u{a0}4.\u{a0}16.</time>"
        );
        let half = ImpreciseDate::parse("2022-41").unwrap();
        assert_eq!(
            Dated::of(Some(&half), w).to_string(),
            "<bdi>2022년 하반기</bdi>"
        );
        assert_eq!(Dated::of(None, w).to_string(), "<bdi>미상</bdi>");
    }
}
