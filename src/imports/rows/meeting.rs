//! A row of a list of meetings of working groups.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::apart::brackets;
use super::cells::{cells, localized, short, stated, unmapped};
use super::columns::Ledger;
use super::names::Names;
use super::organization::sources;
use super::party_list::{keep_beside, organization, settled_parties};
use super::row::{Reader, Row, line};
use super::stand_ins::is_head_count;
use super::visibility::ask_whether_public;
use crate::http::tables;
use crate::imports::kind::ImportKind;
use crate::imports::layout::DataRow;
use crate::imports::types::ImportChoice;
use crate::kernel::language::Message;
use crate::kernel::text::squeeze;
use crate::kernel::values::ImpreciseDate;
use crate::organizations::matching::Matched;

/// Words for each status, without spaces.
const STATUSES: &[(&str, &[&str])] = &[
    (
        "held",
        &["개최", "개최함", "완료", "실시", "개최완료", "held", "done"],
    ),
    ("planned", &["예정", "개최예정", "계획", "planned"]),
    ("cancelled", CANCELLED),
];

/// Words of a meeting that was not held, squeezed.
const CANCELLED: &[&str] = &[
    "취소",
    "취소됨",
    "미개최",
    "무산",
    "무산됨",
    "불발",
    "유회",
    "불개최",
    "개최취소",
    "회의취소",
    "cancelled",
    "canceled",
    "notheld",
    "calledoff",
];

/// Words of a meeting that was perhaps held on another day, or never, squeezed.
const PUT_OFF: [&str; 8] = [
    "연기",
    "연기됨",
    "순연",
    "보류",
    "유예",
    "postponed",
    "deferred",
    "adjourned",
];

/// Words, anywhere in a cell, of a meeting that lacked members or was not held, squeezed.
const LACKING: &[&str] = &[
    "성원미달",
    "성원부족",
    "성원이되지",
    "정족수미달",
    "정족수부족",
    "미개최",
    "불개최",
    "개최취소",
    "회의취소",
    "개최연기",
    "회의연기",
    "개최하지",
    "열리지",
    "유회",
    "noquorum",
    "inquorate",
    "lackofquorum",
    "notheld",
];

/// Words at the end, or in English at the beginning, of what became of a meeting, squeezed.
const UNDONE: &[&str] = &[
    "취소",
    "무산",
    "불발",
    "연기",
    "순연",
    "cancelled",
    "canceled",
    "postponed",
    "deferred",
    "adjourned",
];

/// Number of characters of a text that is read for what became of a meeting; a longer one is an account.
const MOST: usize = 60;

/// Columns that say nothing of what became of a meeting.
const OTHERWISE_READ: &[&str] = &[
    "working_group",
    "held_on",
    "status",
    "attendees",
    "row_number",
];

/// Returns the meeting of a row. The body has the working group beside the members of the POST.
pub fn meeting(ledger: &Ledger<'_>, data: &DataRow, names: &Names<'_>) -> Row {
    let mut reader = Reader::new(ledger, data);
    cells(&mut reader);
    group(&mut reader, names);
    held_on(&mut reader);
    title(&mut reader);
    status(&mut reader);
    for (member, is_line) in [("venue", true), ("agenda", false), ("decisions", false)] {
        if let Some((column, text)) = stated(&reader, member).pop() {
            let text = match is_line {
                true => short(&mut reader, column, &text, 500),
                false => text,
            };
            reader.set(member, localized(&text));
        }
    }
    attendees(&mut reader, names);
    for (column, text) in stated(&reader, "note") {
        reader.keep(column, &text);
    }
    unmapped(&mut reader, ImportKind::Meetings);
    ask_whether_public(&mut reader);
    sources(&mut reader);
    reader.out
}

fn group(reader: &mut Reader<'_>, names: &Names<'_>) {
    let column = reader.ledger.first("working_group");
    let Some(name) = column.and_then(|column| reader.stated(column)) else {
        let message = Message::fixed("실무협의체가 없습니다.", "The working group is missing.");
        reader.problem(column, "/working_group", "working_group_missing", message);
        return;
    };
    let name = line(&name, 300);
    if let Some(id) = names.groups.get(&squeeze(&name)) {
        reader.set("working_group_id", json!(id));
    } else {
        reader.set("working_group", json!({ "name": localized(&name) }));
        let message = Message::fixed(
            "등록되지 않은 실무협의체입니다. 회의와 함께 새로 등록합니다.",
            "This working group is not recorded yet; it is recorded with the meeting.",
        );
        reader.note(column, "/working_group", "working_group_new", message);
    }
}

fn held_on(reader: &mut Reader<'_>) {
    let column = reader.ledger.first("held_on");
    if let Some(date) = column.and_then(|column| reader.date(column, "/held_on")) {
        reader.set("held_on", date);
    } else {
        let message = Message::fixed("회의 날짜가 없습니다.", "The day is missing.");
        reader.problem(column, "/held_on", "held_on_missing", message);
    }
}

fn title(reader: &mut Reader<'_>) {
    if let Some((column, text)) = stated(reader, "title").pop() {
        let number = text
            .trim_start_matches('제')
            .trim_end_matches(['차', '회', ' ']);
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let title = match is_number {
            true => format!("제{number}차 회의"),
            false => short(reader, column, &text, 500),
        };
        reader.set("title", localized(&title));
        return;
    }
    let group = stated(reader, "working_group").pop();
    let group = group.map_or_else(String::new, |(_, name)| format!("{} ", line(&name, 300)));
    let message = Message::fixed(
        "회의명이 없어 실무협의체의 이름으로 적습니다.",
        "The title is missing; it is made of the name of the working group.",
    );
    reader.note(None, "/title", "title_proposed", message);
    reader.set("title", json!({ "ko": format!("{group}회의") }));
}

fn status(reader: &mut Reader<'_>) {
    let column = reader.ledger.first("status");
    let Some((column, text)) = column.and_then(|column| Some((column, reader.stated(column)?)))
    else {
        return by_day(reader);
    };
    let known = tables::code_of("MeetingStatus", &text).or_else(|| named(&text));
    match (known, beside(reader)) {
        (Some("held"), Some((column, text, _))) => ask(reader, column, &text),
        (Some(status), _) => reader.set("status", json!(status)),
        (None, _) => {
            reader.keep(column, &text);
            ask(reader, column, &text);
        }
    }
}

/// Returns the status that words name.
fn named(text: &str) -> Option<&'static str> {
    let plain = squeeze(text);
    let found = STATUSES
        .iter()
        .find(|(_, words)| words.contains(&plain.as_str()));
    found.map(|(status, _)| *status)
}

/// Returns the cell beside the day that says that the meeting was not held, with the status if a word or what
/// stands in brackets is plain: 결과 무산, `제3차 회의(연기)`, `코로나19로 취소`, `성원 미달`.
fn beside(reader: &Reader<'_>) -> Option<(usize, String, Option<&'static str>)> {
    let mut columns = reader.ledger.columns.iter().enumerate();
    columns.find_map(|(column, found)| {
        let field = found.field.as_deref().unwrap_or_default();
        if OTHERWISE_READ.contains(&field) || found.is_hidden || found.is_personal {
            return None;
        }
        // What is on the agenda, or the name of a meeting, can end with such words.
        let is_subject = matches!(field, "agenda" | "title" | "venue");
        let text = reader.stated(column)?;
        let (outside, asides) = brackets(&text);
        let all = asides.iter().chain([&outside]);
        // A plain status counts before an open one: `유회(정족수 미달)`.
        let status = all.filter_map(|words| not_held(words, is_subject)).max()?;
        Some((column, text, status))
    })
}

/// Returns the status that words against a meeting state, `None` in it where they leave it open.
fn not_held(words: &str, is_subject: bool) -> Option<Option<&'static str>> {
    let plain = squeeze(words);
    if named(words) == Some("cancelled") {
        return Some(Some("cancelled"));
    }
    let end = plain.trim_end_matches(['됨', '함', '임']);
    let is_undone = |word: &&str| match word.is_ascii() {
        true => plain.starts_with(*word),
        false => end.ends_with(*word),
    };
    let is_short = words.chars().count() <= MOST;
    let is_open = PUT_OFF.contains(&plain.as_str())
        || is_short && LACKING.iter().any(|word| plain.contains(word))
        || is_short && !is_subject && UNDONE.iter().any(is_undone);
    is_open.then_some(None)
}

/// Finds the status by the day and the words beside it: `2023.3.8 취소`, `미정`.
fn by_day(reader: &mut Reader<'_>) {
    reader.out.assumed.push("status");
    if let Some((column, text, status)) = beside(reader) {
        return match status {
            Some(status) => reader.set("status", json!(status)),
            None => ask(reader, column, &text),
        };
    }
    let day = stated(reader, "held_on").pop();
    let date = reader
        .out
        .body
        .get("held_on")
        .map(|day| day["edtf"].clone());
    let date = date.and_then(|date| ImpreciseDate::parse(date.as_str()?).ok());
    let today: Option<NaiveDate> = reader.ledger.origin.received_on.parse().ok();
    let letters = day.iter().flat_map(|(_, text)| text.chars());
    let words: String = letters.filter(|c| !c.is_ascii_digit()).collect();
    let words = squeeze(&words);
    let has = |all: &[&str]| all.iter().any(|word| words.contains(word));
    let dated = date.as_ref().zip(today);
    let is_ahead = dated.is_some_and(|(date, today)| date.starts_after(today));
    let is_over = dated.is_some_and(|(date, today)| date.known_by(today));
    let status = match () {
        () if has(CANCELLED) => Some("cancelled"),
        () if has(&PUT_OFF) => None,
        () if has(&[
            "미정",
            "예정",
            "계획",
            "추후",
            "planned",
            "tbd",
            "tentative",
        ]) =>
        {
            Some("planned")
        }
        () if is_ahead => Some("planned"),
        () if is_over => Some("held"),
        () => None,
    };
    match (status, day) {
        (Some(status), _) => reader.set("status", json!(status)),
        (None, Some((column, text))) => ask(reader, column, &text),
        // That the day is missing is a problem of its own.
        (None, None) => reader.set("status", json!("held")),
    }
}

/// Asks whether a meeting was held.
fn ask(reader: &mut Reader<'_>, column: usize, text: &str) {
    let choices = ["held", "planned", "cancelled"].map(|status| ImportChoice {
        value: status.into(),
        message: match status {
            "held" => Message::fixed("개최함", "It was held"),
            "planned" => Message::fixed("열릴 예정임", "It is planned"),
            _ => Message::fixed("열리지 않음", "It was not held"),
        },
    });
    let message = Message::new(
        format!("“{text}”은(는) 회의가 열렸다는 뜻입니까?"),
        format!("Does “{text}” mean that the meeting was held?"),
    );
    let answer = reader.ask(Some(column), "status_unknown", message, choices.to_vec());
    reader.set("status", json!(answer.as_deref().unwrap_or("planned")));
}

fn attendees(reader: &mut Reader<'_>, names: &Names<'_>) {
    let mut attendees: Vec<Value> = Vec::new();
    for (column, text) in stated(reader, "attendees") {
        if is_head_count(&text) {
            reader.keep(column, &text);
            continue;
        }
        let read = settled_parties(reader, column, &text, names);
        let is_counted = read.named.iter().any(|party| is_head_count(&party.name));
        let named = read.named.iter();
        for party in named.filter(|party| !is_head_count(&party.name)) {
            let is_own = matches!(names.of(&party.name), Matched::Own { department: None });
            let one = match is_own {
                true => Some(json!({ "organization_id": names.own })),
                false => organization(reader, column, &party.name, names),
            };
            let one = one.map(|mut one| match one.get_mut("organization_id") {
                Some(id) => id.take(),
                None => one,
            });
            attendees.extend(one.filter(|one| !attendees.contains(one)));
        }
        let unnamed = std::mem::take(&mut reader.out.unnamed);
        if read.others.is_some() || !unnamed.is_empty() || is_counted {
            keep_beside(reader, column, &text, (&read, names));
        }
    }
    if !attendees.is_empty() {
        reader.set("attendee_ids", json!(attendees));
    }
}
