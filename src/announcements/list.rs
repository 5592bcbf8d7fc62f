//! Lists of announcements.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::records::ANNOUNCEMENT;
use super::store::{AT_ONCE, Row, Stored, Target};
use super::types::{AnnouncementGap, AnnouncementKind, AnnouncementStanding, AnnouncementSummary};
use super::views::{Related, summary};
use crate::db::page::{Listed, Order, Page};
use crate::db::schema::announcements as n;
use crate::db::{AnyConnection, MultiBackend, in_list, in_period};
use crate::directory::names::names;
use crate::directory::succession;
use crate::http::{Filter, Shown};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, MilestoneId, OrganizationId};
use crate::kernel::text::tidy;
use crate::kernel::values::{OrganizationRef, stored_id, to_db};
use crate::ledger::tail::Basis;
use crate::ledger::{RequestContext, Scope, Visibility, scope};
use crate::projections::{gap_codes, search_index as search};

/// Sort order of announcements; `-` for descending. In ascending order, those without a date come
/// first.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum AnnouncementSort {
    #[serde(rename = "announced_on")]
    Announced,
    #[serde(rename = "-announced_on")]
    AnnouncedDown,
    #[serde(rename = "title")]
    Title,
    #[serde(rename = "-title")]
    TitleDown,
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "-id")]
    IdDown,
}

/// Filter of a list of announcements.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AnnouncementFilter {
    /// Only announcements of this municipality.
    pub municipality_id: Option<OrganizationId>,
    /// Only announcements that are confirmed to be about this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only announcements that are confirmed to be about this milestone.
    pub milestone_id: Option<MilestoneId>,
    /// Only announcements of these events (comma-separated).
    #[param(style = Form, explode = false, min_items = 1, max_items = 4, example = json!(["signing"]))]
    pub kind: Option<Vec<AnnouncementKind>>,
    /// Only announcements with these standings (comma-separated).
    #[param(style = Form, explode = false, min_items = 1, max_items = 3, example = json!(["open"]))]
    pub standing: Option<Vec<AnnouncementStanding>>,
    /// Only announcements of this publisher.
    #[param(min_length = 1, max_length = 300, pattern = r"\S", example = "고양시")]
    pub publisher: Option<String>,
    /// Only announcements with this visibility.
    pub visibility: Option<Visibility>,
    /// Only announcements on or after this day. An imprecise date matches if it can mean such a day.
    #[param(example = "2021-01-01")]
    pub from: Option<NaiveDate>,
    /// Only announcements on or before this day. An imprecise date matches if it can mean such a day.
    #[param(example = "2021-12-31")]
    pub to: Option<NaiveDate>,
    /// Only announcements that lack at least one of these facts, by the codes in `gaps`
    /// (comma-separated).
    #[param(style = Form, explode = false, min_items = 1, max_items = 3, example = json!(["announced_on_unknown"]))]
    pub gap: Option<Vec<AnnouncementGap>>,
    /// Only announcements whose title or texts contain this text, written together or apart.
    #[param(min_length = 1, max_length = 100, example = "바이오")]
    pub q: Option<String>,
    /// Sort order; newest first by default.
    #[param(example = "-announced_on")]
    pub sort: Option<AnnouncementSort>,
}

impl Filter for AnnouncementFilter {
    fn order(&self) -> Order {
        const ID: &str = "announcements.id";
        const DAY: &str = "announcements.sort_announced";
        const TITLE: &str = "announcements.sort_title";
        match self.sort.unwrap_or(AnnouncementSort::AnnouncedDown) {
            AnnouncementSort::Announced => Order::ascending(DAY, ID),
            AnnouncementSort::AnnouncedDown => Order::descending(DAY, ID),
            AnnouncementSort::Title => Order::ascending(TITLE, ID),
            AnnouncementSort::TitleDown => Order::descending(TITLE, ID),
            AnnouncementSort::Id => Order::ascending(ID, ID),
            AnnouncementSort::IdDown => Order::descending(ID, ID),
        }
    }
}

/// An announcement on a page.
#[derive(Queryable, Selectable)]
#[diesel(table_name = n)]
struct FoundId {
    id: String,
}

/// Finds one page of announcements: their ids.
///
/// # Errors
/// Fails if the database does.
pub fn find(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &AnnouncementFilter,
    page: &Page,
) -> Result<Listed<String>, ApiError> {
    let found = wanted.q.as_ref();
    let found = found.map(|q| search::Found::by(conn, ANNOUNCEMENT.name, q));
    let owners = succession::owners(conn, wanted.municipality_id, cx.today)?;
    let query = || filtered(cx, wanted, owners.as_deref(), found.as_ref());
    let listed = page.load(conn, query, |found: &FoundId| found.id.clone())?;
    Ok(listed.map(|found| found.id))
}

/// Returns the municipalities with announcements that the caller sees, by their names.
///
/// # Errors
/// Fails if the database does.
pub fn announcing(
    conn: &mut AnyConnection,
    cx: &RequestContext,
) -> Result<Vec<OrganizationRef>, ApiError> {
    let ids: Vec<String> = n::table
        .filter(Scope::of(&cx.caller, "announcements"))
        .select(n::municipality_id)
        .distinct()
        .load(conn)?;
    let ids = ids.iter().map(|id| stored_id(id));
    let ids = ids.collect::<Result<Vec<OrganizationId>, _>>()?;
    let known = names(conn, ids.iter().copied())?;
    let mut all: Vec<OrganizationRef> = ids.into_iter().filter_map(|id| known.find(id)).collect();
    all.sort_by_key(|one| one.name.sort_key());
    Ok(all)
}

type Query<'a> = n::BoxedQuery<'a, MultiBackend>;

/// Returns the query for the filtered announcements that are visible to the caller.
fn filtered<'a>(
    cx: &RequestContext,
    wanted: &'a AnnouncementFilter,
    owners: Option<&[String]>,
    found: Option<&search::Found>,
) -> Query<'a> {
    let mut query = n::table
        .filter(Scope::of(&cx.caller, "announcements"))
        .into_boxed();
    if let Some(owners) = owners {
        query = query.filter(in_list(n::municipality_id, owners));
    }
    if let Some(id) = wanted.agreement_id {
        let visible = scope::visible_agreement(cx, id);
        query = query.filter(n::agreement_id.assume_not_null().eq_any(visible));
    }
    if let Some(id) = wanted.milestone_id {
        query = query.filter(n::milestone_id.eq(id.to_string()));
    }
    if let Some(kinds) = &wanted.kind {
        query = query.filter(in_list(n::kind, kinds.iter().map(to_db)));
    }
    if let Some(standings) = &wanted.standing {
        query = query.filter(in_list(n::standing, standings.iter().map(to_db)));
    }
    if let Some(publisher) = &wanted.publisher {
        query = query.filter(n::publisher.eq(tidy(publisher)));
    }
    if let Some(visibility) = wanted.visibility {
        query = query.filter(n::visibility.eq(visibility.as_str()));
    }
    query = in_period!(
        query,
        (n::announced_earliest, n::announced_latest),
        (wanted.from, wanted.to)
    );
    if let Some(gaps) = &wanted.gap {
        query = query.filter(gap_codes::any_of("announcements.gaps", gaps));
    }
    if let Some(found) = found {
        query = query.filter(found.condition("announcements.id"));
    }
    query
}

/// Returns announcements as rows, with what they depend on.
///
/// # Errors
/// Fails if the database does.
pub fn shown(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[String],
) -> Result<Vec<Shown<AnnouncementSummary>>, ApiError> {
    let mut all = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let rows = n::table.filter(in_list(n::id, some));
        let rows: Vec<Row> = rows.select(Row::as_select()).load(conn)?;
        let rows = rows.into_iter().map(Row::read);
        let rows = rows.collect::<Result<Vec<Stored>, _>>()?;
        let related = Related::load(conn, cx, &rows)?;
        for stored in rows {
            all.push(row(cx, stored, &related)?);
        }
    }
    Ok(all)
}

fn row(
    cx: &RequestContext,
    stored: Stored,
    related: &Related,
) -> Result<Shown<AnnouncementSummary>, ApiError> {
    // What the caller cannot see is among them: it may see it later.
    let about = stored.doc.verdict.about;
    let project = about.and_then(Target::milestone);
    let project = project.and_then(|id| related.projects.get(&id).copied());
    let own: Uuid = stored.meta.id.into();
    let shown = [Some(own), about.map(Target::id), project.map(Uuid::from)];
    Ok(Shown {
        key: stored.meta.id.to_string(),
        row: summary(cx, stored, related)?,
        basis: Some(Basis {
            shown: shown.into_iter().flatten().collect(),
            ..Basis::default()
        }),
    })
}
