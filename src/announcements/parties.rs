//! The parties that an announcement names, read as those of lists are.

use super::types::AnnouncedParty;
use crate::kernel::wording::{Context, Parties, read_parties};

/// Reads the name of a party as announced: `병병원(병원장 김하나) 등 3개 기관`. `is_known` tells names that
/// are recorded.
pub(super) fn read(party: &AnnouncedParty, is_known: &dyn Fn(&str) -> bool) -> Parties {
    let reading = read_parties(&party.name, &Context::default(), is_known);
    let mut choices = reading.choices.into_iter();
    let read = reading.value.or_else(|| Some(choices.next()?.value));
    read.unwrap_or_default()
}
