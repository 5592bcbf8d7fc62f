//! `/personal-data-reads`: who was shown whose personal data.
//!
//! The account, the instant, the origin and whose data it was are kept, as the Korean standard on
//! securing personal data (개인정보의 안전성 확보조치 기준, article 8) asks for. Whose is told by the
//! agreement and its version, of which the log of changes holds the digest: this table holds no
//! personal data itself, and nothing of it has to be erased.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::get;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{Reach, Session};
use crate::app::Cx;
use crate::db::page::{Listed, Order, Page, PageBody};
use crate::db::schema::personal_data_reads as r;
use crate::db::{AnyConnection, among};
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{Filter, List, Logged, Paged, Paging};
use crate::values::stored_id;

/// Whose personal data an answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    pub agreement: Uuid,
    pub version: i64,
    pub municipality: Uuid,
}

/// What of it a piece of work shows, noted while it reads.
#[derive(Clone, Debug, Default)]
pub struct Shown(Arc<Mutex<Vec<Subject>>>);

impl Shown {
    pub fn note(&self, subject: Subject) {
        let mut subjects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }

    /// True where nothing was noted.
    pub fn is_nothing(&self) -> bool {
        let subjects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        subjects.is_empty()
    }

    /// What was noted since this was last asked.
    pub fn take(&self) -> Vec<Subject> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Records what a caller is about to be shown.
///
/// # Errors
/// What the database says; then nothing may be shown.
pub fn record(
    conn: &mut AnyConnection,
    cx: &Cx,
    origin: IpAddr,
    subjects: &[Subject],
) -> Result<(), ApiError> {
    for subject in subjects {
        diesel::insert_into(r::table)
            .values((
                r::id.eq(Uuid::now_v7().to_string()),
                r::read_at.eq(cx.now),
                r::token_id.eq(cx.caller.id.map(|id| id.to_string())),
                r::account.eq(cx.caller.own_name()),
                r::origin.eq(origin.to_string()),
                r::operation.eq(cx.operation),
                r::request_id.eq(&*cx.request_id),
                r::agreement_id.eq(subject.agreement.to_string()),
                r::agreement_version.eq(subject.version),
                r::municipality_id.eq(subject.municipality.to_string()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// That somebody was shown the contact of an agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonalDataRead {
    /// The entry's id.
    pub id: Uuid,
    /// When.
    pub read_at: DateTime<Utc>,
    /// The token's id, or that of the single sign-on's subject; null for the program itself.
    pub token_id: Option<Uuid>,
    /// The token's name, or that of the single sign-on's subject.
    #[schema(example = "전략산업과 협약 담당")]
    pub account: String,
    /// The address from which it was asked for.
    #[schema(example = "192.0.2.10")]
    pub origin: String,
    /// The operation that showed it.
    #[schema(example = "get_agreement")]
    pub operation: String,
    /// The request's id, as in `X-Request-Id`.
    pub request_id: String,
    /// The agreement whose contact it was.
    pub agreement_id: Uuid,
    /// The agreement's version, of which the log of changes holds the contact's digest.
    #[schema(minimum = 1)]
    pub agreement_version: i64,
    /// The municipality whose agreement it is.
    pub municipality_id: Uuid,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = r)]
struct Row {
    id: String,
    read_at: NaiveDateTime,
    token_id: Option<String>,
    account: String,
    origin: String,
    operation: String,
    request_id: String,
    agreement_id: String,
    agreement_version: i64,
    municipality_id: String,
}

impl Row {
    fn view(self) -> Result<PersonalDataRead, ApiError> {
        Ok(PersonalDataRead {
            id: stored_id(&self.id)?,
            read_at: self.read_at.and_utc(),
            token_id: self.token_id.as_deref().map(stored_id).transpose()?,
            account: self.account,
            origin: self.origin,
            operation: self.operation,
            request_id: self.request_id,
            agreement_id: stored_id(&self.agreement_id)?,
            agreement_version: self.agreement_version,
            municipality_id: stored_id(&self.municipality_id)?,
        })
    }
}

/// Which reads are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReadFilter {
    /// Only those of this agreement's contact.
    agreement_id: Option<Uuid>,
    /// Only those with this token.
    token_id: Option<Uuid>,
    /// Only those of agreements of this municipality.
    municipality_id: Option<Uuid>,
    /// Only those from this instant on.
    #[param(example = "2026-01-01T00:00:00Z")]
    from: Option<DateTime<Utc>>,
    /// Only those before this instant.
    #[param(example = "2027-01-01T00:00:00Z")]
    to: Option<DateTime<Utc>>,
}

impl Filter for ReadFilter {
    fn order(&self) -> Order {
        Order::descending("personal_data_reads.id", "personal_data_reads.id")
    }
}

/// One page of the reads that concern the caller's municipalities, the newest first.
fn list(
    conn: &mut AnyConnection,
    cx: &Cx,
    filter: &ReadFilter,
    page: &Page,
) -> Result<Listed<PersonalDataRead>, ApiError> {
    let all = || {
        let mut found = r::table.into_boxed();
        if let Reach::Of(own) = &cx.caller.reach {
            found = found.filter(among(r::municipality_id, own.iter().map(Uuid::to_string)));
        }
        if let Some(id) = filter.agreement_id {
            found = found.filter(r::agreement_id.eq(id.to_string()));
        }
        if let Some(id) = filter.token_id {
            found = found.filter(r::token_id.eq(id.to_string()));
        }
        if let Some(id) = filter.municipality_id {
            found = found.filter(r::municipality_id.eq(id.to_string()));
        }
        if let Some(from) = filter.from {
            found = found.filter(r::read_at.ge(from.naive_utc()));
        }
        if let Some(to) = filter.to {
            found = found.filter(r::read_at.lt(to.naive_utc()));
        }
        found
    };
    let total = page
        .with_total
        .then(|| all().count().get_result(conn))
        .transpose()?;
    let rows: Vec<(Row, String)> = all()
        .filter(page.rest())
        .order(page.order())
        .limit(page.fetch())
        .select((Row::as_select(), page.order.key()))
        .load(conn)?;
    let (rows, next) = page.cut(rows, |row| row.id.clone());
    let items = rows.into_iter().map(Row::view);
    Ok(Listed {
        items: items.collect::<Result<_, _>>()?,
        next,
        total,
    })
}

/// List who read personal data
///
/// Each time that somebody asked for the contact of an agreement of the caller's municipalities and
/// was shown it: who, when, from where, by which request, and whose. Who had it already (`304`) stands
/// here as well. The newest first.
#[utoipa::path(tag = "access", operation_id = "list_personal_data_reads", params(ReadFilter, Paging),
    responses((status = 200, description = "One page of reads", body = PageBody<PersonalDataRead>)))]
#[get("/personal-data-reads")]
async fn list_personal_data_reads(
    session: Session,
    list: List<ReadFilter>,
) -> Result<Paged<PersonalDataRead>, ApiError> {
    let List { filter, page } = list;
    let listed = session.read(move |conn, cx| self::list(conn, cx, &filter, &page));
    // Reading changes no record, so it is not in the log of changes.
    Ok(Paged(Logged::New(listed.await?)))
}

pub fn configure(config: &mut impl Mount) {
    config.service(list_personal_data_reads);
}
