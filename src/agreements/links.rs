//! Links between agreements: a framework and what carries it out, an agreement and its annexes, one
//! of which another amends a part, and several that another joins or splits. Unlike a succession, a
//! link ends nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::doc::Doc;
use super::read::references;
use super::rules;
use super::types::{AgreementContent, AgreementStatus};
use crate::db::schema::{agreement_links, agreements};
use crate::db::{AnyConnection, Json, alone, in_list};
use crate::directory::names::{Names, unknown};
use crate::directory::succession::Successions;
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{AgreementId, OrganizationId};
use crate::kernel::language::Message;
use crate::kernel::values::{AgreementRef, Localized, stored_id};
use crate::ledger::{RequestContext, Scope};

/// An agreement that another names.
struct Base {
    /// Name of the link in the database.
    link: &'static str,
    id: AgreementId,
    /// Pointer to the member that names it.
    at: String,
}

/// Returns the agreements that an agreement names.
fn bases(content: &AgreementContent) -> impl Iterator<Item = Base> {
    let single = [
        ("implements", content.implements_id),
        ("annex_to", content.annex_to_id),
        ("amends", content.amends_id),
    ];
    let single = single.into_iter().filter_map(|(link, id)| {
        let at = format!("/{link}_id");
        Some(Base { link, id: id?, at })
    });
    let continued = content.continues_ids.iter().enumerate();
    single.chain(continued.map(|(i, id)| Base {
        link: "continues",
        id: *id,
        at: format!("/continues_ids/{i}"),
    }))
}

/// The agreements that an agreement names and that the caller can see.
#[derive(Default)]
pub(super) struct Bases {
    pub implements: Option<AgreementRef>,
    pub annex_to: Option<AgreementRef>,
    pub amends: Option<AgreementRef>,
    pub continues: Vec<AgreementRef>,
}

impl Bases {
    pub fn load(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        content: &AgreementContent,
    ) -> Result<Self, ApiError> {
        let ids: Vec<AgreementId> = bases(content).map(|base| base.id).collect();
        let found = references(conn, cx, &ids)?;
        let continued = found
            .iter()
            .filter(|a| content.continues_ids.contains(&a.id));
        let seen = |id: Option<AgreementId>| found.iter().find(|a| Some(a.id) == id).cloned();
        Ok(Self {
            implements: seen(content.implements_id),
            annex_to: seen(content.annex_to_id),
            amends: seen(content.amends_id),
            continues: continued.cloned().collect(),
        })
    }

    /// Removes the ids of agreements that the caller cannot see: they do not exist for it.
    pub fn hide_others(&self, content: &mut AgreementContent) {
        let id = |base: &Option<AgreementRef>| base.as_ref().map(|base| base.id);
        content.implements_id = id(&self.implements);
        content.annex_to_id = id(&self.annex_to);
        content.amends_id = id(&self.amends);
        content.continues_ids = self.continues.iter().map(|base| base.id).collect();
    }
}

/// Checks the links of an agreement: each leads to an agreement that the caller can see, that
/// belongs to the same municipality or has it as a party (or one that it succeeded), and that is not
/// linked back.
pub(super) fn check(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, doc, names): (AgreementId, &Doc, &Names),
    errors: &mut Vec<FieldError>,
) -> Result<(), ApiError> {
    let mut bases = bases(&doc.content).peekable();
    if bases.peek().is_none() {
        return Ok(());
    }
    alone::hold_links(conn)?;
    let own = names.owner(doc.municipality_id, cx.today)?.id;
    let own = Successions::load(conn)?.held_by(own, cx.today);
    for Base { id: base, at, .. } in bases {
        let owner: Option<String> = agreements::table
            .filter(agreements::id.eq(base.to_string()))
            .filter(Scope::of(&cx.caller, "agreements"))
            .select(agreements::municipality_id)
            .first(conn)
            .optional()?;
        let Some(owner) = owner else {
            errors.push(unknown(&at));
            continue;
        };
        if !own.contains(&stored_id(&owner)?) && !has_party(conn, base, &own)? {
            let message = Message::fixed(
                "다른 지방자치단체의 협약이고, 이 지방자치단체는 그 당사자가 아닙니다.",
                "It belongs to another municipality, and this one is no party to it.",
            );
            errors.push(FieldError::body(at, "another_municipality", message));
        } else if leads_to(conn, base, id)? {
            let message = Message::fixed(
                "그 협약이 이 협약에 딸려 있습니다.",
                "That agreement is linked to this one itself.",
            );
            errors.push(FieldError::body(at, "circular", message));
        }
    }
    Ok(())
}

fn has_party(
    conn: &mut AnyConnection,
    id: AgreementId,
    organizations: &BTreeSet<OrganizationId>,
) -> Result<bool, ApiError> {
    use crate::db::schema::agreement_parties as p;
    let organizations = organizations.iter().map(OrganizationId::to_string);
    let found = p::table
        .filter(p::agreement_id.eq(id.to_string()))
        .filter(in_list(p::organization_id, organizations))
        .count();
    Ok(found.get_result::<i64>(conn)? > 0)
}

/// Returns `true` if an agreement is `id`, or is linked to it, directly or by others.
fn leads_to(
    conn: &mut AnyConnection,
    from: AgreementId,
    id: AgreementId,
) -> Result<bool, ApiError> {
    use agreement_links as l;
    let id = id.to_string();
    let mut seen = BTreeSet::new();
    let mut next = BTreeSet::from([from.to_string()]);
    while !next.is_empty() {
        if next.contains(&id) {
            return Ok(true);
        }
        let bases: Vec<String> = l::table
            .filter(in_list(l::agreement_id, next.iter().cloned()))
            .select(l::base_id)
            .load(conn)?;
        seen.append(&mut next);
        next.extend(bases.into_iter().filter(|base| !seen.contains(base)));
    }
    Ok(false)
}

/// The agreements that name an agreement as their base, in the order of their signing.
#[derive(Default)]
pub(super) struct Linked {
    pub implemented_by: Vec<AgreementRef>,
    pub annexes: Vec<AgreementRef>,
    pub amended_by: Vec<AgreementRef>,
    pub continued_by: Vec<AgreementRef>,
}

impl Linked {
    /// Loads the agreements linked to an agreement that the caller can see; on a past day, only
    /// those signed by then. Withdrawn and voided agreements are linked to nothing.
    pub fn load(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        id: AgreementId,
        by: Option<NaiveDate>,
    ) -> Result<Self, ApiError> {
        use {agreement_links as l, agreements as a};
        let rows: Vec<(String, String, Json<Localized>, Json<Doc>)> = l::table
            .inner_join(a::table.on(a::id.eq(l::agreement_id)))
            .filter(l::base_id.eq(id.to_string()))
            .filter(Scope::of(&cx.caller, "agreements"))
            .filter(a::status.ne("withdrawn").and(a::status.ne("voided")))
            .order((a::sort_signed, a::id))
            .select((l::link, a::id, a::title, a::doc))
            .load(conn)?;
        let mut all: BTreeMap<String, Vec<AgreementRef>> = BTreeMap::new();
        for (link, id, Json(title), Json(doc)) in rows {
            if let Some(day) = by {
                let then = rules::status_on(&doc.transitions, day, &doc.counting(cx.zone));
                if !then.is_some_and(AgreementStatus::is_signed) {
                    continue;
                }
            }
            all.entry(link).or_default().push(AgreementRef {
                id: stored_id(&id)?,
                title,
            });
        }
        let mut of = |link: &str| all.remove(link).unwrap_or_default();
        Ok(Self {
            implemented_by: of("implements"),
            annexes: of("annex_to"),
            amended_by: of("amends"),
            continued_by: of("continues"),
        })
    }
}

/// Writes the links of an agreement.
pub(super) fn write(
    conn: &mut AnyConnection,
    id: AgreementId,
    content: &AgreementContent,
) -> Result<(), ApiError> {
    use agreement_links as l;
    let links: BTreeSet<_> = bases(content).map(|base| (base.link, base.id)).collect();
    for (link, base) in links {
        diesel::insert_into(l::table)
            .values((
                l::agreement_id.eq(id.to_string()),
                l::link.eq(link),
                l::base_id.eq(base.to_string()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Removes the links of an agreement.
pub(super) fn remove(conn: &mut AnyConnection, id: &str) -> Result<(), ApiError> {
    use agreement_links as l;
    diesel::delete(l::table.filter(l::agreement_id.eq(id))).execute(conn)?;
    Ok(())
}
