//! Organizations that the cells of a file name, matched with those that are recorded.
//!
//! [`Directory::load`] reads all recorded names once; [`Directory::find`] matches all names of a file
//! with two more queries at most, whatever their number.

mod kinds;
mod likeness;
mod own;

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use serde::Serialize;

use super::types::OrganizationKind;
use crate::db::schema::{organization_identifiers, organization_names, organizations};
use crate::db::{AnyConnection, Json, Name, in_list};
use crate::directory::legal_forms::name_key;
use crate::directory::municipalities as reference;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::text::squeeze;
use crate::kernel::values::{Identifier, Localized, OrganizationRef, stored_id};
use crate::kernel::wording::PartyName;
pub use kinds::likely_kind;
pub use likeness::{Compared, Likeness, Similar, abbreviated};
pub use own::Own;

/// Candidates of one name at most.
const MOST: usize = 5;
/// Values per statement at most: SQLite accepts no more than 32,766.
const AT_ONCE: usize = 16_384;

/// An organization that a file names.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Its name, and others by which the file knows it, such as the former one.
    pub names: Vec<String>,
    pub identifiers: Vec<Identifier>,
    /// The country that the file states, as an ISO 3166-1 alpha-2 code.
    pub country: Option<String>,
}

impl Wanted {
    /// Returns a party as a cell names it, with a business number in brackets as its identifier.
    pub fn party(party: &PartyName) -> Self {
        let names = [
            Some(&party.name),
            party.former.as_ref(),
            party.local_name.as_ref(),
        ];
        Self {
            names: names.into_iter().flatten().cloned().collect(),
            identifiers: party
                .remarks
                .iter()
                .filter_map(|remark| likeness::number_in(remark))
                .collect(),
            country: None,
        }
    }
}

/// What the registry makes of a name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Matched {
    /// The importing municipality itself, or a department of it.
    Own { department: Option<String> },
    /// A recorded organization.
    Known(Candidate),
    /// One of several recorded organizations, or none of them: a question, the likeliest first.
    Unclear(Vec<Candidate>),
    /// No recorded organization is alike.
    New { kind: OrganizationKind },
}

/// A recorded organization that a name perhaps means.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    pub organization: OrganizationRef,
    pub kind: OrganizationKind,
    /// How likely it is meant, from 0 to 100.
    pub score: u8,
    pub likeness: Likeness,
}

/// All recorded names.
pub struct Directory {
    /// The ids of the organizations by the [`name_key`] of their names.
    by_key: HashMap<String, Vec<String>>,
    similar: Similar,
    own: Own,
}

#[derive(Clone)]
struct Recorded {
    id: OrganizationId,
    kind: OrganizationKind,
    name: Localized,
    code: Option<String>,
    other_names: Vec<String>,
    country: Option<String>,
}

impl Directory {
    /// Reads the names of all organizations, and those of the importing municipality.
    ///
    /// # Errors
    /// `not_found` if the municipality is not recorded.
    pub fn load(conn: &mut AnyConnection, municipality: OrganizationId) -> Result<Self, ApiError> {
        use organization_names as n;
        use organizations as o;
        let rows: Vec<(String, String)> = n::table
            .inner_join(o::table.on(o::id.eq(n::organization_id)))
            .filter(o::merged_into_id.is_null())
            .select((n::name_key, n::organization_id))
            .load(conn)?;
        let codes: Vec<(String, Option<String>)> = o::table
            .filter(o::code.is_not_null())
            .select((o::id, o::code))
            .load(conn)?;
        let mut by_key: HashMap<String, Vec<String>> = HashMap::with_capacity(rows.len());
        // The official list names municipalities with their province too.
        let official = codes.iter().filter_map(|(id, code)| {
            let official = reference::municipality(code.as_deref()?)?;
            let names = official.full_name.texts().map(name_key);
            Some(names.map(move |key| (key, id.clone())).collect::<Vec<_>>())
        });
        for (key, id) in rows.iter().cloned().chain(official.flatten()) {
            let ids = by_key.entry(key).or_default();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(Self {
            similar: Similar::of(by_key.keys()),
            own: Own::load(conn, municipality)?,
            by_key,
        })
    }

    /// Returns whether an organization of this name is recorded, whatever its legal form.
    pub fn is_known(&self, name: &str) -> bool {
        self.by_key.contains_key(&name_key(name)) || self.own.is_named(name)
    }

    /// Matches all names of a file, in their order.
    pub fn find(
        &self,
        conn: &mut AnyConnection,
        wanted: &[Wanted],
    ) -> Result<Vec<Matched>, ApiError> {
        let owners = owners(conn, wanted)?;
        let alike: Vec<Vec<(String, u8, Likeness)>> =
            wanted.iter().map(|one| self.alike(one, &owners)).collect();
        let ids: BTreeSet<String> = alike.iter().flatten().map(|(id, ..)| id.clone()).collect();
        let recorded = recorded(conn, ids)?;
        let both = wanted.iter().zip(alike);
        Ok(both
            .map(|(one, alike)| self.matched(one, alike, &recorded))
            .collect())
    }

    /// Returns the ids of the organizations that are like a wanted one.
    fn alike(
        &self,
        wanted: &Wanted,
        owners: &HashMap<(&'static str, String), String>,
    ) -> Vec<(String, u8, Likeness)> {
        let identifiers = wanted.identifiers.iter();
        let by_number = identifiers.filter_map(|one| owners.get(&(one.scheme.as_str(), one.key())));
        let mut found: Vec<(String, u8, Likeness)> = by_number
            .map(|id| (id.clone(), 100, Likeness::SameIdentifier))
            .collect();
        if !found.is_empty() {
            return found;
        }
        for name in &wanted.names {
            let key = name_key(name);
            let ids = self.by_key.get(&key).into_iter().flatten();
            found.extend(ids.map(|id| (id.clone(), 95, Likeness::SimilarName)));
        }
        if found.is_empty()
            && wanted
                .names
                .first()
                .is_some_and(|name| self.own.part(name).is_none())
        {
            let compared = wanted
                .names
                .iter()
                .map(|name| Compared::of(&name_key(name)));
            for (key, score, likeness) in compared.flat_map(|one| self.similar.to(&one)) {
                let ids = self.by_key.get(&key).into_iter().flatten();
                found.extend(ids.map(|id| (id.clone(), score, likeness)));
            }
        }
        if found.is_empty() {
            found = self.within(wanted);
        }
        found.sort_by(|a, b| (&a.0, b.1).cmp(&(&b.0, a.1)));
        found.dedup_by(|later, first| later.0 == first.0);
        found
    }

    /// Returns the organizations whose name stands at the end of a longer one, as words of its own:
    /// `명지의료재단 명지병원`; and the municipality that English names otherwise: `Suwon City`.
    fn within(&self, wanted: &Wanted) -> Vec<(String, u8, Likeness)> {
        let ends = wanted.names.iter().flat_map(|name| {
            let gaps = name.match_indices(' ').map(|(at, _)| name[at + 1..].trim());
            gaps.filter(|end| self.own.part(end).is_none())
        });
        let ends = ends.map(|end| (name_key(end), 60));
        let names = wanted.names.iter();
        let cities = names.filter_map(|name| Some((name_key(&own::romanized(name)?), 90)));
        let found = cities.chain(ends).flat_map(|(key, score)| {
            let ids = self.by_key.get(&key).into_iter().flatten();
            ids.map(move |id| (id.clone(), score, Likeness::Abbreviated))
        });
        found.collect()
    }

    fn matched(
        &self,
        wanted: &Wanted,
        alike: Vec<(String, u8, Likeness)>,
        recorded: &HashMap<String, Recorded>,
    ) -> Matched {
        let name = wanted.names.first().map(String::as_str).unwrap_or_default();
        let own_id = self.own.id().to_string();
        let is_own =
            self.own.is_named(name) || matches!(&alike[..], [(id, 95.., _)] if *id == own_id);
        if is_own {
            return Matched::Own { department: None };
        }
        let candidates = alike.into_iter().filter_map(|(id, score, likeness)| {
            let organization = recorded.get(&id)?;
            Some(candidate(wanted, organization, score, likeness))
        });
        let mut candidates: Vec<Candidate> = candidates.collect();
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.score));
        candidates.truncate(MOST);
        let sure = |candidate: &&Candidate| candidate.score >= 95;
        let best = candidates.first().map_or(0, |candidate| candidate.score);
        let same = candidates
            .iter()
            .filter(sure)
            .filter(|candidate| candidate.score == best)
            .count();
        match candidates.first() {
            Some(first) if same == 1 => Matched::Known(first.clone()),
            Some(_) => Matched::Unclear(candidates),
            None => match self.own.part(name) {
                Some(department) => Matched::Own {
                    department: Some(department),
                },
                None => Matched::New {
                    kind: likely_kind(name),
                },
            },
        }
    }
}

/// Returns a recorded organization as a candidate. What is known of both and differs makes it less
/// likely.
fn candidate(wanted: &Wanted, recorded: &Recorded, score: u8, likeness: Likeness) -> Candidate {
    let names: BTreeSet<String> = wanted.names.iter().map(|name| squeeze(name)).collect();
    let mut known = recorded
        .name
        .texts()
        .chain(recorded.other_names.iter().map(String::as_str));
    let same =
        likeness == Likeness::SimilarName && known.any(|name| names.contains(&squeeze(name)));
    let (score, likeness) = if same {
        (100, Likeness::SameName)
    } else {
        (score, likeness)
    };
    let countries = wanted.country.as_ref().zip(recorded.country.as_ref());
    let abroad = countries.is_some_and(|(wanted, recorded)| wanted != recorded);
    let by_number = likeness == Likeness::SameIdentifier;
    Candidate {
        organization: OrganizationRef {
            id: recorded.id,
            name: recorded.name.clone(),
            code: recorded.code.clone(),
        },
        kind: recorded.kind,
        score: if abroad && !by_number {
            score.min(60)
        } else {
            score
        },
        likeness,
    }
}

/// Returns the owners of all identifiers of a file, by scheme and key.
fn owners(
    conn: &mut AnyConnection,
    wanted: &[Wanted],
) -> Result<HashMap<(&'static str, String), String>, ApiError> {
    use organization_identifiers as i;
    let all = wanted.iter().flat_map(|one| &one.identifiers);
    let schemes: HashMap<&str, &'static str> = all
        .clone()
        .map(|one| (one.scheme.as_str(), one.scheme.as_str()))
        .collect();
    let keys: BTreeSet<String> = all.map(Identifier::key).collect();
    let keys: Vec<String> = keys.into_iter().collect();
    let mut owners = HashMap::new();
    for some in keys.chunks(AT_ONCE) {
        let rows: Vec<(String, String, String)> = i::table
            .filter(in_list(i::value, some))
            .select((i::scheme, i::value, i::organization_id))
            .load(conn)?;
        for (scheme, value, id) in rows {
            if let Some(scheme) = schemes.get(scheme.as_str()) {
                owners.insert((*scheme, value), id);
            }
        }
    }
    Ok(owners)
}

type Row = (
    String,
    Name<OrganizationKind>,
    Option<String>,
    Json<super::store::Doc>,
);

/// Reads organizations by their ids.
fn recorded(
    conn: &mut AnyConnection,
    ids: BTreeSet<String>,
) -> Result<HashMap<String, Recorded>, ApiError> {
    use organizations as o;
    let ids: Vec<String> = ids.into_iter().collect();
    let mut all = HashMap::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let rows: Vec<Row> = o::table
            .filter(in_list(o::id, some))
            .filter(o::merged_into_id.is_null())
            .select((o::id, o::kind, o::code, o::doc))
            .load(conn)?;
        for (id, Name(kind), code, Json(doc)) in rows {
            let content = doc.content;
            let organization = Recorded {
                id: stored_id(&id)?,
                kind,
                code,
                other_names: content.full_names().map(str::to_owned).collect(),
                name: content.name,
                country: content.country,
            };
            all.insert(id, organization);
        }
    }
    Ok(all)
}
