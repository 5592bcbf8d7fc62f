//! Feeds in RSS 1.0, RSS 2.0 and Atom, read into items. Pure.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use encoding_rs::{Encoding, UTF_8};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Value, json};

use crate::announcements::events::told_by;
use crate::announcements::types::AnnouncementKind;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::wording::{Context, read_date};
use crate::ledger::Visibility;

/// Items of one feed at most.
const MOST: usize = 5_000;
/// Longest title and longest text, in characters.
const LONGEST_TITLE: usize = 1_000;
const LONGEST_TEXT: usize = 20_000;

/// A feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    pub title: Option<String>,
    pub items: Vec<Item>,
}

/// An item of a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    title: String,
    link: String,
    /// Its date as written.
    date: String,
    text: String,
}

impl Item {
    /// Gives an item without a title the beginning of its text for one: RSS 2.0 wants either.
    fn titled(mut self) -> Self {
        if self.title.is_empty() {
            self.title = beginning(&self.text);
        }
        self
    }

    /// Returns the body that records the item.
    pub fn body(
        &self,
        municipality: OrganizationId,
        visibility: Visibility,
        publisher: Option<&str>,
        zone: Tz,
    ) -> Value {
        let text = (!self.text.is_empty()).then(|| json!({"ko": self.text}));
        let link = (!self.link.is_empty()).then_some(&self.link);
        let date = match day(&self.date, zone) {
            Some(day) => Some(json!({"edtf": day.to_string()})),
            None if self.date.is_empty() => None,
            None => Some(json!({"as_stated": self.date})),
        };
        json!({
            "municipality_id": municipality,
            "kind": told_by(&self.title).unwrap_or(AnnouncementKind::Other),
            "title": {"ko": self.title},
            "publisher": publisher,
            "announced_on": date,
            "url": link,
            "text": text,
            "visibility": visibility,
        })
    }
}

/// Returns the day of a date as feeds write it, in a time zone.
fn day(text: &str, zone: Tz) -> Option<NaiveDate> {
    // A day of the week that is wrong says nothing of the day.
    let is_name =
        |name: &str| name.trim().len() <= 9 && !name.contains(|c: char| c.is_ascii_digit());
    let weekday = text.split_once(',').filter(|(name, _)| is_name(name));
    let bare = weekday.map_or(text, |(_, rest)| rest).trim();
    let (bare, zone) = match bare.rsplit_once(' ').filter(|(_, name)| is_korean(name)) {
        Some((bare, _)) => (bare.trim(), chrono_tz::Asia::Seoul),
        None => (bare, zone),
    };
    let instant =
        DateTime::parse_from_rfc2822(bare).or_else(|_| DateTime::parse_from_rfc3339(bare));
    if let Ok(instant) = instant {
        return Some(instant.with_timezone(&zone).date_naive());
    }
    // Many leave the zone out: `12 Nov 2025 09:00:00`, `2021-04-19 10:00:00`.
    let mail = NaiveDateTime::parse_from_str(bare, "%d %b %Y %H:%M:%S");
    let mail = mail.or_else(|_| NaiveDateTime::parse_from_str(bare, "%d %b %Y %H:%M"));
    if let Ok(local) = mail {
        return Some(local.date());
    }
    let head = bare
        .get(..10)
        .map(|day| day.replace(['.', '/'], "-").parse());
    if let Some(Ok(day)) = head {
        return Some(day);
    }
    // `2025. 11. 12.`, `2025년 11월 12일`
    let read = read_date(bare, &Context::default()).value?;
    read.earliest().filter(|_| read.is_certain_day())
}

/// Returns whether a name is that of Korea's zone, which the standards of feeds do not have.
fn is_korean(name: &str) -> bool {
    [
        "KST",
        "(KST)",
        "+09:00",
        "GMT+9",
        "GMT+09:00",
        "UTC+9",
        "UTC+09:00",
    ]
    .contains(&name)
}

/// Reads a feed.
///
/// # Errors
/// `validation_failed` if the bytes are no feed, or one with too many items.
pub fn read(bytes: &[u8]) -> Result<Feed, ApiError> {
    let text = decoded(bytes)?;
    let mut reader = Reader::from_str(&text);
    let mut parsed = Parsed::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => parsed.start(&element),
            Ok(Event::Empty(element)) => {
                parsed.start(&element);
                parsed.end(element.local_name().as_ref())?;
            }
            Ok(Event::Text(part)) => parsed.content.push_str(&part),
            Ok(Event::CData(part)) => parsed.content.push_str(&part),
            Ok(Event::GeneralRef(name)) => parsed.reference(&name),
            Ok(Event::End(element)) => parsed.end(element.local_name().as_ref())?,
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) => return Err(no_feed()),
        }
    }
    if !parsed.is_feed || !parsed.path.is_empty() {
        return Err(no_feed());
    }
    Ok(parsed.feed)
}

fn no_feed() -> ApiError {
    let message = Message::fixed(
        "RSS나 Atom 피드가 아니거나 손상된 파일입니다.",
        "The file is no feed in RSS or Atom, or it is damaged.",
    );
    ApiError::invalid_at("", "no_feed", message)
}

/// Returns the text of a file in the encoding that it declares, by default UTF-8.
fn decoded(bytes: &[u8]) -> Result<String, ApiError> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    let declared = head.split_once("encoding=").and_then(|(_, rest)| {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        Encoding::for_label(rest[1..].split(quote).next()?.as_bytes())
    });
    let (text, _, is_damaged) = declared.unwrap_or(UTF_8).decode(bytes);
    match is_damaged {
        true => Err(no_feed()),
        false => Ok(text.into_owned()),
    }
}

#[derive(Default)]
struct Parsed {
    feed: Feed,
    is_feed: bool,
    /// The names of the open elements.
    path: Vec<String>,
    content: String,
    item: Option<Item>,
}

impl Parsed {
    fn start(&mut self, element: &BytesStart<'_>) {
        let name = element.local_name();
        let name: &str = name.as_ref();
        if self.path.is_empty() {
            self.is_feed = matches!(name, "rss" | "feed" | "RDF");
        }
        if matches!(name, "item" | "entry") {
            self.item = Some(Item::default());
        }
        if name == "link"
            && let Some(item) = &mut self.item
        {
            // Atom: an address without a relation is the alternate one.
            let attribute = |wanted: &str| {
                let mut all = element.attributes().flatten();
                let found = all.find(|one| one.key.local_name().as_ref() == wanted)?;
                quick_xml::escape::unescape(&found.value)
                    .ok()
                    .map(Cow::into_owned)
            };
            let is_page = attribute("rel").is_none_or(|rel| rel == "alternate");
            if let Some(address) = attribute("href").filter(|_| is_page) {
                item.link = address.trim().to_owned();
            }
        }
        self.path.push(name.to_owned());
        self.content.clear();
    }

    fn reference(&mut self, name: &str) {
        let escaped = format!("&{name};");
        match quick_xml::escape::unescape(&escaped) {
            Ok(text) => self.content.push_str(&text),
            // An entity of HTML, such as `&nbsp;`.
            Err(_) => self.content.push(' '),
        }
    }

    fn end(&mut self, name: &str) -> Result<(), ApiError> {
        self.path.pop();
        let content = std::mem::take(&mut self.content);
        let content = content.trim();
        if matches!(name, "item" | "entry") {
            let item = self.item.take().map(Item::titled);
            self.feed.items.extend(item);
            return match self.feed.items.len() > MOST {
                true => Err(too_many()),
                false => Ok(()),
            };
        }
        let parent = self.path.last().map(String::as_str);
        match (&mut self.item, name) {
            (Some(item), "title") => item.title = shortened(&plain(content), LONGEST_TITLE),
            (Some(item), "link") if !content.is_empty() => item.link = content.to_owned(),
            (Some(item), "pubDate" | "published" | "date") => item.date = content.to_owned(),
            (Some(item), "updated") if item.date.is_empty() => item.date = content.to_owned(),
            (Some(item), "description" | "summary" | "content" | "encoded") => {
                let text = shortened(&plain(content), LONGEST_TEXT);
                if text.len() > item.text.len() {
                    item.text = text;
                }
            }
            (None, "title") if matches!(parent, Some("channel" | "feed")) => {
                let title = shortened(&plain(content), 300);
                self.feed.title = Some(title).filter(|title| !title.is_empty());
            }
            _ => {}
        }
        Ok(())
    }
}

fn too_many() -> ApiError {
    let message = Message::new(
        format!("항목은 {MOST}개까지 받습니다."),
        format!("At most {MOST} items are accepted."),
    );
    ApiError::invalid_at("", "too_many_items", message)
}

/// Returns the text of a piece of HTML, on one line.
fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut is_tag = false;
    for c in html.chars() {
        match c {
            '<' => is_tag = true,
            '>' if is_tag => {
                is_tag = false;
                out.push(' ');
            }
            c if !is_tag => out.push(c),
            _ => {}
        }
    }
    let out = out.replace("&nbsp;", " ");
    let out = quick_xml::escape::unescape(&out).map_or_else(|_| out.clone(), Cow::into_owned);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the first words of a text that fit a title.
fn beginning(text: &str) -> String {
    const TITLE: usize = 80;
    if text.chars().count() <= TITLE {
        return text.to_owned();
    }
    let start: String = text.chars().take(TITLE).collect();
    let words = start
        .rsplit_once(' ')
        .map_or(start.as_str(), |(words, _)| words);
    format!("{}…", words.trim_end())
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &[u8]) -> Vec<Value> {
        let feed = read(text).unwrap();
        let id = uuid::Uuid::from_u128(1).into();
        let zone = chrono_tz::Asia::Seoul;
        let body = |item: &Item| item.body(id, Visibility::Public, feed.title.as_deref(), zone);
        feed.items.iter().map(body).collect()
    }

    const RSS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>
        <title>새별시 보도자료</title><link>https://city.example/</link>
        <item><title><![CDATA[새별시 &amp; 가온대, 업무협약]]></title><link>https://city.example/1?a=1&amp;b=2</link>
          <pubDate>Sun, 18 Apr 2021 16:30:00 GMT</pubDate><description>&lt;p&gt;협약을 &lt;b&gt;맺었다&lt;/b&gt;.&lt;/p&gt;</description></item>
        <item><title>물류단지 기공식</title><pubDate>2023-10-26 10:00:00</pubDate></item>
        <item><title>가을 축제</title><pubDate>지난주</pubDate></item></channel></rss>"#;

    #[test]
    fn rss_is_read() {
        let all = bodies(RSS.as_bytes());
        let [one, two, three] = &all[..] else {
            panic!("{all:?}")
        };
        assert_eq!(one["title"]["ko"], "새별시 & 가온대, 업무협약");
        assert_eq!(one["url"], "https://city.example/1?a=1&b=2");
        // Half past four in the afternoon of Greenwich is the next day in Seoul.
        assert_eq!(one["announced_on"]["edtf"], "2021-04-19");
        assert_eq!(one["text"]["ko"], "협약을 맺었다 .");
        assert_eq!(
            (&one["kind"], &one["publisher"]),
            (&json!("signing"), &json!("새별시 보도자료"))
        );
        assert_eq!(
            (&two["kind"], &two["announced_on"]["edtf"]),
            (&json!("groundbreaking"), &json!("2023-10-26"))
        );
        assert_eq!(
            (&three["kind"], &three["announced_on"]["as_stated"]),
            (&json!("other"), &json!("지난주"))
        );
        assert_eq!(
            (&three["url"], &three["text"]),
            (&Value::Null, &Value::Null)
        );
    }

    #[test]
    fn days_are_read_as_feeds_write_them() {
        let seoul = chrono_tz::Asia::Seoul;
        let right = "2025-11-12".parse().ok();
        for text in [
            "Wed, 12 Nov 2025 09:00:00 KST",
            "Wed, 12 Nov 2025 09:00:00 +0900",
            "Wed, 12 Nov 2025 09:00:00 +09:00",
            "Wed, 12 Nov 2025 09:00:00 GMT+9",
            "Tue, 11 Nov 2025 23:00:00 GMT",
            "Wed, 12 Nov 2025 09:00:00",
            "12 Nov 2025 09:00 KST",
            "Fri, 12 Nov 2025 09:00:00 +0900",
            "2025-11-12T09:00:00+09:00",
            "2025-11-12 09:00:00",
            "2025.11.12 09:00",
            "2025. 11. 12.",
            "2025년 11월 12일",
        ] {
            assert_eq!(day(text, seoul), right, "{text}");
        }
        for text in [
            "",
            "지난주",
            "2025-11",
            "2025년 11월",
            "32 Nov 2025 09:00:00 KST",
        ] {
            assert_eq!(day(text, seoul), None, "{text}");
        }
    }

    #[test]
    fn atom_is_read() {
        let text = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>소식</title><link href="https://city.example/"/>
            <entry><title>청사 준공</title><link rel="self" href="https://city.example/a.xml"/>
            <link href="https://city.example/a"/><updated>2024-02-01T00:00:00+09:00</updated>
            <published>2024-01-31T09:00:00+09:00</published><summary>끝났다.</summary></entry></feed>"#;
        let all = bodies(text.as_bytes());
        assert_eq!(all.len(), 1);
        assert_eq!(all[0]["url"], "https://city.example/a");
        assert_eq!(all[0]["announced_on"]["edtf"], "2024-01-31");
        assert_eq!(all[0]["kind"], "completion");
    }

    /// RSS 2.0 wants a title or a description.
    #[test]
    fn an_item_without_a_title_begins_with_its_text() {
        let long = "협약을 맺었다 ".repeat(20);
        let text = format!(
            "<rss><channel><item><description>가온대와 협약 체결</description></item>\
             <item><title> </title><description>{long}</description></item>\
             <item><link>https://city.example/1</link></item></channel></rss>"
        );
        let all = bodies(text.as_bytes());
        assert_eq!(all[0]["title"]["ko"], "가온대와 협약 체결");
        assert_eq!(all[0]["kind"], "signing");
        let second = all[1]["title"]["ko"].as_str().unwrap();
        assert!(
            second.ends_with("맺었다…") && second.chars().count() <= 81,
            "{second}"
        );
        assert_eq!(all[2]["title"]["ko"], "");
    }

    #[test]
    fn korean_encodings_are_read() {
        let text = RSS.replace("UTF-8", "EUC-KR");
        let (bytes, ..) = encoding_rs::EUC_KR.encode(&text);
        assert_eq!(bodies(&bytes).len(), 3);
    }

    #[test]
    fn other_files_are_refused() {
        let broken = RSS.trim_end_matches("</rss>");
        for text in [
            "",
            "협약명,협약기관",
            "<html><title>a</title></html>",
            broken,
            "\u{0}",
        ] {
            assert_eq!(
                read(text.as_bytes()).unwrap_err().errors[0].code,
                "no_feed",
                "{text}"
            );
        }
        assert!(read(b"<rss>\xff\xfe\xfa</rss>").is_err());
    }
}
