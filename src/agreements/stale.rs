//! Agreements that become stale on a day.

use std::ops::Range;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::list::is_awaited;
use super::types::AgreementKind;
use crate::db::schema::agreements as a;
use crate::db::{AnyConnection, Json, Name};
use crate::directory::succession::{self, Share};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{AgreementRef, Localized, stored_id};
use crate::ledger::{RequestContext, Scope};
use crate::projections::freshness::Thresholds;
use crate::projections::policies;

/// Agreement with the day of its last news.
pub struct StaleAgreement {
    pub agreement: AgreementRef,
    pub kind: AgreementKind,
    pub last: NaiveDate,
}

/// Returns the days of last news that make an agreement stale on `day`: stale by the policy of that
/// day, and not yet by the policy of the day before.
pub fn since(
    conn: &mut AnyConnection,
    municipality: OrganizationId,
    day: NaiveDate,
) -> Result<Range<NaiveDate>, ApiError> {
    let policies = policies::of(conn, municipality)?;
    let before = day.pred_opt().unwrap_or(day);
    let stale_before = |day| Thresholds::on(&policies, day).ageing;
    Ok(stale_before(before)..stale_before(day))
}

/// Returns the first `most` of the agreements that are signed, have not ended and had their last
/// news in `last`, and the number of all of them.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
    last: &Range<NaiveDate>,
    most: usize,
) -> Result<(i64, Vec<StaleAgreement>), ApiError> {
    let held = succession::held_of(conn, municipality, cx.today)?;
    let stale = || {
        a::table
            .filter(Scope::held(
                &held,
                Share::Any,
                "agreements",
                "agreements.id",
            ))
            .filter(is_awaited(cx.today))
            .filter(a::last_sign.ge(last.start).assume_not_null())
            .filter(a::last_sign.lt(last.end).assume_not_null())
            .filter(Scope::of(&cx.caller, "agreements"))
    };
    let count = stale().count().get_result(conn)?;
    type Row = (
        String,
        Json<Localized>,
        Name<AgreementKind>,
        Option<NaiveDate>,
    );
    let rows: Vec<Row> = stale()
        .order((a::last_sign, a::id))
        .limit(most as i64)
        .select((a::id, a::title, a::kind, a::last_sign))
        .load(conn)?;
    let rows = rows
        .into_iter()
        .filter_map(|(id, Json(title), Name(kind), last)| {
            let stale = |last| {
                Ok(StaleAgreement {
                    agreement: AgreementRef {
                        id: stored_id(&id)?,
                        title,
                    },
                    kind,
                    last,
                })
            };
            last.map(stale)
        });
    Ok((count, rows.collect::<Result<_, ApiError>>()?))
}
