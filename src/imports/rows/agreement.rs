//! A row of a ledger as the agreement that it becomes.

use serde_json::{Value, json};

use super::amounts::{Measure, commitment, cost, counts_here};
use super::cells::{
    cells, cells_of, further_links, keep_unless_private, localized, place, short, stated, unmapped,
};
use super::columns::Ledger;
use super::contact::contact;
use super::names::Names;
use super::party_list::party_list;
use super::row::{Reader, Row, line};
use super::signing::PLANNED;
use super::status::status;
use super::term::term;
use super::visibility::visibility;
use super::words;
use crate::imports::kind::ImportKind;
use crate::imports::layout::DataRow;
use crate::imports::types::ImportChoice;
use crate::kernel::language::Message;

/// The rows of one agreement: the first, and those below it that name further parties.
pub struct Group<'a> {
    pub main: &'a DataRow,
    pub also: Vec<&'a DataRow>,
}

/// Groups the rows of a table. A row goes on with the agreement above if it has a part in the same
/// merged title and day, or has neither title nor day.
pub fn groups<'a>(ledger: &Ledger<'a>) -> Vec<Group<'a>> {
    let title = ledger.first("title");
    let days = [
        "signed_on",
        "signed_year",
        "signed_month",
        "signed_day",
        PLANNED,
    ];
    let days: Vec<usize> = days
        .iter()
        .filter_map(|field| ledger.first(field))
        .collect();
    let mut all: Vec<Group<'a>> = Vec::new();
    for row in &ledger.layout.rows {
        let goes_on = all.last().is_some_and(|group| {
            let of = |column: Option<usize>| {
                column.map(|c| (group.main.shared[c], row.shared[c], row.cells[c].is_empty()))
            };
            let same_title = of(title)
                .is_some_and(|(above, own, blank)| blank || above.is_some() && above == own);
            let mut of_days = days.iter().filter_map(|column| of(Some(*column)));
            let same_day =
                of_days.all(|(above, own, blank)| blank || above.is_some() && above == own);
            let names_parties = ledger.of("parties").any(|c| !row.cells[c].is_empty());
            same_title && same_day && names_parties
        });
        match all.last_mut() {
            Some(group) if goes_on => group.also.push(row),
            _ => all.push(Group {
                main: row,
                also: Vec::new(),
            }),
        }
    }
    all
}

/// Returns the agreement of a group of rows.
pub fn agreement(ledger: &Ledger<'_>, group: &Group<'_>, names: &Names<'_>) -> Row {
    let mut reader = Reader::new(ledger, group.main);
    reader.out.also_rows = group.also.iter().map(|row| row.row + 1).collect();
    reader.set("municipality_id", json!(names.own));
    reader.set("status", json!("signed"));
    reader.out.assumed.push("status");
    cells(&mut reader);
    for row in &group.also {
        cells_of(&mut reader, row);
    }
    title(&mut reader);
    signing(&mut reader);
    term(&mut reader);
    party_list(&mut reader, group, names);
    kinds(&mut reader);
    status(&mut reader);
    visibility(&mut reader);
    texts(&mut reader);
    figures(&mut reader);
    unmapped(&mut reader, ImportKind::Agreements);
    further(&mut reader, group);
    source(&mut reader);
    let remarks = reader.out.remarks.join("\n");
    if !remarks.is_empty() {
        reader.set("note", json!({ "ko": remarks }));
    }
    reader.out
}

fn title(reader: &mut Reader<'_>) {
    let column = reader.ledger.first("title");
    let stated = column.and_then(|c| Some((c, reader.stated(c)?)));
    if let Some((column, text)) = stated {
        let mut title = localized(&line(&text, 20_000));
        for (field, language) in [("title_en", "en"), ("title_ko", "ko")] {
            let own = reader.ledger.first(field);
            if let Some(text) = own.and_then(|column| reader.stated(column)) {
                title[language] = json!(line(&text, 20_000));
            }
        }
        reader.set("title", title);
        if reader.data.shared[column].is_some() {
            let message = Message::fixed(
                "제목 칸이 여러 행에 걸쳐 있습니다. 같은 협약인지 확인하십시오.",
                "The title spans several rows. Check whether they are one agreement.",
            );
            reader.note(Some(column), "/title", "shared_title", message);
        }
        return;
    }
    propose_title(reader, column);
}

/// Proposes a title made of other columns, where there is none.
fn propose_title(reader: &mut Reader<'_>, column: Option<usize>) {
    let party = reader
        .ledger
        .first("parties")
        .and_then(|c| reader.stated(c));
    let kind = reader.ledger.first("kind").and_then(|c| reader.stated(c));
    let Some(party) = party else {
        let message = Message::fixed("협약명이 없습니다.", "The title is missing.");
        reader.problem(column, "/title", "title_missing", message);
        return;
    };
    let party = party.rsplit('/').next().unwrap_or_default().to_owned();
    let proposed = line(
        &format!("{party} {}", kind.as_deref().unwrap_or("업무협약")),
        500,
    );
    let column = column.or_else(|| reader.ledger.first("parties"));
    let message = Message::new(
        format!("협약명이 없습니다. “{proposed}”(으)로 기록합니까?"),
        format!("The title is missing. Record it as “{proposed}”?"),
    );
    let choices = vec![ImportChoice {
        value: proposed.clone(),
        message: Message::new(proposed.clone(), proposed.clone()),
    }];
    reader.set("title", localized(&proposed));
    reader.ask(column, "title_missing", message, choices);
}

/// Reads the day of signing: from its column, or from columns of its year, month and day.
fn signing(reader: &mut Reader<'_>) {
    let column = reader.ledger.first("signed_on");
    let of = |reader: &Reader<'_>, field: &str| {
        let column = reader.ledger.first(field)?;
        Some((column, reader.stated(column)?))
    };
    let [year, month, day] =
        ["signed_year", "signed_month", "signed_day"].map(|field| of(reader, field));
    let whole = column.and_then(|column| Some((column, reader.stated(column)?)));
    // A column of years is known by its cells: its header can be that of days.
    let in_parts = whole
        .as_ref()
        .is_none_or(|(_, text)| is_year(text) && month.is_some());
    let first = whole.clone().filter(|_| in_parts).or(year.clone());
    let Some((at, _)) = first.as_ref().filter(|_| in_parts) else {
        if let Some(date) = column.and_then(|c| reader.date(c, "/signed_on")) {
            reader.set("signed_on", date);
        }
        let parts = [year, month, day].into_iter().flatten();
        let parts: Vec<(usize, String)> = parts.collect();
        if whole.is_none() && !parts.is_empty() {
            without_year(reader, &parts);
        }
        for (column, text) in parts {
            reader.keep(column, &text);
        }
        // The day on which it is to be signed is that of a draft.
        if !reader.out.body.contains_key("signed_on")
            && let Some(column) = reader.ledger.first(PLANNED)
            && let Some(date) = reader.date(column, "/signed_on")
        {
            reader.set("signed_on", date);
        }
        return;
    };
    let at = *at;
    let number = |text: &str| {
        let ends = ['년', '월', '일', '.', ' '];
        text.trim_end_matches(ends).to_owned()
    };
    let mut parts: Vec<String> = Vec::new();
    let mut is_open = false;
    for part in [first, month, day] {
        match part {
            Some((_, text)) if !is_open => parts.push(number(&text)),
            // A day without a month states nothing of the date.
            Some((column, text)) => reader.keep(column, &text),
            None => is_open = true,
        }
    }
    let date = reader.date_in(at, "/signed_on", &parts.join("."));
    reader.set("signed_on", date);
}

/// Records a day of signing whose year is missing by its wording.
fn without_year(reader: &mut Reader<'_>, parts: &[(usize, String)]) {
    let words = parts.iter().map(|(column, text)| {
        let header = &reader.ledger.columns[*column].header;
        let unit = header.chars().next_back().filter(|c| "월일".contains(*c));
        let is_number = text.bytes().all(|b| b.is_ascii_digit());
        match unit.filter(|_| is_number) {
            Some(unit) => format!("{text}{unit}"),
            None => text.clone(),
        }
    });
    let words = words.collect::<Vec<_>>().join(" ");
    reader.set(
        "signed_on",
        json!({ "edtf": null, "as_stated": line(&words, 500) }),
    );
    let message = Message::fixed(
        "연도가 없어 적힌 글만 남깁니다.",
        "The year is missing; the wording alone is kept.",
    );
    reader.note(Some(parts[0].0), "/signed_on", "year_missing", message);
}

/// Returns whether a text is a year alone: `2006`, `2006년`, `'06`.
fn is_year(text: &str) -> bool {
    let text = text.trim().trim_end_matches(['년', '.', ' ']);
    let digits = text.trim_start_matches(['\'', '‘', '’']);
    matches!(digits.len(), 2 | 4) && digits.bytes().all(|b| b.is_ascii_digit())
}

fn kinds(reader: &mut Reader<'_>) {
    let (mut kind, mut unknown) = (None, false);
    if let Some(column) = reader.ledger.first("kind")
        && let Some(text) = reader.stated(column)
    {
        kind = reader.code("AgreementKind", &text);
        let is_code = kind.is_some();
        kind = kind.or_else(|| words::kind(&text));
        if !is_code && matches!(kind, None | Some("cooperation" | "other")) {
            reader.keep(column, &text);
        }
        unknown = kind.is_none() && !words::is_any_agreement(&text);
    }
    if kind.is_none() {
        reader.out.assumed.push("kind");
    }
    if kind.is_none()
        && let Some(column) = reader.ledger.first("title")
    {
        let title = reader.stated(column).unwrap_or_default();
        let header = &reader.ledger.columns[column].header;
        kind = words::kind_of_title(&title).or_else(|| words::kind_of_title(header));
    }
    if kind.is_none() && unknown {
        let message = Message::fixed(
            "아는 협약 종류가 아니어서 기타로 적고, 적힌 글은 비고에 남깁니다.",
            "The kind is not known; other is recorded, and the wording is kept in the remarks.",
        );
        reader.note(
            reader.ledger.first("kind"),
            "/kind",
            "kind_unknown",
            message,
        );
        kind = Some("other");
    }
    reader.set("kind", json!(kind.unwrap_or("mou")));
}

fn texts(reader: &mut Reader<'_>) {
    let purposes: Vec<(usize, String)> = stated(reader, "purpose");
    if !purposes.is_empty() {
        let is_one = purposes.len() == 1;
        let parts = purposes.iter().map(|(column, text)| match is_one {
            true => text.clone(),
            false => format!("{}: {text}", reader.ledger.columns[*column].header),
        });
        let text = parts.collect::<Vec<_>>().join("\n");
        reader.set("purpose", localized(&text));
    }
    let topics = stated(reader, "topics");
    let topics = topics.iter().flat_map(|(column, text)| {
        let exported = reader.values(*column, text);
        exported.unwrap_or_else(|| vec![text.clone()])
    });
    let topics = topics.filter(|topic| !topic.is_empty());
    let topics: Vec<Value> = topics.map(|text| localized(&line(&text, 500))).collect();
    if !topics.is_empty() {
        reader.set("topics", json!(topics));
    }
    further_texts(reader);
    if let Some((column, text)) = stated(reader, "venue").pop() {
        let venue = short(reader, column, &text, 500);
        reader.set("venue", localized(&venue));
    }
    if let Some((column, text)) = stated(reader, "reference_number").pop() {
        let number = short(reader, column, &text, 100);
        reader.set("reference_number", json!(number));
    }
    contact(reader);
    for (column, text) in stated(reader, "note") {
        let header = reader.ledger.columns[column].header.as_str();
        let is_bare = matches!(header, "비고" | "note" | "notes" | "remarks" | "Remarks")
            || reader.ledger.exported.is_some();
        match is_bare {
            true => reader.out.remarks.push(text.clone()),
            false => reader.keep(column, &text),
        }
        reader.out.stated_note.push(text);
    }
    for (column, text) in stated(reader, "country") {
        reader.keep(column, &text);
    }
}

/// Reads what exports state beside the columns of ledgers.
fn further_texts(reader: &mut Reader<'_>) {
    if let Some((column, text)) = stated(reader, "financial_obligation").pop() {
        if let Some(is_so) = words::yes_or_no(&text) {
            return reader.set("financial_obligation", json!(is_so));
        }
        reader.keep(column, &text);
        let message = Message::fixed(
            "재정 부담이 있는지 알 수 없어 글만 비고에 남깁니다.",
            "It is not clear whether it binds money; the wording is kept in the remarks.",
        );
        let pointer = "/financial_obligation";
        reader.note(Some(column), pointer, "not_understood", message);
    }
}

fn figures(reader: &mut Reader<'_>) {
    cost(reader);
    let mut commitments = Vec::new();
    for (field, measure) in [
        ("commitment_amount", Measure::Money),
        ("commitment_persons", Measure::Persons),
        ("commitment_area", Measure::Area),
    ] {
        let columns: Vec<usize> = reader.ledger.of(field).collect();
        for column in columns {
            if counts_here(reader, column) {
                commitments.extend(commitment(reader, column, measure));
            }
        }
    }
    if !commitments.is_empty() {
        reader.set("commitments", json!(commitments));
    }
}

/// Keeps the cells of the further rows of an agreement, except for parties.
fn further(reader: &mut Reader<'_>, group: &Group<'_>) {
    for row in &group.also {
        for column in 0..reader.ledger.columns.len() {
            let is_same = row.cells[column] == group.main.cells[column];
            let field = reader.ledger.columns[column].field.as_deref();
            let is_told = matches!(field, Some("parties" | "row_number"));
            if !is_same
                && !is_told
                && let Some(text) = row.cells[column].stated()
            {
                keep_unless_private(reader, column, &text);
            }
        }
    }
}

fn source(reader: &mut Reader<'_>) {
    let ledger = reader.ledger;
    let title = place(reader);
    let published = ledger.first("sources_published_on");
    let published = published.and_then(|c| reader.date(c, "/sources/0/published_on"));
    let mut sources = vec![json!({
        "title": line(&title, 1_000),
        "published_on": published,
        "retrieved_on": { "edtf": ledger.origin.received_on },
    })];
    for (column, text) in stated(reader, "sources_url") {
        match reader.cell(column).address() {
            Some(address) => sources.push(json!({
                "title": line(&ledger.columns[column].header, 1_000),
                "url": address,
            })),
            None => reader.keep(column, &text),
        }
    }
    for (column, link) in further_links(reader) {
        sources.push(json!({
            "title": line(&ledger.columns[column].header, 1_000),
            "url": link,
        }));
    }
    reader.set("sources", json!(sources));
}
