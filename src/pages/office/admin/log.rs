//! The log of changes: who recorded what and when, and whether the log is what it was.

use std::collections::HashMap;

use actix_web::http::header;
use actix_web::{HttpResponse, get};
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use serde::Serialize;
use uuid::Uuid;

use crate::changes::store::{self, Wanted};
use crate::changes::stretch::{checkpoint, verification};
use crate::changes::types::Change;
use crate::kernel::clock::begin_of;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::language::Message;
use crate::kernel::values::Localized;
use crate::ledger::RequestContext;
use crate::ledger::caller::{Reach, Role};
use crate::pages::feeds::{named, titles_of};
use crate::pages::lists::{Choice, Pager};
use crate::pages::markup::{Fact, Link, Text, Value as Shown};
use crate::pages::office::tables::{Cell, Sheet, Table, TypedFilter, instant};
use crate::pages::office::visit::Visit;
use crate::pages::reader::{self, Frame, not_a_day};
use crate::records;

const PATH: &str = "office/admin/log";

/// Changes of a page.
const ROWS: i64 = 50;

/// Names of the parameters.
const TYPE: &str = "type";
const RECORD: &str = "record";
const PERSON: &str = "person";
const FROM: &str = "from";
const TO: &str = "to";
const BEFORE: &str = "before";

#[get("/office/admin/log")]
pub async fn list(visit: Visit) -> Result<HttpResponse, ApiError> {
    visit
        .page_as("list_changes", |conn, cx, frame| {
            let w = frame.w;
            let wanted = wanted(frame, cx.zone)?;
            let mut found = store::list(conn, cx, &wanted)?.items;
            found.reverse();
            let next = found
                .last()
                .filter(|_| found.len() as i64 == ROWS)
                .map(|last| last.seq.to_string());
            let sees_all = cx.caller.role == Some(Role::Admin) && cx.caller.reach == Reach::All;
            let verify = sees_all.then(|| {
                let text = w.t("로그 확인과 체크포인트", "Verification and checkpoint");
                Link::to(frame.to(&format!("{PATH}/check")), Text::stated(text, w))
            });
            let titles = titles_of(conn, &found)?;
            let rows = found.iter().map(|one| row(frame, cx, one, &titles));
            let typed = |name, label, kind| TypedFilter::of(frame, name, label, kind);
            let sheet = Sheet {
                title: w.t("변경 로그", "Log of changes").to_owned(),
                acts: verify.into_iter().collect(),
                choices: vec![Choice::of(
                    frame,
                    TYPE,
                    ("기록의 종류", "Type of record"),
                    w.choices("LoggedType"),
                )],
                typed: vec![
                    typed(RECORD, w.t("기록의 id", "Id of a record"), "text"),
                    typed(
                        PERSON,
                        w.t("변경한 사람(토큰 이름)", "Who (name of a token)"),
                        "text",
                    ),
                    typed(FROM, w.t("이날부터", "From"), "date"),
                    typed(TO, w.t("이날까지", "Until"), "date"),
                ],
                tables: vec![Table {
                    caption: w.t("변경 이력(최신순)", "Changes, newest first").to_owned(),
                    none: w.t("조건에 맞는 변경이 없습니다.", "No change matches."),
                    heads: vec![
                        w.t("번호", "Number"),
                        w.t("일시", "When"),
                        w.t("변경한 사람", "Who"),
                        w.t("기록", "Record"),
                        w.t("변경 내용", "What changed"),
                    ],
                    rows: rows.collect(),
                }],
                pager: older(frame, next),
                ..Sheet::default()
            };
            sheet.page(frame)
        })
        .await
}

/// Reads the filters.
///
/// # Errors
/// `invalid_parameters`, with every one that cannot be read.
fn wanted(frame: &Frame, zone: Tz) -> Result<Wanted, ApiError> {
    let mut wrong = Vec::new();
    let mut day = |name: &'static str| -> Option<NaiveDate> {
        let text = frame.get(name)?;
        let day = reader::day(text);
        if day.is_none() {
            wrong.push(not_a_day(name, text));
        }
        day
    };
    let begin = |day| begin_of(day, zone).map(|at| at.naive_utc());
    let (from, to) = (day(FROM), day(TO));
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        wrong.push(FieldError::reversed_period(TO));
    }
    let until = to.and_then(|day| day.checked_add_days(Days::new(1)));
    let record = match frame.get(RECORD).map(Uuid::try_parse) {
        None => None,
        Some(Ok(id)) => Some(id),
        Some(Err(_)) => {
            let message = Message::fixed("id여야 합니다.", "Expected an id.");
            wrong.push(FieldError::query(RECORD, "format_uuid", message));
            None
        }
    };
    let kind = frame.get(TYPE);
    let types = kind.and_then(records::named).into_iter().collect();
    if !wrong.is_empty() {
        return Err(ApiError::new(Code::InvalidParameters).and(wrong));
    }
    Ok(Wanted {
        limit: ROWS,
        latest: true,
        gone: true,
        types,
        id: record,
        before: frame.get(BEFORE).and_then(|before| before.parse().ok()),
        actor: frame.get(PERSON).map(str::to_owned),
        recorded: (from.and_then(begin), until.and_then(begin)),
        ..Wanted::default()
    })
}

fn older(frame: &Frame, before: Option<String>) -> Pager {
    let filters = frame.only(&[TYPE, RECORD, PERSON, FROM, TO]);
    let next = before.as_ref().map(|before| {
        let mut query = filters.clone();
        query.push((BEFORE, before));
        frame.with(PATH, &query)
    });
    Pager {
        total: None,
        first: frame.get(BEFORE).map(|_| frame.with(PATH, &filters)),
        next,
    }
}

fn row(
    frame: &Frame,
    cx: &RequestContext,
    one: &Change,
    titles: &HashMap<String, Localized>,
) -> Vec<Cell> {
    let w = frame.w;
    let id = one.record_id.to_string();
    let kind = Text::stated(w.label("LoggedType", &one.record_type), w);
    let of_record = Link::to(frame.with(PATH, &[(RECORD, &id)]), kind);
    let actor = &one.actor.name;
    let by = Link::to(
        frame.with(PATH, &[(PERSON, actor)]),
        Text::stated(actor.clone(), w),
    );
    let reason = one.reason.as_ref().map(|reason| Text::of(reason, w));
    // A record that its municipality hides from others by now is not named to them.
    let owner = one.municipality.as_ref();
    let is_own = owner.is_none_or(|owner| cx.caller.reach.holds(owner.id));
    let title = titles.get(&named(one).1.to_string()).filter(|_| is_own);
    let title = title.map(|title| Text::of(title, w));
    // Who did it stands in a column of its own.
    let did = one.summary.in_language(w.0);
    let did = did.strip_prefix(&format!("{actor}: ")).unwrap_or(did);
    let said = (title.into_iter())
        .chain([Text::stated(did, w)])
        .chain(reason);
    vec![
        Text::stated(one.seq.to_string(), w).into(),
        instant(w, cx.zone, one.recorded_at).into(),
        by.into(),
        of_record.into(),
        said.collect::<Vec<_>>().into(),
    ]
}

#[get("/office/admin/log/check")]
pub async fn check(visit: Visit) -> Result<HttpResponse, ApiError> {
    visit
        .page_as("verify_changes", |conn, cx, frame| {
            let w = frame.w;
            let end = checkpoint(conn, cx)?;
            let number = |name| frame.get(name).and_then(|text: &str| text.parse().ok());
            // Without a wish, the last entries, which are read at once.
            let from = number(FROM).unwrap_or_else(|| (end.size - 999).max(1));
            let found = verification(conn, cx, Some(from), number(TO))?;
            let text = |text: String| vec![Shown::Text(Text::stated(text, w))];
            let fact = |name, values| Fact {
                name,
                values,
                note: None,
            };
            let result = match (&found.hash, found.broken_at, &found.broken_because) {
                (Some(_), ..) => w
                    .t(
                        "모든 항목이 앞의 항목에 이어지고, 내용이 해시와 같습니다.",
                        "Every entry follows the one before it, and is what its hash is of.",
                    )
                    .to_owned(),
                (None, Some(seq), Some(why)) => format!("{seq}: {}", w.message(why)),
                _ => w.unknown().to_owned(),
            };
            let fetch = w.t("체크포인트 내려받기", "Download the checkpoint");
            let href = frame.plain(&format!("{PATH}/checkpoint"), &[]);
            let sheet = Sheet {
                title: w.t("로그 확인", "Verification of the log").to_owned(),
                lead: vec![
                    w.t(
                        "체크포인트는 로그의 끝을 적은 것입니다. 등록부 밖에 보관하면, 나중에 로그가 잘리거나 다시 쓰였는지 알 수 있습니다. 서명한 체크포인트와 기록 전체의 확인은 운영자가 서버에서 mou-registry audit 명령으로 합니다.",
                        "A checkpoint states the end of the log. Kept outside of the registry, it shows later whether the log was cut off or rewritten. Your operator makes signed checkpoints and checks all records on the server, by mou-registry audit.",
                    )
                    .to_owned(),
                ],
                acts: vec![Link::to(href, Text::stated(fetch, w))],
                typed: vec![
                    TypedFilter::of(frame, FROM, w.t("첫 번호", "First number"), "number"),
                    TypedFilter::of(frame, TO, w.t("마지막 번호", "Last number"), "number"),
                ],
                facts: vec![
                    fact(w.t("로그의 항목", "Entries of the log"), text(end.size.to_string())),
                    fact(w.t("마지막 해시", "Last hash"), text(end.hash)),
                    fact(
                        w.t("확인한 항목", "Entries that were checked"),
                        text(format!("{} ~ {}", found.from, found.to)),
                    ),
                    fact(w.t("결과", "Result"), text(result)),
                    fact(
                        w.t("확인한 마지막 항목의 해시", "Hash of the last one checked"),
                        text(found.hash.unwrap_or_default()),
                    ),
                ],
                ..Sheet::default()
            };
            sheet.page(frame)
        })
        .await
}

/// A checkpoint as a file.
#[derive(Serialize)]
struct Kept {
    size: i64,
    hash: String,
    time: String,
}

#[get("/office/admin/log/checkpoint")]
pub async fn download(visit: Visit) -> Result<HttpResponse, ApiError> {
    let read = visit.by.read_as("get_changes_checkpoint", checkpoint);
    let end = read.await?;
    let name = format!("mou-registry-checkpoint-{}.json", end.size);
    let kept = Kept {
        size: end.size,
        hash: end.hash,
        time: end.time.to_rfc3339(),
    };
    let text = serde_json::to_string_pretty(&kept).map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ))
        .body(text + "\n"))
}
