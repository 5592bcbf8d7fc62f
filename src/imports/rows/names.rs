//! Organizations that cells name: the importing city itself, those of the registry, and new ones.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Value, json};
use uuid::Uuid;

use super::columns::Ledger;
use super::projects::Projects;
use super::stand_ins::{StandIn, stand_in};
use crate::kernel::ids::{OrganizationId, WorkingGroupId};
use crate::kernel::wording::PartyName;
use crate::organizations::matching::{Matched, likely_kind};
use crate::organizations::types::OrganizationKind;

/// Organizations of the registry that match the names in a file.
pub struct Names<'a> {
    /// The importing municipality.
    pub own: OrganizationId,
    /// Returns whether an organization of a name is recorded.
    pub is_known: &'a dyn Fn(&str) -> bool,
    /// By name.
    pub matched: HashMap<String, Matched>,
    /// The working groups of the municipality, by their squeezed names.
    pub groups: HashMap<String, WorkingGroupId>,
    /// Ids in an exported list of organizations that are recorded.
    pub recorded: HashSet<Uuid>,
    /// The projects of the municipality.
    pub projects: Projects,
}

impl Names<'_> {
    /// Returns the match of a name.
    pub fn of(&self, name: &str) -> Matched {
        let matched = self.matched.get(name).cloned();
        matched.unwrap_or_else(|| Matched::New {
            kind: likely_kind(name),
        })
    }
}

/// Returns every organization that the columns of parties name, by name.
pub fn party_names(
    ledger: &Ledger<'_>,
    is_known: &dyn Fn(&str) -> bool,
) -> BTreeMap<String, PartyName> {
    let mut names = BTreeMap::new();
    for row in &ledger.layout.rows {
        for column in ledger.of("parties").chain(ledger.of("attendees")) {
            let text = row.cells[column].stated().unwrap_or_default();
            let read = ledger.parties(column, &text, is_known);
            let choices = read.choices.into_iter().map(|choice| choice.value);
            let all = read.value.into_iter().chain(choices);
            for party in all.flat_map(|parties| parties.named) {
                let meant = stand_in(&party.name, is_known);
                if let Some(name) = meant.as_ref().and_then(StandIn::body) {
                    let body = PartyName {
                        name: name.to_owned(),
                        ..PartyName::default()
                    };
                    names.insert(name.to_owned(), body);
                }
                names.insert(party.name.clone(), party);
            }
        }
    }
    names
}

/// Returns an organization that is recorded with the row, as a request names it.
pub fn new_organization(name: &str, kind: OrganizationKind) -> Value {
    let language = if name.is_ascii() { "en" } else { "ko" };
    // A municipality is recorded by its code alone.
    let kind = match kind {
        OrganizationKind::Municipality => OrganizationKind::GovernmentAgency,
        kind => kind,
    };
    json!({ "organization": { "name": { language: name }, "kind": kind } })
}
