//! The imports of the caller's municipalities.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get};
use askama::Template;
use chrono_tz::Tz;

use super::{new, page, path};
use crate::http::List;
use crate::imports::types::ImportSummary;
use crate::imports::{ImportFilter, store};
use crate::kernel::error::ApiError;
use crate::pages::layout::Layout;
use crate::pages::lists::{self, Pager};
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

#[derive(Template)]
#[template(path = "office_imports.html")]
struct ListPage {
    l: Layout,
    new: String,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    file: Link,
    municipality: Text,
    kind: String,
    status: String,
    recorded: String,
    on: Dated,
}

/// Shows the imports, or the form for the first one.
#[get("/office/imports")]
pub async fn show(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let List { page: part, .. } = List::<ImportFilter>::of_query(&lists::query(&frame, &[]))?;
    let listed = by
        .read_as("list_imports", move |conn, cx| {
            store::list(conn, cx, None, &part)
        })
        .await?;
    if listed.items.is_empty() && frame.get("cursor").is_none() {
        return new::first(&by, frame).await;
    }
    page(&by, frame, StatusCode::OK, move |_, cx, frame| {
        let title = frame.w.t("파일 가져오기", "Import a file");
        let page = ListPage {
            new: frame.to("office/imports/new"),
            rows: listed
                .items
                .iter()
                .map(|one| row(frame, cx.zone, one))
                .collect(),
            pager: Pager::of(frame, &[], listed.next.as_ref(), None),
            l: Layout::new(frame, title, title),
        };
        page.render().map_err(ApiError::internal)
    })
    .await
}

fn row(frame: &Frame, zone: Tz, one: &ImportSummary) -> Row {
    let w = frame.w;
    let name = one.file_name.clone();
    let name = name.unwrap_or_else(|| w.t("이름 없는 파일", "A file without a name").to_owned());
    Row {
        file: Link::to(frame.to(&path(one.meta.id)), Text::stated(name, w)),
        municipality: Text::of(&one.municipality.name, w),
        kind: w.label("ImportKind", &one.kind),
        status: w.label("ImportStatus", &one.status),
        recorded: w.number(one.recorded),
        on: Dated::day(one.meta.created_at.with_timezone(&zone).date_naive(), w),
    }
}
