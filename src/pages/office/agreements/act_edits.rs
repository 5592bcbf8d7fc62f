//! The forms that correct an action of the council, a review or a publication, and those that remove
//! what was recorded by mistake.

use actix_web::{HttpResponse, get, post};
use serde_json::Value;

use super::act_fields::{EDIT_COUNCIL_ACTION, EDIT_PUBLICATION, EDIT_REVIEW};
use super::council::{Act, recorded};
use super::path;
use crate::agreements::council::CouncilActionContent;
use crate::agreements::parts::PartContent;
use crate::agreements::publications::PublicationContent;
use crate::agreements::reviews::ReviewContent;
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
use crate::pages::office::form::{Group, filled_with_items};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;

type Ids = (AgreementId, Act, PartId);

impl Act {
    fn fields(self) -> &'static [Group] {
        match self {
            Self::CouncilActions => EDIT_COUNCIL_ACTION,
            Self::Reviews => EDIT_REVIEW,
            Self::Publications => EDIT_PUBLICATION,
        }
    }

    /// The operations that change and remove an act.
    fn operations(self) -> [&'static str; 2] {
        match self {
            Self::CouncilActions => [
                "update_agreement_council_action",
                "delete_agreement_council_action",
            ],
            Self::Reviews => ["update_agreement_review", "delete_agreement_review"],
            Self::Publications => [
                "update_agreement_publication",
                "delete_agreement_publication",
            ],
        }
    }

    fn titles(self, w: Words) -> [&'static str; 2] {
        match self {
            Self::CouncilActions => [
                w.t("의회 조치 수정", "Correct an action of the council"),
                w.t("의회 조치를 지웁니까?", "Remove the action of the council?"),
            ],
            Self::Reviews => [
                w.t("점검 수정", "Correct a review"),
                w.t("점검을 지웁니까?", "Remove the review?"),
            ],
            Self::Publications => [
                w.t("공개 수정", "Correct a publication"),
                w.t("공개를 지웁니까?", "Remove the publication?"),
            ],
        }
    }

    /// Returns an act as the API shows it.
    fn json(
        self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        ids: (AgreementId, PartId),
    ) -> Result<Value, ApiError> {
        fn shown<P: PartContent>(
            conn: &mut AnyConnection,
            cx: &RequestContext,
            ids: (AgreementId, PartId),
        ) -> Result<Value, ApiError> {
            let one = parts::get::<P>(conn, cx, ids, None)?;
            serde_json::to_value(one.view).map_err(ApiError::internal)
        }
        let shown = match self {
            Self::CouncilActions => shown::<CouncilActionContent>,
            Self::Reviews => shown::<ReviewContent>,
            Self::Publications => shown::<PublicationContent>,
        };
        shown(conn, cx, ids)
    }
}

#[get("/office/agreements/{id}/{act:council-actions|reviews|publications}/{part_id}")]
pub async fn open(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open(&by, frame, Form::default(), move |conn, cx, frame, _| {
        let (id, act, part) = ids;
        let record = act.json(conn, cx, (id, part))?;
        let form = filled_with_items(act.fields(), &record, frame.w);
        entry_of(conn, cx, frame, form, ids)
    })
    .await
}

#[post("/office/agreements/{id}/{act:council-actions|reviews|publications}/{part_id}")]
pub async fn send(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    match ids.1 {
        Act::CouncilActions => changed::<CouncilActionContent>(ids, sent).await,
        Act::Reviews => changed::<ReviewContent>(ids, sent).await,
        Act::Publications => changed::<PublicationContent>(ids, sent).await,
    }
}

async fn changed<P: PartContent>(
    (id, act, part): Ids,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let make = move |conn: &mut _, cx: &_, frame: &_, form| {
        entry_of(conn, cx, frame, form, (id, act, part))
    };
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &_| {
        parts::update::<P>(conn, cx, (id, part), expected, patch, None)
    };
    let change = Change {
        groups: act.fields(),
        operation: act.operations()[0],
        path: path(id),
        read: move |conn: &mut _, cx: &_| act.json(conn, cx, (id, part)),
    };
    change::change(sent, change, |_| (), work, make).await
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (id, act, part): Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = read::get(conn, cx, id, None)?;
    let shown = recorded(w, &one, act).into_iter();
    let mut shown = shown.filter(|shown| shown.id == part);
    let shown = shown.next().ok_or_else(ApiError::not_found)?;
    let [title, _] = act.titles(w);
    let entry = Entry {
        title: title.to_owned(),
        lead: vec![one.content.title.in_language(w.0).to_owned()],
        groups: act.fields(),
        send: w.t("저장", "Save"),
        back: path(id),
        tag: Some(tag(&one.revision())),
        owner: Some(shown.by),
        ..Entry::default()
    };
    Ok((entry, form))
}

#[get("/office/agreements/{id}/{act:council-actions|reviews|publications}/{part_id}/removal")]
pub async fn ask(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, ids);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/agreements/{id}/{act:council-actions|reviews|publications}/{part_id}/removal")]
pub async fn remove(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let (id, act, part) = ids;
    let frame = Frame::of(sent.by.request())?;
    let expected = sent.expected();
    let done = sent.act(act.operations()[1], move |conn, cx| {
        let remove = match act {
            Act::CouncilActions => parts::remove::<CouncilActionContent>,
            Act::Reviews => parts::remove::<ReviewContent>,
            Act::Publications => parts::remove::<PublicationContent>,
        };
        remove(conn, cx, (id, part), &expected, None)
    });
    let done = done.await.map(|()| frame.with(&path(id), &[("done", "1")]));
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, ids);
    entry::settled(&by, frame, form, done, make).await
}

fn asked(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    ids: Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let (id, act, part) = ids;
    let (entry, form) = entry_of(conn, cx, frame, form, ids)?;
    let one = read::get(conn, cx, id, None)?;
    let shown = recorded(w, &one, act).into_iter();
    let shown = shown.filter(|shown| shown.id == part);
    let lead = w.t(
        "잘못 기록한 것만 지웁니다. 이력에는 남습니다. 이것으로 이행한 의무는 다시 남습니다.",
        "Remove only what was recorded by mistake. It stays in the history. Duties that it fulfilled are open again.",
    );
    let [_, title] = act.titles(w);
    let entry = Entry {
        title: title.to_owned(),
        lead: vec![lead.to_owned()],
        list: shown.map(|shown| shown.words).collect(),
        groups: &[],
        send: w.t("삭제", "Remove"),
        ..entry
    };
    Ok((entry, form))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kernel::language::Language;
    use crate::pages::office::form::{changes_with_items, compact};

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
