//! A row of a list of announcements.

use serde_json::json;

use super::amounts::money;
use super::cells::{cells, localized, stated, unmapped};
use super::columns::Ledger;
use super::contact::{department_alone, no_place};
use super::names::Names;
use super::organization::sources;
use super::party_list::{keep_beside, settled_parties};
use super::row::{Reader, Row, line};
use super::stand_ins::{StandIn, stand_in};
use super::visibility::ask_whether_public;
use crate::announcements::events::told_by;
use crate::announcements::types::AnnouncementKind;
use crate::imports::kind::ImportKind;
use crate::imports::layout::DataRow;
use crate::kernel::language::Message;

/// Returns the announcement of a row.
pub fn announcement(ledger: &Ledger<'_>, data: &DataRow, names: &Names<'_>) -> Row {
    let mut reader = Reader::new(ledger, data);
    cells(&mut reader);
    title(&mut reader);
    kind(&mut reader);
    for member in ["announced_on", "happened_on"] {
        let column = reader.ledger.first(member);
        let pointer = format!("/{member}");
        if let Some(date) = column.and_then(|column| reader.date(column, &pointer)) {
            reader.set(member, date);
        }
    }
    if let Some((_, text)) = stated(&reader, "publisher").pop() {
        reader.set("publisher", json!(line(&text, 300)));
    }
    let stated_url = stated(&reader, "url").pop();
    // Lists of announcements link their titles.
    let columns = stated_url.iter().map(|(column, _)| *column);
    let columns = columns.chain(ledger.first("title"));
    let url = columns
        .filter_map(|column| reader.cell(column).address())
        .next();
    let url = url
        .map(str::to_owned)
        .or_else(|| stated_url.map(|(_, text)| text));
    if let Some(url) = url {
        reader.set("url", json!(line(&url, 2_000)));
    }
    if let Some((column, text)) = stated(&reader, "lead_department").pop() {
        let department = department_alone(&mut reader, column, &text);
        if !department.is_empty() {
            reader.set("lead_department", json!(department));
        }
    }
    if let Some((_, text)) = stated(&reader, "text").pop() {
        reader.set("text", localized(&text));
    }
    parties(&mut reader, names);
    if let Some(column) = reader.ledger.first("amount") {
        money(&mut reader, column, "amount");
    }
    for (column, text) in stated(&reader, "note") {
        reader.keep(column, &text);
    }
    unmapped(&mut reader, ImportKind::Announcements);
    ask_whether_public(&mut reader);
    sources(&mut reader);
    reader.out
}

fn title(reader: &mut Reader<'_>) {
    if let Some((_, text)) = stated(reader, "title").pop() {
        reader.set("title", localized(&line(&text, 500)));
        return;
    }
    let column = reader.ledger.first("title");
    let message = Message::fixed("제목이 없습니다.", "The title is missing.");
    reader.problem(column, "/title", "title_missing", message);
}

/// States the event that the column of it names, or else that of the title.
fn kind(reader: &mut Reader<'_>) {
    let own = stated(reader, "kind").pop();
    let label = own
        .as_ref()
        .and_then(|(_, text)| reader.code("AnnouncementKind", text));
    if let Some(code) = label {
        reader.set("kind", json!(code));
        return;
    }
    let title = stated(reader, "title").pop();
    let mut texts = own.iter().chain(&title);
    let event = texts.find_map(|(_, text)| told_by(text));
    let event = event.unwrap_or(AnnouncementKind::Other);
    reader.set("kind", json!(event));
    reader.out.assumed.push("kind");
    if let Some((column, text)) = own {
        reader.keep(column, &text);
    }
}

fn parties(reader: &mut Reader<'_>, names: &Names<'_>) {
    let mut parties = Vec::new();
    for (column, text) in stated(reader, "parties") {
        let read = settled_parties(reader, column, &text, names);
        for party in &read.named {
            let name = match stand_in(&party.name, names.is_known) {
                Some(StandIn::Person(body)) => {
                    reader.note(Some(column), "/parties", "personal_data", no_place());
                    body
                }
                _ => Some(party.name.clone()),
            };
            parties.extend(name.map(|name| json!({"name": line(&name, 300)})));
        }
        if read.others.is_some() {
            keep_beside(reader, column, &text, (&read, names));
        }
    }
    if !parties.is_empty() {
        reader.set("parties", json!(parties));
    }
}
