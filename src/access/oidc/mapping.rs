//! Mapping from the values of a claim to roles and reach.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::db::schema::organizations as o;
use crate::db::{AnyConnection, in_list};
use crate::directory::municipalities as reference;
use crate::directory::names::names;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::stored_id;
use crate::ledger::caller::{Reach, Role};

/// The rules; the first that matches applies.
pub struct Mapping {
    claim: String,
    rules: Vec<(String, Arc<Entitlement>)>,
    /// Digest of the file.
    digest: String,
}

/// A role and its reach.
pub struct Entitlement {
    /// The value of the claim that grants it.
    pub named: String,
    pub role: Role,
    municipalities: Municipalities,
    organization_id: Option<OrganizationId>,
}

enum Municipalities {
    All,
    Codes(Vec<String>),
}

/// The format of the mapping file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    claim: String,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    value: String,
    role: Role,
    municipalities: Option<Which>,
    organization_id: Option<OrganizationId>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "municipalities is a list of codes, or \"all\"")]
enum Which {
    All(All),
    Codes(Vec<String>),
}

#[derive(Deserialize)]
enum All {
    #[serde(rename = "all")]
    All,
}

impl Mapping {
    /// # Errors
    /// Fails if the file is not valid.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        Self::of_text(&std::fs::read_to_string(path)?)
    }

    fn of_text(text: &str) -> anyhow::Result<Self> {
        let file: File = serde_json::from_str(text)?;
        ensure!(!file.claim.trim().is_empty(), "the claim is empty");
        ensure!(!file.rules.is_empty(), "there are no rules");
        let rules = file.rules.into_iter().enumerate();
        let rules = rules.map(|(i, rule)| rule.check().with_context(|| format!("rule {}", i + 1)));
        Ok(Self {
            claim: file.claim,
            rules: rules.collect::<Result<_, _>>()?,
            digest: crate::kernel::hex(Sha256::digest(text)),
        })
    }

    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns what a value of the claim grants.
    pub fn named(&self, value: &str) -> Option<Arc<Entitlement>> {
        let rule = self.rules.iter().find(|(known, _)| known == value);
        rule.map(|(_, entitlement)| entitlement.clone())
    }

    pub fn has_admin(&self) -> bool {
        let mut held = self.rules.iter().map(|(_, held)| held);
        held.any(|e| e.role == Role::Admin && matches!(e.municipalities, Municipalities::All))
    }

    /// Returns what the claims grant, or `None` if no rule matches.
    pub fn of(&self, claims: &Map<String, Value>) -> Option<Arc<Entitlement>> {
        // The name of a claim can itself contain dots, as URLs do.
        let said = claims.get(&self.claim).or_else(|| {
            let mut steps = self.claim.split('.');
            let first = claims.get(steps.next()?)?;
            steps.try_fold(first, |value, step| value.get(step))
        })?;
        let fits = |value: &str| match said {
            Value::Array(several) => several.iter().any(|one| one.as_str() == Some(value)),
            one => one.as_str() == Some(value),
        };
        let rule = self.rules.iter().find(|(value, _)| fits(value));
        rule.map(|(_, entitlement)| entitlement.clone())
    }
}

impl Rule {
    /// Applies the same bounds as for tokens: an empty binding grants nothing.
    fn check(self) -> anyhow::Result<(String, Arc<Entitlement>)> {
        ensure!(!self.value.trim().is_empty(), "the value is empty");
        let role = self.role.as_str();
        let municipalities = match (self.role, self.municipalities) {
            // A partner is already limited by its organization.
            (_, Some(Which::All(All::All))) | (Role::Partner, None) => Municipalities::All,
            (_, Some(Which::Codes(codes))) if !codes.is_empty() => Municipalities::Codes(codes),
            (_, _) => bail!("the role {role} needs municipalities"),
        };
        match (self.role, self.organization_id) {
            (Role::Partner, None) => bail!("a partner needs its organization_id"),
            (Role::Partner, Some(_)) | (_, None) => {}
            (_, Some(_)) => bail!("only a partner has an organization_id"),
        }
        if let Municipalities::Codes(codes) = &municipalities
            && let Some(code) = codes.iter().find(|c| reference::municipality(c).is_none())
        {
            bail!("no municipality has the code {code:?}");
        }
        let entitlement = Entitlement {
            named: self.value.clone(),
            role: self.role,
            municipalities,
            organization_id: self.organization_id,
        };
        Ok((self.value, Arc::new(entitlement)))
    }
}

impl Entitlement {
    /// Returns the reach. A code without a recorded municipality grants nothing.
    pub fn reach(&self, conn: &mut AnyConnection) -> Result<Reach, ApiError> {
        let codes = match &self.municipalities {
            Municipalities::All => return Ok(Reach::All),
            Municipalities::Codes(codes) => codes,
        };
        let ids: Vec<String> = o::table
            .filter(in_list(o::code.assume_not_null(), codes.iter().cloned()))
            .select(o::id)
            .load(conn)?;
        let ids = ids.iter().map(|id| stored_id(id));
        Ok(Reach::Of(ids.collect::<Result<_, _>>()?))
    }

    /// Returns the organization of a partner; `None` if it is not recorded, or was merged into another:
    /// the mapping then grants nothing beyond what is public until it names the survivor.
    pub fn organization(
        &self,
        conn: &mut AnyConnection,
    ) -> Result<Option<OrganizationId>, ApiError> {
        let Some(id) = self.organization_id else {
            return Ok(None);
        };
        let known = names(conn, [id])?;
        Ok(Some(id).filter(|id| known.contains(*id) && known.survivor(*id) == *id))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mapping(file: Value) -> anyhow::Result<Mapping> {
        Mapping::of_text(&file.to_string())
    }

    fn role(mapping: &Mapping, claims: Value) -> Option<Role> {
        let found = mapping.of(claims.as_object().unwrap());
        found.map(|entitlement| entitlement.role)
    }

    #[test]
    fn the_first_rule_that_fits_counts() {
        let rules = json!([
            {"value": "admins", "role": "admin", "municipalities": "all"},
            {"value": "staff", "role": "viewer", "municipalities": ["4128000000"]},
        ]);
        let flat = mapping(json!({"claim": "groups", "rules": rules})).unwrap();
        let both = json!({"groups": ["staff", "admins"]});
        assert_eq!(role(&flat, both), Some(Role::Admin));
        assert_eq!(role(&flat, json!({"groups": "staff"})), Some(Role::Viewer));
        for none in [
            json!({}),
            json!({"groups": null}),
            json!({"groups": []}),
            json!({"groups": ["Staff", 1, ["staff"]]}),
            json!({"groups": {"staff": true}}),
            json!({"groups": "staff admins"}),
        ] {
            assert_eq!(role(&flat, none.clone()), None, "{none}");
        }
        let path = mapping(json!({"claim": "realm.roles", "rules": rules})).unwrap();
        let staff = Some(Role::Viewer);
        assert_eq!(role(&path, json!({"realm": {"roles": ["staff"]}})), staff);
        assert_eq!(role(&path, json!({"realm.roles": ["staff"]})), staff);
        assert_eq!(role(&path, json!({"realm": ["staff"]})), None);
    }

    #[test]
    fn a_file_that_would_open_more_than_it_says_is_refused() {
        for (rule, says) in [
            (
                json!({"value": "a", "role": "editor"}),
                "needs municipalities",
            ),
            (
                json!({"value": "a", "role": "editor", "municipalities": []}),
                "needs municipalities",
            ),
            (
                json!({"value": "a", "role": "editor", "municipalities": "ALL"}),
                "list of codes",
            ),
            (
                json!({"value": "a", "role": "editor", "municipalities": ["1"]}),
                "has the code",
            ),
            (
                json!({"value": "", "role": "admin", "municipalities": "all"}),
                "value is empty",
            ),
            (json!({"value": "a", "role": "partner"}), "organization_id"),
            (
                json!({"value": "a", "role": "mayor", "municipalities": "all"}),
                "mayor",
            ),
            (
                json!({"value": "a", "role": "viewer", "municipality": "all"}),
                "municipality",
            ),
        ] {
            let refused = mapping(json!({"claim": "groups", "rules": [rule]}));
            let said = format!("{:#}", refused.err().unwrap());
            assert!(said.contains(says), "{said}");
        }
        assert!(mapping(json!({"claim": "groups", "rules": []})).is_err());
    }
}
