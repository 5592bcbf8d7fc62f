//! The form that corrects a publication, with the parts that it withholds, and the one that removes it.

use actix_web::{HttpResponse, get, post};
use serde_json::Value;

use super::act_fields::EDIT_PUBLICATION;
use super::path;
use crate::agreements::publications::PublicationContent;
use crate::agreements::{parts, read};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, tag};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, PartId};
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::office::change::{self, Change};
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::filled_with_items;
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

type Ids = (AgreementId, PartId);

#[get("/office/agreements/{id}/publications/{publication_id}")]
pub async fn open(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open(&by, frame, Form::default(), move |conn, cx, frame, _| {
        let form = filled_with_items(EDIT_PUBLICATION, &json(conn, cx, ids)?, frame.w);
        entry_of(conn, cx, frame, form, ids)
    })
    .await
}

#[post("/office/agreements/{id}/publications/{publication_id}")]
pub async fn send(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    let json = move |conn: &mut _, cx: &_| json(conn, cx, ids);
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &_| {
        parts::update::<PublicationContent>(conn, cx, ids, expected, patch, None)
    };
    let change = Change {
        groups: EDIT_PUBLICATION,
        operation: "update_agreement_publication",
        path: path(ids.0),
        read: json,
    };
    change::change(sent, change, |_| (), work, make).await
}

/// Returns the publication as the API shows it.
fn json(conn: &mut AnyConnection, cx: &RequestContext, ids: Ids) -> Result<Value, ApiError> {
    let one = parts::get::<PublicationContent>(conn, cx, ids, None)?;
    serde_json::to_value(one.view).map_err(ApiError::internal)
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (id, _): Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = read::get(conn, cx, id, None)?;
    let entry = Entry {
        title: w.t("공개 고치기", "Correct a publication").to_owned(),
        lead: vec![one.content.title.in_language(w.0).to_owned()],
        groups: EDIT_PUBLICATION,
        send: w.t("저장", "Save"),
        back: path(id),
        tag: Some(tag(&one.revision())),
        ..Entry::default()
    };
    Ok((entry, form))
}

#[get("/office/agreements/{id}/publications/{publication_id}/removal")]
pub async fn ask(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, ids);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/agreements/{id}/publications/{publication_id}/removal")]
pub async fn remove(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let expected = sent.expected();
    let done = sent.act("delete_agreement_publication", move |conn, cx| {
        parts::remove::<PublicationContent>(conn, cx, ids, &expected, None)
    });
    let done = done
        .await
        .map(|()| frame.with(&path(ids.0), &[("done", "1")]));
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, ids);
    entry::settled(&by, frame, form, done, make).await
}

fn asked(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (id, publication): Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = parts::get::<PublicationContent>(conn, cx, (id, publication), None)?;
    let content = &one.view.content;
    let (extent, on) = (
        w.label("PublicationExtent", &content.extent),
        w.date(Some(&content.published_on)),
    );
    let lead = w.t(
        "잘못 기록한 공개만 지웁니다. 이력에는 남습니다.",
        "Remove only what was recorded by mistake. It stays in the history.",
    );
    let entry = Entry {
        title: w
            .t("공개를 지웁니까?", "Remove the publication?")
            .to_owned(),
        lead: vec![lead.to_owned()],
        list: vec![format!("{on}: {extent}")],
        send: w.t("지우기", "Remove"),
        back: path(id),
        tag: Some(tag(&one.revision)),
        ..Entry::default()
    };
    Ok((entry, form))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kernel::language::Language;
    use crate::pages::office::form::{changes_with_items, compact};
    use crate::pages::words::Words;

    const KOREAN: Words = Words(Language::Korean);

    fn before() -> Value {
        let part = |ko: &str, until: &str| json!({"part": {"ko": ko, "en": "Article"}, "legal_basis": "제9조", "until": until});
        json!({"extent": "partial_text", "published_on": {"edtf": "2026-09-07", "as_stated": null},
            "url": null, "place": null, "note": null,
            "withheld": [part("제5조", "2027-12-31"), part("제6조", "2028-12-31")]})
    }

    fn patch(form: &Form) -> Value {
        let today = "2026-11-23".parse().unwrap();
        let form = compact(EDIT_PUBLICATION, form, KOREAN);
        let typed = changes_with_items(EDIT_PUBLICATION, &form, &before(), (KOREAN, today));
        assert_eq!(typed.unclear, []);
        typed.body
    }

    #[test]
    fn an_unchanged_form_changes_nothing() {
        let form = filled_with_items(EDIT_PUBLICATION, &before(), KOREAN);
        assert_eq!(form.get("withheld/1/part/ko"), "제6조");
        assert_eq!(patch(&form), json!({}));
    }

    #[test]
    fn a_part_that_is_emptied_goes_and_keeps_the_others() {
        let shown = filled_with_items(EDIT_PUBLICATION, &before(), KOREAN);
        let fields = shown.fields().map(|(name, value)| {
            let value = match name {
                "withheld/1/until" => "",
                _ if name.starts_with("withheld/0/") => "",
                _ => value,
            };
            (name.to_owned(), value.to_owned())
        });
        let left = patch(&Form::of(fields.collect()))["withheld"].clone();
        assert_eq!(left.as_array().unwrap().len(), 1);
        assert_eq!(left[0]["part"], json!({"ko": "제6조", "en": "Article"}));
        assert_eq!(left[0]["until"], Value::Null);
    }
}
