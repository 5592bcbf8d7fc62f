//! `/personal-data-reads`: the access log of personal data.
//!
//! An entry holds the account, the instant, the origin and the data subject, as the Korean standard
//! on securing personal data (개인정보의 안전성 확보조치 기준, article 8) requires. The data subject is
//! identified by the agreement and its version; the log of changes holds the digest of that
//! version's contact. This table therefore holds no personal data itself, and nothing in it has to
//! be erased.

use std::collections::BTreeSet;

use actix_web::get;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::agreements::read::references;
use crate::db::page::{Listed, Order, Page, PageBody};
use crate::db::schema::personal_data_reads as r;
use crate::db::{AnyConnection, in_list};
use crate::directory::names::{Names, names};
use crate::directory::succession;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Filter, List, Paged, Paging, Session};
use crate::kernel::clock::six_digits;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId, TokenId};
use crate::kernel::values::{AgreementRef, OrganizationRef, stored_id};
use crate::ledger::{Reach, RequestContext};

/// An access to the contact of an agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonalDataRead {
    /// Id of the entry.
    pub id: Uuid,
    /// Instant of the access.
    #[serde(serialize_with = "six_digits")]
    pub read_at: DateTime<Utc>,
    /// Id of the token or of the single sign-on subject. Null for the program itself.
    pub token_id: Option<TokenId>,
    /// Name of the token or of the single sign-on subject.
    #[schema(example = "전략산업과 협약 담당")]
    pub account: String,
    /// IP address from which the request came.
    #[schema(example = "192.0.2.10")]
    pub origin: String,
    /// Id of the operation that showed the contact.
    #[schema(example = "get_agreement")]
    pub operation: String,
    /// Id of the request, as in `X-Request-Id`.
    pub request_id: String,
    /// Id of the agreement whose contact was shown.
    pub agreement_id: AgreementId,
    /// Agreement with its present title; null if it was deleted.
    pub agreement: Option<AgreementRef>,
    /// Version of the agreement. The log of changes holds the digest of that version's contact.
    #[schema(minimum = 1)]
    pub agreement_version: i64,
    /// Id of the municipality that owns the agreement.
    pub municipality_id: OrganizationId,
    /// Municipality with its name; null if it is no longer recorded.
    pub municipality: Option<OrganizationRef>,
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
    fn view(
        self,
        agreements: &[AgreementRef],
        names: &Names,
    ) -> Result<PersonalDataRead, ApiError> {
        let agreement_id = stored_id(&self.agreement_id)?;
        let municipality_id = stored_id(&self.municipality_id)?;
        let agreement = agreements.iter().find(|a| a.id == agreement_id);
        Ok(PersonalDataRead {
            id: stored_id(&self.id)?,
            read_at: self.read_at.and_utc(),
            token_id: self.token_id.as_deref().map(stored_id).transpose()?,
            account: self.account,
            origin: self.origin,
            operation: self.operation,
            request_id: self.request_id,
            agreement_id,
            agreement: agreement.cloned(),
            agreement_version: self.agreement_version,
            municipality_id,
            municipality: names.find(municipality_id),
        })
    }
}

/// Filters for accesses to personal data.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReadFilter {
    /// Only accesses to the contact of this agreement.
    agreement_id: Option<AgreementId>,
    /// Only accesses with this token.
    token_id: Option<TokenId>,
    /// Only accesses to agreements of this municipality.
    municipality_id: Option<OrganizationId>,
    /// Only accesses at or after this instant.
    #[param(example = "2026-01-01T00:00:00Z")]
    from: Option<DateTime<Utc>>,
    /// Only accesses before this instant.
    #[param(example = "2027-01-01T00:00:00Z")]
    to: Option<DateTime<Utc>>,
}

impl Filter for ReadFilter {
    fn order(&self) -> Order {
        Order::descending("personal_data_reads.id", "personal_data_reads.id")
    }
}

/// Reads one page of the accesses to agreements of the caller's municipalities, newest first.
fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &ReadFilter,
    page: &Page,
) -> Result<Listed<PersonalDataRead>, ApiError> {
    let owners = succession::owners(conn, filter.municipality_id, cx.today)?;
    let all = || {
        let mut found = r::table.into_boxed();
        if let Reach::Of(own) = &cx.caller.reach {
            found = found.filter(in_list(
                r::municipality_id,
                own.iter().map(OrganizationId::to_string),
            ));
        }
        if let Some(id) = filter.agreement_id {
            found = found.filter(r::agreement_id.eq(id.to_string()));
        }
        if let Some(id) = filter.token_id {
            found = found.filter(r::token_id.eq(id.to_string()));
        }
        if let Some(owners) = &owners {
            found = found.filter(in_list(r::municipality_id, owners));
        }
        if let Some(from) = filter.from {
            found = found.filter(r::read_at.ge(from.naive_utc()));
        }
        if let Some(to) = filter.to {
            found = found.filter(r::read_at.lt(to.naive_utc()));
        }
        found
    };
    let listed = page.load(conn, all, |row: &Row| row.id.clone())?;
    listed.try_map(|rows: Vec<Row>| {
        let ids = rows.iter().map(|row| stored_id(&row.agreement_id));
        let ids: BTreeSet<AgreementId> = ids.collect::<Result<_, _>>()?;
        let agreements = references(conn, cx, &ids.into_iter().collect::<Vec<_>>())?;
        let owners = rows.iter().map(|row| stored_id(&row.municipality_id));
        let owners: BTreeSet<OrganizationId> = owners.collect::<Result<_, _>>()?;
        let names = names(conn, owners)?;
        let views = rows.into_iter().map(|row| row.view(&agreements, &names));
        views.collect()
    })
}

/// List accesses to personal data
///
/// Lists each request that was shown the contact of an agreement of the caller's municipalities:
/// who asked, when, from where, by which request, and for which agreement. Requests answered with
/// `304`, because the client already had the contact, are included. Newest first.
#[utoipa::path(tag = "access", operation_id = "list_personal_data_reads", params(ReadFilter, Paging),
    responses((status = 200, description = "One page of accesses to personal data", body = PageBody<PersonalDataRead>)))]
#[get("/personal-data-reads")]
async fn list_personal_data_reads(
    session: Session,
    list: List<ReadFilter>,
) -> Result<Paged<PersonalDataRead>, ApiError> {
    let List { filter, page } = list;
    let listed = session.read(move |conn, cx| self::list(conn, cx, &filter, &page));
    // Reading changes no record, so the access is not in the log of changes.
    session.page(listed.await?)
}

pub fn configure(config: &mut impl Mount) {
    config.route(list_personal_data_reads, Access::Manage);
}
