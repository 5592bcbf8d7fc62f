//! Publications of an agreement in words.

use super::follow_up::Event;
use super::one::source;
use crate::agreements::publications::{PublicationContent, WithheldPart};
use crate::agreements::types::Agreement;
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::words::Words;

/// A publication.
pub struct Published {
    pub on: Dated,
    pub extent: String,
    /// Where it is public.
    pub places: Vec<Link>,
    /// Each part that is withheld, with its legal basis and end.
    pub withheld: Vec<Text>,
    pub note: Option<Text>,
}

/// Returns a publication in words.
pub fn published(w: Words, content: &PublicationContent) -> Published {
    let url = content.url.as_deref();
    let place = content.place.as_ref().map(|place| Text::of(place, w));
    let name = place.or_else(|| url.map(|url| Text::stated(url, w)));
    let withheld = content.withheld.iter().map(|part| withheld(w, part));
    Published {
        on: Dated::of(Some(&content.published_on), w),
        extent: w.label("PublicationExtent", &content.extent),
        places: name
            .map(|name| Link::elsewhere(url, name))
            .into_iter()
            .collect(),
        withheld: withheld.collect(),
        note: content.note.as_ref().map(|note| Text::of(note, w)),
    }
}

fn withheld(w: Words, one: &WithheldPart) -> Text {
    let (part, basis) = (one.part.in_language(w.0), &one.withholding.legal_basis);
    let until = one.withholding.until.map(|day| w.day(day));
    let words = match (w.tag(), until) {
        ("ko", Some(until)) => format!("비공개: {part} ({basis}, {until}까지)"),
        ("ko", None) => format!("비공개: {part} ({basis})"),
        (_, Some(until)) => format!("Withheld: {part} ({basis}, until {until})"),
        (_, None) => format!("Withheld: {part} ({basis})"),
    };
    Text::stated(words, w)
}

/// Returns the publications of an agreement, by day.
pub fn publications(w: Words, one: &Agreement) -> Vec<Event> {
    let mut all: Vec<&PublicationContent> = one.publications.iter().map(|p| &p.content).collect();
    all.sort_by_key(|content| content.published_on.sort_key());
    let events = all.into_iter().map(|content| {
        let shown = published(w, content);
        let sources = content.sources.iter().map(|one| source(w, one));
        Event {
            on: shown.on,
            name: shown.extent,
            texts: shown.withheld.into_iter().chain(shown.note).collect(),
            sources: shown.places.into_iter().chain(sources).collect(),
        }
    });
    events.collect()
}
