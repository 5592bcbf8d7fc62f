//! The forms of real ledgers, by kind of value.

mod dates;
mod figures;
mod parties;
mod properties;
mod terms;

use super::{Context, Note};

fn codes(notes: &[Note]) -> Vec<&str> {
    notes.iter().map(|note| note.code.as_ref()).collect()
}

fn context(unit: &str) -> Context {
    Context {
        unit: Some(unit.to_owned()),
        ..Context::default()
    }
}
