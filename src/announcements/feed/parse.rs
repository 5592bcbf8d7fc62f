//! Feeds in RSS 1.0, RSS 2.0 and Atom, read into items. Pure.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use encoding_rs::{Encoding, UTF_8};
use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use scraper::{Html, Node};
use serde_json::{Value, json};

use crate::announcements::events::told_by;
use crate::announcements::types::AnnouncementKind;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::personal::{Reach, without};
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
    /// Its address where it has no link: the guid of RSS.
    guid: String,
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
        let mut links = [&self.link, &self.guid].into_iter();
        let link = links.find(|link| !link.is_empty());
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
    let mut reader = NsReader::from_str(&text);
    let mut parsed = Parsed::default();
    loop {
        let Ok((space, event)) = reader.read_resolved_event() else {
            return Err(no_feed());
        };
        match event {
            Event::Start(element) => parsed.start(&space, &element),
            Event::Empty(element) => {
                parsed.start(&space, &element);
                parsed.end()?;
            }
            Event::Text(part) => parsed.text(&part),
            Event::CData(part) => parsed.text(&part),
            Event::GeneralRef(name) => parsed.text(&entity(&name)),
            Event::End(_) => parsed.end()?,
            Event::Eof => break,
            _ => {}
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

/// The namespaces of feeds, beside that of the root: Atom, and the modules of RSS.
const ATOM: [&str; 2] = ["http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"];
const MODULES: [&str; 3] = [
    "http://purl.org/rss/1.0/",
    "http://purl.org/rss/1.0/modules/content/",
    "http://purl.org/dc/elements/1.1/",
];

/// How the text of an element is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Html,
    /// As it reads, perhaps in elements of XHTML.
    Plain,
    /// It is no text, such as a picture in place.
    Other,
}

/// A child of an item or of the feed itself, of which the text is collected.
struct Child {
    /// Its name; empty for one that is none of a feed's, such as the caption of a picture.
    name: String,
    form: Form,
    text: String,
    /// Number of the elements around it.
    depth: usize,
    /// Number of the elements around a script or style in it, whose text nobody reads.
    hidden: Option<usize>,
}

#[derive(Default)]
struct Parsed {
    feed: Feed,
    is_feed: bool,
    /// The namespace of the root.
    space: Option<String>,
    /// The names of the open elements; empty for those that are none of a feed's.
    path: Vec<String>,
    child: Option<Child>,
    item: Option<Item>,
}

impl Parsed {
    fn start(&mut self, space: &ResolveResult<'_>, element: &BytesStart<'_>) {
        let name = element.local_name();
        let name: &str = name.as_ref();
        let space = match space {
            ResolveResult::Unbound => None,
            ResolveResult::Bound(space) => Some(space.as_ref().to_owned()),
            ResolveResult::Unknown(prefix) => Some(prefix.clone()),
        };
        if self.path.is_empty() {
            self.is_feed = matches!(name, "rss" | "feed" | "RDF");
            self.space.clone_from(&space);
        }
        let depth = self.path.len();
        if let Some(child) = &mut self.child {
            child.text.push(' ');
            if matches!(name, "script" | "style") {
                child.hidden.get_or_insert(depth);
            }
            self.path.push(String::new());
            return;
        }
        let is_atom = space.as_deref().is_some_and(|space| ATOM.contains(&space));
        let is_own = match space.as_deref() {
            None => true,
            // Prefixes that nobody declared.
            Some("dc" | "content") => true,
            Some(space) => {
                is_atom || MODULES.contains(&space) || self.space.as_deref() == Some(space)
            }
        };
        let name = if is_own { name } else { "" };
        let parent = self.path.last().map(String::as_str);
        let is_item = matches!(name, "item" | "entry");
        if is_item {
            self.item = Some(Item::default());
        } else if matches!(parent, Some("item" | "entry" | "channel" | "feed")) {
            self.link(name, element);
            self.child = Some(Child {
                name: child_name(name, element).to_owned(),
                form: form(is_atom, element),
                text: String::new(),
                depth,
                hidden: None,
            });
        }
        self.path.push(name.to_owned());
    }

    /// Takes the address of an item in Atom: one without a relation is the alternate one.
    fn link(&mut self, name: &str, element: &BytesStart<'_>) {
        let Some(item) = self.item.as_mut().filter(|_| name == "link") else {
            return;
        };
        let is_page = attribute(element, "rel").is_none_or(|rel| rel == "alternate");
        if let Some(address) = attribute(element, "href").filter(|_| is_page) {
            item.link = address.trim().to_owned();
        }
    }

    fn text(&mut self, part: &str) {
        if let Some(child) = self.child.as_mut().filter(|child| child.hidden.is_none()) {
            child.text.push_str(part);
        }
    }

    fn end(&mut self) -> Result<(), ApiError> {
        let name = self.path.pop().unwrap_or_default();
        let depth = self.path.len();
        if let Some(child) = self.child.take_if(|child| child.depth == depth) {
            self.settle(&child);
        } else if let Some(child) = &mut self.child {
            child.text.push(' ');
            child.hidden.take_if(|hidden| *hidden == depth);
        } else if matches!(name.as_str(), "item" | "entry") {
            let item = self.item.take().map(Item::titled);
            self.feed.items.extend(item);
            if self.feed.items.len() > MOST {
                return Err(too_many());
            }
        }
        Ok(())
    }

    /// Takes over the text of a child.
    fn settle(&mut self, child: &Child) {
        let content = child.text.trim();
        let read = |most| shortened(&public(&child.read()), most);
        let Some(item) = &mut self.item else {
            if child.name == "title" {
                self.feed.title = Some(read(300)).filter(|title| !title.is_empty());
            }
            return;
        };
        match child.name.as_str() {
            "title" if item.title.is_empty() => item.title = read(LONGEST_TITLE),
            "link" if !content.is_empty() => content.clone_into(&mut item.link),
            "guid" if content.starts_with("http") => content.clone_into(&mut item.guid),
            "pubDate" | "published" | "date" => content.clone_into(&mut item.date),
            "updated" if item.date.is_empty() => content.clone_into(&mut item.date),
            "description" | "summary" | "content" | "encoded" => {
                let text = read(LONGEST_TEXT);
                if text.len() > item.text.len() {
                    item.text = text;
                }
            }
            _ => {}
        }
    }
}

impl Child {
    /// Returns its text on one line.
    fn read(&self) -> String {
        let text = match self.form {
            Form::Html => Cow::from(plain(&self.text)),
            Form::Plain => Cow::from(&self.text),
            Form::Other => Cow::default(),
        };
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Returns the name of a child; none for a guid that is no address.
fn child_name<'a>(name: &'a str, element: &BytesStart<'_>) -> &'a str {
    let is_no_address = || attribute(element, "isPermaLink").is_some_and(|is| is.trim() == "false");
    match name {
        "guid" if is_no_address() => "",
        name => name,
    }
}

/// Returns how the text of an element is written: RSS escapes HTML, and Atom says what it does
/// (RFC 4287, 3.1.1 and 4.1.3).
fn form(is_atom: bool, element: &BytesStart<'_>) -> Form {
    if !is_atom {
        return Form::Html;
    }
    match attribute(element, "type").as_deref() {
        None | Some("text" | "text/plain" | "xhtml" | "application/xhtml+xml") => Form::Plain,
        Some("html" | "text/html") => Form::Html,
        Some(_) => Form::Other,
    }
}

fn attribute(element: &BytesStart<'_>, wanted: &str) -> Option<String> {
    let mut all = element.attributes().flatten();
    let found = all.find(|one| one.key.local_name().as_ref() == wanted)?;
    let value = quick_xml::escape::unescape(&found.value).ok()?;
    Some(value.into_owned())
}

/// Returns the characters of an entity of XML or HTML; what nobody knows as it is written.
fn entity(name: &str) -> String {
    let escaped = format!("&{name};");
    match quick_xml::escape::unescape(&escaped) {
        Ok(text) => text.into_owned(),
        Err(_) => plain(&escaped),
    }
}

/// Returns a text without what is personal in it: the telephone of whoever answers questions of the press
/// stands under most releases.
fn public(text: &str) -> String {
    without(text, "", Reach::None).map_or_else(|| text.to_owned(), |(kept, _)| kept)
}

fn too_many() -> ApiError {
    let message = Message::new(
        format!("항목은 {MOST}개까지 받습니다."),
        format!("At most {MOST} items are accepted."),
    );
    ApiError::invalid_at("", "too_many_items", message)
}

/// Elements that part no words.
const IN_WORDS: [&str; 16] = [
    "a", "abbr", "b", "em", "font", "i", "ins", "mark", "q", "s", "small", "span", "strong", "sub",
    "sup", "u",
];

/// Returns the text of a piece of HTML, with a blank in place of each tag that parts words.
fn plain(html: &str) -> String {
    let page = Html::parse_fragment(html);
    let mut out = String::with_capacity(html.len());
    let mut open: Vec<_> = page.root_element().children().rev().map(Some).collect();
    while let Some(next) = open.pop() {
        let Some(node) = next else {
            out.push(' ');
            continue;
        };
        match node.value() {
            Node::Text(text) => out.push_str(text),
            Node::Element(e) if matches!(e.name(), "script" | "style") => continue,
            Node::Element(e) if !IN_WORDS.contains(&e.name()) => {
                out.push(' ');
                open.push(None);
            }
            _ => {}
        }
        open.extend(node.children().rev().map(Some));
    }
    out
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
mod tests;
