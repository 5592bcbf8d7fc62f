//! What was newly published of agreements: a page for each month, and a feed.

use actix_web::{HttpResponse, get};
use askama::Template;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate};

use super::agreements::{Published, published};
use super::feeds::{Entry, Feed, id_of, instant, legible};
use super::layout::Layout;
use super::lists::{self, Choice, Pager};
use super::markup::{Link, Text};
use super::reader::{Frame, Reader};
use crate::agreements::publications::list::{self as store, ListedPublication, PublicationFilter};
use crate::db::page::{Listed, Page};
use crate::db::{AnyConnection, ReadClass};
use crate::http::reader::LANG;
use crate::http::{List, RECORDED_AS_OF};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::language::Message;
use crate::kernel::values::{ImpreciseDate, Precision, in_calendar};
use crate::ledger::RequestContext;
use crate::municipalities::store::KIND;
use crate::organizations::store as organizations;

/// Path of the page, below the root.
const PATH: &str = "publications";

/// Entries of the feed.
const ENTRIES: usize = 50;

/// Name of the parameter for the month.
const MONTH: &str = "month";

const MUNICIPALITY: &str = "municipality_id";

/// Parameters that stay when the reader goes to another page of the list.
const FILTERS: [&str; 3] = [MUNICIPALITY, MONTH, RECORDED_AS_OF];

#[derive(Template)]
#[template(path = "publications.html")]
struct ListPage {
    l: Layout,
    path: String,
    /// The month, as the form has it.
    month: String,
    /// The month in words.
    named: String,
    choices: Vec<Choice>,
    recorded_as_of: Option<String>,
    earlier: Option<String>,
    /// `None` in the running month.
    later: Option<String>,
    rows: Vec<Row>,
    pager: Pager,
    csv: String,
    xlsx: String,
}

struct Row {
    agreement: Link,
    municipality: Text,
    shown: Published,
}

#[get("/publications")]
pub async fn publications(reader: Reader) -> Result<HttpResponse, ApiError> {
    reader.page(ReadClass::Cheap, list_page).await
}

fn list_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
) -> Result<String, ApiError> {
    // A publication has one day, which no other changes.
    let frame = &frame.clone().without_as_of();
    let w = frame.w;
    let month = Month::asked(frame, cx.today)?;
    let (filter, page) = wanted(frame, Some(month))?;
    let found = listed(conn, cx, &filter, &lists::sized(frame, page))?;
    let rows = found.items.iter().map(|one| row(frame, one)).collect();
    let (first, last) = month.days();
    let (first, last) = (first.to_string(), last.to_string());
    let mut query = frame.for_api(&[MUNICIPALITY]);
    query.extend([("published_from", &*first), ("published_to", &*last)]);
    let title = w.t("새로 공개한 협약", "Newly published agreements");
    let description = w.t(
        "지방자치단체가 그달에 공개한 협약의 목록입니다. 어디에 얼마나 공개했고 무엇을 어떤 근거로 비공개했는지 봅니다.",
        "The agreements that municipalities published in a month: where and how much of each, and what is withheld on which legal basis.",
    );
    let mut l = Layout::new(frame, title, description).with_api(frame, PATH, &query);
    let mut feed = frame.only(&[MUNICIPALITY]);
    feed.push((LANG, w.tag()));
    l.feed = Some(frame.plain("publications.atom", &feed));
    let municipalities = store::publishing(conn, cx)?.into_iter();
    let municipalities = municipalities.map(|one| {
        let name = one.name.in_language(w.0).to_owned();
        (one.id.to_string(), name)
    });
    let page = ListPage {
        l,
        path: frame.own(),
        month: month.code(),
        named: month.words(frame),
        choices: vec![Choice::of(
            frame,
            MUNICIPALITY,
            ("지방자치단체", "Municipality"),
            municipalities.collect(),
        )],
        recorded_as_of: frame.get(RECORDED_AS_OF).map(str::to_owned),
        earlier: month.before().map(|month| month.href(frame)),
        later: month.after(cx.today).map(|month| month.href(frame)),
        rows,
        pager: Pager::of(frame, &FILTERS, found.next.as_ref(), found.total),
        csv: frame.file("publications.csv", &query),
        xlsx: frame.file("publications.xlsx", &query),
    };
    page.render().map_err(ApiError::internal)
}

/// Returns the filter of a month, or of all publications, and the page that the reader asks for.
fn wanted(frame: &Frame, month: Option<Month>) -> Result<(PublicationFilter, Page), ApiError> {
    let query = lists::query(frame, &[MUNICIPALITY]);
    let List { mut filter, page } = List::<PublicationFilter>::of_query(&query)?;
    let days = month.map(Month::days);
    (filter.published_from, filter.published_to) = days.unzip();
    Ok((filter, page))
}

/// Returns one page of publications.
fn listed(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &PublicationFilter,
    page: &Page,
) -> Result<Listed<ListedPublication>, ApiError> {
    let found = store::find(conn, cx, filter, page)?;
    let shown = store::shown(conn, cx, &found.items)?.into_iter();
    Ok(found.with(shown.map(|one| (one.key, one.row))))
}

fn row(frame: &Frame, one: &ListedPublication) -> Row {
    let w = frame.w;
    let href = frame.to(&format!("agreements/{}", one.agreement.id));
    Row {
        agreement: Link::to(href, Text::of(&one.agreement.title, w)),
        municipality: Text::of(&one.municipality.name, w),
        shown: published(w, &one.publication.content),
    }
}

/// A month, by its first day.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Month(NaiveDate);

impl Month {
    /// Returns the month of a day.
    fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    /// Returns the month that the reader asks for, by default that of today.
    ///
    /// # Errors
    /// `invalid_parameters` if it is none.
    fn asked(frame: &Frame, today: NaiveDate) -> Result<Self, ApiError> {
        let Some(text) = frame.get(MONTH) else {
            return Ok(Self::of(today));
        };
        let month = ImpreciseDate::parse(text).ok();
        let month = month.filter(|month| month.precision() == Some(Precision::Month));
        let first = month.and_then(|month| month.earliest());
        first.map(Self).ok_or_else(|| {
            let message = Message::fixed(
                "연월로 적어 주십시오. 예: 2026-11",
                "Expected a month, such as 2026-11.",
            );
            let errors = vec![FieldError::query(MONTH, "format_date", message)];
            ApiError::new(Code::InvalidParameters).and(errors)
        })
    }

    fn days(self) -> (NaiveDate, NaiveDate) {
        let next = self.0.checked_add_months(Months::new(1));
        let last = next.and_then(|next| next.checked_sub_days(Days::new(1)));
        (self.0, last.unwrap_or(NaiveDate::MAX))
    }

    fn before(self) -> Option<Self> {
        let before = self.0.checked_sub_months(Months::new(1))?;
        in_calendar(before).map(Self)
    }

    /// Returns the next month, unless nothing can have been published in it yet.
    fn after(self, today: NaiveDate) -> Option<Self> {
        let next = self.0.checked_add_months(Months::new(1))?;
        (next <= today).then_some(Self(next))
    }

    fn code(self) -> String {
        self.0.format("%Y-%m").to_string()
    }

    fn words(self, frame: &Frame) -> String {
        match frame.w.tag() {
            "ko" => format!("{}년 {}월", self.0.year(), self.0.month()),
            _ => self.0.format("%B %Y").to_string(),
        }
    }

    fn href(self, frame: &Frame) -> String {
        let code = self.code();
        let mut query = frame.only(&[MUNICIPALITY, RECORDED_AS_OF]);
        query.push((MONTH, &code));
        frame.with(PATH, &query)
    }
}

#[get("/publications.atom")]
pub async fn atom(reader: Reader) -> Result<HttpResponse, ApiError> {
    reader.feed(feed_of).await
}

/// Renders what was last recorded or corrected as a publication, of all municipalities or of one.
fn feed_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
) -> Result<String, ApiError> {
    let w = frame.w;
    let (filter, _) = wanted(frame, None)?;
    let publisher = match filter.municipality_id {
        Some(id) => organizations::get(conn, id, KIND)?
            .doc
            .content
            .name
            .in_language(w.0)
            .to_owned(),
        None => w.t("지방자치단체", "Municipalities").to_owned(),
    };
    let page = Page {
        order: store::LAST_CHANGED,
        limit: ENTRIES,
        after: None,
        with_total: false,
    };
    let rows = listed(conn, cx, &filter, &page)?.items;
    let of = filter.municipality_id.map(|id| id.to_string());
    let query = frame.only(&[MUNICIPALITY]);
    let own = frame.linked_with("publications.atom", &query);
    // Nothing was ever changed in an empty feed.
    let last = rows
        .first()
        .map_or(DateTime::UNIX_EPOCH, |one| one.changed_at);
    let feed = Feed {
        tag: w.tag(),
        id: id_of(w, &["publications", of.as_deref().unwrap_or_default()]),
        title: legible(&match w.tag() {
            "ko" => format!("{publisher}: 새로 공개한 협약"),
            _ => format!("{publisher}: newly published agreements"),
        }),
        updated: instant(last),
        own,
        page: frame.linked_with(PATH, &query),
        author: legible(&publisher),
        entries: rows.iter().map(|one| entry(frame, one)).collect(),
    };
    feed.render().map_err(ApiError::internal)
}

fn entry(frame: &Frame, one: &ListedPublication) -> Entry {
    let w = frame.w;
    let shown = published(w, &one.publication.content);
    let agreement = one.agreement.title.in_language(w.0);
    let places = shown.places.iter().map(|place| place.text.plain());
    let texts = shown.withheld.iter().chain(&shown.note).map(Text::plain);
    let texts = [one.municipality.name.in_language(w.0), shown.on.plain()]
        .into_iter()
        .chain(places)
        .chain(texts);
    Entry {
        id: id_of(w, &["publication", &one.publication.id.to_string()]),
        title: legible(&format!("{agreement}: {}", shown.extent)),
        updated: instant(one.changed_at),
        page: frame.linked(&format!("agreements/{}", one.agreement.id)),
        summary: legible(&texts.collect::<Vec<_>>().join(" · ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(day: &str) -> Month {
        Month::of(day.parse().unwrap())
    }

    #[test]
    fn a_month_has_its_days_and_neighbours() {
        let (first, last) = month("2024-02-17").days();
        assert_eq!(
            (first.to_string(), last.to_string()),
            ("2024-02-01".into(), "2024-02-29".into())
        );
        assert_eq!(month("2026-01-31").before().unwrap().code(), "2025-12");
        let today = "2026-11-23".parse().unwrap();
        assert_eq!(month("2026-10-31").after(today).unwrap().code(), "2026-11");
        assert!(month("2026-11-01").after(today).is_none());
    }
}
