//! Organizations that requests name: found by identifier or name, or recorded.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::store;
use super::store::{Doc, Row};
use super::types::{OrganizationContent, OrganizationCreate, OrganizationKind};
use crate::db::schema::{organization_identifiers, organization_names, organizations};
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::legal_forms::name_key;
use crate::http::checked::broken_rules;
use crate::http::named::{Organizations, Resolved};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::text::squeeze;
use crate::kernel::values::{
    Identifier, Likeness, Localized, LocalizedLine, OrganizationCandidate, OrganizationRef, Scheme,
    stored_id,
};
use crate::ledger::RequestContext;

/// Candidates that a refusal lists at most.
const MOST: usize = 20;

/// An organization by its name or by an identifier. It is the one recorded with one of the
/// identifiers, or else with the name; if there is none, it is recorded. Where several are alike, or
/// the one that is alike differs in kind, country or registration number, the request is refused,
/// and the error lists the candidates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"name": {"ko": "명지병원"}, "kind": "hospital"}))]
pub struct NamedOrganization {
    /// Name of the organization, in any of the languages in which it is recorded.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>, example = json!({"ko": "명지병원"}))]
    pub name: Option<Localized>,
    /// Kind of the organization; required if it is not recorded yet.
    #[schema(example = "hospital")]
    pub kind: Option<OrganizationKind>,
    /// Identifiers of the organization.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 20, example = json!([]))]
    pub identifiers: Vec<Identifier>,
    /// Country where it is seated, as an ISO 3166-1 alpha-2 code.
    #[schema(format = "iso3166-1", example = "KR")]
    pub country: Option<String>,
    /// Whether to record it although organizations of a like name are recorded: after a refusal that
    /// lists them, if it is none of these.
    #[serde(default)]
    #[schema(example = false)]
    pub record_anew: bool,
}

/// A recorded organization that is like a named one.
#[derive(Clone, Debug)]
struct Alike {
    id: OrganizationId,
    kind: OrganizationKind,
    name: Localized,
    code: Option<String>,
    identifiers: Vec<Identifier>,
    likeness: Vec<Likeness>,
}

/// The organization that a request means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// The recorded organization with this id.
    Known(OrganizationId),
    /// None that is recorded.
    New,
    Unclear,
}

impl Alike {
    fn is(&self, likeness: Likeness) -> bool {
        self.likeness.contains(&likeness)
    }

    /// Returns whether nothing that is known of both differs.
    fn fits(&self) -> bool {
        use Likeness::{OtherCountry, OtherIdentifier, OtherKind};
        ![OtherKind, OtherCountry, OtherIdentifier]
            .iter()
            .any(|other| self.is(*other))
    }

    fn candidate(self) -> OrganizationCandidate {
        OrganizationCandidate {
            id: self.id,
            name: self.name,
            kind: self.kind.as_str(),
            identifiers: self.identifiers,
            likeness: self.likeness,
        }
    }
}

impl NamedOrganization {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.name.iter().flat_map(Localized::texts)
    }

    /// Returns how a recorded organization is like this one, and how it differs.
    fn likeness(&self, kind: OrganizationKind, content: &OrganizationContent) -> Vec<Likeness> {
        let same = |one: &Identifier, other: &Identifier| {
            one.scheme == other.scheme && one.key() == other.key()
        };
        let identified = self
            .identifiers
            .iter()
            .any(|one| content.identifiers.iter().any(|other| same(one, other)));
        let names = |key: fn(&str) -> String| {
            let own: BTreeSet<String> = self.names().map(key).collect();
            content.full_names().any(|name| own.contains(&key(name)))
        };
        let numbers = |all: &[Identifier], scheme| all.iter().any(|one| one.scheme == scheme);
        let other_number = [Scheme::BusinessNumber, Scheme::CorporateNumber]
            .into_iter()
            .any(|scheme| {
                numbers(&self.identifiers, scheme) && numbers(&content.identifiers, scheme)
            });
        let countries = self.country.as_ref().zip(content.country.as_ref());
        let (same_name, similar) = (names(squeeze), names(name_key));
        [
            (Likeness::SameIdentifier, identified),
            (Likeness::SameName, same_name),
            (Likeness::SimilarName, similar && !same_name),
            (
                Likeness::OtherKind,
                self.kind.is_some_and(|own| own != kind),
            ),
            (
                Likeness::OtherCountry,
                countries.is_some_and(|(own, other)| own != other),
            ),
            (Likeness::OtherIdentifier, other_number && !identified),
        ]
        .into_iter()
        .filter_map(|(likeness, holds)| holds.then_some(likeness))
        .collect()
    }

    /// Returns which organization is meant; `earlier` are those that the request named before.
    fn choose(&self, alike: &[Alike], earlier: &[OrganizationId]) -> Choice {
        if self.record_anew {
            return Choice::New;
        }
        let only = |meant: &dyn Fn(&Alike) -> bool| {
            let mut all = alike.iter().filter(|a| meant(a)).map(|a| a.id);
            all.next().filter(|_| all.next().is_none())
        };
        if alike.iter().any(|a| a.is(Likeness::SameIdentifier)) {
            let known = only(&|a| a.is(Likeness::SameIdentifier));
            return known.map_or(Choice::Unclear, Choice::Known);
        }
        let known = only(&|a| a.fits() && earlier.contains(&a.id))
            .or_else(|| only(&|a| a.fits() && a.is(Likeness::SameName)))
            .or_else(|| only(&|_| true).filter(|_| alike.iter().all(Alike::fits)));
        match known {
            Some(id) => Choice::Known(id),
            None if alike.is_empty() => Choice::New,
            None => Choice::Unclear,
        }
    }

    /// Returns the organization to record.
    ///
    /// # Errors
    /// Returns what it lacks, and every rule that it breaks.
    fn to_record(&self) -> Result<OrganizationCreate, Vec<FieldError>> {
        let (Some(name), Some(kind)) = (self.name.clone(), self.kind) else {
            let lacks = [
                ("/name", self.name.is_none()),
                ("/kind", self.kind.is_none()),
            ];
            let lacks = lacks.into_iter().filter(|(_, lacks)| *lacks);
            return Err(lacks.map(|(at, _)| not_recorded(at)).collect());
        };
        let new = OrganizationCreate {
            kind,
            content: OrganizationContent {
                identifiers: self.identifiers.clone(),
                country: self.country.clone(),
                ..OrganizationContent::named(name)
            },
        };
        match broken_rules(&new) {
            broken if broken.is_empty() => Ok(new),
            broken => Err(broken),
        }
    }
}

fn not_recorded(at: &str) -> FieldError {
    let message = Message::fixed(
        "등록된 기관이 없습니다. 새로 등록하려면 이름과 종류를 적으십시오.",
        "No such organization is recorded. To record it, state its name and its kind.",
    );
    FieldError::body(at, "required", message)
}

/// Returns the refusal of a name that more than one organization can have.
fn unclear(alike: Vec<Alike>) -> FieldError {
    let message = Message::fixed(
        "어느 기관인지 분명하지 않습니다. candidates 가운데 하나라면 그 id를 organization_id에 적고, 모두 아니라면 \
         record_anew를 true로 적으십시오.",
        "It is unclear which organization is meant. If it is one of the candidates, state its id in \
         organization_id; if it is none of them, set record_anew to true.",
    );
    FieldError {
        candidates: alike.into_iter().take(MOST).map(Alike::candidate).collect(),
        ..FieldError::body("", "organization_unclear", message)
    }
}

/// Finds the organizations that have one of the identifiers, or a name that looks alike.
fn alike(conn: &mut AnyConnection, named: &NamedOrganization) -> Result<Vec<Alike>, ApiError> {
    use organization_identifiers as i;
    use organization_names as n;
    use organizations as o;
    let mut ids: BTreeSet<String> = BTreeSet::new();
    for identifier in &named.identifiers {
        let same = i::scheme
            .eq(identifier.scheme.as_str())
            .and(i::value.eq(identifier.key()));
        let owners = i::table.filter(same).select(i::organization_id);
        ids.extend(owners.load::<String>(conn)?);
    }
    let keys: Vec<String> = named
        .names()
        .map(name_key)
        .filter(|key| !key.is_empty())
        .collect();
    if !keys.is_empty() {
        let names = n::table.filter(in_list(n::name_key, keys));
        ids.extend(names.select(n::organization_id).load::<String>(conn)?);
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = o::table
        .filter(in_list(o::id, ids))
        .filter(o::merged_into_id.is_null())
        .select(Row::as_select())
        .order((o::sort_name, o::id))
        .load(conn)?;
    rows.into_iter()
        .map(|row| {
            let (kind, Json(Doc { content, .. })) = (row.kind.0, row.doc);
            Ok(Alike {
                id: stored_id(&row.id)?,
                kind,
                likeness: named.likeness(kind, &content),
                name: content.name,
                code: row.code,
                identifiers: content.identifiers,
            })
        })
        .collect()
}

/// Returns the recorded organization that a text means, by its id, its name or its business number, or
/// why it is unclear; never `except`.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn meant(
    conn: &mut AnyConnection,
    text: &str,
    except: Option<OrganizationId>,
) -> Result<Result<OrganizationId, FieldError>, ApiError> {
    if let Ok(id) = text.parse() {
        return Ok(Ok(id));
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = text.chars().all(|c| c.is_ascii_digit() || c == '-');
    let named = NamedOrganization {
        name: (!is_number).then(|| Localized::in_its_language(text)),
        kind: None,
        identifiers: match is_number {
            true => vec![Identifier {
                scheme: Scheme::BusinessNumber,
                id: digits,
            }],
            false => Vec::new(),
        },
        country: None,
        record_anew: false,
    };
    let mut alike = alike(conn, &named)?;
    alike.retain(|one| Some(one.id) != except);
    Ok(match named.choose(&alike, &[]) {
        Choice::Known(id) => Ok(id),
        Choice::New => {
            let message = Message::fixed(
                "이런 기관이 등록되어 있지 않습니다.",
                "No such organization is recorded.",
            );
            Err(FieldError::body("", "unknown", message))
        }
        Choice::Unclear => {
            let message = Message::fixed(
                "여럿이 비슷합니다. 어느 기관인지 골라 주십시오.",
                "Several are alike: choose the one that you mean.",
            );
            Err(FieldError {
                message,
                ..unclear(alike)
            })
        }
    })
}

/// The recorded organizations, to which new ones are added.
pub struct Recorded;

impl Organizations for Recorded {
    fn resolve(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        named: &Value,
        earlier: &[OrganizationId],
    ) -> Result<Resolved, ApiError> {
        let named = NamedOrganization::deserialize(named).map_err(ApiError::internal)?;
        let broken = broken_rules(&named);
        if !broken.is_empty() {
            return refused(conn, cx, broken);
        }
        let alike = alike(conn, &named)?;
        match named.choose(&alike, earlier) {
            Choice::Known(id) => known(&alike, id),
            Choice::Unclear => refused(conn, cx, vec![unclear(alike)]),
            Choice::New => match named.to_record() {
                Ok(new) => record(conn, cx, new),
                Err(errors) => refused(conn, cx, errors),
            },
        }
    }
}

fn known(alike: &[Alike], id: OrganizationId) -> Result<Resolved, ApiError> {
    let found = alike.iter().find(|a| a.id == id);
    let found = found.ok_or_else(|| ApiError::internal("the organization found is gone"))?;
    let (name, code) = (found.name.clone(), found.code.clone());
    Ok(Resolved::Known(OrganizationRef { id, name, code }))
}

fn record(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    OrganizationCreate { kind, content }: OrganizationCreate,
) -> Result<Resolved, ApiError> {
    match store::create(conn, cx, kind, &Doc::of(content)) {
        Ok(new) => Ok(Resolved::Recorded(OrganizationRef {
            id: new.meta.id,
            name: new.doc.content.name,
            code: new.code,
        })),
        // Nothing was written.
        Err(error)
            if matches!(error.code, Code::Invalid | Code::Conflict) && !error.is_collision() =>
        {
            refused(conn, cx, error.errors)
        }
        Err(error) => Err(error),
    }
}

/// Refuses a name, and records an organization for which the request is checked further.
fn refused(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    errors: Vec<FieldError>,
) -> Result<Resolved, ApiError> {
    let nameless = OrganizationContent::named(Localized::ko("?"));
    let new = store::create(conn, cx, OrganizationKind::Other, &Doc::of(nameless))?;
    Ok(Resolved::Refused(new.meta.id, errors))
}

#[cfg(test)]
#[path = "named_tests.rs"]
mod tests;
