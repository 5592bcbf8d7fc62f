//! Administration: what belongs to no single agreement or project, each part for the roles that may do
//! its operations.

mod approvers;
mod calendars;
mod holidays;
mod log;
mod municipalities;
mod organizations;
mod policies;
mod policy_fields;
mod policy_removal;
mod secret;
mod sessions;
mod tokens;
mod webhook_steps;
mod webhooks;

use actix_web::{HttpResponse, get, web};

use super::tables::{Sheet, Table};
use super::visit::Visit;
use crate::http::permissions::Access;
use crate::kernel::error::{ApiError, Place};
use crate::ledger::caller::Role;
use crate::pages::lists::pick;
use crate::pages::markup::{Link, Text};
use crate::pages::reader::Frame;

/// The paths of the pages.
pub const PATHS: &[&str] = &[
    "/office/admin",
    "/office/admin/tokens",
    "/office/admin/tokens/new",
    "/office/admin/tokens/{id}/revocation",
    "/office/admin/tokens/{id}/renewal",
    "/office/admin/sessions",
    "/office/admin/sessions/{id}/end",
    "/office/admin/municipalities",
    "/office/admin/municipalities/{id}",
    "/office/admin/municipalities/{id}/edit",
    "/office/admin/municipalities/{id}/policies/{key}",
    "/office/admin/municipalities/{id}/policies/{key}/removal",
    "/office/admin/merges",
    "/office/admin/webhooks",
    "/office/admin/webhooks/new",
    "/office/admin/webhooks/{id}",
    "/office/admin/webhooks/{id}/{act}",
    "/office/admin/webhooks/{id}/deliveries/{delivery_id}",
    "/office/admin/calendars",
    "/office/admin/calendars/new",
    "/office/admin/calendars/{id}/revocation",
    "/office/admin/holidays",
    "/office/admin/holidays/new",
    "/office/admin/holidays/{id}/withdrawal",
    "/office/admin/log",
    "/office/admin/log/check",
    "/office/admin/log/checkpoint",
];

pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(start)
        .service(tokens::list)
        .service(tokens::open)
        .service(tokens::send)
        .service(tokens::ask_to_revoke)
        .service(tokens::revoke)
        .service(tokens::ask_to_renew)
        .service(tokens::renew)
        .service(sessions::list)
        .service(sessions::ask)
        .service(sessions::end)
        .service(municipalities::list)
        .service(municipalities::show)
        .service(municipalities::open)
        .service(municipalities::send)
        .service(policies::open)
        .service(policies::send)
        .service(policy_removal::ask)
        .service(policy_removal::remove)
        .service(organizations::open)
        .service(organizations::send)
        .service(webhooks::list)
        .service(webhooks::open)
        .service(webhooks::send)
        .service(webhooks::show)
        .service(webhooks::open_edit)
        .service(webhooks::edit)
        .service(webhook_steps::ask)
        .service(webhook_steps::take)
        .service(webhook_steps::ask_again)
        .service(webhook_steps::send_again)
        .service(calendars::list)
        .service(calendars::open)
        .service(calendars::send)
        .service(calendars::ask)
        .service(calendars::revoke)
        .service(holidays::list)
        .service(holidays::open)
        .service(holidays::send)
        .service(holidays::ask)
        .service(holidays::withdraw)
        .service(log::list)
        .service(log::check)
        .service(log::download);
}

type Words = (&'static str, &'static str);

/// The parts: path, name, what is there, and whom it is for.
const PARTS: &[(&str, Words, Words, Access)] = &[
    (
        "office/admin/municipalities",
        ("지방자치단체와 정책", "Municipalities and policies"),
        (
            "조례가 협약에 요구하는 것, 기관장과 승계",
            "What ordinances demand of agreements, posts, successions",
        ),
        Access::Manage,
    ),
    (
        "office/admin/tokens",
        ("토큰", "Tokens"),
        (
            "누가 무엇을 할 수 있는지, 마지막 사용과 취소",
            "Who may do what, their last use, revocation",
        ),
        Access::Manage,
    ),
    (
        "office/admin/sessions",
        ("로그인", "Sessions"),
        (
            "로그인한 사람 보기, 로그인 끝내기",
            "See who is signed in, and end their sessions",
        ),
        Access::Manage,
    ),
    (
        "office/admin/merges",
        ("기관 통합", "Merge organizations"),
        (
            "중복 기록된 기관을 하나로",
            "One record for an organization that is recorded twice",
        ),
        Access::Write,
    ),
    (
        "office/admin/webhooks",
        ("웹훅", "Webhooks"),
        (
            "변경을 다른 프로그램으로 보내기, 전송 상태",
            "Changes sent to other programs, with their deliveries",
        ),
        Access::Own,
    ),
    (
        "office/admin/calendars",
        ("캘린더", "Calendars"),
        (
            "달력 프로그램이 읽는 비밀 주소",
            "Secret addresses for calendar programs",
        ),
        Access::Own,
    ),
    (
        "office/admin/holidays",
        ("공휴일", "Holidays"),
        ("기한 계산에 반영되는 날", "Days that move due dates"),
        Access::Manage,
    ),
    (
        "office/admin/log",
        ("변경 로그", "Log of changes"),
        (
            "누가 언제 무엇을 바꾸었는지, 로그의 확인",
            "Who changed what and when, and whether the log is intact",
        ),
        Access::Own,
    ),
];

/// Returns the parts of the administration for a role: links, each with what is there.
pub fn parts(frame: &Frame, role: Option<Role>) -> Vec<(Link, Text)> {
    let w = frame.w;
    let own = PARTS.iter().filter(|(.., access)| access.is_for(role));
    own.map(|(path, name, said, _)| {
        let link = Link::to(frame.to(path), Text::stated(pick(w, *name), w));
        (link, Text::stated(pick(w, *said), w))
    })
    .collect()
}

/// Puts errors at places of the body to the fields of the form that has them elsewhere, by the
/// beginnings of both.
fn at_fields(mut error: ApiError, moved: &[(String, &str)]) -> ApiError {
    for error in &mut error.errors {
        if let Place::Body(pointer) = &mut error.place
            && let Some((rest, to)) = moved
                .iter()
                .find_map(|(from, to)| Some((pointer.strip_prefix(from.as_str())?, to)))
        {
            *pointer = format!("/{to}{rest}");
        }
    }
    error
}

#[get("/office/admin")]
async fn start(visit: Visit) -> Result<HttpResponse, ApiError> {
    visit
        .page(|_, cx, frame| {
            let w = frame.w;
            let rows = parts(frame, cx.caller.role);
            let rows = rows
                .into_iter()
                .map(|(link, said)| vec![link.into(), said.into()]);
            let sheet = Sheet {
                title: w.t("관리", "Administration").to_owned(),
                tables: vec![Table {
                    caption: w.t("관리할 것", "Parts").to_owned(),
                    none: "",
                    heads: vec![w.t("화면", "Page"), w.t("내용", "Content")],
                    rows: rows.collect(),
                }],
                ..Sheet::default()
            };
            sheet.page(frame)
        })
        .await
}
