//! Where the facts that a policy demands before a signing are filled in.

use super::council::Act;
use super::fields::EDIT;
use super::path;
use crate::agreements::types::Agreement;
use crate::kernel::ids::AgreementId;
use crate::kernel::values::Warning;
use crate::pages::agreements::Doing;
use crate::pages::markup::{Link, Text};
use crate::pages::reader::Frame;

/// Members of an agreement that a form of a list adds to.
const LISTS: [&str; 3] = ["commitments", "documents", "sources"];

/// Returns the paths of the forms of what a signing lacks, by members of the agreement. What the council
/// has to do is of none. `may_change` tells that the content can be changed.
pub fn leads(id: AgreementId, may_change: bool) -> Vec<(&'static str, String)> {
    let content = EDIT.iter().filter(|group| group.list.is_empty());
    let content = content.flat_map(|group| group.fields);
    let content = content.map(|field| (field.at, format!("edit#f-{}", field.at)));
    let lists = LISTS.map(|list| (list, format!("{list}/new")));
    let signatories = ("parties", "parts".to_owned());
    let own = content.chain(lists).chain([signatories]);
    let own = own.filter(|_| may_change);
    let council = Act::CouncilActions.path(id);
    let council = [("", council.clone()), ("council_actions", council)];
    own.map(|(member, rest)| (member, format!("{}/{rest}", path(id))))
        .chain(council)
        .collect()
}

/// Completes the warnings on the page of an agreement: whom each concerns, and where that is filled in, for
/// who can do so.
pub fn lead_on(doing: &mut Doing, frame: &Frame, one: &Agreement, may_change: bool) {
    let leads = leads(one.meta.id, may_change);
    for (warned, warning) in doing.warnings.iter_mut().zip(&one.warnings) {
        if let Some(name) = party(frame, one, warning) {
            warned.text = format!("{name}: {}", warned.text);
        }
        let member = warning.pointer.split('/').nth(1).unwrap_or_default();
        let lead = leads.iter().find(|(known, _)| *known == member);
        warned.form = lead.map(|(_, path)| {
            let said = Text::stated(frame.w.t("적는 곳", "Fill it in"), frame.w);
            Link::to(frame.to(path), said)
        });
    }
}

/// Returns the name of the party that a warning is about.
fn party<'a>(frame: &Frame, one: &'a Agreement, warning: &Warning) -> Option<&'a str> {
    let rest = warning.pointer.strip_prefix("/parties/")?;
    let place: usize = rest.split('/').next()?.parse().ok()?;
    Some(
        one.parties
            .get(place)?
            .organization
            .name
            .in_language(frame.w.0),
    )
}
